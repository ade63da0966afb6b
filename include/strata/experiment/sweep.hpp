// SPDX-License-Identifier: MIT
// A sweep: a network's template, the axes that vary it, and the budgets that its candidates must keep. The compiler
// judges each candidate by one constant of its own, with no more of the plan than the budgets read.
#pragma once

#include <strata/core/at_least_one.hpp>
#include <strata/experiment/budget.hpp>
#include <strata/experiment/point.hpp>

#include <utility>

namespace strata::experiment {

/// A candidate within the budgets. Sweep::name(index) is its name.
struct Candidate {
  int index = -1;       ///< of the point in the grid
  long parameters = 0;  ///< numbers that training may change
  long macs = 0;        ///< multiply-adds per image
};

/// The candidates within the budgets, in the order of the grid.
template <int Count>
struct Candidates {
  Candidate rows[core::at_least_one(Count)]{};  ///< the first size() are used
  /// How many there are.
  static constexpr int size() { return Count; }
  constexpr const Candidate& operator[](int i) const { return rows[i]; }
  /// The first of them.
  constexpr const Candidate* begin() const { return rows; }
  /// After the last of them.
  constexpr const Candidate* end() const { return rows + Count; }
};

/// What the compiler decided about one point.
struct Judgment {
  static constexpr int accepted = -1;  ///< instead of an index: the point is within all budgets
  static constexpr int invalid = -2;   ///< instead of an index: the point is not a valid network
  int budget = accepted;               ///< index of the first budget that it exceeds, `accepted` or `invalid`
  long value = 0;                      ///< what it has of that budget's measure: a count, or bytes
  long parameters = 0;                 ///< numbers that training may change
  long macs = 0;                       ///< multiply-adds per image
};

namespace detail {

template <class... T>
struct List {};

using graph::detail::never;

template <class Axes>
struct GridOf;
template <class... A>
struct GridOf<List<A...>> {
  using type = Grid<A...>;
  template <int Index>
  using point = Point<Index, A...>;
};

/// The axes and the budgets among a sweep's arguments, in order.
template <class Axes, class Budgets, class... T>
struct Sorted;
template <class... A, class... B>
struct Sorted<List<A...>, List<B...>> {
  using axes = List<A...>;
  using budgets = List<B...>;
};
template <class... A, class... B, is_axis T, class... Rest>
struct Sorted<List<A...>, List<B...>, T, Rest...> : Sorted<List<A..., T>, List<B...>, Rest...> {};
template <class... A, class... B, is_budget T, class... Rest>
struct Sorted<List<A...>, List<B...>, T, Rest...> : Sorted<List<A...>, List<B..., T>, Rest...> {};
template <class... A, class... B, class T, class... Rest>
struct Sorted<List<A...>, List<B...>, T, Rest...> {
  static_assert(
      never<T>,
      "strata: an argument of the sweep is neither an axis nor a budget; give Axis, TypeAxis, AtMost, AtLeast or Satisfies");
};

/// Judges a network by the budgets in order, up to the first that it exceeds: what comes after is not computed.
template <class Net, class... Budget>
struct Judge;
template <class Net>
struct Judge<Net> {
  static constexpr Judgment by(int) {
    return {.parameters = declared_cost<Net>.parameters, .macs = declared_cost<Net>.macs};
  }
};
template <class Net, class First, class... Rest>
struct Judge<Net, First, Rest...> {
  static constexpr Judgment by(int budget) {
    constexpr long value = First::measure::template of<Net>();
    if constexpr (First::allows(value)) return Judge<Net, Rest...>::by(budget + 1);
    else return {budget, value, declared_cost<Net>.parameters, declared_cost<Net>.macs};
  }
};

template <class Net, class Budgets>
inline constexpr Judgment judgment{};
template <class Net, class... Budget>
inline constexpr Judgment judgment<Net, List<Budget...>> = [] {
  if constexpr (!declared_cost<Net>.valid) return Judgment{.budget = Judgment::invalid};
  else return Judge<Net, Budget...>::by(0);
}();

template <class S>
constexpr int count_accepted() {
  int count = 0;
  for (int i = 0; i < S::total; i++) count += S::judgment(i).budget == Judgment::accepted;
  return count;
}

template <class S>
inline constexpr auto survivors_of = [] {
  Candidates<count_accepted<S>()> out;
  for (int i = 0, next = 0; i < S::total; i++)
    if (S::judgment(i).budget == Judgment::accepted)
      out.rows[next++] = {i, S::judgment(i).parameters, S::judgment(i).macs};
  return out;
}();

}  // namespace detail

/// All combinations of the axes, put into the template `Net`, and what they may cost:
///
///     template <class P>
///     using Small = Network<Image<28, 28, 1>, Conv<3, P::number("width")>, ReLU, GlobalAvgPool, Dense<10>, Softmax>;
///     using Digits = Sweep<Small, Axis<"width", 8, 16, 32>, AtMost<experiment::Macs, 100'000>>;
///     static_assert(Digits::survivors().size() == 2);
///
/// Budgets are judged in the order in which they are written, up to the first that a candidate exceeds: put the cheap
/// ones (Parameters, Macs) first. An invalid network is rejected like one over budget. At most 20,000 points.
template <template <class> class Net, class... AxisOrBudget>
struct Sweep {
  /// The axes, in the order in which they are written.
  using axes = typename detail::Sorted<detail::List<>, detail::List<>, AxisOrBudget...>::axes;
  /// The budgets, in the order in which they are judged.
  using budgets = typename detail::Sorted<detail::List<>, detail::List<>, AxisOrBudget...>::budgets;
  /// All combinations of the axes, the last one changing first.
  using grid = typename detail::GridOf<axes>::type;
  static_assert(grid::size() <= 20'000, "strata: the sweep has more than 20,000 points; take values off its axes");

  static constexpr int total = int(grid::size());  ///< the number of points, rejected ones included
  /// What the template is given for a point.
  template <int Index>
  using point = typename detail::GridOf<axes>::template point<Index>;
  /// The network of a point, whatever the budgets say.
  template <int Index>
  using network = Net<point<Index>>;

  /// "width=8 depth=2"
  static constexpr core::Text name(int index) { return grid::name(index); }
  /// The index of the point with this name; -1: there is none.
  static constexpr int find(std::string_view name) { return grid::find(name); }

 private:
  template <class Sequence>
  struct Judged;
  template <int... I>
  struct Judged<std::integer_sequence<int, I...>> {
    static constexpr Judgment all[sizeof...(I)] = {detail::judgment<network<I>, budgets>...};
  };

 public:
  /// What the compiler decided about a point, 0 <= index < total.
  static constexpr const Judgment& judgment(int index) {
    return Judged<std::make_integer_sequence<int, total>>::all[index];
  }

  /// The candidates within all budgets. A file that does not call it, or contains(), judges nothing.
  static constexpr const auto& survivors() { return detail::survivors_of<Sweep>; }
  /// Whether the sweep has a candidate of this name within its budgets.
  static constexpr bool contains(std::string_view name) {
    return find(name) >= 0 && judgment(find(name)).budget == Judgment::accepted;
  }
};

}  // namespace strata::experiment

namespace strata {
using experiment::Sweep;
}  // namespace strata
