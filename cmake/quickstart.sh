#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sets up a bare Debian, then trains a network or runs the tests. `bash cmake/quickstart.sh help` lists the commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
bash cmake/quickstart.sh [OPTION...]   install what is missing, build, and train the digits network on real data.
                                       Options go to the program digits: --epochs 10, --data DIR, --threads 4, ...
bash cmake/quickstart.sh test          install what is missing, build with gcc, run every test of the library, the programs
                                       and the CPU: about 25 minutes on two cores
bash cmake/quickstart.sh test all      the same, the library's tests with clang too, the benchmarks built, the GPU back end on
                                       stand-in devices where a CUDA toolkit is installed, and a few of the kernels' tests for
                                       the other instruction sets: about 75 minutes on two cores
bash cmake/quickstart.sh test --only REGEX
                                       build and run only the tests whose names match: '^graph/', '^core/threads/parallel$'
bash cmake/quickstart.sh ports         every test that depends on the instruction set, for AVX2, for any x86-64, in plain C++
                                       and, run by QEMU, for aarch64, 32-bit ARM and 64-bit RISC-V
bash cmake/quickstart.sh sanitize      build and run the tests under the address, undefined and thread sanitizers
bash cmake/quickstart.sh fresh         try the first two commands on a bare Debian in a temporary folder, as root and as an
                                       ordinary user; needs root or sudo
bash cmake/quickstart.sh help          this text

STRATA_DATA=DIR   where the data sets are: DIR/mnist/train-images-idx3-ubyte.gz and its three companions
TEXT
}

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

only=
case "${1:-}" in
  "" | --*) word=train ;;
  test)
    case "${2:-}" in
      "") word=test ;;
      all) word=test_all ;;
      --only) word=test only=${3:-} ;;
      *) usage >&2; fail "'test' takes 'all' or '--only REGEX', not '$2'" ;;
    esac
    [ $# -eq 1 ] || [ "$word $#" = "test_all 2" ] || { [ -n "$only" ] && [ $# -eq 3 ]; } ||
      { usage >&2; fail "'test' takes 'all', '--only REGEX' or nothing"; }
    ;;
  ports | sanitize | fresh) word=$1; [ $# -eq 1 ] || { usage >&2; fail "'$word' takes no arguments"; } ;;
  help | -h) usage; exit 0 ;;
  *) usage >&2; fail "there is no command '$1'" ;;
esac
[ "${1:-}" != --help ] || { usage; exit 0; }

[ "$word" != fresh ] || exec bash cmake/fresh.sh

# --- required packages, and why --------------------------------------------------------------------------------------
missing=()
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }
need() {  # need PACKAGE WHY
  installed "$1" || { missing+=("$1"); printf '  %-22s %s\n' "$1" "$2"; }
}
version_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }  # $1 <= $2

# The library needs gcc 12 or newer; if the system's own is older, g++-12 is installed next to it.
if [ -z "${CXX:-}" ] && command -v g++ >/dev/null && ! version_at_least 12 "$(g++ -dumpversion)"; then
  CXX=g++-12
