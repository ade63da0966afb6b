// SPDX-License-Identifier: MIT
#pragma once

#include <time.h>

namespace strata {

/// Seconds of a clock that never jumps; its zero means nothing.
inline double clock_seconds() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

}  // namespace strata
