#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The networks of MLPerf Tiny, and a digits network, on a microcontroller, as a table:
#   bash examples/embed/mlperf_tiny/measure.sh FOLDER PROGRAM [--core CORE] [--digits MODEL] [--onnx2c ONNX2C] [FLAG...]
# FOLDER: the trained models, as convert.py reads them. PROGRAM: mlperf_tiny, built for this machine. CORE: cortex-m4, cortex-m7
# (the default) or cortex-m55. MODEL: a file that the program digits wrote. ONNX2C: the program of github.com/kraiskil/onnx2c;
# then the C code that it generates for the same networks is measured next to them ($PYTHON, or python3, needs numpy and onnx).
# FLAG: for both compilers, instead of -O2.
# Converts the weights, compares the networks with TFLite's outputs, where FOLDER has some, exports headers for the core, and
# runs them on QEMU's board. A program's input and scores are floats, and part of its RAM; the stack is painted, and the frame is
# the largest of a function by -fstack-usage; the scores of a drawn input differ from the host's relative to the largest.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../microcontroller/board.sh
. "$here/../microcontroller/board.sh"
[ $# -ge 2 ] && [ -d "$1" ] && [ -x "$2" ] || fail "give the folder of the trained models and the program mlperf_tiny"
folder=$1 program=$2 core=cortex-m7 digits="" onnx2c="" python=${PYTHON:-python3}
shift 2
while [ $# -ge 2 ]; do
  case $1 in
    --core) core=$2 ;;
    --digits) digits=$2 ;;
    --onnx2c) onnx2c=$2 ;;
    *) break ;;
  esac
  shift 2
done
command -v "$python" >/dev/null || fail "$python is missing: apt-get install python3"
[ -z "$onnx2c" ] || "$python" -c 'import numpy, onnx' || fail "$python lacks numpy or onnx: pip install numpy onnx, in a venv"
[ $# -gt 0 ] || set -- -O2
use_core "$core"

difference() {  # of what the program said from the host's scores
  awk '$1 != "scores" { next }
       NR == FNR { for (i = 2; i < NF; i++) host[i] = $i; next }
       { for (i = 2; i < NF; i++) {
           most = $i - host[i] > most ? $i - host[i] : host[i] - $i > most ? host[i] - $i : most
           largest = host[i] > largest ? host[i] : -host[i] > largest ? -host[i] : largest } }
       END { if (largest == 0) { print "no scores"; exit }
             printf "%.0e\n", most / largest }' "$build/host" "$build/said"
}
row() {  # row NETWORK WHOSE
  flash=$((weights + other)) instructions=$(said instructions)
  printf '%-17s %-7s  %9d  %9d  %9s  %9s  %12s  %s\n' "$1" "$2" "$flash" "$ram" "$(said stack)" "$frame" "$instructions" \
    "$(difference)"
}

printf '%-17s %-7s  %9s  %9s  %9s  %9s  %12s  %s\n' network code flash RAM stack frame instructions differs
measure() {  # measure NAME TYPE WEIGHTS POLICIES FLAG...
  local name=$1 type=$2 weights_file=$3 policies=$4 own
  shift 4
  "$program" export "$name" "$weights_file" "$build/$name.hpp" "$core"
  "$program" scores "$name" "$weights_file" >"$build/host"
  run_on_board "$here/microcontroller.cpp" "-DNETWORK=$type" "-DPOLICIES=$policies" "-DWEIGHTS=${name}_weights" \
    -include "$build/$name.hpp" "$@"
  row "$name" strata
  [ -n "$onnx2c" ] || return 0
  own="$flash $ram $instructions"
  "$python" "$here/to_onnx.py" "$name" "$weights_file" "$build/$name.onnx" >"$build/reference"
  "$onnx2c" "$build/$name.onnx" >"$build/$name.c"
  compile_c "$build/$name.c" "$build/$name.o" "$@"
  run_on_board "$here/onnx2c.cpp" "-DNETWORK=$type" "$build/$name.o" "$@"
  row "$name" onnx2c
  echo "$own $flash $ram $instructions" |
    awk '{ printf "%-17s %-7s  %9.2f  %9.2f  %9s  %9s  %12.2f\n", "", "ratio", $1 / $4, $2 / $5, "", "", $3 / $6 }'
}
for pair in resnet8=ResNet8 mobilenet_v1_025=MobileNet ds_cnn=DsCnn autoencoder=Autoencoder; do
  name=${pair%=*}
  "$python" "$here/convert.py" "$folder" "$name" "$build/$name.safetensors"
  if [ -e "$folder/$name.outputs.npy" ]; then
    "$program" check "$name" "$build/$name.safetensors" "$folder/$name.inputs.npy" "$folder/$name.outputs.npy" >"$build/checked"
  fi
  measure "$name" "mlperf_tiny::${pair#*=}" "$build/$name.safetensors" ", strata::infer::Unscaled" "$@"
done
[ -z "$digits" ] || measure digits "strata::Digits<8, 16, 32>" "$digits" "" "$@"
