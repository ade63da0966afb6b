#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs everything that a first GPU is wanted for, in ten minutes, without the internet, from a bundle that pack.sh made:
#   bash run.sh [--bundle FILE.tar.gz|FOLDER] [--out FOLDER] [--data FOLDER] [--percent N] [--rehearse]
# --bundle: this script's folder if that is one; --out: where results go, gpu-run; --data: with mnist/, else $STRATA_DATA;
# --percent: of the seconds below.
# OUT/run.txt has a line for each part and each check, OUT/run.json is the record of a training, for `compare`, and OUT/*.log
# are the words of each part. --rehearse: few checks, for a bundle of stand-ins and a small set of digits.
set -uo pipefail

# Seconds for each part. One that fails, or takes longer, does not stop the others.
check_seconds=200      # gpu_check
digits_seconds=40      # each of two trainings of digits
street_seconds=60      # training steps of DeepLabv3+, 720 x 960, batch 8
models_seconds=80      # the other workloads of bench_models
sanitizer_seconds=50   # compute-sanitizer
pytorch_seconds=110    # PyTorch, in turn with ours

script=$(readlink -f "$0")
bundle=$(dirname "$script") out=gpu-run data=${STRATA_DATA:-} percent=100 rehearse=
while [ $# -gt 0 ]; do
  case $1 in
    --rehearse) rehearse=yes; shift; continue ;;
    --bundle|--out|--data|--percent) [ $# -gt 1 ] || { echo "run.sh: $1: its value is missing" >&2; exit 2; } ;;
    *) echo "run.sh: $1: there is no such option; the options are --bundle, --out, --data, --percent and --rehearse" >&2; exit 2 ;;
  esac
  case $1 in --bundle) bundle=$2 ;; --out) out=$2 ;; --data) data=$2 ;; --percent) percent=$2 ;; esac
  shift 2
done
if ! [[ $percent =~ ^[1-9][0-9]{0,2}$ ]]; then
  echo "run.sh: --percent $percent: is not a number from 1 to 999" >&2
  exit 2
fi
for part in check digits street models sanitizer pytorch; do declare "${part}_seconds=$((${part}_seconds * percent / 100))"; done

mkdir -p "$out" || exit 2
out=$(readlink -f "$out")
if [ -f "$bundle" ]; then
  rm -rf "$out/bundle" && mkdir "$out/bundle" && tar -xf "$bundle" -C "$out/bundle" --strip-components=1 || exit 2
  bundle=$out/bundle
fi
bundle=$(readlink -f "$bundle")
if [ ! -x "$bundle/bin/gpu_check" ]; then
  echo "run.sh: $bundle: is no bundle, since it has no bin/gpu_check; make one with pack.sh and give it with --bundle" >&2
  exit 2
fi

# --- what the machine has

