// SPDX-License-Identifier: MIT
// Local response normalization: y = x (k + alpha / size sum of x^2 over neighboring channels)^-beta, as four nodes.
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>
#include <strata/spec/real.hpp>

namespace strata::spec {

using namespace functions;

/// y = x^2.
struct square {
  static constexpr const char* name = "square";
  static constexpr auto needs = Needs::input;
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return x * x;
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    return x + x;
  }
};

/// y = (k + alpha x)^-beta, of x >= 0.
template <Real Alpha, Real Beta, Real K>
struct response {
  static constexpr const char* name = "response";
  static constexpr auto needs = Needs::input;
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return exponential(T(-float(Beta.value)) * logarithm(T(float(K.value)) + T(float(Alpha.value)) * x));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    return T(-float(Alpha.value * Beta.value)) *
           exponential(T(-float(Beta.value + 1)) * logarithm(T(float(K.value)) + T(float(Alpha.value)) * x));
  }
};

}  // namespace strata::spec

namespace strata {

namespace detail {

template <int Window, Real Alpha, Real Beta, Real K>
using response_of = spec::response<Real{Alpha.value / (Window < 1 ? 1 : Window)}, Real{Beta.value}, Real{K.value}>;

}  // namespace detail

/// Divides each element by a power of the squares around it, in `Window` channels.
/// y[c] = x[c] / (K + Alpha / Window sum of x[d]^2 over d = c - Window / 2 ... c + (Window - 1) / 2)^Beta (Krizhevsky
/// et al., 2012), as PyTorch's LocalResponseNorm. H x W x C -> H x W x C. Refuses a window below 1, an Alpha or Beta
/// below 0 and a K that is not positive.
template <int Window, Real Alpha = Real{1e-4}, Real Beta = Real{0.75}, Real K = Real{1}>
struct LocalResponseNorm {
  using functors = spec::type_list<spec::square, detail::response_of<Window, Alpha, Beta, K>>;
  static constexpr graph::Bound bound{4, 0, 1};
  static constexpr void spell(core::Text& out) {
    out << "LocalResponseNorm<" << Window;
    if (Alpha.value != 1e-4 || Beta.value != 0.75 || K.value != 1)
      out << ", " << Alpha.value << ", " << Beta.value << ", " << K.value;
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("LocalResponseNorm", &spell);
    const Shape in = b.shape(x);
    if (Window < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    const char* const wrong = !(Alpha.value >= 0)  ? "Alpha is below 0"
                              : !(Beta.value >= 0) ? "Beta is below 0"
                              : !(K.value > 0)     ? "K is not positive"
                                                   : nullptr;
    if (wrong) b.refuse(graph::Reason::number_out_of_range, &spell, in, {}, wrong);
    if (b.refused()) return x;
    const auto pointwise = [&](const void* functor, int value) {
      return b.add({.op = graph::Op::pointwise, .out = in, .epilogue = {.functor = b.functor(functor)}}, value);
    };
    using response = detail::response_of<Window, Alpha, Beta, K>;
    const int squares = pointwise(&detail::functor_tag<spec::square>, x);
    const core::Axis channels{.kernel = Window, .before = Window / 2, .after = (Window - 1) / 2};
    const int sums =
        b.add({.op = graph::Op::channel_window, .out = in, .window = {.rows = channels, .columns = {}}}, squares);
    const int values[] = {x, pointwise(&detail::functor_tag<response>, sums)};
    return b.join(graph::Op::scale, values, 2, in);
  }
};

}  // namespace strata
