// SPDX-License-Identifier: MIT
// Why candidates are rejected: as a table, and as the compiler's error for a candidate that is asked for by name.
#pragma once

#include <strata/experiment/json_text.hpp>
#include <strata/experiment/sweep.hpp>
#include <strata/graph/summary.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace strata::experiment {

/// A budget without its types.
struct BudgetText {
  const char* name = "";   ///< of its measure, or of the condition
  long limit = 0;          ///< a count or bytes, as the measure says
  bool upper = true;       ///< the limit is the largest value, not the smallest
  bool predicate = false;  ///< it is a condition, without a value

  /// By how much a value is out of the budget.
  constexpr long margin(long value) const { return upper ? value - limit : limit - value; }
};

namespace detail {

template <class Budgets>
struct BudgetTexts;
template <class... B>
struct BudgetTexts<List<B...>> {
  static constexpr BudgetText all[sizeof...(B) + 1] = {{B::name(), B::limit, B::upper, is_predicate<B>}...,
                                                       BudgetText{}};
};

template <class S>
constexpr BudgetText budget_of(int i) {
  return BudgetTexts<typename S::budgets>::all[i];
}

/// The budget with this position in a list.
template <int I, class Budgets>
struct BudgetAt;
template <int I, class... B>
struct BudgetAt<I, List<B...>> {
  using type = std::tuple_element_t<std::size_t(I), std::tuple<B...>>;
};

/// 262000 as 262,000.
constexpr core::Text grouped(long value) {
  core::Text plain, out;
  plain << (value < 0 ? -value : value);
  if (value < 0) out << '-';
  for (int i = 0; i < plain.size; i++) {
    if (i > 0 && (plain.size - i) % 3 == 0) out << ',';
    out << plain.text[i];
  }
  return out;
}

/// "strata: the candidate width=64 is rejected: it has 1,204,224 MACs, 942,224 above the budget of 262,000; ..."
constexpr core::Text rejection_sentence(const core::Text& name, const Judgment& judgment, const BudgetText& budget) {
  core::Text out("strata: the candidate ");
  out << name << " is rejected: ";
  if (budget.predicate) {
    out << "it does not satisfy '" << budget.name << "'; choose another candidate, or change the condition";
  } else {
    out << "it has " << grouped(judgment.value) << ' ' << budget.name << ", " << grouped(budget.margin(judgment.value))
        << (budget.upper ? " above" : " below") << " the budget of " << grouped(budget.limit)
        << "; choose another candidate, or change the budget";
  }
  return out;
}

/// "strata: the candidate kernel=9 is rejected: layer 3, MaxPool<5>, is given 4x4x16: ..."
constexpr core::Text invalid_sentence(const core::Text& name, const graph::Verdict& verdict) {
  core::Text out("strata: the candidate ");
  out << name << " is rejected: ";
  const core::Text why = graph::sentence(verdict);
  return out << why.text + 8;  // without its own "strata: "
}

/// "strata: the sweep has no candidate 'width=5'; names have the form 'width=8 depth=1'"
constexpr core::Text unknown_sentence(const char* name, const core::Text& first) {
  core::Text out("strata: the sweep has no candidate '");
  return out << name << "'; its names have the form '" << first << '\'';
}

}  // namespace detail

// --- the sentence as types, for clang
/// The candidate's name, character by character.
template <char...>
struct candidate;
/// The budget that it is out of.
template <class Budget>
struct exceeds;
/// What it has of the budget's measure.
template <long>
struct value;
/// By how much that is out of the budget.
template <long>
struct margin;
/// The name for which the sweep has no candidate, character by character.
template <char...>
struct has_no_candidate;
/// A name that the sweep has.
template <char...>
struct but_for_example;

namespace detail {

template <class What, class Why, class... More>
struct rejected_candidate {
  static_assert(
      never<What>,
      "strata: the candidate is rejected: the types say which, by which budget, its value, and by how much it is out of the budget");
};
/// For gcc, as graph/reject.hpp does for a network.
template <core::FixedString Sentence>
void candidate_is_rejected() = delete;
template <core::FixedString Sentence>
struct refused_candidate {
  using Said = decltype(candidate_is_rejected<Sentence>());
  static constexpr bool said = true;
};

/// The index of a candidate of S. Does not compile, in one sentence, if S rejects it or has none of this name.
template <class S, core::FixedString Name>
consteval int accepted_index() {
  constexpr int index = S::find(Name.text);
#if defined(__clang__) && !(defined(__cpp_static_assert) && __cpp_static_assert >= 202306L)
  if constexpr (index < 0) {
    constexpr auto what = graph::detail::characters<has_no_candidate>([] { return core::Text(Name.text); });
    constexpr auto form = graph::detail::characters<but_for_example>([] { return S::name(0); });
    using What = typename decltype(what)::type;
    using Form = typename decltype(form)::type;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): it completes the type, whose assertion fails
    static_assert(sizeof(rejected_candidate<What, Form>) > 0);
  } else if constexpr (S::judgment(index).budget == Judgment::invalid) {
    using Net = typename S::template network<index>;
    static_assert(graph::detail::accept<graph::detail::LoweringOf<Net>>());
  } else if constexpr (S::judgment(index).budget != Judgment::accepted) {
    constexpr Judgment judgment = S::judgment(index);
    constexpr auto what = graph::detail::characters<candidate>([] { return core::Text(Name.text); });
    using What = typename decltype(what)::type;
    using Budget = typename BudgetAt<judgment.budget, typename S::budgets>::type;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): it completes the type, whose assertion fails
    static_assert(sizeof(rejected_candidate<What, exceeds<Budget>, value<judgment.value>,
                                            margin<budget_of<S>(judgment.budget).margin(judgment.value)>>) > 0);
  }
