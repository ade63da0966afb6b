// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Pointwise<twice>, is given 8x8x4: the functor lacks a member [(]df[)]; declare it
// expect(clang): Reason::functor_lacks_a_member.*detail_is<'d', 'f'>
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
struct twice {
  static constexpr const char* name = "twice";
  static constexpr auto needs = Needs::output;
  template <class T>
  static T f(T x) {
    return x + x;
  }
};
using Net = Network<Image<8, 8, 4>, Pointwise<twice>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }
