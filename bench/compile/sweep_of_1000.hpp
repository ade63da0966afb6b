// SPDX-License-Identifier: MIT
// 1,000 candidates of digits size. With PLANNED, the memory of those within the first budget is planned too.
#pragma once

#include <strata/experiment.hpp>

using namespace strata;

template <class P>
using Net = Network<Image<28, 28, 1>, Conv<P::number("kernel"), P::number("first"), NoBias>, BatchNorm, ReLU,
                    MaxPool<2>, Conv<3, P::number("second"), NoBias>, BatchNorm, ReLU, MaxPool<2>,
                    Conv<3, P::number("third"), NoBias>, BatchNorm, ReLU, Dense<10>, Softmax>;

using Candidates =
    Sweep<Net, Axis<"kernel", 3, 5>, Axis<"first", 4, 5, 6, 7, 8>, Axis<"second", 4, 6, 8, 10, 12, 14, 16, 18, 20, 22>,
          Axis<"third", 4, 8, 12, 16, 20, 24, 28, 32, 36, 40>, AtMost<experiment::Macs, 500'000>
#ifdef PLANNED
          ,
          AtMost<experiment::ArenaBytes<>, 100'000>
#endif
          >;
