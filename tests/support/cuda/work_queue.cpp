// SPDX-License-Identifier: MIT
#include "work_queue.hpp"

#include <strata/core/error.hpp>

#include <algorithm>
#include <unordered_set>

namespace strata::testing::device {

namespace {

bool ready(const Work& w) {
  return !w.done && std::all_of(w.after.begin(), w.after.end(), [](const auto& before) { return before->done; }) &&
         (!w.may_run || w.may_run());
}

}  // namespace

void WorkQueue::begin(Order order, unsigned seed) {
  drop();
  order_ = order;
  random_.seed(seed);
}

void WorkQueue::add(std::shared_ptr<Work> work) { pending_.push_back(std::move(work)); }

void WorkQueue::perform(Work& work) {
  perform_(work);
  work.when = std::chrono::steady_clock::now();
  work.done = true;
  work.after.clear();
  work.body = nullptr;
}

void WorkQueue::settle() {
  rest_();
  pending_.remove_if([](const auto& w) { return w->done; });
}

void WorkQueue::finish_needed(const std::shared_ptr<Work>& target) {
  std::vector<std::shared_ptr<Work>> stack{target};
  while (!stack.empty()) {
    const std::shared_ptr<Work> top = stack.back();
    const std::size_t depth = stack.size();
    for (const auto& before : top->after)
      if (!before->done) stack.push_back(before);
    if (stack.size() > depth) continue;
    stack.pop_back();
    wait_for_others(*top);
    if (!top->done) perform(*top);
  }
}

/// Does other work until this work may be done.
void WorkQueue::wait_for_others(const Work& work) {
  while (!work.done && work.may_run && !work.may_run())
    if (!any_ready()) throw Error("the host waits for ", work.name, ", which waits for work that has not been queued");
}

bool WorkQueue::any_ready() {
  std::vector<Work*> choice;
  for (const auto& w : pending_)
    if (ready(*w)) choice.push_back(w.get());
  if (choice.empty()) return false;
  perform(*choice[random_() % choice.size()]);
  return true;
}

void WorkQueue::finish(const std::shared_ptr<Work>& target) {
  if (!target || target->done) return;
  if (order_ == Order::others_first) {
    std::unordered_set<const Work*> needed{target.get()};
    std::vector<const Work*> stack{target.get()};
    while (!stack.empty()) {
      const Work* top = stack.back();
      stack.pop_back();
      for (const auto& before : top->after)
        if (needed.insert(before.get()).second) stack.push_back(before.get());
    }
    const std::vector<std::shared_ptr<Work>> all(pending_.begin(), pending_.end());
    for (const auto& w : all)
      if (!needed.count(w.get()) && !w->done) finish_needed(w);
  } else if (order_ == Order::shuffled) {
    while (!target->done && any_ready()) {
    }
  }
  finish_needed(target);
  settle();
}

void WorkQueue::finish_all() {
  if (order_ == Order::shuffled)
    while (any_ready()) {
    }
  const std::vector<std::shared_ptr<Work>> all(pending_.begin(), pending_.end());
  for (const auto& w : all)
    if (!w->done) finish_needed(w);
  settle();
}

void WorkQueue::step(const std::shared_ptr<Work>& target) {
  std::shared_ptr<Work> at = target;
  while (at && !at->done) {
    const auto next =
        std::find_if(at->after.begin(), at->after.end(), [](const auto& before) { return !before->done; });
    if (next == at->after.end()) {
      if (!at->may_run || at->may_run()) perform(*at);
      else any_ready();
      break;
    }
    at = *next;
  }
  settle();
}

void WorkQueue::pass() {
  if (order_ != Order::shuffled || random_() % 2) return;
  any_ready();
  settle();
}

void WorkQueue::drop() {
  for (const auto& w : pending_) w->after.clear();  // takes long chains apart without recursion
  pending_.clear();
}

const std::string* WorkQueue::user_of(const Range& range) const {
  const char* begin = static_cast<const char*>(range.data);
  for (const auto& w : pending_)
    for (const Range& r : w->touches) {
      const char* at = static_cast<const char*>(r.data);
      if (at < begin + range.bytes && begin < at + std::max(r.bytes, 1L)) return &w->name;
    }
  return nullptr;
}

}  // namespace strata::testing::device
