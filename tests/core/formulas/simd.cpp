// SPDX-License-Identifier: MIT
#include <strata/core/formulas/simd.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "../../support/tolerance.hpp"

using namespace strata;
using namespace strata::functions;
using testing::relative_error;

TEST_CASE("arithmetic lane by lane") {
  alignas(64) float a[core::simd::lanes], b[core::simd::lanes], out[core::simd::lanes];
  float total = 0;
  for (int i = 0; i < core::simd::lanes; i++) a[i] = float(i) - 2.5f, b[i] = float(i + 1), total += a[i];
  const core::simd::Vector x = core::simd::load(a), y = core::simd::load(b);
  const auto check = [&](core::simd::Vector v, auto expected) {
    core::simd::store(out, v);
    for (int i = 0; i < core::simd::lanes; i++) CHECK(relative_error(out[i], expected(a[i], b[i])) <= 1e-6);
  };
  check(x + y, [](float p, float q) { return p + q; });
  check(x - y, [](float p, float q) { return p - q; });
  check(x * y, [](float p, float q) { return p * q; });
  check(x / y, [](float p, float q) { return p / q; });
  check(-x, [](float p, float) { return -p; });
  check(core::simd::fma(x, y, core::simd::Vector(1.f)), [](float p, float q) { return p * q + 1; });
  check(maximum(x, y), [](float p, float q) { return std::max(p, q); });
  check(where_positive(x, y, x), [](float p, float q) { return p > 0 ? q : p; });
  check(exponential(x), [](float p, float) { return std::exp(p); });
  check(logarithm(y), [](float, float q) { return std::log(q); });
  check(hyperbolic_tangent(x), [](float p, float) { return std::tanh(p); });
  check(error_function(x), [](float p, float) { return std::erf(p); });
  check(log_of_one_plus(y / core::simd::Vector(float(core::simd::lanes))),
        [](float, float q) { return std::log1p(q / float(core::simd::lanes)); });
  CHECK(core::simd::sum(x) == total);
  CHECK(core::simd::greatest(x) == a[core::simd::lanes - 1]);
}

TEST_CASE("erf is close everywhere, odd, within 1, and passes nothing that is not a number") {
  alignas(64) float out[core::simd::lanes], opposite[core::simd::lanes];
  for (float x = 1e-20f; x < 20; x = x < 0.01f ? x * 7 : x + 0.0037f) {
    CAPTURE(x);
    core::simd::store(out, error_function(core::simd::Vector(x)));
    core::simd::store(opposite, error_function(core::simd::Vector(-x)));
    CHECK(relative_error(out[0], std::erf(double(x))) <= 5e-7);
    CHECK(out[0] <= 1);
    CHECK(opposite[0] == -out[0]);
  }
  core::simd::store(out, error_function(core::simd::Vector(std::numeric_limits<float>::quiet_NaN())));
  CHECK(std::isnan(out[0]));
}

TEST_CASE("a select works lane by lane, whatever the values are") {
  constexpr float infinity = std::numeric_limits<float>::infinity(), nothing = std::numeric_limits<float>::quiet_NaN();
  const float kinds[] = {0.f, -0.f, 1.f, -1.f, infinity, -infinity, nothing};
  for (const float x : kinds)
    for (const float yes : kinds)
      for (const float no : {2.f, nothing}) {
        const auto is = [](float given, float expected) {
          return std::bit_cast<std::uint32_t>(given) == std::bit_cast<std::uint32_t>(expected);
        };
        alignas(64) float positive[core::simd::lanes], equal[core::simd::lanes], less[core::simd::lanes];
        core::simd::store(positive,
                          where_positive(core::simd::Vector(x), core::simd::Vector(yes), core::simd::Vector(no)));
        core::simd::store(equal, core::simd::where_equal(core::simd::Vector(x), core::simd::Vector(1.f),
                                                         core::simd::Vector(yes), core::simd::Vector(no)));
        core::simd::store(less, core::simd::where_less(core::simd::Vector(x), core::simd::Vector(1.f),
                                                       core::simd::Vector(yes), core::simd::Vector(no)));
        for (int i = 0; i < core::simd::lanes; i++) {
          CHECK(is(positive[i], x > 0 ? yes : no));
          CHECK(is(equal[i], x == 1 ? yes : no));
          CHECK(is(less[i], x < 1 ? yes : no));
        }
      }
}

TEST_CASE("a transpose changes lanes and vectors") {
  alignas(64) float out[core::simd::lanes];
  core::simd::Vector v[core::simd::lanes];
  for (int k = 0; k < core::simd::lanes; k++) {
    for (int i = 0; i < core::simd::lanes; i++) out[i] = float(k * core::simd::lanes + i);
    v[k] = core::simd::load(out);
  }
  core::simd::transpose(v);
  for (int i = 0; i < core::simd::lanes; i++) {
    core::simd::store(out, v[i]);
    for (int k = 0; k < core::simd::lanes; k++) CHECK(out[k] == float(k * core::simd::lanes + i));
  }
}

TEST_CASE("unroll passes every index once") {
  int seen[5]{};
  core::simd::unroll<5>([&](auto i) { seen[i]++; });
  for (int count : seen) CHECK(count == 1);
}
