// SPDX-License-Identifier: MIT
#include <strata/core/input_scaling.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

TEST_CASE("mean and deviation become scale and shift, and back") {
  float numbers[6];
  fill_scaling({.mean = {124, 116.5f, -0.25f}, .deviation = {58, 57.5f, 0.125f}}, 3, numbers, numbers + 3);
  const double mean[] = {124, 116.5, -0.25}, deviation[] = {58, 57.5, 0.125};
  for (int c = 0; c < 3; c++) {
    CHECK(numbers[c] == float(1 / deviation[c]));
    CHECK(numbers[3 + c] == float(-mean[c] / deviation[c]));
  }
  const InputScaling back = scaling_of(numbers, numbers + 3, 3);
  for (int c = 0; c < 3; c++) {
    CHECK(std::fabs(double(back.mean[std::size_t(c)]) / mean[c] - 1) < 2e-7);
    CHECK(std::fabs(double(back.deviation[std::size_t(c)]) / deviation[c] - 1) < 2e-7);
  }
}

TEST_CASE("one number serves all channels; the mean 0 is no negative shift") {
  float numbers[4];
  fill_scaling({.mean = {0}, .deviation = {255}}, 2, numbers, numbers + 2);
  CHECK(numbers[0] == 1.f / 255);
  CHECK(numbers[1] == 1.f / 255);
  CHECK(!std::signbit(numbers[2]));
  const InputScaling back = scaling_of(numbers, numbers + 2, 2);
  for (const float deviation : back.deviation) CHECK(std::fabs(double(deviation) / 255 - 1) < 1e-7);
  CHECK(!std::signbit(back.mean[0]));
  fill_scaling({.mean = {1, 2}, .deviation = {4}}, 2, numbers, numbers + 2);
  CHECK(numbers[2] == -0.25f);
  CHECK(numbers[3] == -0.5f);
}

TEST_CASE("a channel that is scaled by 0 has an infinite deviation and the mean 0") {
  const float scale = 0, shift = 3;
  const InputScaling scaling = scaling_of(&scale, &shift, 1);
  CHECK(scaling.mean[0] == 0);
  CHECK(std::isinf(scaling.deviation[0]));
}

TEST_CASE("what no network can compute is refused, and nothing changes") {
  float numbers[4] = {1, 2, 3, 4};
  const std::vector<float> before(numbers, numbers + 4);
  for (const auto& [scaling, part] : std::initializer_list<std::pair<InputScaling, const char*>>{
           {{{}, {1}}, "0 numbers were given as mean, but the input has 2 channels; give one for each, or one for all"},
           {{{1, 2, 3}, {1}}, "3 numbers were given as mean"},
           {{{1, 2}, {}}, "0 numbers were given as deviation"},
           {{{0}, {1, 0}}, "the deviation of channel 1 is 0; "},
           {{{0}, {-255}}, "the deviation of channel 0 is -255; "},
           {{{0}, {std::nanf("")}}, "the deviation of channel 0 is nan"},
           {{{0}, {HUGE_VALF}}, "the deviation of channel 0 is inf"},
           {{{0}, {1e-45f}}, "the deviation of channel 0 is 1.4"},
           {{{0, HUGE_VALF}, {1}}, "the mean of channel 1 is inf"},
           {{{1e30f}, {1e-30f}}, "the mean of channel 0 is 1e+30 where the deviation is 1e-30"}}) {
    const InputScaling& given = scaling;
    CHECK(refuses([&] { fill_scaling(given, 2, numbers, numbers + 2); }, "input_scaling: ", part));
    CHECK(std::vector<float>(numbers, numbers + 4) == before);
  }
}
