#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compiles digits.cpp for three microcontrollers, runs it on QEMU's boards and prints what it takes as a table:
#   bash examples/embed/microcontroller/measure.sh DIGITS.HPP [FLAG...]
# DIGITS.HPP: written by `digits export --target cortex-m7 --out digits.hpp`. FLAG: for the compiler, instead of -O2.
# With -O2, gcc 12 slows the Cortex-M55 down by vectorizing loops for its integer vectors, so it gets -fno-tree-vectorize too.
# Flash is the weights and everything else (code, tables, the C library's part of both); RAM is static; the stack is painted;
# instructions are those of one run(), which QEMU counts.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { printf 'measure.sh: %s\n' "$*" >&2; exit 1; }
[ $# -ge 1 ] && [ -f "$1" ] || fail "give the header that 'digits export --target cortex-m7 --out digits.hpp' wrote"
for tool in arm-none-eabi-g++ qemu-system-arm; do
  command -v $tool >/dev/null ||
    fail "$tool is missing: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib qemu-system-arm"
done
header=$1
shift
[ $# -gt 0 ] || set -- -O2
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cp "$header" "$build/digits.hpp"

printf '%-10s  %5s  %9s  %9s  %9s  %9s  %12s\n' core class weights other RAM stack instructions
run() {  # run CORE BOARD FLAG...
  local core=$1 board=$2
  shift 2
  arm-none-eabi-g++ -std=c++20 -mcpu="$core" -mthumb -mfloat-abi=hard "$@" -fno-exceptions -fno-rtti -ffunction-sections \
    -fdata-sections -I"$here/../../../include" -I"$build" -Wa,-I"$here/.." "$here/digits.cpp" "$here/board.cpp" \
    --specs=nano.specs --specs=nosys.specs -nostartfiles -T "$here/board.ld" -Wl,--gc-sections -o "$build/digits.elf"
  qemu-system-arm -M "$board" -nographic -semihosting -icount shift=0 -kernel "$build/digits.elf" >"$build/said" 2>&1
  local text data bss weights
  read -r text data bss _ < <(arm-none-eabi-size "$build/digits.elf" | tail -n 1)
  weights=$(arm-none-eabi-nm -S "$build/digits.elf" | awk '$4 ~ /^strata_weights_/ { print $2 }')
  said() { awk -v word="$1" '$1 == word { print $2 }' "$build/said"; }
  printf '%-10s  %5s  %9d  %9d  %9d  %9s  %12s\n' "$core" "$(said class)" $((16#$weights)) $((text + data - 16#$weights)) \
    $((data + bss)) "$(said stack)" "$(said instructions)"
}
run cortex-m4 mps2-an386 -mfpu=fpv4-sp-d16 "$@"
run cortex-m7 mps2-an500 -mfpu=fpv5-d16 "$@"
run cortex-m55 mps3-an547 -fno-tree-vectorize "$@"
