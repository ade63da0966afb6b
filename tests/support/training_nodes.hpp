// SPDX-License-Identifier: MIT
// A network's training graph by node after the last passes, before it is ordered and placed.
#pragma once

#include <strata/graph/plans.hpp>

namespace strata::graph {

template <class Net, PlanOptions Options = PlanOptions{}>
constexpr auto& nodes_of = training_graph_recomputed<Net, Options>;

}  // namespace strata::graph
