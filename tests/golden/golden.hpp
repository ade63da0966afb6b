// SPDX-License-Identifier: MIT
// How golden values are written down: every `step`-th element of a tensor in PyTorch's order, and its sum of squares,
// which sees the elements in between.
#pragma once

#include <vector>

namespace strata::golden {

struct Tensor {
  const char* name;
  long size, step;
  double squares;
  std::vector<double> values;
};

}  // namespace strata::golden
