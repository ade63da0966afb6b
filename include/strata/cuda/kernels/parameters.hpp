// SPDX-License-Identifier: MIT
// The order of the parameters on the device, and the copy of the weights that is multiplied.
#pragma once

#include <strata/cuda/kernels/pack.hpp>
#include <strata/cuda/parameter_kernels.hpp>

namespace strata::cuda::kernels {

template <bool ToDevice>
struct Reorder {
  const Reordered* tensors;
  int count;
  const float* from;
  float* to;

  /// Thread i writes float i.
  STRATA_DEVICE void operator()(long i) const {
    int low = 0, high = count;  // the last tensor that starts at or before i is low - 1
    while (low < high) {
      const int middle = (low + high) / 2;
      if (tensors[middle].offset <= i) low = middle + 1;
      else high = middle;
    }
    long source = i;
    if (low > 0) {
      const Reordered t = tensors[low - 1];
      const long at = i - t.offset, matrix = long(t.inner) * t.taps;
      const int columns = ToDevice ? t.inner : t.taps;
      if (at < t.outer * matrix) {
        const long row = divide(at, columns), outer = divide(at, matrix), column = at - row * columns;
        source = t.offset + outer * matrix + column * (matrix / columns) + (row - outer * (matrix / columns));
      }
    }
    to[i] = from[source];
  }
};

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

}  // namespace strata::cuda::kernels
