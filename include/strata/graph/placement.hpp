// SPDX-License-Identifier: MIT
// Assigns offsets to allocations. Each has a size, a birth and a death, and two that are alive at the same time never
// overlap. A few large allocations determine how much memory is needed. They are placed first, in one of several
// orders, each at the lowest free offset; the others follow in order of birth. Flat arrays and no library calls in the
// loops keep 800 nodes within the compilers' limits for constant evaluation.
#pragma once

namespace strata::graph {

/// One allocation, in floats. Times are node numbers.
struct Tenant {
  long size = 0;
  int birth = 0, death = 0;  ///< both inclusive
  long offset = 0;

  constexpr long end() const { return offset + size; }
};

constexpr bool alive_together(const Tenant& a, const Tenant& b) { return a.birth <= b.death && b.birth <= a.death; }

/// Allocations in order of birth. No two have the same birth.
template <int Capacity>
struct Tenants {
  static constexpr int capacity = Capacity > 0 ? Capacity : 1;
  Tenant list[capacity]{};
  int count = 0;

  constexpr int add(long size, int birth) {
    list[count] = {size, birth, birth};
    return count++;
  }
};

/// Which allocations are placed first: none, or the largest ones by size or by latest death.
enum class PlaceFirst : unsigned char { none, largest, longest_living };
inline constexpr int first_tenants = 32;  ///< how many allocations are placed first, at most

/// The live allocations that were not placed first: a list sorted by offset and linked through arrays, so that no
/// elements move on a birth or a death.
template <int Capacity>
struct Living {
  static constexpr int head = Capacity;
  int next[Capacity + 1]{}, previous[Capacity + 1]{};

  constexpr Living() { next[head] = previous[head] = head; }
  constexpr void remove(int t) {
    next[previous[t]] = next[t];
    previous[next[t]] = previous[t];
  }
  constexpr void insert_behind(int t, int after) {
    previous[t] = after, next[t] = next[after];
    previous[next[after]] = t, next[after] = t;
  }
};

/// The state and result of placing all allocations.
template <int Capacity>
struct Placement {
  Tenants<Capacity> tenants;
  int first[first_tenants]{}, first_count = 0;  // those placed first, sorted by offset
  bool is_first[Tenants<Capacity>::capacity]{};
  Living<Tenants<Capacity>::capacity> living{};
  long high_water = 0;

  /// Places the `first_tenants` largest allocations: the largest first, or for longest_living the one that dies last
  /// first.
  constexpr void choose(PlaceFirst rule) {
    int chosen[first_tenants]{}, count = 0;
    for (int t = 0; t < tenants.count; t++) {
      const long size = tenants.list[t].size;
      if (count == first_tenants && tenants.list[chosen[count - 1]].size >= size) continue;
      int at = count < first_tenants ? count++ : count - 1;
      for (; at > 0 && tenants.list[chosen[at - 1]].size < size; at--) chosen[at] = chosen[at - 1];
      chosen[at] = t;
    }
    if (rule == PlaceFirst::longest_living)
      for (int k = 1; k < count; k++) {
        const int t = chosen[k];
        int at = k;
        for (; at > 0 && tenants.list[chosen[at - 1]].death < tenants.list[t].death; at--) chosen[at] = chosen[at - 1];
        chosen[at] = t;
      }
    for (int k = 0; k < count; k++) place_first(chosen[k]);
  }

  /// Places t at the lowest free offset among those placed first.
  constexpr void place_first(int t) {
    Tenant& tenant = tenants.list[t];
    for (int k = 0; k < first_count; k++) {
      const Tenant& other = tenants.list[first[k]];
      if (!alive_together(tenant, other)) continue;
      if (other.offset >= tenant.end()) break;
      if (other.end() > tenant.offset) tenant.offset = other.end();
    }
    int at = first_count++;
    for (; at > 0 && tenants.list[first[at - 1]].offset > tenant.offset; at--) first[at] = first[at - 1];
    first[at] = t;
    is_first[t] = true;
    if (tenant.end() > high_water) high_water = tenant.end();
  }

  /// Places t at the lowest free offset among the live allocations and those placed first whose lifetimes overlap its
  /// own.
  constexpr void place(int t) {
    const long size = tenants.list[t].size;
    long at = 0;
    int after = living.head;
    for (bool stands = false; !stands;) {
      for (int other = living.next[after]; other != living.head && tenants.list[other].offset < at + size; other = living.next[other]) {
        if (tenants.list[other].end() > at) at = tenants.list[other].end();
        after = other;
      }
      stands = true;
      for (int k = 0; k < first_count && tenants.list[first[k]].offset < at + size; k++) {
        const Tenant& other = tenants.list[first[k]];
        if (other.end() <= at || !alive_together(tenants.list[t], other)) continue;
        at = other.end();
        stands = false;
      }
    }
    tenants.list[t].offset = at;
    living.insert_behind(t, after);
    if (at + size > high_water) high_water = at + size;
  }
};

/// Places all allocations. Births and deaths are in [0, Capacity].
template <int Capacity>
constexpr Placement<Capacity> place(const Tenants<Capacity>& tenants, PlaceFirst rule) {
  Placement<Capacity> p{tenants};
  if (rule != PlaceFirst::none) p.choose(rule);
  int dying[Capacity + 2]{}, also_dying[Tenants<Capacity>::capacity]{};  // linked lists by time of death; 0: end
  for (int t = 0; t < tenants.count; t++) {
    if (p.is_first[t]) continue;
    also_dying[t] = dying[tenants.list[t].death];
    dying[tenants.list[t].death] = t + 1;
  }
  for (int t = 0, now = 0; t < tenants.count; t++) {
    for (; now < tenants.list[t].birth; now++)
      for (int k = dying[now]; k != 0; k = also_dying[k - 1]) p.living.remove(k - 1);
    if (!p.is_first[t]) p.place(t);
  }
  return p;
}

}  // namespace strata::graph
