#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs `conan create` for the Eigen of this machine and for strata, whose test_package trains a network. Installs Conan from
# PyPI into build/conan, where it keeps everything else too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
folder=$(cd ../../.. && pwd)/build/conan
export CONAN_HOME=$folder/home
[ -x "$folder/venv/bin/conan" ] || { python3 -m venv "$folder/venv" && "$folder/venv/bin/pip" install --quiet 'conan>=2,<3'; }
conan=$folder/venv/bin/conan
"$conan" profile detect --force
"$conan" create eigen
"$conan" create . --settings compiler.cppstd=20 --settings build_type=Release --no-remote --test-folder test_package \
  --conf "tools.cmake.cmake_layout:test_folder=$folder/test"
