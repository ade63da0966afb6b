// SPDX-License-Identifier: MIT
#include <strata/core/float_span.hpp>

#include <doctest/doctest.h>

#include <type_traits>
#include <vector>

using strata::core::FloatSpan;

TEST_CASE("numbers are read and written at an index of any integer type") {
  std::vector<float> numbers{1, 2, 3};
  const FloatSpan<float> span(numbers);
  CHECK(span.size() == 3);
  span[1L] = 4, span[2u] = 5;
  CHECK(numbers == std::vector<float>{1, 4, 5});
  CHECK(span[0] == 1);
}

TEST_CASE("those of a const model cannot be written") {
  static_assert(std::is_same_v<decltype(FloatSpan<const float>()[0]), const float&>);
  static_assert(!std::is_convertible_v<FloatSpan<const float>, float*>);
  CHECK(FloatSpan<const float>().empty());
}
