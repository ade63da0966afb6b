// SPDX-License-Identifier: MIT
// What a verdict says of one case.
#pragma once

#include <strata/benchmark/verdict.hpp>

#include <doctest/doctest.h>

#include <string>

namespace strata::testing {

inline benchmarks::Outcome outcome_of(const benchmarks::Verdict& v, const std::string& name) {
  for (const benchmarks::Change& c : v.cases)
    if (c.name == name) return c.outcome;
  FAIL("no case " << name);
  return {};
}

}  // namespace strata::testing
