// SPDX-License-Identifier: MIT
// Signals as requests to stop: the work ends at its next step and saves its state.
#pragma once

#include <signal.h>
#include <sys/types.h>
#include <time.h>

#include <atomic>
#include <cerrno>

namespace shared {

inline std::atomic<bool> stop_requested{false};
inline std::atomic<int> stop_signal{0};  ///< the first signal that asked to stop; 0: none
inline std::atomic<pid_t> helper{0};     ///< a child process that does the work; 0: none

namespace detail {

inline std::atomic<long> asked_at{0};  ///< time of the first SIGINT or SIGTERM in milliseconds; 0: none

/// Milliseconds within which a second SIGINT or SIGTERM counts as the same request: timeout(1) signals both the program
/// and its process group.
inline constexpr long same_request = 50;

inline bool is_second_request() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const long milliseconds = long(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000 + 1;
  long first = 0;
  return !asked_at.compare_exchange_strong(first, milliseconds) && milliseconds - first > same_request;
}

inline void on_signal(int signal, siginfo_t* info, void*) {
  const int error = errno;
  const bool passed_on = info->si_code == SI_QUEUE;  // by the parent, which may have received the same request
  if ((signal == SIGINT || signal == SIGTERM) && !passed_on && is_second_request()) {
    if (const pid_t child = helper) ::kill(child, SIGKILL);
    ::signal(signal, SIG_DFL);
    ::raise(signal);  // terminates the program when this function returns
    return;
  }
  int none = 0;
  stop_signal.compare_exchange_strong(none, signal);
  stop_requested = true;
  if (const pid_t child = helper) ::sigqueue(child, signal, {});
  errno = error;
}

}  // namespace detail

/// Makes SIGINT (Ctrl-C), SIGTERM, SIGHUP (terminal closed), SIGPIPE (reader of the output gone) and SIGXCPU (CPU time
/// limit) requests to stop; one of the last three that was ignored when the program started stays ignored. A second
/// SIGINT or SIGTERM ends the program at once. SIGXFSZ is ignored: writing beyond the file size limit fails as a write.
inline void listen_for_interruption() {
  struct sigaction action {};
  action.sa_sigaction = detail::on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXCPU}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    const bool ignored = (before.sa_flags & SA_SIGINFO) == 0 && before.sa_handler == SIG_IGN;
    if (!ignored || signal == SIGINT || signal == SIGTERM) ::sigaction(signal, &action, nullptr);
  }
  ::signal(SIGXFSZ, SIG_IGN);
}

/// The exit status of a program after a request to stop.
inline int interrupted_status() { return 128 + stop_signal; }

}  // namespace shared
