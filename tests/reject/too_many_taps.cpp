// SPDX-License-Identifier: MIT
// expect(gcc): layer 65, Tap<.+64.+>, is given 8x8x4: it is one Tap more than a network may have [(]64 is the limit[)]; remove it
// expect(clang): layer<'6', '5'>.*Reason::too_many_taps
#include <utility>

#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using namespace strata::core;

template <int Number>
constexpr FixedString<3> digits() {
  FixedString<3> text;
  text.text[0] = char('0' + Number / 10);
  text.text[1] = char('0' + Number % 10);
  return text;
}

template <int... I>
Network<Image<8, 8, 4>, Identity, Tap<digits<I>()>..., Concat<From<digits<I>()>...>, Dense<10>, Softmax> taps(
    std::integer_sequence<int, I...>);

using Net = decltype(taps(std::make_integer_sequence<int, 65>{}));

int main() { return int(parameters<Net>); }
