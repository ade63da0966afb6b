// SPDX-License-Identifier: MIT
// What the next device's library is made with.
#pragma once

#include "graph_interpreter.hpp"

namespace strata::testing {

InterpreterOptions& library_options();

}  // namespace strata::testing
