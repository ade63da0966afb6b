// SPDX-License-Identifier: MIT
// The subjects of a program, in the order in which its files declare them.
#pragma once

#include <strata/benchmark/subject.hpp>
#include <strata/core/error.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::benchmarks {

/// All subjects that were declared so far. Their addresses stay.
inline std::deque<Subject>& subjects() {
  static std::deque<Subject> all;
  return all;
}

/// Adds a subject. A second one of the same name replaces nothing: check_names() refuses the two.
inline void add(Subject subject) { subjects().push_back(std::move(subject)); }

/// Throws Error if there are no subjects, or two have one name.
inline void check_names() {
  if (subjects().empty()) throw Error("this program has no networks; add STRATA_BENCHMARK(Net); to one of its files");
  for (std::size_t i = 0; i < subjects().size(); i++)
    for (std::size_t k = 0; k < i; k++)
      if (subjects()[i].name() == subjects()[k].name())
        throw Error("two networks are named '", subjects()[i].network,
                    "'; give one of them another name: STRATA_BENCHMARK_NAMED(\"name\", Net);");
}

/// The subjects of a name, "digits/training", or of a network, "digits". Throws Error if there is none.
inline std::vector<const Subject*> find(std::string_view name) {
  std::vector<const Subject*> found;
  std::string names;
  for (const Subject& subject : subjects()) {
    if (subject.name() == name || subject.network == name) found.push_back(&subject);
    names += (names.empty() ? "" : ", ") + subject.name();
  }
  if (found.empty()) throw Error("there is no network '", std::string(name), "'; choose one of ", names);
  return found;
}

}  // namespace strata::benchmarks
