// SPDX-License-Identifier: MIT
#include <strata/train/normalisation.hpp>

#include <doctest/doctest.h>

#include <strata/data/dataset.hpp>

using namespace strata;
using doctest::Approx;

namespace {

/// Channel 0: 0, 2, 4, 6 (mean 3, variance 5); channel 1: always 9.
template <class Number>
Dataset two_channels() {
  return Dataset({1, 2, 2}, std::vector<Number>{0, 9, 2, 9, 4, 9, 6, 9}, {0, 1});
}
template <class Number>
void check(Normalisation how, double scale0, double shift0, double scale1, double shift1) {
  float buffers[4] = {7, 7, 7, 7};
  detail::fit_input(how, two_channels<Number>(), {1, 2, 2}, buffers);
  CHECK(double(buffers[0]) == Approx(scale0));
  CHECK(double(buffers[1]) == Approx(scale1));
  CHECK(double(buffers[2]) == Approx(shift0));
  CHECK(double(buffers[3]) == Approx(shift1));
}

}  // namespace

TEST_CASE_TEMPLATE("scale and shift of each channel", Number, std::uint8_t, float) {
  check<Number>(Normalisation::keep, 7, 7, 7, 7);
  check<Number>(Normalisation::none, 1, 0, 1, 0);
  check<Number>(Normalisation::zerocenter, 1, -3, 1, -9);
  check<Number>(Normalisation::zscore, 1 / std::sqrt(5.), -3 / std::sqrt(5.), 1, -9);
  check<Number>(Normalisation::unit, 1 / 255., 0, 1 / 255., 0);
}
