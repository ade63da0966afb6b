// SPDX-License-Identifier: MIT
// The samples that begin_epoch() of a set announced, and which of them come next.
#pragma once

#include <cstdint>
#include <vector>

namespace strata::data {

/// An announced epoch. Threads that read ahead may read `order` while `position` moves.
struct Announced {
  std::vector<std::int32_t> order;  ///< the samples of the epoch
  int position = 0;                 ///< of the next one

  /// Begins an epoch of these n samples, each of which check(number) has let pass; none where it throws.
  template <class Check>
  void announce(const std::int32_t* numbers, int n, Check&& check) {
    *this = {};
    for (int i = 0; i < n; i++) check(numbers[i]);
    order.assign(numbers, numbers + n);
  }

  /// Whether these samples, or the first n where index is null, are the next ones; then position is that of the first.
  /// The first batch may lie anywhere in the epoch: a training that resumes from a checkpoint begins in the middle.
  bool finds(const std::int32_t* index, int n) {
    if (n <= 0) return false;
    if (matches(position, index, n)) return true;
    if (position > 0) return false;
    for (int at = 1; at + n <= int(order.size()); at++)
      if (matches(at, index, n)) {
        position = at;
        return true;
      }
    return false;
  }

 private:
  bool matches(int at, const std::int32_t* index, int n) const {
    if (at + n > int(order.size())) return false;
    for (int i = 0; i < n; i++)
      if (order[std::size_t(at + i)] != (index ? index[i] : i)) return false;
    return true;
  }
};

}  // namespace strata::data
