// SPDX-License-Identifier: MIT
// Short messages over TCP; whatever waits has a deadline.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text/neutral_locale.hpp>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::dist {

using Moment = std::chrono::steady_clock::time_point;

/// Whether only this machine can reach the address: 127.0.0.0/8, also mapped to IPv6, or ::1.
inline bool is_loopback(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  if (address->sa_family != AF_INET6) return false;
  sockaddr_in6 v6;
  std::memcpy(&v6, address, sizeof v6);
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
         (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127);
}

/// Returns when one of the sockets is ready (its revents is set), or at `end`.
inline void wait_for_any(std::vector<pollfd>& sockets, Moment end) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count() + 1;
    const int n = ::poll(sockets.data(), nfds_t(sockets.size()), left > 0 ? int(left < 1000 ? left : 1000) : 0);
    if (n > 0) return;
    for (pollfd& p : sockets) p.revents = 0;
    if (left <= 0 || (n < 0 && errno != EINTR)) return;
  }
}

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
  pollfd to_read() const { return {handle_, POLLIN, 0}; }

  /// A socket that listens at an address of this machine. Throws Error where it cannot.
  static Socket listening(const std::string& host, const std::string& port, bool only_loopback) {
    std::string why = "no address";
    for (const auto addresses = resolve(host, port, why); const addrinfo& a : Addresses{addresses.get()}) {
      if (only_loopback) require_loopback(a, host, port);
      Socket s(::socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a.ai_protocol));
      const int on = 1;
      if (s) ::setsockopt(s.handle_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      if (s && ::bind(s.handle_, a.ai_addr, a.ai_addrlen) == 0 && ::listen(s.handle_, 1024) == 0) return s;
      why = core::reason(errno);
    }
    throw Error("dist: process 0 cannot listen on ", host, ':', port, ": ", why,
                "; give STRATA_MEET an address of its machine and a free port");
  }

  /// A connected socket; empty, with the reason in `why`, where nothing answers at the address now.
  static Socket connected(const std::string& host, const std::string& port, Moment end, bool only_loopback,
                          std::string& why) {
    for (const auto addresses = resolve(host, port, why); const addrinfo& a : Addresses{addresses.get()}) {
      if (only_loopback) require_loopback(a, host, port);
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

  /// The next pending connection; empty, with errno, where there is none.
  Socket accept() const { return Socket(::accept4(handle_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)); }

  /// Sends all of `data`; false where the other side is gone or `end` has come.
  bool send(std::string_view data, Moment end) const {
    while (!data.empty()) {
      if (!ready(POLLOUT, end)) return false;
      const ssize_t n = ::send(handle_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0) return false;
      data.remove_prefix(std::size_t(n));
    }
    return true;
  }
  /// Sends without waiting; false where not all of it fits.
  bool send_now(std::string_view data) const {
    return ::send(handle_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == ssize_t(data.size());
  }

  /// Receives `size` bytes; fewer where the other side is gone or `end` has come.
  std::string receive(std::size_t size, Moment end) const {
    std::string got;
    while (got.size() < size && ready(POLLIN, end) && receive_now(got, size)) {
    }
    return got;
  }
  /// Appends what has arrived, up to `size` bytes in all; false where nothing more will come.
  bool receive_now(std::string& got, std::size_t size) const {
    char part[512];
    while (got.size() < size) {
      const std::size_t left = size - got.size();
      const ssize_t n = ::recv(handle_, part, left < sizeof part ? left : sizeof part, MSG_DONTWAIT);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
      if (n <= 0) return false;
      got.append(part, std::size_t(n));
    }
    return true;
  }

  /// Makes the system notice within two minutes that the other machine has silently gone.
  void keep_alive() const {
    const int on = 1, idle = 60, interval = 15, count = 4;
    ::setsockopt(handle_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(handle_, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    ::setsockopt(handle_, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    ::setsockopt(handle_, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  }

 private:
  /// A list from getaddrinfo() as a range.
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
    wanted.ai_flags = AI_NUMERICSERV;
    const core::NeutralLocale neutral;
    if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &list)) why = ::gai_strerror(error);
    return std::unique_ptr<addrinfo, Free>(list);
  }
  static void require_loopback(const addrinfo& a, const std::string& host, const std::string& port) {
    if (!is_loopback(a.ai_addr))
      throw Error("dist: STRATA_MEET is ", host, ':', port,
                  ", which other machines may reach, and STRATA_SECRET is not set; give all processes the same "
                  "STRATA_SECRET (openssl rand -hex 32 makes one), or meet at 127.0.0.1");
  }

  bool ready(short events, Moment end) const {
    std::vector<pollfd> one{{handle_, events, 0}};
    wait_for_any(one, end);
    return one[0].revents != 0;
  }

  int handle_ = -1;
};

}  // namespace strata::dist
