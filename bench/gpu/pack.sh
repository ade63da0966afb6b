#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Packs what run.sh needs on a machine with a GPU into one file: bash bench/gpu/pack.sh [--out FILE] [--plans SECONDS] [--stand-ins BUILD]
# It builds the programs in build/gpu, for any x86-64 processor with AVX2 and for GPUs with sm_90, linked statically where there is a
# static library, and cuDNN's plans for an H200 (--plans: for so many seconds; the plans of earlier calls are kept and used).
# --stand-ins: instead the programs of the tests, whose GPU is a stand-in, from the folder of a build, for a rehearsal; no plans.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/gpu_bundle.tar.gz plan_seconds=3600 stand_ins=
while [ $# -gt 0 ]; do
  case $1 in
    --out|--plans|--stand-ins) [ $# -gt 1 ] || { echo "pack.sh: $1: its value is missing" >&2; exit 2; } ;;
    *) echo "pack.sh: $1: there is no such option; the options are --out, --plans and --stand-ins" >&2; exit 2 ;;
  esac
  case $1 in --out) out=$2 ;; --plans) plan_seconds=$2 ;; --stand-ins) stand_ins=$2 ;; esac
  shift 2
done

programs=(gpu_check digits bench_models compare)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bundle=$folder/gpu_bundle
mkdir -p "$bundle"/{bin,lib,plans,peers}

if [ -n "$stand_ins" ]; then
  for program in "${programs[@]}"; do
    from=$stand_ins/tests/bin/${program}_on_stand_in
    [ -e "$from" ] || from=$stand_ins/bin/$program
    cp "$from" "$bundle/bin/$program"
  done
else
  static() {  # the option for a static library, if there is one
    local file
    file=$(${CXX:-c++} -print-file-name="$2")
    if [ -e "$file" ]; then echo "-D$1=$file"; fi
  }
  # fmt, which Debian has only as a shared library, is compiled into the programs.
  mapfile -t libraries < <(static ZLIB_LIBRARY_RELEASE libz.a; static PNG_LIBRARY_RELEASE libpng.a; static JPEG_LIBRARY_RELEASE libjpeg.a)
  cmake -S . -B build/gpu -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" -DSTRATA_ARCHITECTURE=-march=x86-64-v3 \
    -DCMAKE_CUDA_ARCHITECTURES=90-real -DSTRATA_TESTS=ON -DSTRATA_CUDA=ON -DSTRATA_PROGRAM_FLAGS=-DFMT_HEADER_ONLY \
    "-DCMAKE_EXE_LINKER_FLAGS=-static-libstdc++ -static-libgcc -Wl,--as-needed" ${libraries[@]+"${libraries[@]}"} > build/gpu_configure.log ||
    { tail -20 build/gpu_configure.log >&2; exit 1; }
  cmake --build build/gpu --target "${programs[@]}" gpu_plans strata_fake_driver
  for program in "${programs[@]}"; do strip -o "$bundle/bin/$program" "build/gpu/bin/$program"; done
  # CUDA's runtime is shared, since cuDNN's front end opens it by name and must get the program's own.
  for program in "${programs[@]}"; do ldd "build/gpu/bin/$program"; done |
    sed -n 's#.* => \(/.*/libcudart[.]so[^ ]*\) .*#\1#p' | sort -u | while read -r library; do cp -L "$library" "$bundle/lib/"; done
  mkdir -p build/gpu/plans
  LD_LIBRARY_PATH=build/gpu/tests/support/cuda/fake_driver/lib:${LD_LIBRARY_PATH:-} build/gpu/bin/gpu_plans build/gpu/plans "$plan_seconds" |
    tee "$folder/plans.log" || [ "${PIPESTATUS[0]}" -eq 3 ]
  find build/gpu/plans -name '*.cudnn-plan' -exec cp -t "$bundle/plans" {} +
  sed -n 's/.* plans for \(.*\); the folder.*/\1/p' "$folder/plans.log" > "$bundle/plans/VERSION"
fi
cp bench/gpu/run.sh "$bundle/"
cp bench/peers/*.py "$bundle/peers/"
git rev-parse --short HEAD > "$bundle/VERSION" 2>/dev/null || echo "unknown version" > "$bundle/VERSION"
mkdir -p "$(dirname "$out")"
tar -C "$folder" -cf - gpu_bundle | gzip -9 > "$out"
bytes=$(stat -c %s "$out")
printf '%s: %d.%d MiB, %d plans\n' "$out" $((bytes >> 20)) $(((bytes * 10 >> 20) % 10)) "$(find "$bundle/plans" -name '*.cudnn-plan' | wc -l)"
