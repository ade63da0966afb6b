// SPDX-License-Identifier: MIT
#include <strata/graph/differentiate.hpp>
#include <strata/graph/fuse.hpp>
#include <strata/graph/recompute.hpp>
#include <strata/graph/rewrite.hpp>

#include <doctest/doctest.h>

#include "../support/graphs.hpp"

using namespace strata::graph;

namespace {
constexpr bool relu_reads_input[] = {false};
constexpr auto digits =
    differentiate<100>(fuse(rewrite<28>(digits_graph(), Mode::training), Mode::training), relu_reads_input);
}  // namespace

TEST_CASE("a batch value starts a phase") {
  constexpr Phases<100> phases(digits);
  CHECK(phases.count == 7);  // three statistics forward, three reductions backward
}

TEST_CASE("the first convolution is recomputed in every phase that reads it, the others never") {
  constexpr auto phased = recompute<200>(digits);
  static_assert(well_formed(phased.graph));
  int first = 0, others = 0;
  for (int i = 0; i < phased.graph.count; i++) {
    if (phased.graph.nodes[i].op != Op::convolution) continue;
    (phased.graph.nodes[i].in.channels == 1 ? first : others)++;
  }
  CHECK(first == 4);
  CHECK(others == 2);
  for (int i = 1; i < phased.graph.count; i++) CHECK(phased.phase[i] >= phased.phase[i - 1]);
}

TEST_CASE("what crosses phases is stored or recomputed, and batch values are older than their readers") {
  constexpr auto phased = recompute<200>(digits);
  for (int i = 0; i < phased.graph.count; i++)
    for (const int input : phased.graph.nodes[i].inputs) {
      if (extent(phased.graph.nodes[input].op) == Extent::batch) CHECK(phased.phase[input] < phased.phase[i]);
      else if (phased.phase[input] < phased.phase[i]) CHECK_FALSE(is_cheap_by_group(phased.graph.nodes[input], {}));
    }
}

TEST_CASE("switched off it changes nothing") {
  constexpr auto phased = recompute<100>(digits, {.enabled = false});
  CHECK(phased.graph.count == digits.count);
  for (int i = 0; i < digits.count; i++) CHECK(phased.graph.nodes[i] == digits.nodes[i]);
}
