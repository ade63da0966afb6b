#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the benchmarks, runs all of them and writes bench/RESULTS.md: bash bench/run.sh [--quick] [--out FILE] [--only PARTS]
# STRATA_PEERS_PYTHON: a Python with PyTorch, ONNX Runtime and OpenVINO; without it, a virtual environment is created.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset release
known=$(cmake --build --preset release --target help)
targets=()
for target in bench_models bench_nodes bench_kernels dlib_digits; do  # what needs a library that is missing is left out
  if grep -q "^$target: " <<< "$known"; then targets+=("$target"); fi
done
cmake --build --preset release --target "${targets[@]}"
exec python3 bench/results.py "$@"
