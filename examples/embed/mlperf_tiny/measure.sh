#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The networks of MLPerf Tiny on a Cortex-M7, as a table:
#   bash examples/embed/mlperf_tiny/measure.sh FOLDER PROGRAM [FLAG...]
# FOLDER: the trained models, as convert.py reads them. PROGRAM: mlperf_tiny, built for this machine. FLAG: for the cross
# compiler, instead of -O2. Converts the weights, compares the networks with TFLite's outputs, where FOLDER has some, exports
# headers for the core, and runs them on QEMU's mps2-an500.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { printf 'measure.sh: %s\n' "$*" >&2; exit 1; }
[ $# -ge 2 ] && [ -d "$1" ] && [ -x "$2" ] || fail "give the folder of the trained models and the program mlperf_tiny"
for tool in arm-none-eabi-g++ qemu-system-arm python3; do
  command -v $tool >/dev/null ||
    fail "$tool is missing: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib qemu-system-arm"
done
folder=$1 program=$2
shift 2
[ $# -gt 0 ] || set -- -O2
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
board=$here/../microcontroller

printf '%-17s  %9s  %9s  %9s  %9s  %12s  %s\n' network weights other RAM stack instructions "on the host"
for pair in resnet8=ResNet8 mobilenet_v1_025=MobileNet ds_cnn=DsCnn autoencoder=Autoencoder; do
  name=${pair%=*}
  python3 "$here/convert.py" "$folder" "$name" "$build/$name.safetensors"
  host="not compared"
  if [ -e "$folder/$name.outputs.npy" ]; then
    host=$("$program" check "$name" "$build/$name.safetensors" "$folder/$name.inputs.npy" "$folder/$name.outputs.npy")
  fi
  "$program" export "$name" "$build/$name.safetensors" "$build/$name.hpp" cortex-m7
  arm-none-eabi-g++ -std=c++20 -mcpu=cortex-m7 -mthumb -mfloat-abi=hard -mfpu=fpv5-d16 "$@" -fno-exceptions -fno-rtti \
    -ffunction-sections -fdata-sections -DNETWORK="${pair#*=}" -DWEIGHTS="${name}_weights" -include "$build/$name.hpp" \
    -I"$here/../../../include" "$here/microcontroller.cpp" "$board/board.cpp" --specs=nano.specs --specs=nosys.specs \
    -nostartfiles -T "$board/board.ld" -Wl,--gc-sections -Wl,--defsym=flash_bytes=0x200000 -o "$build/program.elf"
  qemu-system-arm -M mps2-an500 -nographic -semihosting -icount shift=0 -kernel "$build/program.elf" >"$build/said" 2>&1
  read -r text data bss _ < <(arm-none-eabi-size "$build/program.elf" | tail -n 1)
  weights=$((16#$(arm-none-eabi-nm -S "$build/program.elf" | awk '$4 ~ /^strata_weights_/ { print $2 }')))
  said() { awk -v word="$1" '$1 == word { print $2 }' "$build/said"; }
  printf '%-17s  %9d  %9d  %9d  %9s  %12s  %s\n' "$name" "$weights" $((text + data - weights)) $((data + bss)) "$(said stack)" \
    "$(said instructions)" "$host"
done
