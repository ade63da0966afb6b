// SPDX-License-Identifier: MIT
// Signals as requests to stop: the work ends at its next step and saves what it has.
#pragma once

#include <signal.h>
#include <sys/types.h>
#include <time.h>

#include <atomic>
#include <cerrno>

namespace shared {

inline std::atomic<bool> stop_requested{false};
inline std::atomic<int> stop_signal{0};  ///< the first that asked; 0: none did
inline std::atomic<pid_t> helper{0};     ///< a child process that does the work; 0: none

namespace detail {

inline std::atomic<long> asked_at{0};  ///< milliseconds; when SIGINT or SIGTERM came first

/// A SIGINT or SIGTERM so soon after another is the same one: timeout(1) sends it to the program and to its group.
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
  const bool passed_on = info->si_code == SI_QUEUE;  // by a parent, which may have been asked together with us
  if ((signal == SIGINT || signal == SIGTERM) && !passed_on && is_second_request()) {
    if (const pid_t child = helper) ::kill(child, SIGKILL);
    ::signal(signal, SIG_DFL);
    ::raise(signal);  // ends the program when this function returns
    return;
  }
  int none = 0;
  stop_signal.compare_exchange_strong(none, signal);
  stop_requested = true;
  if (const pid_t child = helper) ::sigqueue(child, signal, {});
  errno = error;
}

}  // namespace detail

/// SIGINT (Ctrl-C), SIGTERM, SIGHUP (the terminal is gone), SIGPIPE (the reader of the output is gone) and SIGXCPU (the
/// time is up) ask to stop; who started the program with one of the last three ignored does not want that. A second
/// SIGINT or SIGTERM ends the program at once. A file that may not grow further is an error of the write, no signal.
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

/// The status that a program ends with after a request to stop.
inline int interrupted_status() {
  return 128 + stop_signal;
}

}  // namespace shared