fi
export CXX="${CXX:-g++}"

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  say "What is missing:"
  command -v "$CXX" >/dev/null || need "$CXX" "the compiler"
  command -v cmake >/dev/null || need cmake "configures the build"
  command -v ninja >/dev/null || need ninja-build "runs the build"
  need libeigen3-dev "vector code and linear algebra"
  need libxtensor-dev "arrays in user code"
  need zlib1g-dev "reads the data set's .gz files"
  need nlohmann-json3-dev "weight files and run records"
  need libpng-dev "reads images"
  need libjpeg-dev "reads photographs"
  need libcli11-dev "command lines of the programs"
  need libfmt-dev "text output of the programs"
  command -v curl >/dev/null || need curl "downloads the data set"
  if [ "$word" != train ]; then
    need doctest-dev "the tests are written with it"
    need locales "the tests use a locale with a decimal comma"
    need codespell "the tests check the spelling with it"
    command -v pkg-config >/dev/null || need pkg-config "a test compiles a program with its flags"
    need python3-numpy "the tests call a Python module with it"
  fi
  if [ "$word" = test_all ] || { [ "$word" = test ] && [[ docs/complete =~ $only ]]; }; then  # it brings 200 MB of LLVM along
    command -v doxygen >/dev/null || need doxygen "builds the API reference, which a test checks"
  fi
  if [ "$word" = test_all ]; then
    command -v clang++ >/dev/null || need clang "the second compiler"
    need libbenchmark-dev "the kernels' benchmarks are written with it"
    for package in libc++-14-dev libc++abi-14-dev; do
      [ -z "$(apt-cache search --names-only "^${package//+/[+]}\$")" ] || need "$package" "clang's standard library, a test's"
    done
    for tool in clang-format-14 clang-tidy-14; do  # of this version, or not at all
      [ -z "$(apt-cache search --names-only "^$tool\$")" ] || need "$tool" "checks the sources"
    done
  fi
  if [ "$word" = ports ] || [ "$word" = test_all ]; then  # 180 MB to download for Linux on other machines
    [ "$(uname -m)" = aarch64 ] || need g++-aarch64-linux-gnu "compiles for aarch64"
    need g++-arm-linux-gnueabihf "compiles for 32-bit ARM"
    need g++-riscv64-linux-gnu "compiles for 64-bit RISC-V"
    { command -v qemu-arm && command -v qemu-riscv64; } >/dev/null || need qemu-user "runs programs compiled for other machines"
  fi
  if [ "$word" = test_all ]; then  # 420 MB for microcontrollers
    need gcc-arm-none-eabi "compiles for microcontrollers"
    need libnewlib-arm-none-eabi "their C library"
    need libstdc++-arm-none-eabi-newlib "their C++ library"
    command -v qemu-system-arm >/dev/null || need qemu-system-arm "runs programs on their boards"
    need python3-venv "holds what makes a wheel of the Python module"
  fi
  if [ ${#missing[@]} -eq 0 ]; then
    echo "  nothing"
  else
    if [ ${#as_root[@]} -gt 0 ]; then
      command -v sudo >/dev/null || fail "to install them, run as root: apt-get install ${missing[*]}"
    fi
    say "Installing: apt-get install ${missing[*]}"
    "${as_root[@]}" apt-get update -qq || echo "apt-get update failed; trying with the existing package lists"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
      >/dev/null || fail "apt-get could not install: ${missing[*]}"
  fi
else
  echo "This is not Debian or Ubuntu: install Eigen 3.4 to 5, xtensor, zlib, libpng, libjpeg-turbo, nlohmann-json, CLI11, fmt, doctest,"
  echo "codespell and Doxygen yourself; the CMake configuration names what it does not find, and a test does where codespell is"
  echo "missing."
fi

# If there is a CUDA toolkit to test with, downloads the headers of cuDNN's front end from PyPI to
# build/cudnn_frontend/include.
cudnn_frontend() {
  command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ] || return 0
  [ ! -e build/cudnn_frontend/include/cudnn_frontend.h ] || return 0
  command -v python3 >/dev/null || { echo "cuDNN is not tested: python3 is not installed"; return 0; }
  ! python3 -c 'import os, site, sys
folders = site.getsitepackages() + [site.getusersitepackages()]
sys.exit(not any(os.path.exists(f + "/include/cudnn_frontend.h") for f in folders))' || return 0
  say "Downloading the headers of cuDNN's front end"
  mkdir -p build/cudnn_frontend
  python3 -m pip download --quiet --no-deps --dest build/cudnn_frontend 'nvidia-cudnn-frontend>=1.32,<2' &&
    python3 -c 'import glob, zipfile
for wheel in glob.glob("build/cudnn_frontend/*.whl"):
    with zipfile.ZipFile(wheel) as files:
        files.extractall("build/cudnn_frontend", [name for name in files.namelist() if name.startswith("include/")])' ||
    echo "cuDNN is not tested: its front end could not be downloaded (pip download nvidia-cudnn-frontend)"
  rm -f build/cudnn_frontend/*.whl
}

# scikit-build-core, by which a test makes a wheel, in an environment of its own: build/python.
wheel_tools() {
  [ ! -x build/python/bin/python ] || return 0
  say "Installing scikit-build-core to build/python"
  /usr/bin/python3 -m venv --system-site-packages build/python &&
    build/python/bin/python -m pip install --quiet 'scikit-build-core>=0.10,<1' ||
    { rm -rf build/python; echo "it cannot be installed here; the wheel is not tested"; }
}

# A recent clang, which must print the sentences too, in an environment of its own: build/ziglang.
recent_clang() {
  [ ! -x build/ziglang/bin/python ] || return 0
  say "Installing ziglang, which brings a recent clang, to build/ziglang"
  /usr/bin/python3 -m venv build/ziglang && build/ziglang/bin/python -m pip install --quiet -r tests/support/ziglang.txt ||
    { rm -rf build/ziglang; echo "it cannot be installed here; only the other compilers are tested"; }
}

# --- build and run ---------------------------------------------------------------------------------------------------
configure_log=$(mktemp)
trap 'rm -f "$configure_log"' EXIT
configure() {  # configure PRESET [CMAKE-OPTION...]
  cmake --preset "$@" >"$configure_log" 2>&1 || { cat "$configure_log"; fail "configuring '$1' failed"; }
  grep -E 'left out|Warning' "$configure_log" || true
}
compile() {  # compile PRESET [TARGET...]
  local preset=$1
  shift
  cmake --build --preset "$preset" ${1:+--target "$@"} || fail "building '$preset' failed"
}
tests() {  # tests PRESET [CTEST-OPTION...]: ctest prints its summary last
  say "Testing build/$1"
  ctest --preset "$@" --no-tests=error -j "$(nproc)"
}
targets_of() {  # targets_of PRESET REGEX: what has to be built for the tests whose names match
  ctest --preset "$1" -N -R "$2" | sed -n 's/^ *Test *#[0-9]*: //p' |
    awk 'NR == FNR { target[$1] = $2; next } $1 in target { print target[$1] }' "build/$1/tests/targets.txt" -
}

ports=(avx2 baseline plain aarch64 armhf riscv64)
port_tests=(core/formulas/simd cpu/nhwc/winograd cpu/nhwc/winograd_weight_gradient cpu/lanes/layers_convolutions)  # of `test`
runs_here() {  # runs_here PORT, or says why not
  case $1 in
    aarch64 | armhf | riscv64)
      [ "$(uname -m)" != "$1" ] || { echo "$1 is left out: it is this machine, and the preset release builds for it"; return 1; }
      local triple=$1-linux-gnu emulator=qemu-$1
      [ "$1" != armhf ] || triple=arm-linux-gnueabihf emulator=qemu-arm
      command -v "$emulator" >/dev/null && command -v "$triple-g++" >/dev/null && return 0
      echo "$1 is left out: g++-$triple and qemu-user are not both installed ('quickstart.sh ports' installs them)"
      ;;
    avx2)
      grep -qsw avx2 /proc/cpuinfo && grep -qsw fma /proc/cpuinfo && return 0
      echo "avx2 is left out: this machine has no AVX2"
      ;;
    *)
      [ "$(uname -m)" = x86_64 ] && return 0
      echo "$1 is left out: this machine is not x86-64"
      ;;
  esac
  return 1
}

# The address that the program downloads from, as one header defines it.
mnist_address() {
  echo "${STRATA_MNIST_URL:-$(sed -n 's/.*base_url = "\(.*\)".*/\1/p' include/strata/data/mnist_download.hpp)}"
}
data_at_hand() {  # data_at_hand OPTION...
  case " $* " in *" --data"*) return 0 ;; esac
  [ -n "${STRATA_DATA:-}" ] || [ -e "${XDG_CACHE_HOME:-$HOME/.cache}/strata/mnist/train-images-idx3-ubyte.gz" ] ||
    curl -sfI -m 20 "$(mnist_address)/train-images-idx3-ubyte.gz" >/dev/null
}

case $word in
  train)
    say "Building build/release/bin/digits"
    configure release -DSTRATA_TESTS=OFF -DSTRATA_BENCH=OFF -DSTRATA_CUDA=OFF
    compile release digits
    if ! data_at_hand "$@" && command -v dpkg-query >/dev/null && ! installed dataset-fashion-mnist; then
      say "MNIST cannot be downloaded here; installing a substitute: apt-get install dataset-fashion-mnist"
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq dataset-fashion-mnist >/dev/null ||
        echo "apt-get could not install it"
    fi
    say "build/release/bin/digits $*"
    build/release/bin/digits "$@"
    ;;
  test)
    [ -n "$only" ] || say "This takes about 25 minutes on two cores, without a compiler cache."
    say "Building build/gcc"
    configure gcc -DSTRATA_BENCH=OFF -DSTRATA_CUDA=OFF
    if [ -n "$only" ]; then
      read -r -d '' -a targets < <(targets_of gcc "$only") || true
      [ ${#targets[@]} -eq 0 ] || compile gcc "${targets[@]}"
      tests gcc -R "$only"
    else
      echo "Only 'quickstart.sh test all' covers clang, the GPU back end on stand-in devices, the other instruction sets,"
      echo "building the benchmarks, and faults that the tests must notice."
      compile gcc tests_of_cpu
      tests gcc -LE '^(cuda|mutants)$'
    fi
    ;;
  test_all)
    say "This takes about 75 minutes on two cores, without a compiler cache."
    cudnn_frontend
    wheel_tools
    recent_clang
    say "Building build/gcc: every program, test and benchmark with gcc; then the library's tests with clang"
    configure gcc -DCMAKE_CUDA_ARCHITECTURES=90 -DSTRATA_PYTHON="$PWD/build/python/bin/python"  # object/device_kernels compiles for the others
    compile gcc all tests
    say "Building build/clang"
    configure clang
    compile clang tests
    status=0
    for port in "${ports[@]}"; do
      if runs_here "$port"; then
        say "Building build/$port"
        configure "$port"
        sample=("${port_tests[@]}")
        case $port in aarch64 | armhf | riscv64) sample=(core/formulas/simd infer/predictor) ;; esac  # QEMU is slow
        targets=("${sample[@]//\//_}")
        compile "$port" "${targets[@]/#/test_}"
        tests "$port" -R "^($(IFS='|'; echo "${sample[*]}"))\$" || status=$?
      fi
    done
    tests gcc || status=$?
    tests clang || status=$?
    exit $status
    ;;
  ports)
    status=0
    for port in "${ports[@]}"; do
      if runs_here "$port"; then
        say "Building build/$port"
        configure "$port"
        compile "$port" tests
        tests "$port" || status=$?
      fi
    done
    exit $status
    ;;
  sanitize)
    status=0
    for preset in asan tsan; do
      say "Building build/$preset"
      configure "$preset"
      compile "$preset" tests
      tests "$preset" || status=$?
    done
    exit $status
    ;;
esac
