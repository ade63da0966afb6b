// SPDX-License-Identifier: MIT
// The GPU back end for any .cpp: Model<Net, Cuda>. One .cu of the program holds STRATA_INSTANTIATE_CUDA(Net)
// (strata/cuda/instantiate.hpp); link strata::cuda.
#pragma once

#include <strata/cuda/cuda.hpp>
#include <strata/strata.hpp>
#include <strata/train/cuda_learner.hpp>
