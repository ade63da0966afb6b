// SPDX-License-Identifier: MIT
// expect(gcc): the_sweep_has_no_axis_of_numbers_with_this_name
// expect(recent clang): non-type template argument is not a constant expression
// expect(recent clang): P::number[(]"breadth"[)]
// expect(clang): P::number[(]"breadth"[)]
#include <strata/experiment/sweep.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
template <class P>
using Net = Network<Image<8, 8, 1>, Conv<3, P::number("breadth")>, Dense<3>, Softmax>;
using Widths = Sweep<Net, Axis<"width", 1, 2>>;

int main() { return int(parameters<Widths::network<0>>); }
