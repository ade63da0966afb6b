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
    CHECK(std::abs(told - slope) <=
          2e-8 * (1 + std::abs(told)));  // of the difference, and of constants that are floats

    const double scalar = F::f(x);
    float out[core::simd::lanes];
    core::simd::storeu(out, F::f(core::simd::Vector(float(x))));
    for (float lane : out) CHECK(std::abs(lane - scalar) <= 6e-7 * (1 + std::abs(scalar)));
    const float input = F::needs == Needs::input ? float(x) : float(F::f(x));
    core::simd::storeu(out, F::df(core::simd::Vector(input)));
    for (float lane : out) CHECK(std::abs(lane - told) <= 5e-7 * (1 + std::abs(told)));
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
  check_functor<spec::gelu_tanh>();
  check_functor<spec::relu6>();
  check_functor<spec::silu>();
  check_functor<spec::hard_sigmoid>();
  check_functor<spec::hard_swish>();
  check_functor<spec::elu<>>();
  check_functor<spec::elu<Real{0.5}>>();
  check_functor<spec::selu>();
  check_functor<spec::mish>();
  check_functor<spec::softplus>();
  check_functor<spec::exponential_functor>();
  check_functor<spec::absolute_value>();
  check_functor<spec::clip<Real{-1.5}, Real{2}>>();
}

TEST_CASE("values known in closed form") {
  CHECK(spec::relu::f(-1.0) == 0);
  CHECK(spec::relu::f(2.5) == 2.5);
  CHECK(spec::sigmoid::f(0.0) == 0.5);
  // Some constants, and the arguments of leaky ReLUs, are floats.
  CHECK(relative_error(spec::gelu::f(1.0), 0.8413447460685429) <= 1e-8);
  CHECK(relative_error(spec::hyperbolic_tangent_functor::f(0.5), 0.46211715726000973) <= 1e-8);
  CHECK(relative_error(spec::leaky_relu<Real{0.2}>::f(-2.0), -0.4) <= 3e-8);
  CHECK(relative_error(spec::gelu_tanh::f(1.0), 0.8411919906082768) <= 3e-8);
  CHECK(relative_error(spec::silu::f(1.0), 0.7310585786300049) <= 1e-15);
  CHECK(relative_error(spec::hard_swish::f(1.0), 2 / 3.0) <= 3e-8);
  CHECK(relative_error(spec::mish::f(1.0), 0.8650983882673103) <= 1e-15);
  CHECK(relative_error(spec::softplus::f(-1.0), 0.31326168751822286) <= 1e-15);
  CHECK(relative_error(spec::selu::f(-1.0), -1.1113307378125625) <= 3e-8);
  CHECK(spec::elu<>::f(-1.0) == std::exp(-1.0) - 1);
}

TEST_CASE("far from zero nothing overflows, and bounds hold") {
  for (const float x : {-1000.f, 1000.f}) {
    CAPTURE(x);
    const auto finite = [&]<class F>(F) {
      CAPTURE(F::name);
      const float y = F::f(x);
      CHECK(std::isfinite(y));
      CHECK(std::isfinite(F::df(F::needs == Needs::input ? x : y)));
      float lanes[core::simd::lanes];
      core::simd::storeu(lanes, F::f(core::simd::Vector(x)));
      CHECK(lanes[0] == doctest::Approx(y));
    };
    finite(spec::silu{}), finite(spec::mish{}), finite(spec::softplus{}), finite(spec::gelu_tanh{});
    finite(spec::elu<>{}), finite(spec::selu{}), finite(spec::hard_swish{}), finite(spec::hard_sigmoid{});
  }
  CHECK(spec::relu6::f(1000.f) == 6);
  CHECK(spec::relu6::df(6.f) == 0);
  CHECK(spec::clip<Real{-1.5}, Real{2}>::f(-3.f) == -1.5f);
  CHECK(spec::clip<Real{-1.5}, Real{2}>::df(2.f) == 1);  // as PyTorch's clamp
  CHECK(spec::absolute_value::df(0.f) == 0);
}

TEST_CASE("15 digits of a real argument count, and what has no more keeps its bits") {
  for (const double number : {0., 0.1, 0.3, 0.7, -0.4, 1., 6., 0.75, 1e-5, 1e-6, 123456.789, 1e-12, 2e9})
    CHECK(Real{number}.value == number);
  CHECK(0.7 / 5 != 0.14);
  CHECK(Real{0.7 / 5}.value == 0.14);
  CHECK(Real{1. / 3}.value == 0.333333333333333);
  CHECK(Real{-2. / 3}.value == -0.666666666666667);
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
