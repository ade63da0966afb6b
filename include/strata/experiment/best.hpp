// SPDX-License-Identifier: MIT
// The candidate of a sweep that the compiler itself can choose.
#pragma once

#include <strata/experiment/sweep.hpp>

namespace strata::experiment {

namespace detail {

template <class S, class Measure, int Row>
inline constexpr long value_of_row = Measure::template of<typename S::template network<S::survivors()[Row].index>>();

}  // namespace detail

/// The index of the candidate within the budgets that has the most of the measure; of equals, the first.
template <class S, class Measure = Macs>
inline constexpr int best_index = [] {
  constexpr int count = S::survivors().size();
  static_assert(count > 0, "strata: the sweep has no candidate within its budgets; print(rejected<Sweep>()) says why");
  return []<int... Row>(std::integer_sequence<int, Row...>) {
    constexpr long values[std::size_t(count + 1)] = {detail::value_of_row<S, Measure, Row>...};
    int best = 0;
    for (int i = 1; i < count; i++)
      if (values[i] > values[best]) best = i;
    return count > 0 ? S::survivors().rows[best].index : 0;
  }
  (std::make_integer_sequence<int, count>());
}();

/// The network within the budgets that has the most of the measure: Model<best<Digits>>. S::name(best_index<S>) is its
/// name.
template <class S, class Measure = Macs>
using best = typename S::template network<best_index<S, Measure>>;

}  // namespace strata::experiment

namespace strata {
using experiment::best;
}  // namespace strata
