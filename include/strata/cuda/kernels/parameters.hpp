// SPDX-License-Identifier: MIT
// Copies and sums of all parameters or gradients: the copies that are multiplied, gradients widened to fp32, sums,
// averages of models.
#pragma once

#include <strata/core/formulas/update_formulas.hpp>
#include <strata/cuda/kernels/pack.hpp>
#include <strata/cuda/kernels/parameter_kernels.hpp>

namespace strata::cuda::kernels {

template <class T>
struct CopyWeights {
  const float* from;
  T* to;
  STRATA_DEVICE void operator()(long i) const { assign(to[i], from[i]); }
};

template <class T>
struct Widen {
  const T* from;
  float* to;
  STRATA_DEVICE void operator()(long i) const { to[i] = to_float(from[i]); }
};

struct Add {
  const float* from;
  float* to;
  STRATA_DEVICE void operator()(long i) const { to[i] += from[i]; }
};

struct MoveAverage {
  float weight;
  const float* now;
  float* average;
  STRATA_DEVICE void operator()(long i) const { average[i] = core::averaged(average[i], now[i], weight); }
};

}  // namespace strata::cuda::kernels
