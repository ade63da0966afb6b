// SPDX-License-Identifier: MIT
// A web server for one test: loopback only, a port of the system's choice, one request at a time.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <strata/core/files/file.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <map>
#include <string>
#include <thread>

namespace strata::testing {

class HttpServer {
 public:
  explicit HttpServer(std::map<std::string, core::Bytes> files) : files_(std::move(files)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET, address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw Error("the server of the tests cannot listen: ", core::reason(errno));
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  HttpServer(const HttpServer&) = delete;
  ~HttpServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int requests() const { return requests_; }

  std::atomic<bool> cut_short = false;  ///< promise more bytes than are sent
  std::atomic<bool> chunked = false;    ///< do not say how many
  std::string redirect;                 ///< where all other requests are redirected to; empty: nowhere

 private:
  void serve() {
    for (;;) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      answer(connection);
      ::close(connection);
    }
  }
  void answer(int connection) {
    std::string request;
    char part[2048];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(connection, part, sizeof part, 0);
      if (got <= 0) return;
      request.append(part, std::size_t(got));
    }
    requests_++;
    const std::size_t begin = request.find(' ') + 1;
    const auto file = files_.find(request.substr(begin, request.find(' ', begin) - begin));
    const bool found = file != files_.end();
    const core::Bytes content = found ? file->second : core::Bytes{};
    if (!found && !redirect.empty()) {
      const std::string moved =
          "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: " + redirect + "\r\n\r\n";
      return send(connection, moved.data(), moved.size());
    }
    if (found && chunked) return send_in_chunks(connection, content);
    std::string head = found ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 404 Not Found\r\n";
    head +=
        "Connection: close\r\nContent-Length: " + std::to_string(content.size() + (cut_short ? 100 : 0)) + "\r\n\r\n";
    send(connection, head.data(), head.size());
    send(connection, content.data(), content.size());
  }
  static void send_in_chunks(int connection, const core::Bytes& content) {
    const std::string head = "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    send(connection, head.data(), head.size());
    for (std::size_t at = 0; at < content.size(); at += 0x1000) {
      const std::size_t size = std::min<std::size_t>(0x1000, content.size() - at);
      char length[20];
      const int digits = std::snprintf(length, sizeof length, "%zx\r\n", size);
      send(connection, length, std::size_t(digits));
      send(connection, content.data() + at, size);
      send(connection, "\r\n", 2);
    }
    send(connection, "0\r\n\r\n", 5);
  }
  static void send(int connection, const void* data, std::size_t size) {
    const char* at = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t sent = ::send(connection, at, size, MSG_NOSIGNAL);
      if (sent <= 0) return;
      at += sent, size -= std::size_t(sent);
    }
  }

  std::map<std::string, core::Bytes> files_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> requests_{0};
  std::jthread thread_;
};

}  // namespace strata::testing
