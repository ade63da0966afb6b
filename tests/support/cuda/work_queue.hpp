// SPDX-License-Identifier: MIT
// Work that is queued and not yet done, with what it must wait for; nothing else orders it. The order is chosen, among
// the legal ones, so that missing waits in a program show.
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
  lazy,          ///< nothing is done before the host waits for it, and then only what that needs
  others_first,  ///< a wait does everything else first
  shuffled,      ///< any work that may be done, at any call; by Setup::seed
};

/// Memory that work touches.
struct Range {
  const void* data = nullptr;
  long bytes = 0;
};

struct Work {
  std::string name;  ///< "": only a mark, of an event or a join
  std::function<void()> body;
  std::vector<Range> touches;
  bool on_host = false;           ///< may not touch the device's memory
  bool counts = false;            ///< a kernel or a cuDNN graph
  std::shared_ptr<int> held;      ///< what a graph that contains the work holds on to; its launches do not
  std::function<bool()> may_run;  ///< called once everything before is done; false: waits for another device
  std::vector<std::shared_ptr<Work>> after;
  bool done = false;
  std::chrono::steady_clock::time_point when{};
};

class WorkQueue {
 public:
  /// `perform` runs the body of one piece of work; `rest` is called when nothing more runs for now.
  WorkQueue(std::function<void(Work&)> perform, std::function<void()> rest)
      : perform_(std::move(perform)), rest_(std::move(rest)) {}

  void begin(Order order, unsigned seed);
  void add(std::shared_ptr<Work> work);
  /// Does work until `target` is done.
  void finish(const std::shared_ptr<Work>& target);
  void finish_all();
  /// Does one piece of the work that `target` needs, so that polling makes progress.
  void step(const std::shared_ptr<Work>& target);
  /// Lets the device make progress by itself, where the order permits.
  void pass();
  /// Discards all work that is not done.
  void drop();
  /// The name of queued work that touches these bytes; null: there is none.
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
  std::list<std::shared_ptr<Work>> pending_;  ///< in order of arrival
};

}  // namespace strata::testing::device
