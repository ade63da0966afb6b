// SPDX-License-Identifier: MIT
// The budgets of a sweep: what a candidate may cost, as constants.
#pragma once

#include <strata/experiment/measures.hpp>

namespace strata::experiment {

/// At most `Limit` of a measure: AtMost<Macs, 262'000>.
template <class Measure, long Limit>
struct AtMost {
  /// What is limited, such as Macs.
  using measure = Measure;
  static constexpr long limit = Limit;  ///< a count or bytes, as the measure says; this value itself is allowed
  static constexpr bool upper = true;   ///< the limit is the largest value, not the smallest
  /// The name of the measure.
  static constexpr const char* name() { return Measure::name; }
  /// Whether a candidate may have this much of the measure.
  static constexpr bool allows(long value) { return value <= limit; }
};

/// At least `Limit` of a measure.
template <class Measure, long Limit>
struct AtLeast {
  /// What is limited, such as Parameters.
  using measure = Measure;
  static constexpr long limit = Limit;  ///< a count or bytes, as the measure says; this value itself is allowed
  static constexpr bool upper = false;  ///< the limit is the smallest value, not the largest
  /// The name of the measure.
  static constexpr const char* name() { return Measure::name; }
  /// Whether a candidate may have this much of the measure.
  static constexpr bool allows(long value) { return value >= limit; }
};

namespace detail {

/// A predicate as a measure: 1 where it holds.
template <class Predicate>
struct Holds {
  static constexpr const char* name = Predicate::name;
  template <class Net>
  static constexpr long of() {
    return Predicate::template of<Net>() ? 1 : 0;
  }
};

}  // namespace detail

/// A condition of your own: a struct with `static constexpr const char* name`, such as "is square", and
/// `template <class Net> static constexpr bool of()`.
template <class Predicate>
struct Satisfies : AtLeast<detail::Holds<Predicate>, 1> {};

namespace detail {

template <class T>
concept is_budget = requires {
  typename T::measure;
  T::limit;
  T::upper;
};
template <class T>
inline constexpr bool is_predicate = false;
template <class Predicate>
inline constexpr bool is_predicate<Satisfies<Predicate>> = true;

}  // namespace detail
}  // namespace strata::experiment

namespace strata {
using experiment::AtLeast;
using experiment::AtMost;
using experiment::Satisfies;
}  // namespace strata
