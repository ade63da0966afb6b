// SPDX-License-Identifier: MIT
// A few bytes over TCP, each call with a moment at which it gives up.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/neutral_locale.hpp>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

namespace strata::dist {

using Moment = std::chrono::steady_clock::time_point;

class Socket {
 public:
  Socket() = default;
  explicit Socket(int handle) : handle_(handle) {}
  Socket(Socket&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Socket() {
    if (handle_ >= 0) ::close(handle_);
  }
  explicit operator bool() const { return handle_ >= 0; }

  /// A listening one at an address of this machine. Throws an Error where it cannot be.
  static Socket listening(const std::string& host, const std::string& port) {
    std::string why = "no address";
    for (const auto addresses = resolve(host, port, why); const addrinfo& a : Addresses{addresses.get()}) {
      Socket s(::socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC, a.ai_protocol));
      const int on = 1;
      if (s) ::setsockopt(s.handle_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      if (s && ::bind(s.handle_, a.ai_addr, a.ai_addrlen) == 0 && ::listen(s.handle_, 1024) == 0) return s;
      why = core::reason(errno);
    }
    throw Error("dist: process 0 cannot listen at ", host, ':', port, ": ", why, "; give STRATA_MEET an address of its machine and a free port");
  }

  /// A connected one; empty, with the reason, where nobody answers there now.
  static Socket connected(const std::string& host, const std::string& port, Moment end, std::string& why) {
    for (const auto addresses = resolve(host, port, why); const addrinfo& a : Addresses{addresses.get()}) {
      Socket s(::socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a.ai_protocol));
      if (!s) continue;
      int error = 0;
      socklen_t size = sizeof error;
      if (::connect(s.handle_, a.ai_addr, a.ai_addrlen) != 0) error = errno;
      if (error == EINPROGRESS) {
        error = ETIMEDOUT;
        if (s.ready(POLLOUT, end)) ::getsockopt(s.handle_, SOL_SOCKET, SO_ERROR, &error, &size);
      }
      if (error == 0) return s;
      why = core::reason(error);
    }
    return {};
  }

  /// Empty: nobody came.
  Socket accept(Moment end) const {
    if (!ready(POLLIN, end)) return {};
    return Socket(::accept4(handle_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  }

  bool send(const void* data, std::size_t size, Moment end) const {
    for (const char* at = static_cast<const char*>(data); size > 0;) {
      const ssize_t n = ready(POLLOUT, end) ? ::send(handle_, at, size, MSG_NOSIGNAL) : 0;
      if (n <= 0) return false;
      at += n, size -= std::size_t(n);
    }
    return true;
  }
  bool receive(void* data, std::size_t size, Moment end) const {
    for (char* at = static_cast<char*>(data); size > 0;) {
      const ssize_t n = ready(POLLIN, end) ? ::recv(handle_, at, size, 0) : 0;
      if (n <= 0) return false;
      at += n, size -= std::size_t(n);
    }
    return true;
  }

 private:
  /// A list of getaddrinfo's as a range.
  struct Addresses {
    struct Iterator {
      const addrinfo* at;
      const addrinfo& operator*() const { return *at; }
      void operator++() { at = at->ai_next; }
      bool operator!=(const Iterator& other) const { return at != other.at; }
    };
    const addrinfo* first;
    Iterator begin() const { return {first}; }
    Iterator end() const { return {nullptr}; }
  };
  struct Free {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
  };

  static std::unique_ptr<addrinfo, Free> resolve(const std::string& host, const std::string& port, std::string& why) {
    addrinfo wanted{}, *list = nullptr;
    wanted.ai_socktype = SOCK_STREAM;
    const core::NeutralLocale neutral;
    if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &list)) why = ::gai_strerror(error);
    return std::unique_ptr<addrinfo, Free>(list);
  }

  bool ready(short events, Moment end) const {
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count() + 1;
      pollfd p{handle_, events, 0};
      const int n = ::poll(&p, 1, left > 0 ? int(left < 1000 ? left : 1000) : 0);
      if (n > 0) return true;
      if (left <= 0 || (n < 0 && errno != EINTR)) return false;
    }
  }

  int handle_ = -1;
};

}  // namespace strata::dist
