// SPDX-License-Identifier: MIT
// What the library of the stand-in device refuses: for tests of fall-backs.
#pragma once

#include "graph_interpreter.hpp"

namespace strata::testing {

/// "", or why a form has no plan from now on. Empty: all have.
std::function<std::string(const cuda::GraphDescription&)>& graphs_refused();

}  // namespace strata::testing
