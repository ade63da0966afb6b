// SPDX-License-Identifier: MIT
// The sums of a step's loss.
#pragma once

namespace strata::core {

/// The result of a step: sums over a batch. What is counted are labels that are not ignored; of a loss of floats,
/// values or pixels (LossFunction::by_value).
struct StepResult {
  double loss = 0;    ///< sum of the losses of what is counted, each times its weight
  double weight = 0;  ///< sum of the weights of what is counted; its number if there are no weights
  long correct = 0;   ///< counted labels that equal the most probable class, or values on the right side
  long counted = 0;   ///< how many were counted
  /// Adds the sums of another part of the batch.
  StepResult& operator+=(const StepResult& part) {
    loss += part.loss, weight += part.weight, correct += part.correct, counted += part.counted;
    return *this;
  }
};

}  // namespace strata::core
