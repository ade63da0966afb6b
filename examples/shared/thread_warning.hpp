// SPDX-License-Identifier: MIT
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/threads/available_cores.hpp>

#include "processor.hpp"
#include "say.hpp"

namespace shared {

/// Prints a warning if there are more threads than cores available to this process.
inline void warn_of_threads(const char* program, const Processor& processor) {
  const int cores = strata::core::available_cores();
  if (processor.threads > cores)
    complain(program, strata::core::sentence("warning: --threads ", processor.threads, " is more than the ", cores,
                                             cores == 1 ? " core" : " cores",
                                             " this process may use, which is slower than --threads ", cores));
}

}  // namespace shared
