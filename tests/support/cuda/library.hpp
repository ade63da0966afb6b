// SPDX-License-Identifier: MIT
// What tests ask of the library of the stand-in device, before the first model is made.
#pragma once

#include "graph_interpreter.hpp"

namespace strata::testing {

/// "", or why a form has no plan from now on. Empty: all have.
std::function<std::string(const cuda::GraphDescription&)>& graphs_refused();

/// How a graph is written before it is read and run: cuda::serialised, by cuDNN's front end; null: it is taken as it is described.
using GraphWriter = std::string (*)(const cuda::GraphDescription&);
GraphWriter& graph_writer();

}  // namespace strata::testing
