// SPDX-License-Identifier: MIT
#pragma once

#include <time.h>

namespace strata::core {

/// Seconds on a monotonic clock with an arbitrary origin.
inline double clock_seconds() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

}  // namespace strata::core
