// SPDX-License-Identifier: MIT
#include <strata/train/normalization.hpp>

#include <doctest/doctest.h>

#include <limits>

#include <strata/data/dataset.hpp>

#include "../support/tolerance.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using testing::relative_error;

namespace {

/// Channel 0: 0, 2, 4, 6 (mean 3, variance 5); channel 1: always 9.
template <class Number>
Dataset two_channels() {
  return Dataset({1, 2, 2}, std::vector<Number>{0, 9, 2, 9, 4, 9, 6, 9}, {0, 1});
}
/// Scales and shifts are rounded to float, the shift twice: up to a unit in the last place.
template <class Number>
void check(Normalization how, double scale0, double shift0, double scale1, double shift1) {
  float buffers[4] = {7, 7, 7, 7};
  training::detail::fit_input(how, two_channels<Number>(), {1, 2, 2}, buffers);
  CHECK(relative_error(buffers[0], scale0) <= 1.2e-7);
  CHECK(relative_error(buffers[1], scale1) <= 1.2e-7);
  CHECK(relative_error(buffers[2], shift0) <= 1.2e-7);
  CHECK(relative_error(buffers[3], shift1) <= 1.2e-7);
}

}  // namespace

TEST_CASE_TEMPLATE("scale and shift of each channel", Number, std::uint8_t, float) {
  check<Number>(Normalization::keep, 7, 7, 7, 7);
  check<Number>(Normalization::none, 1, 0, 1, 0);
  check<Number>(Normalization::zerocenter, 1, -3, 1, -9);
  check<Number>(Normalization::zscore, 1 / std::sqrt(5.), -3 / std::sqrt(5.), 1, -9);
  check<Number>(Normalization::unit, 1 / 255., 0, 1 / 255., 0);
}

TEST_CASE("the bytes that scale and shift map closest to 0") {
  const auto zero = [](float scale, float shift) {
    const float buffers[2] = {scale, shift};
    return int(training::detail::zero_of_input(1, buffers)[0]);
  };
  CHECK(zero(1, 0) == 0);
  CHECK(zero(1 / 255.f, 0) == 0);
  CHECK(zero(1, -128.4f) == 128);
  CHECK(zero(1, -128.5f) == 129);
  CHECK(zero(-2, 100) == 50);
  CHECK(zero(1, 3) == 0);
  CHECK(zero(1, -300) == 255);
  CHECK(zero(1e-30f, -1e30f) == 255);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const float odd : {nan, infinity, -infinity}) {
    CHECK(zero(1, odd) == 0);
    CHECK(zero(odd, -5) == 0);
  }
  CHECK(zero(0, -5) == 0);
  CHECK(zero(0, 0) == 0);
  const float imagenet[6] = {1 / (0.229f * 255), 1 / (0.224f * 255), 1 / (0.225f * 255),  //
                             -0.485f / 0.229f,   -0.456f / 0.224f,   -0.406f / 0.225f};
  CHECK(training::detail::zero_of_input(3, imagenet) == Outside{124, 116, 104, 0});
  const float six[12] = {1, 1, 1, 1, 1, 1, -1, -2, -3, -4, -5, -6};
  CHECK(training::detail::zero_of_input(6, six) == Outside{1, 2, 3, 4});
}
