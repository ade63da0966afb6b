// SPDX-License-Identifier: MIT
// cuDNN's library, compiled once for all tests.
#include <strata/cuda/define_cudnn.hpp>
