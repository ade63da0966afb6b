// SPDX-License-Identifier: MIT
// A user's own activation, right and wrong.
#include <strata/reference/check_gradients.hpp>

#include <doctest/doctest.h>

using namespace strata;
using namespace strata::graph;
using namespace strata::reference;

namespace {

struct Square {
  static constexpr const char* name = "Square";
  static constexpr Needs needs = Needs::input;
  template <class T>
  static T f(T x) {
    return x * x;
  }
  template <class T>
  static T df(T x) {
    return x + x;
  }
};
struct WrongSquare : Square {
  static constexpr const char* name = "WrongSquare";
  template <class T>
  static T df(T x) {
    return x;
  }
};

}  // namespace

TEST_CASE("a right derivative passes, a wrong one is named") {
  CHECK(check_gradients<Pointwise<Square>>());
  const GradientCheck wrong = check_gradients<Pointwise<WrongSquare>>();
  CHECK(!wrong);
  CHECK(wrong.why.find("the gradient of 0.weight is ") == 0);
}

TEST_CASE("a batch norm that keeps its statistics is a fixed affine map") {
  using Net = Network<Image<6, 7, 3>, Named<"first", Conv<3, 4>>, Named<"norm", BatchNorm>, ReLU,
                      Named<"second", Conv<3, 4>>, Named<"last", BatchNorm>, Dense<3>, Softmax>;
  constexpr auto& net = lowered<Net>;
  std::vector<unsigned char> all(std::size_t(net.layer_count), 1), first = all;
  for (int l = 0; l < net.layer_count; l++) first[std::size_t(l)] = std::string(net.layers[l].path) == "norm";
  CHECK(reference::check_network<Net>(3, all.data()).why == "");
  CHECK(reference::check_network<Net>(3, first.data()).why == "");
}

TEST_CASE("layers of the language, alone and composed") {
  CHECK(check_gradients<BatchNorm>());
  CHECK(check_gradients<Residual<Sequential<Conv<3, 4>, BatchNorm, Pointwise<Square>>>>());
  CHECK(check_gradients<TransposedConv<2, 3, Stride<2>>, Image<3, 3, 1>>());
}
