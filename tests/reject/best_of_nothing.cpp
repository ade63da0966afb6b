// SPDX-License-Identifier: MIT
// expect: strata: the sweep has no candidate within its budgets; print.rejected<Sweep>... says why
#include <strata/experiment.hpp>

using namespace strata;
template <class P>
using Net = Network<Image<8, 8, 1>, Conv<3, P::number("width")>, Dense<3>, Softmax>;
using Widths = Sweep<Net, Axis<"width", 1, 2>, AtMost<experiment::Parameters, 3>>;

int main() { return int(parameters<best<Widths>>); }
