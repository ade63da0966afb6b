// SPDX-License-Identifier: MIT
// Assigns offsets to allocations. Each has a size, a birth and a death, and two that are alive at the same time never
// overlap. A few large allocations determine how much memory is needed. They are placed first, in one of several
// orders, each at the lowest free offset; the others follow in order of birth. Flat arrays and no library calls in the
// loops keep 800 nodes within the compilers' limits for constant evaluation.
#pragma once

#include <cstddef>

namespace strata::graph {

/// One allocation, in floats. Times are node numbers.
struct Allocation {
  long size = 0;
  int birth = 0, death = 0;  ///< both inclusive
  long offset = 0;

  constexpr long end() const { return offset + size; }
};

constexpr bool overlap_in_time(const Allocation& a, const Allocation& b) {
  return a.birth <= b.death && b.birth <= a.death;
}

/// Allocations in order of birth. No two have the same birth.
template <int Capacity>
struct Allocations {
  static constexpr int capacity = Capacity > 0 ? Capacity : 1;
  Allocation list[std::size_t(capacity)]{};
  int count = 0;

  constexpr int add(long size, int birth) {
    list[count] = {size, birth, birth};
    return count++;
  }
};

/// Which allocations are placed first: none, or the largest ones by size or by latest death.
enum class PlaceFirst : unsigned char { none, largest, latest_death };
inline constexpr int max_placed_first = 32;  ///< how many allocations are placed first, at most

/// The live allocations that were not placed first: a list sorted by offset and linked through arrays, so that no
/// elements move on a birth or a death.
template <int Capacity>
struct LiveAllocations {
  static constexpr int head = Capacity;
  int next[std::size_t(Capacity + 1)]{}, previous[std::size_t(Capacity + 1)]{};

  constexpr LiveAllocations() { next[head] = previous[head] = head; }
  constexpr void remove(int t) {
    next[previous[t]] = next[t];
    previous[next[t]] = previous[t];
  }
  constexpr void insert_after(int t, int after) {
    previous[t] = after, next[t] = next[after];
    previous[next[after]] = t, next[after] = t;
  }
};

/// The state and result of placing all allocations.
template <int Capacity>
struct Placement {
  Allocations<Capacity> allocations;
  int first[max_placed_first]{}, first_count = 0;  // those placed first, sorted by offset
  bool is_first[Allocations<Capacity>::capacity]{};
  LiveAllocations<Allocations<Capacity>::capacity> live{};
  long high_water = 0;

  /// Places the `max_placed_first` largest allocations: the largest first, or for latest_death the one that dies
  /// last first.
  constexpr void choose(PlaceFirst rule) {
    int chosen[max_placed_first]{}, count = 0;
    for (int t = 0; t < allocations.count; t++) {
      const long size = allocations.list[t].size;
      if (count == max_placed_first && allocations.list[chosen[count - 1]].size >= size) continue;
      int at = count < max_placed_first ? count++ : count - 1;
      for (; at > 0 && allocations.list[chosen[at - 1]].size < size; at--) chosen[at] = chosen[at - 1];
      chosen[at] = t;
    }
    if (rule == PlaceFirst::latest_death)
      for (int k = 1; k < count; k++) {
        const int t = chosen[k];
        int at = k;
        for (; at > 0 && allocations.list[chosen[at - 1]].death < allocations.list[t].death; at--)
          chosen[at] = chosen[at - 1];
        chosen[at] = t;
      }
    for (int k = 0; k < count; k++) place_first(chosen[k]);
  }

  /// Places t at the lowest free offset among those placed first.
  constexpr void place_first(int t) {
    Allocation& allocation = allocations.list[t];
    for (int k = 0; k < first_count; k++) {
      const Allocation& other = allocations.list[first[k]];
      if (!overlap_in_time(allocation, other)) continue;
      if (other.offset >= allocation.end()) break;
      if (other.end() > allocation.offset) allocation.offset = other.end();
    }
    int at = first_count++;
    for (; at > 0 && allocations.list[first[at - 1]].offset > allocation.offset; at--) first[at] = first[at - 1];
    first[at] = t;
    is_first[t] = true;
    if (allocation.end() > high_water) high_water = allocation.end();
  }

  /// Places t at the lowest free offset among the live allocations and those placed first whose lifetimes overlap its
  /// own.
  constexpr void place(int t) {
    const long size = allocations.list[t].size;
    long at = 0;
    int after = live.head;
    for (bool settled = false; !settled;) {
      for (int other = live.next[after]; other != live.head && allocations.list[other].offset < at + size;
           other = live.next[other]) {
        if (allocations.list[other].end() > at) at = allocations.list[other].end();
        after = other;
      }
      settled = true;
      for (int k = 0; k < first_count && allocations.list[first[k]].offset < at + size; k++) {
        const Allocation& other = allocations.list[first[k]];
        if (other.end() <= at || !overlap_in_time(allocations.list[t], other)) continue;
        at = other.end();
        settled = false;
      }
    }
    allocations.list[t].offset = at;
    live.insert_after(t, after);
    if (at + size > high_water) high_water = at + size;
  }
};

/// Places all allocations. Births and deaths are in [0, Capacity].
template <int Capacity>
constexpr Placement<Capacity> place(const Allocations<Capacity>& allocations, PlaceFirst rule) {
  Placement<Capacity> p{allocations};
  if (rule != PlaceFirst::none) p.choose(rule);
  int dying[std::size_t(Capacity + 2)]{},
      next_dying[std::size_t(Allocations<Capacity>::capacity)]{};  // linked lists by time of death; 0: end
  for (int t = 0; t < allocations.count; t++) {
    if (p.is_first[t]) continue;
    next_dying[t] = dying[allocations.list[t].death];
    dying[allocations.list[t].death] = t + 1;
  }
  for (int t = 0, now = 0; t < allocations.count; t++) {
    for (; now < allocations.list[t].birth; now++)
      for (int k = dying[now]; k != 0; k = next_dying[k - 1]) p.live.remove(k - 1);
    if (!p.is_first[t]) p.place(t);
  }
  return p;
}

}  // namespace strata::graph