# Folders with cuDNN 9 or NVRTC, which it loads: those of the environment and the loader, the toolkit's, those of Python's packages.
nvidia_folders() {
  local folder
  IFS=: read -ra folders <<< "${LD_LIBRARY_PATH:-}"
  while read -r folder; do [ -n "$folder" ] && folders+=("$folder"); done < <(
    ldconfig -p 2>/dev/null | sed -n 's|.*=> \(.*\)/libcudnn[.]so[.]9$|\1|p'
    ls -d /usr/local/cuda/lib64 /usr/local/cuda/lib 2>/dev/null
    python3 -c 'import glob, site
for root in site.getsitepackages() + [site.getusersitepackages()]:
  print("\n".join(glob.glob(root + "/nvidia/*/lib")))' 2>/dev/null)
  for folder in ${folders[@]+"${folders[@]}"}; do
    if compgen -G "$folder/$1" > /dev/null; then printf '%s\n' "$folder"; fi
  done
}
# Of several, the cuDNN for which the plans are; else the first that can be opened.
prebuilt_for=$(cat "$bundle/plans/VERSION" 2>/dev/null || echo "no device")
libraries=$bundle/lib cudnn=${rehearse:+a stand-in}
if [ -z "$rehearse" ]; then
  compilers=$(nvidia_folders 'libnvrtc.so.1[23]' | tr '\n' ':')
  while read -r folder; do
    found=$(LD_LIBRARY_PATH=$bundle/lib:$folder:$compilers "$bundle/bin/gpu_check" --version 2>/dev/null) || continue
    if [ -z "$cudnn" ] || [ "${prebuilt_for%"$found"}" != "$prebuilt_for" ]; then
      libraries=$bundle/lib:$folder:$compilers cudnn="$found in $folder"
      [ "${prebuilt_for%"$found"}" = "$prebuilt_for" ] || break
    fi
  done < <(nvidia_folders libcudnn.so.9)
fi
libraries=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
with_libraries=(env "LD_LIBRARY_PATH=$libraries")  # only for our programs: PyTorch brings its own
plans=$out/plans
rm -rf "$plans" && mkdir "$plans"
cp "$bundle"/plans/*.cudnn-plan "$plans/" 2>/dev/null
export STRATA_CUDA_PLANS=$plans
plan_count() { find "$plans" -name '*.cudnn-plan' | wc -l; }
prebuilt=$(plan_count)

# --- the page

page=$out/run.txt
: > "$page"
say() { printf '%s\n' "$*" | tee -a "$page"; }
# line VERDICT PART WORDS: pass, fail, not run, or note, which does not count.
passed=0 failed=0 left_out=0
line() {
  case $1 in pass) passed=$((passed + 1)) ;; fail) failed=$((failed + 1)) ;; "not run") left_out=$((left_out + 1)) ;; esac
  say "$(printf '%-7s  %-18s %s' "$1" "$2" "$3")"
}
last_words() { grep -v '^[[:space:]]*$' "$1" | tail -1 | cut -c1-300; }
# run PART SECONDS COMMAND...: into PART.log. status: its exit status; took: its seconds.
run() {
  local part=$1 seconds=$2 began=$SECONDS
  shift 2
  timeout -k 5 "$seconds" "$@" > "$out/$part.log" 2>&1 < /dev/null
  status=$?
  took=$((SECONDS - began))
}
# judged PART SECONDS WORDS: the line of a command that ran.
judged() {
  case $status in
    0) line pass "$1" "$3" ;;
    124|137) line fail "$1" "it took longer than its $2 s: $(last_words "$out/$1.log")" ;;
    *) line fail "$1" "status $status after $took s: $(last_words "$out/$1.log")" ;;
  esac
}
# field FILE GROUP KEY: of a run.json, a number, with four decimals.
field() { tr -d '\n' < "$1" | sed -n "s/.*\"$2\": {[^}]*\"$3\": \([0-9.e-]*\).*/\1/p" | awk '{printf "%.4f", $1}'; }

say "strata on a GPU, $(date -u +%Y-%m-%dT%H:%MZ), $(uname -m), $(cat "$bundle/VERSION" 2>/dev/null || echo 'unknown version')"
say "nvidia-smi: $(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null | head -1 | grep . || echo none)"
say "cuDNN: ${cudnn:-none that can be opened}"

# --- gpu_check
before=$(plan_count)
check_words=(--budget "$((check_seconds - 10))")
[ -n "$rehearse" ] && check_words+=(--only "fp32 inference")
run gpu_check "$check_seconds" "${with_libraries[@]}" "$bundle/bin/gpu_check" "${check_words[@]}"
grep -E '^(device|driver): ' "$out/gpu_check.log" | tee -a "$page"
total=$(grep -E '^[0-9]+ pass, ' "$out/gpu_check.log" | tail -1)
judged gpu_check "$check_seconds" "$total"
made=$(printf '%s' "$total" | sed -n 's/.*; \([0-9]*\) plans$/\1/p')
rebuilt=$(($(plan_count) - before))
line note plans "$prebuilt prebuilt for $prebuilt_for; gpu_check took $((${made:-0} - rebuilt)) and rebuilt $rebuilt"

# --- digits, twice
if [ -z "$data" ] || ! ls "$data"/mnist/train-images-idx3-ubyte* > /dev/null 2>&1; then
  line "not run" digits "there is no MNIST in ${data:-the folder that --data names}/mnist"
else
  before=$(plan_count)
  epochs=3 batch=1024
  [ -n "$rehearse" ] && epochs=2 batch=20
  for time in 1 2; do
    rm -rf "$out/digits-$time"
    run digits-$time "$digits_seconds" "${with_libraries[@]}" "$bundle/bin/digits" --device cuda --data "$data/mnist" --epochs $epochs --batch $batch --out "$out/digits-$time"
    record=$out/digits-$time/run.json
    [ -e "$record" ] || record=/dev/null
    judged digits-$time "$digits_seconds" "test accuracy $(field "$record" accuracy test), $(field "$record" seconds train) s of training"
    if [ "$status" -ne 0 ]; then  # again, step by step, which names the step that fails
      run digits-eager 20 "${with_libraries[@]}" STRATA_CUDA_EAGER=1 "$bundle/bin/digits" --device cuda --data "$data/mnist" --epochs 1 --batch $batch --out "$out/digits-eager"
      judged digits-eager 20 "step by step, it runs"
      break
    fi
  done
  if [ -e "$out/digits-1/model.safetensors" ] && [ -e "$out/digits-2/model.safetensors" ]; then
    if cmp -s "$out/digits-1/model.safetensors" "$out/digits-2/model.safetensors"; then line pass digits-bits "both trainings gave the same bits"
    else line fail digits-bits "the trainings gave different bits"; fi
    cp "$out/digits-1/run.json" "$out/run.json"
    run compare 20 "${with_libraries[@]}" "$bundle/bin/compare" "$out/run.json" "$out/digits-2"
    judged compare 20 "it reads run.json"
    line note digits-plans "rebuilt $(($(plan_count) - before))"
  else
    line "not run" digits-bits "a training gave no model"
  fi
fi

# --- bench_models
# models PART SECONDS WORKLOAD...: one line for each workload, in the seconds together.
models() {
  local part=$1 end=$((SECONDS + $2)) name
  shift 2
  for name in "$@"; do
    local left=$((end - SECONDS))
    if [ $left -lt 5 ]; then
      line "not run" "$name" "the time of $part is over"
      continue
    fi
    run "$name" $left "${with_libraries[@]}" STRATA_DATA="$data" "$bundle/bin/bench_models" --device cuda --only "$name" --rounds 3
    judged "$name" $left "$(last_words "$out/$name.log")"
  done
}
before=$(plan_count)
if [ -n "$rehearse" ]; then
  line "not run" street_train "the rehearsal leaves out what takes a stand-in minutes"
  models models "$models_seconds" infer1
else
  models street "$street_seconds" street_train
  models models "$models_seconds" train infer1 infer1024 street_infer street_train_360 street_infer_360
fi
line note models-plans "rebuilt $(($(plan_count) - before))"

# --- compute-sanitizer
sanitizer=$(PATH=$PATH:/usr/local/cuda/bin:/usr/local/cuda/compute-sanitizer command -v compute-sanitizer)
if [ -z "$sanitizer" ]; then
  line "not run" sanitizer "compute-sanitizer is not installed"
else
  for tool in memcheck racecheck; do
    run $tool $((sanitizer_seconds / 2)) "${with_libraries[@]}" "$sanitizer" --tool $tool --error-exitcode 9 "$bundle/bin/gpu_check" --worker 0 --only "tf32 training norms 1"
    if grep -q 'Device not supported' "$out/$tool.log"; then line "not run" $tool "$(grep -m1 'Device not supported' "$out/$tool.log" | cut -c1-200)"
    else judged $tool $((sanitizer_seconds / 2)) "$(grep -E 'ERROR SUMMARY|RACECHECK SUMMARY' "$out/$tool.log" | tail -1)"; fi
  done
fi

# --- PyTorch
if ! command -v python3 > /dev/null || ! python3 -c 'import torch' > /dev/null 2>&1; then
  line "not run" pytorch "PyTorch is not installed"
elif ! python3 -c 'import torch; assert torch.cuda.is_available()' > /dev/null 2>&1; then
  line "not run" pytorch "PyTorch sees no GPU"
else
  end=$((SECONDS + pytorch_seconds))
  ours=$out/bench_models.sh
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%q exec %q "$@"\n' "$libraries" "$bundle/bin/bench_models" > "$ours"
  chmod +x "$ours"
  for name in train street_train infer1024 street_infer; do
    left=$((end - SECONDS))
    if [ $left -lt 15 ]; then
      line "not run" "pytorch-$name" "the time of PyTorch is over"
      continue
    fi
    run "pytorch-$name" $left env STRATA_DATA="$data" python3 "$bundle/peers/peers.py" --device cuda --python python3 --ours "$ours" \
      --rivals pytorch,pytorch-channels-last --only "$name" --rounds 2 --json "$out/pytorch-$name.json"
    judged "pytorch-$name" $left "$(grep -E '^  (strata|pytorch)' "$out/pytorch-$name.log" | awk '{printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2}')"
  done
fi

say "$passed passed, $failed failed, $left_out not run, in $SECONDS s; plans: $prebuilt prebuilt, $(($(plan_count) - prebuilt)) rebuilt"
say ""
say "Every check of gpu_check:"
grep -E '^(fail|not run|pass) ' "$out/gpu_check.log" | sort -s -k1,1 >> "$page"
echo "$page"
[ "$failed" -eq 0 ]
