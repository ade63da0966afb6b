// SPDX-License-Identifier: MIT
// Every activation: values, derivative against central differences, vector against scalar.
#include <strata/core/formulas/simd.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/tolerance.hpp"

using namespace strata;
using testing::relative_error;

namespace {

template <class F>
void check_functor() {
  CAPTURE(F::name);
  constexpr double h = 1e-5;
  for (double x = -6; x <= 6; x += 0.37) {
    CAPTURE(x);
    const double slope = (F::f(x + h) - F::f(x - h)) / (2 * h);
    const double told = F::needs == Needs::input ? F::df(x) : F::df(F::f(x));
    CHECK(std::abs(told - slope) <= 2e-8);  // the difference's own error, and constants of gelu that are floats

    const double scalar = F::f(x);
    float out[core::simd::lanes];
    core::simd::storeu(out, F::f(core::simd::Vector(float(x))));
    for (float lane : out) CHECK(std::abs(lane - scalar) <= 6e-7 * (1 + std::abs(scalar)));
    const float input = F::needs == Needs::input ? float(x) : float(F::f(x));
    core::simd::storeu(out, F::df(core::simd::Vector(input)));
    for (float lane : out) CHECK(std::abs(lane - told) <= 5e-7);
  }
}

}  // namespace

TEST_CASE("activations and their derivatives") {
  check_functor<spec::relu>();
  check_functor<spec::leaky_relu<Real{0.01}>>();
  check_functor<spec::leaky_relu<Real{0.3}>>();
  check_functor<spec::sigmoid>();
  check_functor<spec::hyperbolic_tangent_functor>();
  check_functor<spec::gelu>();
}

TEST_CASE("values known in closed form") {
  CHECK(spec::relu::f(-1.0) == 0);
  CHECK(spec::relu::f(2.5) == 2.5);
  CHECK(spec::sigmoid::f(0.0) == 0.5);
  // Some constants, and the arguments of leaky ReLUs, are floats.
  CHECK(relative_error(spec::gelu::f(1.0), 0.8413447460685429) <= 1e-8);
  CHECK(relative_error(spec::hyperbolic_tangent_functor::f(0.5), 0.46211715726000973) <= 1e-8);
  CHECK(relative_error(spec::leaky_relu<Real{0.2}>::f(-2.0), -0.4) <= 3e-8);
}

TEST_CASE("lists of functors are joined and made distinct in order") {
  using detail::Concatenated, detail::Distinct;
  using A = Concatenated<spec::type_list<int>, spec::type_list<>, spec::type_list<char, long>, spec::type_list<int>,
                         spec::type_list<>, spec::type_list<>, spec::type_list<>, spec::type_list<float>,
                         spec::type_list<char>, spec::type_list<double>>::type;
  CHECK(std::is_same_v<A, spec::type_list<int, char, long, int, float, char, double>>);
  CHECK(std::is_same_v<Distinct<spec::type_list<long>, A>::type, spec::type_list<long, int, char, float, double>>);
  CHECK(std::is_same_v<Concatenated<>::type, spec::type_list<>>);
}
