// SPDX-License-Identifier: MIT
// One inference or training step with a clock after every node.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/samples/views.hpp>

#include <functional>
#include <vector>

namespace strata::benchmarks {

/// All in seconds.
struct Times {
  std::vector<double> run;   ///< of each node
  std::vector<double> pack;  ///< of its weights: training packs in every step, inference before the first
  double result = 0;         ///< inference: the copy of the result to the caller
  double whole = 0;          ///< from the call to its return

  explicit Times(int nodes) : run(std::size_t(nodes)), pack(std::size_t(nodes)) {}
};

/// Runs a step and fills in its times.
using Step = std::function<void(Times&)>;

/// Throws Error if the loss of a training step is not a number above 0: then something else than a step was measured.
inline void check_loss(const core::StepResult& sums) {
  if (!(sums.loss > 0))
    throw Error("benchmark: the loss of a training step is ", sums.loss, ", which is not a valid loss");
}

}  // namespace strata::benchmarks
