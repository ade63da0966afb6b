// SPDX-License-Identifier: MIT
// The candidates of a task as text in an object file: CMake compiles this file and reads the strings, without running
// anything, to know which programs to build. The runner reads the same lines.
#pragma once

#include <strata/experiment/sweep.hpp>
#include <strata/experiment/task.hpp>

namespace strata::experiment {

namespace detail {

/// "STRATA-CANDIDATE 17 2590 123456 width=8 depth=2": index, parameters, MACs, name. The reference has no index.
template <class S, int Row>
inline constexpr core::Text candidate_line = [] {
  const Candidate& c = S::survivors()[Row];
  core::Text line("STRATA-CANDIDATE ");
  return line << c.index << ' ' << c.parameters << ' ' << c.macs << ' ' << S::name(c.index);
}();

template <class Net>
inline constexpr core::Text reference_line = [] {
  core::Text line("STRATA-CANDIDATE reference ");
  return line << parameters<Net> << ' ' << macs<Net> << " reference";
}();

template <class Task>
constexpr const char* reference_text() {
  if constexpr (has_reference<Task>) return reference_line<typename Task::Reference>.text;
  else return "";
}

template <class Task>
inline constexpr core::Text task_line = [] {
  core::Text line("STRATA-SWEEP ");
  return line << Task::Candidates::total << ' ' << score_name<Task>();
}();

template <class Task, class Sequence>
struct Lines;
template <class Task, int... Row>
struct Lines<Task, std::integer_sequence<int, Row...>> {
  static constexpr const char* all[] = {task_line<Task>.text, reference_text<Task>(),
                                        candidate_line<typename Task::Candidates, Row>.text...};
};

}  // namespace detail

/// Points that are judged together by judged_part.
inline constexpr int points_in_part = 50;

/// True, once the compiler has judged the points from points_in_part * Part on. gcc frees what that took only after a
/// function, so a file that judges many candidates by their plans does it in parts, with a function after each: a third
/// of the memory.
template <class S, int Part>
inline constexpr bool judged_part = []<int... I>(std::integer_sequence<int, I...>) {
  constexpr auto judged = []<int Index>(std::integral_constant<int, Index>) {
    if constexpr (Index < S::total)
      return detail::judgment<typename S::template network<Index>, typename S::budgets>.macs;
    else return 0;
  };
  return ((judged(std::integral_constant<int, points_in_part * Part + I>{}) >= 0) && ...);
}
(std::make_integer_sequence<int, points_in_part>{});

/// The lines, for an array that the file keeps.
template <class Task>
using Listing = detail::Lines<Task, std::make_integer_sequence<int, Task::Candidates::survivors().size()>>;

}  // namespace strata::experiment
