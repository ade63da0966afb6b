// SPDX-License-Identifier: MIT
// A dense layer whose third output is the largest, from the single header for programs without an operating system.
#include "strata_embedded.hpp"

#include <vector>

int embedded();

namespace {

using Net = strata::Network<strata::Image<1, 1, 1>, strata::Dense<4>, strata::Softmax>;
using Small = strata::Predictor<Net>;
Small::Storage memory;

}  // namespace

int embedded() {
  const std::vector<float> parameters{1, 2, 4, 3, 0, 0, 0, 0}, buffers{1, 0}, image{1};
  Small predictor(memory, std::span<const float, Small::parameter_floats>(parameters.data(), Small::parameter_floats),
                  std::span<const float, Small::buffer_floats>(buffers.data(), Small::buffer_floats));
  return predictor.classify(Small::Floats(image.data(), Small::input_floats));
}