#else
  constexpr auto sentence = [] {
    if constexpr (index < 0) return unknown_sentence(Name.text, S::name(0));
    else if constexpr (S::judgment(index).budget == Judgment::accepted) return core::Text();
    else if constexpr (S::judgment(index).budget == Judgment::invalid)
      return invalid_sentence(S::name(index), declared_verdict<typename S::template network<index>>);
    else return rejection_sentence(S::name(index), S::judgment(index), budget_of<S>(S::judgment(index).budget));
  };
  if constexpr (index < 0 || S::judgment(index).budget != Judgment::accepted) {
#if defined(__cpp_static_assert) && __cpp_static_assert >= 202306L
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpre-c++26-compat"
#pragma clang diagnostic ignored "-Wc++26-extensions"
#endif
    static_assert(false, graph::detail::Message{sentence()});
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
#else
    static_assert(refused_candidate<core::fixed_text(sentence)>::said);
#endif
  }
#endif
  return index < 0 ? 0 : index;
}

}  // namespace detail

/// The network of the candidate with this name: candidate_of<Digits, "width=8 depth=2">. A rejected or unknown one does
/// not compile, in one sentence.
template <class S, core::FixedString Name>
using candidate_of = typename S::template network<detail::accepted_index<S, Name>()>;

/// One rejected candidate.
struct Rejection {
  std::string name;        ///< of the candidate: "width=8 depth=2"
  std::string budget;      ///< "at most 262,000 MACs", or a condition's name; empty: the network is invalid
  bool predicate = false;  ///< the budget is a condition: it has no value and no margin
  long value = 0;          ///< what it has of the measure, in the unit of the measure: a count, or bytes
  long margin = 0;         ///< by how much that is out of the budget, in the same unit, > 0
  std::string sentence;    ///< the same in one sentence
};

/// The rejected candidates of a sweep.
struct Rejections {
  int total = 0;                ///< the number of points of the sweep
  std::vector<Rejection> rows;  ///< in the order of the grid
};

namespace detail {

template <class S, int I>
constexpr const graph::Verdict* verdict_of() {
  if constexpr (S::judgment(I).budget == Judgment::invalid) return &declared_verdict<typename S::template network<I>>;
  else return nullptr;
}

inline std::string described(const BudgetText& budget) {
  if (budget.predicate) return budget.name;
  return (budget.upper ? "at most " : "at least ") + std::string(grouped(budget.limit).text) + " " + budget.name;
}

inline Rejection rejection(const core::Text& name, const Judgment& judgment, const BudgetText* budgets,
                           const graph::Verdict* verdict) {
  if (verdict) return {name.text, "", false, 0, 0, invalid_sentence(name, *verdict).text};
  const BudgetText& budget = budgets[judgment.budget];
  return {name.text,
          described(budget),
          budget.predicate,
          judgment.value,
          budget.margin(judgment.value),
          rejection_sentence(name, judgment, budget).text};
}

}  // namespace detail

/// Each rejected candidate of the sweep, with the budget, its value and the margin; print(rejected<Digits>()) shows
/// them.
template <class S>
Rejections rejected() {
  Rejections out{S::total, {}};
  constexpr auto verdicts = []<int... I>(std::integer_sequence<int, I...>) {
    struct {
      const graph::Verdict* of[S::total];
    } all{{detail::verdict_of<S, I>()...}};
    return all;
  }
  (std::make_integer_sequence<int, S::total>());
  for (int i = 0; i < S::total; i++)
    if (S::judgment(i).budget != Judgment::accepted)
      out.rows.push_back(
          detail::rejection(S::name(i), S::judgment(i), detail::BudgetTexts<typename S::budgets>::all, verdicts.of[i]));
  return out;
}

/// The rejections as a table, and how many candidates are left.
inline std::string to_text(const Rejections& rejections) {
  const auto grouped = graph::detail::grouped;
  std::vector<std::string> cells{"candidate", "budget", "value", "margin"};
  for (const Rejection& row : rejections.rows) {
    cells.push_back(row.name);
    if (row.budget.empty()) {
      const std::size_t why = row.sentence.find(" is rejected: ");
      cells.insert(cells.end(), {"invalid: " + row.sentence.substr(why + 14), "", ""});
    } else if (row.predicate) {
      cells.insert(cells.end(), {"not: " + row.budget, "", ""});
    } else {
      cells.insert(cells.end(), {row.budget, grouped(row.value), "+" + grouped(row.margin)});
    }
  }
  std::vector<std::string> sentences;  // longer than their column
  for (std::size_t i = 1; i < cells.size(); i += 4)
    if (cells[i].starts_with("invalid: ")) sentences.push_back(std::exchange(cells[i], std::string(1, '\0')));
  std::string out = detail::aligned(cells, 4, 2);
  for (const std::string& sentence : sentences) out.replace(out.find('\0'), 1, sentence);
  const long left = rejections.total - long(rejections.rows.size());
  return out + "\n" + grouped(left) + " of " + grouped(rejections.total) + " candidates are within the budgets\n";
}

/// Prints the table: print(rejected<Digits>()).
inline void print(const Rejections& rejections, std::FILE* out = stdout) {
  std::fputs(to_text(rejections).c_str(), out);
}

}  // namespace strata::experiment

namespace strata {
using experiment::print;
using experiment::rejected;
using experiment::to_text;
}  // namespace strata
