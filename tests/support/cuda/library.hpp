// SPDX-License-Identifier: MIT
// The settings of the stand-in device's library. Set them before the first model is made.
#pragma once

#include "graph_interpreter.hpp"

namespace strata::testing {

/// Returns "", or why a form has no plan from now on. Empty: all forms have one.
std::function<std::string(const cuda::GraphDescription&)>& graphs_refused();

/// How a graph is written before it is read and run. cuda::serialized: by cuDNN's front end; null: the description is
/// run.
using GraphWriter = std::string (*)(const cuda::GraphDescription&);
GraphWriter& graph_writer();

}  // namespace strata::testing
