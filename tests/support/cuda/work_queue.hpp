// SPDX-License-Identifier: MIT
// Work that was queued and not yet done, with what it has to wait for; nothing else orders it. Which of the legal orders is taken
// is chosen so that what a program forgot to wait for goes wrong.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace strata::testing::device {

enum class Order {
  lazy,          ///< nothing is done before somebody waits for it, and then only what that needs
  others_first,  ///< who waits gets everything else done before
  shuffled,      ///< any work that may be done, whenever something is called; by Setup::seed
};

/// Memory that work touches.
struct Range {
  const void* data = nullptr;
  long bytes = 0;
};

struct Work {
  std::string name;            ///< "": only a mark, of an event or a join
  std::function<void()> body;
  std::vector<Range> touches;
  bool on_host = false;        ///< may not touch the device's memory
  bool counts = false;         ///< a kernel or a cuDNN graph
  std::function<bool()> may_run;  ///< asked once everything before it is done, while it says no: it waits for another device
  std::vector<std::shared_ptr<Work>> after;
  bool done = false;
  std::chrono::steady_clock::time_point when{};
};

class WorkQueue {
 public:
  /// `perform` does the body of one piece of work; `rest` is called when nothing more runs for now.
  WorkQueue(std::function<void(Work&)> perform, std::function<void()> rest)
      : perform_(std::move(perform)), rest_(std::move(rest)) {}

  void begin(Order order, unsigned seed);
  void add(std::shared_ptr<Work> work);
  /// Until `target` is done.
  void finish(const std::shared_ptr<Work>& target);
  void finish_all();
  /// One piece of what `target` needs, so that whoever polls gets on.
  void step(const std::shared_ptr<Work>& target);
  /// A moment at which the device may get on by itself.
  void pass();
  /// Forgets everything that was not done.
  void drop();
  /// The name of queued work that touches these bytes; null: none does.
  const std::string* user_of(const Range& range) const;

 private:
  void perform(Work& work);
  void finish_needed(const std::shared_ptr<Work>& target);
  bool any_ready();
  void wait_for_others(const Work& work);
  void settle();

  std::function<void(Work&)> perform_;
  std::function<void()> rest_;
  Order order_ = Order::lazy;
  std::mt19937 random_;
  std::list<std::shared_ptr<Work>> pending_;  ///< as they came
};

}  // namespace strata::testing::device
