#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the benchmarks, runs all of them and writes bench/RESULTS.md: bash bench/run.sh [--quick] [--out FILE] [--only PARTS]
# STRATA_PEERS_PYTHON: a Python that has PyTorch, ONNX Runtime and OpenVINO; without it a virtual environment is made.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset release
targets=(bench_models bench_nodes)
for optional in bench_kernels dlib_digits; do
  if cmake --build --preset release --target help | grep -q "^$optional:"; then targets+=("$optional"); fi
done
cmake --build --preset release --target "${targets[@]}"
exec python3 bench/results.py "$@"
