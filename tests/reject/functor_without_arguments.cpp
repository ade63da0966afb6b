// SPDX-License-Identifier: MIT
// expect: strata: files could not distinguish this functor from other instances of its template; list its arguments in it
#include <strata/graph/hash.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using namespace strata::graph;

template <Real Low, int Steps>
struct stairs {
  static constexpr const char* name = "stairs";
  static constexpr auto needs = Needs::input;
  template <class T>
  static T f(T x) {
    return x;
  }
  template <class T>
  static T df(T) {
    return T(1.f);
  }
};

int main() { return int(structural_hash<Network<Image<4, 4, 1>, Pointwise<stairs<0.5, 3>>>>); }
