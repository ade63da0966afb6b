// SPDX-License-Identifier: MIT
#include <strata/train/initialize.hpp>

#include <doctest/doctest.h>

#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

#include <vector>

#include "../support/tolerance.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using testing::relative_error;

namespace {

// 3 x 3 from 8 channels to 64 at fan-in 72 and fan-out 576; 64 inputs to 200 outputs.
using Net = Network<Image<1, 1, 8>, Conv<3, 64, Same>, BatchNorm, Dense<200>, Softmax>;

std::vector<float> drawn(Initialize how) {
  std::vector<float> floats(std::size_t(lowered<Net>.parameter_floats), -1.f);
  training::detail::initialize(lowered<Net>.parameters, lowered<Net>.parameter_count, floats.data(), 3, how);
  return floats;
}

/// Mean of the squares of tensor t.
double power(const std::vector<float>& floats, int t) {
  const graph::Tensor& tensor = lowered<Net>.parameters[t];
  double squares = 0;
  for (int i = 0; i < tensor.size; i++) squares += std::pow(double(floats[std::size_t(tensor.offset + i)]), 2);
  return squares / tensor.size;
}

}  // namespace

TEST_CASE("the variance of each choice") {
  constexpr int convolution = 0, dense = 4;
  constexpr double bound = 0.02;  // over some thousand numbers: one to two standard errors
  CHECK(relative_error(power(drawn(Initialize::glorot), convolution), 2. / (72 + 576)) <= bound);
  CHECK(relative_error(power(drawn(Initialize::glorot), dense), 2. / (64 + 200)) <= bound);
  CHECK(relative_error(power(drawn(Initialize::he), convolution), 2. / 72) <= bound);
  CHECK(relative_error(power(drawn(Initialize::he), dense), 2. / 64) <= bound);
  CHECK(relative_error(power(drawn(Initialize::he_fan_out), convolution), 2. / 576) <= bound);
  CHECK(relative_error(power(drawn(Initialize::he_fan_out), dense), 2. / 200) <= bound);
}

TEST_CASE("scales are 1, biases and shifts 0, and the seed decides") {
  for (Initialize how : {Initialize::glorot, Initialize::he, Initialize::he_fan_out}) {
    const std::vector<float> floats = drawn(how);
    CHECK(floats == drawn(how));
    CHECK(power(floats, 1) == 0);
    CHECK(power(floats, 2) == 1);
    CHECK(power(floats, 3) == 0);
  }
}
