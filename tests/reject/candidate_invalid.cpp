// SPDX-License-Identifier: MIT
// expect(gcc): the candidate pool=9 is rejected: layer 1, MaxPool<9>, is given 8x8x1: the window is larger than its input [(]9x9[)]
// expect(clang): layer<'1'>.*given<8, 8, 1>.*Reason::window_larger_than_input
#include <strata/graph/lower.hpp>

#include <strata/experiment.hpp>

using namespace strata;
template <class P>
using Net = Network<Image<8, 8, 1>, ReLU, MaxPool<P::number("pool")>, Dense<3>, Softmax>;
using Pools = Sweep<Net, Axis<"pool", 2, 9>>;
static_assert(Pools::survivors().size() == 1);

int main() { return int(parameters<experiment::candidate_of<Pools, "pool=9">>); }
