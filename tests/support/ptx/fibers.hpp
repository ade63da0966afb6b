// SPDX-License-Identifier: MIT
// The threads of a block whose kernel has barriers: each has a stack of its own and runs until it waits or ends.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include <ucontext.h>

namespace strata::testing::ptx {

class Fibers {
 public:
  static constexpr int ended = 0;

  /// Starts `count` threads; body(k) is the work of thread k, which may call wait().
  void start(int count, std::function<void(int)> body);
  /// Runs thread k until it waits or ends. Returns what it gave to wait(), or `ended`. Throws what it throws.
  int resume(int k);
  /// Called by a thread: returns to resume().
  void wait(int reason);

 private:
  struct Fiber {
    ucontext_t context{};
    std::unique_ptr<char[]> stack;
    int state = ended;
  };
  static void enter();

  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::function<void(int)> body_;
  ucontext_t home_{};
  int running_ = 0;
  std::exception_ptr thrown_;
};

}  // namespace strata::testing::ptx
