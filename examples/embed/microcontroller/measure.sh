#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compiles digits.cpp for three microcontrollers, runs it on QEMU's boards and prints what it takes as a table:
#   bash examples/embed/microcontroller/measure.sh DIGITS.HPP [FLAG...]
# DIGITS.HPP: written by `digits export --target cortex-m7 --out digits.hpp`. FLAG: for the compiler, instead of -O2.
# Flash is the weights and everything else (code, tables, the C library's part of both); RAM is static; the stack is painted, and
# the frame is the largest of a function by -fstack-usage; instructions are those of one run(), which QEMU counts.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=board.sh
. "$here/board.sh"
[ $# -ge 1 ] && [ -f "$1" ] || fail "give the header that 'digits export --target cortex-m7 --out digits.hpp' wrote"
cp "$1" "$build/digits.hpp"
shift
[ $# -gt 0 ] || set -- -O2

printf '%-10s  %5s  %9s  %9s  %9s  %9s  %9s  %12s\n' core class weights other RAM stack frame instructions
for core in cortex-m4 cortex-m7 cortex-m55; do
  use_core $core
  run_on_board "$here/digits.cpp" -I"$build" -Wa,-I"$embed" "$@"
  printf '%-10s  %5s  %9d  %9d  %9d  %9s  %9s  %12s\n' "$core" "$(said class)" "$weights" "$other" "$ram" "$(said stack)" \
    "$frame" "$(said instructions)"
done
