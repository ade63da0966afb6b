// SPDX-License-Identifier: MIT
// Compiled with -ffast-math, under which std::isfinite is true for every number.
#include <strata/core/finite.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cfloat>
#include <string>
#include <vector>

using namespace strata;
using namespace strata::core;

namespace {

const float infinity = std::bit_cast<float>(0x7F800000u), not_a_number = std::bit_cast<float>(0x7FC00000u);
const double wide_nan = std::bit_cast<double>(0xFFF8000000000000u);  // with the sign bit set

}  // namespace

TEST_CASE("what is finite, whatever the compiler may assume") {
  for (float x : {0.f, -0.f, 1.f, FLT_MAX, -FLT_MAX, FLT_MIN}) {
    CHECK(is_finite(x));
    CHECK(is_finite(double(x)));
  }
  for (float x : {infinity, -infinity, not_a_number}) CHECK(!is_finite(x));
  CHECK(!is_finite(wide_nan));
  CHECK(is_within(2, 1, 3));
  CHECK(is_within(1, 1, 3));
  CHECK(!is_within(4, 1, 3));
  CHECK(!is_within(wide_nan, 1, 3));
  CHECK(std::string(not_finite_name(wide_nan)) == "NaN");
  CHECK(std::string(not_finite_name(double(infinity))) == "infinity");
  CHECK(std::string(not_finite_name(double(-infinity))) == "-infinity");
}

TEST_CASE("the first number that is not finite, at any position") {
  for (long place : {0L, 1L, 4095L, 4096L, 9999L}) {
    std::vector<float> x(10000, 1.f);
    CHECK(first_not_finite(x.data(), 10000) == -1);
    x[std::size_t(place)] = not_a_number, x[9999] = infinity;
    CHECK(first_not_finite(x.data(), 10000) == place);
    CHECK(first_not_finite(x.data(), place) == -1);
  }
  CHECK(first_not_finite(nullptr, 0) == -1);
}
