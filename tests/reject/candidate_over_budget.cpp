// SPDX-License-Identifier: MIT
// expect(gcc): the candidate width=4 is rejected: it has 5,616 MACs, 2,616 above the budget of 3,000; choose another
// expect(clang): rejected_candidate<.*candidate<'w', 'i', 'd', 't', 'h', '=', '4'>, .*exceeds<.*AtMost<.*Macs, 3000>>, .*value<5616>, .*margin<2616>>
#include <strata/experiment.hpp>

using namespace strata;
template <class P>
using Net = Network<Image<12, 12, 1>, Conv<3, P::number("width")>, ReLU, MaxPool<2>, Dense<3>, Softmax>;
using Widths = Sweep<Net, Axis<"width", 1, 2, 4>, AtMost<experiment::Macs, 3'000>>;
static_assert(Widths::survivors().size() == 2);

int main() { return int(parameters<experiment::candidate_of<Widths, "width=4">>); }
