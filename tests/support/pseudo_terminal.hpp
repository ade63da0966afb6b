// SPDX-License-Identifier: MIT
// A terminal with a given number of columns, and what a program shows on it.
#pragma once

#include <doctest/doctest.h>

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

namespace strata::testing {

class PseudoTerminal {
 public:
  explicit PseudoTerminal(int columns) : ours_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    REQUIRE(ours_ >= 0);
    REQUIRE(::grantpt(ours_) == 0);
    REQUIRE(::unlockpt(ours_) == 0);
    path_ = ::ptsname(ours_);
    theirs_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);  // keeps it alive between programs
    REQUIRE(theirs_ >= 0);
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns), size.ws_row = 24;
    REQUIRE(::ioctl(ours_, TIOCSWINSZ, &size) == 0);
    reader_ = std::jthread([this](const std::stop_token& stop) {
      for (;;) {
        pollfd ready{ours_, POLLIN, 0};
        const int count = ::poll(&ready, 1, 20);
        char text[4096];
        const ssize_t size = count > 0 ? ::read(ours_, text, sizeof text) : 0;
        if (size > 0) shown_.append(text, std::size_t(size));
        else if (stop.stop_requested()) return;
      }
    });
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    end();
    ::close(theirs_), ::close(ours_);
  }

  const std::string& path() const { return path_; }
  /// Everything that was shown; stops reading.
  const std::string& end() {
    reader_.request_stop();
    if (reader_.joinable()) reader_.join();
    return shown_;
  }
  /// The contents of all lines, including those that were overwritten.
  std::vector<std::string> lines() {
    std::vector<std::string> out{""};
    for (const char c : end())
      if (c == '\r' || c == '\n') out.emplace_back();
      else out.back() += c;
    return out;
  }

 private:
  int ours_, theirs_ = -1;
  std::string path_, shown_;
  std::jthread reader_;
};

}  // namespace strata::testing
