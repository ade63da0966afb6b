// SPDX-License-Identifier: MIT
// The GPU back end for any .cpp file: Model<Net, Cuda>. One .cu file of the program must contain
// STRATA_INSTANTIATE_CUDA(Net) (strata/cuda/instantiate.hpp); link with strata::cuda.
#pragma once

#include <strata/cuda/cuda.hpp>
#include <strata/cuda/cuda_learner.hpp>
#include <strata/strata.hpp>
