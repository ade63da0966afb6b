// SPDX-License-Identifier: MIT
// expect: strata: an argument of the sweep is neither an axis nor a budget; give Axis, TypeAxis, AtMost,
#include <strata/experiment/sweep.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
template <class P>
using Net = Network<Image<8, 8, 1>, Conv<3, P::number("width")>, Dense<3>, Softmax>;
using Widths = Sweep<Net, Axis<"width", 1, 2>, ReLU>;

int main() { return Widths::total; }
