#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The networks of MLPerf Tiny on a Cortex-M7, as a table:
#   bash examples/embed/mlperf_tiny/measure.sh FOLDER PROGRAM [FLAG...]
# FOLDER: the trained models, as convert.py reads them. PROGRAM: mlperf_tiny, built for this machine. FLAG: for the cross
# compiler, instead of -O2. Converts the weights, compares the networks with TFLite's outputs, where FOLDER has some, exports
# headers for the core, and runs them on QEMU's mps2-an500.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../microcontroller/board.sh
. "$here/../microcontroller/board.sh"
[ $# -ge 2 ] && [ -d "$1" ] && [ -x "$2" ] || fail "give the folder of the trained models and the program mlperf_tiny"
command -v python3 >/dev/null || fail "python3 is missing: apt-get install python3"
folder=$1 program=$2
shift 2
[ $# -gt 0 ] || set -- -O2

printf '%-17s  %9s  %9s  %9s  %9s  %12s  %s\n' network weights other RAM stack instructions "on the host"
for pair in resnet8=ResNet8 mobilenet_v1_025=MobileNet ds_cnn=DsCnn autoencoder=Autoencoder; do
  name=${pair%=*}
  python3 "$here/convert.py" "$folder" "$name" "$build/$name.safetensors"
  host="not compared"
  if [ -e "$folder/$name.outputs.npy" ]; then
    host=$("$program" check "$name" "$build/$name.safetensors" "$folder/$name.inputs.npy" "$folder/$name.outputs.npy")
  fi
  "$program" export "$name" "$build/$name.safetensors" "$build/$name.hpp" cortex-m7
  run_on cortex-m7 mps2-an500 "$here/microcontroller.cpp" -mfpu=fpv5-d16 -DNETWORK="${pair#*=}" -DWEIGHTS="${name}_weights" \
    -include "$build/$name.hpp" -Wl,--defsym=flash_bytes=0x200000 "$@"
  printf '%-17s  %9d  %9d  %9d  %9s  %12s  %s\n' "$name" "$weights" "$other" "$ram" "$(said stack)" "$(said instructions)" "$host"
done
