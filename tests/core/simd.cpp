// SPDX-License-Identifier: MIT
#include <strata/core/simd.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace strata;

TEST_CASE("arithmetic lane by lane") {
  alignas(64) float a[simd::lanes], b[simd::lanes], out[simd::lanes];
  float total = 0;
  for (int i = 0; i < simd::lanes; i++) a[i] = float(i) - 2.5f, b[i] = float(i + 1), total += a[i];
  const simd::Vector x = simd::load(a), y = simd::load(b);
  const auto check = [&](simd::Vector v, auto expected) {
    simd::store(out, v);
    for (int i = 0; i < simd::lanes; i++) CHECK(out[i] == doctest::Approx(expected(a[i], b[i])));
  };
  check(x + y, [](float p, float q) { return p + q; });
  check(x - y, [](float p, float q) { return p - q; });
  check(x * y, [](float p, float q) { return p * q; });
  check(x / y, [](float p, float q) { return p / q; });
  check(-x, [](float p, float) { return -p; });
  check(simd::fma(x, y, simd::Vector(1.f)), [](float p, float q) { return p * q + 1; });
  check(maximum(x, y), [](float p, float q) { return std::max(p, q); });
  check(where_positive(x, y, x), [](float p, float q) { return p > 0 ? q : p; });
  check(exponential(x), [](float p, float) { return std::exp(p); });
  check(hyperbolic_tangent(x), [](float p, float) { return std::tanh(p); });
  check(error_function(x), [](float p, float) { return std::erf(p); });
  CHECK(simd::sum(x) == doctest::Approx(total));
}

TEST_CASE("unroll passes every index once") {
  int seen[5]{};
  simd::unroll<5>([&](auto i) { seen[i]++; });
  for (int count : seen) CHECK(count == 1);
}
