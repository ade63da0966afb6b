// SPDX-License-Identifier: MIT
#include "fibers.hpp"

#include <utility>

namespace strata::testing::ptx {

namespace {
constexpr std::size_t stack_bytes = 128 << 10;
Fibers* entering = nullptr;  // makecontext passes only ints
}  // namespace

void Fibers::start(int count, std::function<void(int)> body) {
  body_ = std::move(body);
  while (int(fibers_.size()) < count) {
    fibers_.push_back(std::make_unique<Fiber>());
    fibers_.back()->stack.reset(new char[stack_bytes]);
  }
  for (int k = 0; k < count; k++) {
    Fiber& fiber = *fibers_[std::size_t(k)];
    ::getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = stack_bytes;
    fiber.context.uc_link = &home_;
    ::makecontext(&fiber.context, enter, 0);
  }
}

/// An exception may not leave the stack on which it was thrown: resume() throws it again.
void Fibers::enter() {
  Fibers& self = *entering;
  try {
    self.body_(self.running_);
  } catch (...) {
    self.thrown_ = std::current_exception();
  }
  self.fibers_[std::size_t(self.running_)]->state = ended;
}

int Fibers::resume(int k) {
  running_ = k;
  entering = this;
  Fiber& fiber = *fibers_[std::size_t(k)];
  ::swapcontext(&home_, &fiber.context);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return fiber.state;
}

void Fibers::wait(int reason) {
  Fiber& fiber = *fibers_[std::size_t(running_)];
  fiber.state = reason;
  ::swapcontext(&fiber.context, &home_);
}

}  // namespace strata::testing::ptx
