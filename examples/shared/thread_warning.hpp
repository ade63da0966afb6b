// SPDX-License-Identifier: MIT
#pragma once

#include <strata/core/available_cores.hpp>
#include <strata/core/error.hpp>

#include "processor.hpp"
#include "say.hpp"

namespace shared {

/// Says it where more threads are asked for than this process has cores.
inline void warn_of_threads(const char* program, const Processor& processor) {
  const int cores = strata::available_cores();
  if (processor.threads > cores)
    complain(program, strata::sentence("warning: --threads ", processor.threads, " is more than the ", cores,
                                       cores == 1 ? " core" : " cores",
                                       " this process may use, which is slower than --threads ", cores));
}

}  // namespace shared
