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
# shellcheck source=board.sh
. "$here/board.sh"
[ $# -ge 1 ] && [ -f "$1" ] || fail "give the header that 'digits export --target cortex-m7 --out digits.hpp' wrote"
cp "$1" "$build/digits.hpp"
shift
[ $# -gt 0 ] || set -- -O2

printf '%-10s  %5s  %9s  %9s  %9s  %9s  %12s\n' core class weights other RAM stack instructions
measure() {  # measure CORE BOARD FLAG...
  run_on "$1" "$2" "$here/digits.cpp" -I"$build" -Wa,-I"$embed" "${@:3}"
  printf '%-10s  %5s  %9d  %9d  %9d  %9s  %12s\n' "$1" "$(said class)" "$weights" "$other" "$ram" "$(said stack)" \
    "$(said instructions)"
}
measure cortex-m4 mps2-an386 -mfpu=fpv4-sp-d16 "$@"
measure cortex-m7 mps2-an500 -mfpu=fpv5-d16 "$@"
measure cortex-m55 mps3-an547 -fno-tree-vectorize "$@"
