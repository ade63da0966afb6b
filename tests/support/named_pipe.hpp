// SPDX-License-Identifier: MIT
// A pipe into which a program writes its output, and which the test reads, leaves full, or closes.
#pragma once

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "temporary_folder.hpp"

namespace strata::testing {

class NamedPipe {
 public:
  NamedPipe() : path_(folder_ / "pipe") {
    REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
    reader_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader_ >= 0);
    capacity_ = ::fcntl(reader_, F_SETPIPE_SZ, 4096);
  }
  NamedPipe(const NamedPipe&) = delete;
  ~NamedPipe() { close(); }
  const std::string& path() const { return path_; }

  /// Waits, up to half a minute, until it holds `bytes`.
  void wait_for(int bytes) const {
    int held = 0;
    for (int i = 0; i < 3000 && ::ioctl(reader_, FIONREAD, &held) == 0 && held < bytes; i++)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(held >= bytes);
  }
  /// Waits until it is full and the process blocks on a line that does not fit.
  void wait_until_blocked(pid_t writer) const {
    wait_for(capacity_ - 200);
    for (int i = 0, asleep = 0; i < 3000 && asleep < 5; i++) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      const std::string state = read("/proc/" + std::to_string(writer) + "/stat");
      asleep = state.find(") S ") != std::string::npos ? asleep + 1 : 0;
    }
  }
  std::string take() const {
    char text[4096];
    const ssize_t size = ::read(reader_, text, sizeof text);
    return std::string(text, size > 0 ? std::size_t(size) : 0);
  }
  void close() {
    if (reader_ >= 0) ::close(reader_);
    reader_ = -1;
  }

 private:
  TemporaryFolder folder_;
  std::string path_;
  int reader_ = -1, capacity_ = 0;
};

}  // namespace strata::testing
