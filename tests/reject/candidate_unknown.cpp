// SPDX-License-Identifier: MIT
// expect(gcc): the sweep has no candidate .?'width=5.?'; its names have the form .?'width=1.?'
// expect(clang): has_no_candidate<'w', 'i', 'd', 't', 'h', '=', '5'>, .*but_for_example<'w', 'i', 'd', 't', 'h', '=', '1'>
#include <strata/experiment.hpp>

using namespace strata;
template <class P>
using Net = Network<Image<12, 12, 1>, Conv<3, P::number("width")>, ReLU, MaxPool<2>, Dense<3>, Softmax>;
using Widths = Sweep<Net, Axis<"width", 1, 2, 4>>;

int main() { return int(parameters<experiment::candidate_of<Widths, "width=5">>); }
