// SPDX-License-Identifier: MIT
#include <strata/metrics/metrics.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace strata::metrics;

TEST_CASE("errors of two channels, values of NaN left out") {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  const float outputs[] = {1, 5, 2, 5, 4, 9}, targets[] = {1, 5, 4, none, 4, 5};
  ValueErrors errors(2);
  errors.add(outputs, targets, 2);
  errors.add(outputs + 4, targets + 4, 1);
  CHECK(errors.count() == 5);
  CHECK(errors.mae() == doctest::Approx(6 / 5.));
  CHECK(errors.rmse() == doctest::Approx(std::sqrt(20 / 5.)));
  CHECK(errors.channels[0].mean == doctest::Approx(3));
  CHECK(errors.r2() == doctest::Approx(1 - 4 / 6.));  // the targets of the second channel are all 5
}

TEST_CASE("R2 of large targets that hardly differ") {
  float outputs[100], targets[100];
  for (int i = 0; i < 100; i++) targets[i] = 10000 + float(i % 2), outputs[i] = 10000.5f;
  ValueErrors errors(1);
  errors.add(outputs, targets, 100);
  CHECK(errors.r2() == doctest::Approx(0));
}

TEST_CASE("nothing measured") {
  CHECK(ValueErrors(3).mae() == 0);
  CHECK(ValueErrors(3).r2() == 0);
  CHECK(!Evaluation().measures_values());
}
