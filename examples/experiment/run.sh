#!/bin/bash
# One command: compiles the candidates, trains them, and writes runs/digits_sweep/report.html; at most 45 minutes on two
# cores. The same command continues an interrupted run. Options: those of the program (--help), and --total-minutes N.
set -eu
cd "$(dirname "$0")/../.."
total=45
words=()
while [ $# -gt 0 ]; do
  if [ "$1" = --total-minutes ]; then
    total=${2:?--total-minutes: has no value}
    shift 2
  else
    words+=("$1")
    shift
  fi
done
start=$(date +%s)
generator=()
command -v ninja > /dev/null && generator=(-G Ninja)
cmake -S examples/experiment -B build/experiment "${generator[@]}"
cmake --build build/experiment --target digits_sweep -j "$(nproc)"
left=$(( total - ($(date +%s) - start + 59) / 60 ))
if [ "$left" -lt 1 ]; then
  echo "run.sh: compiling took all of $total minutes; the same command goes on, or give --total-minutes 60" >&2
  exit 1
fi
build/experiment/digits_sweep --minutes "$left" "${words[@]}"
