// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>

#include <atomic>

namespace shared {

inline std::atomic<bool> stop_requested{false};

/// The first Ctrl-C ends the work at its next step; the second ends the program.
inline void listen_for_interruption() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_requested = true; };
  action.sa_flags = int(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace shared
