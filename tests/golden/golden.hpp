// SPDX-License-Identifier: MIT
// The format of golden values: every `step`-th element of a tensor in PyTorch's order, and the sum of squares of all
// its elements, which covers those in between.
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
