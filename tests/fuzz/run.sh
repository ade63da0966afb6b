#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# bash tests/fuzz/run.sh [SECONDS [TARGET...]]: builds the targets of this folder with clang's libFuzzer under the address and
# undefined sanitizers (build/fuzz), runs each for SECONDS (600) with what earlier runs found (build/fuzz/corpus), and prints
# executions and coverage. Ends with 1 where a target crashed or took more than 10 s or 2 GB for an input, which it names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-600}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "run.sh: '$seconds' is not a number of seconds" >&2; exit 2; }
targets=("${@:2}")
if [ ${#targets[@]} -eq 0 ]; then
  for file in tests/fuzz/*.cpp; do targets+=("$(basename "$file" .cpp)"); done
fi

# Of the header that a target reads with, for the coverage of its lines.
declare -A header=([benchmark_samples]=benchmark/samples [checkpoint]=train/checkpoint [class_list]=data/class_list [idx]=data/idx [jpeg]=data/jpeg [journal]=experiment/journal
  [machine_description]=report/machine_description [number_files]=data/npy [plan_files]=cuda/cudnn/plan_files [png]=data/png [run_record]=report/run_record
  [sample_files]=data/label_table [safetensors]=io/safetensors [split_list]=data/split_lists [weight_check]=io/weight_check [weights]=io/weights)

clang=${CXX:-clang++}
tool() {  # tool NAME: the program of clang's own release; nothing where it is not installed
  local path
  path=$("$clang" -print-prog-name="$1")
  [ ! -x "$path" ] || echo "$path"
}
for target in "${targets[@]}"; do
  [ -n "${header[$target]:-}" ] || { echo "run.sh: name the header of the target '$target' in this script" >&2; exit 2; }
done
cmake --preset clang -B build/fuzz -DCMAKE_CXX_COMPILER="$clang" -DSTRATA_FUZZER=ON -DSTRATA_BENCH=OFF -DSTRATA_PROGRAMS=OFF >/dev/null
cmake --build build/fuzz --target "${targets[@]/#/fuzz_}"

table=$(printf '%-12s %8s %12s %8s %8s %9s  %s' target seconds executions a\ second edges features "lines of its header")
status=0
for target in "${targets[@]}"; do
  program=build/fuzz/tests/bin/fuzz_$target corpus=build/fuzz/corpus/$target log=build/fuzz/$target.log
  mkdir -p "$corpus"
  LLVM_PROFILE_FILE=/dev/null STRATA_FUZZ_SEEDS=$corpus $program
  echo "$target: $seconds s, $log"
  LLVM_PROFILE_FILE=build/fuzz/$target.profraw $program "$corpus" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=65536 -print_final_stats=1 -artifact_prefix=build/fuzz/"$target"- >"$log" 2>&1 ||
    { status=1; echo "$target failed:"; grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "$log" || tail -n 5 "$log"; }
  stat() { sed -n "s/^stat::$1: *//p" "$log"; }
  last() { grep -oE "$1: [0-9]+" "$log" | tail -n 1 | grep -oE '[0-9]+' || echo -; }
  lines=-
  profdata=$(tool llvm-profdata) cov=$(tool llvm-cov)
  if [ -n "$profdata" ] && [ -n "$cov" ] && [ -e build/fuzz/"$target".profraw ]; then
    "$profdata" merge -o build/fuzz/"$target".profdata build/fuzz/"$target".profraw
    lines=$("$cov" report "$program" -instr-profile=build/fuzz/"$target".profdata 2>/dev/null |
      awk -v name="strata/${header[$target]}.hpp" 'substr($1, length($1) - length(name) + 1) == name {print $10}')
  fi
  table+=$(printf '\n%-12s %8s %12s %8s %8s %9s  %s' "$target" "$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log")" \
    "$(stat number_of_executed_units)" "$(stat average_exec_per_sec)" "$(last cov)" "$(last ft)" "$lines")
done
printf '%s\n' "$table"
exit $status
