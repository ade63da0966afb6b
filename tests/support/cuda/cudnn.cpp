// SPDX-License-Identifier: MIT
// The cuDNN library, compiled once for all tests.
#include <strata/cuda/cudnn/define_cudnn.hpp>
