// SPDX-License-Identifier: MIT
#include <strata/graph/differentiate.hpp>
#include <strata/graph/fuse.hpp>
#include <strata/graph/rewrite.hpp>
#include <strata/graph/schedule.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "../support/graphs.hpp"

using namespace strata::graph;

namespace {
constexpr bool relu_reads_input[] = {false};

template <int Capacity>
constexpr auto training(const Graph<Capacity>& graph) {
  return differentiate<200>(fuse(rewrite<2 * Capacity>(graph, Mode::training), Mode::training), relu_reads_input);
}

/// Whether node i reads j as an input that it may overwrite.
template <int Capacity>
bool overwrites(const Plan<Capacity>& plan, int i, int j) {
  for (int k = 0; k < plan.nodes[i].inputs.count; k++)
    if (plan.nodes[i].inputs[k] == j && may_overwrite(plan.nodes[i], k)) return true;
  return false;
}

/// Checks that values of one storage that are alive at once do not overlap, and that every value lies inside its
/// storage.
template <int Capacity>
void check_places(const Plan<Capacity>& plan) {
  std::vector<int> last(plan.count);
  for (int i = 0; i < plan.count; i++) {
    last[i] = i == plan.result && plan.nodes[i].op != Op::loss ? plan.count : i;
    for (const int input : plan.nodes[i].inputs) last[input] = std::max(last[input], i);
  }
  for (int i = 0; i < plan.count; i++) {
    const Place& a = plan.places[i];
    const long storage_floats = a.storage == Storage::frame     ? plan.frame
                                : a.storage == Storage::scratch ? plan.scratch
                                                                : plan.fixed;
    if (a.storage == Storage::none) continue;
    CHECK(a.offset % 16 == 0);
    CHECK(a.offset + a.size <= storage_floats);
    CHECK(a.size >= plan.nodes[i].out.size());
    for (int j = 0; j < i; j++) {
      const Place& b = plan.places[j];
      if (b.storage != a.storage || (last[j] < i && a.storage != Storage::fixed)) continue;
      if (overwrites(plan, i, j) && last[j] == i && a.offset == b.offset && a.size == b.size) continue;
      CHECK((a.offset + a.size <= b.offset || b.offset + b.size <= a.offset));
    }
  }
}
}  // namespace

TEST_CASE("values that are alive at once do not overlap") {
  constexpr auto digits = training(digits_graph());
  constexpr auto branched = training(branched_graph());
  constexpr auto by_group = schedule(recompute<300>(digits), Layout{8, true});
  constexpr auto by_node = schedule(recompute<200>(digits, {.enabled = false}), Layout{});
  check_places(by_group);
  check_places(by_node);
  check_places(schedule(recompute<400>(branched), Layout{16, true}));
  check_places(schedule(recompute<200>(branched, {.enabled = false}), Layout{}));
}

TEST_CASE("by group, only what crosses phases is stored for every image") {
  constexpr auto plan = schedule(recompute<300>(training(digits_graph())), Layout{8, true});
  static_assert(plan.phases == 7);
  static_assert(plan.forward_phases == 4);
  // images 784, second and third convolution 3136 + 1568, and one slot for logits' gradients
  CHECK(plan.frame == 784 + 3136 + 1568 + 16);
  for (int i = 0; i < plan.count; i++)
    for (const int input : plan.nodes[i].inputs) {
      if (plan.places[input].storage == Storage::scratch) CHECK(plan.phase[input] == plan.phase[i]);
    }
}

TEST_CASE("inference by group needs no frame at all") {
  constexpr auto graph = fuse(rewrite<14>(digits_graph(), Mode::inference), Mode::inference);
  constexpr auto plan = schedule(recompute<14>(graph, {.enabled = false}), Layout{8, true});
  static_assert(plan.frame == 0);
  static_assert(plan.scratch == 784 + 1568);
  check_places(plan);
}

TEST_CASE("by node, a value takes the place of an input that dies with it") {
  constexpr auto graph = training(digits_graph());
  constexpr auto plan = schedule(in_order<200>(graph), Layout{});
  int taken = 0;
  for (int i = 0; i < plan.count; i++)
    if (plan.nodes[i].op == Op::normalize_input_gradient && !plan.nodes[i].epilogue.pools)
      taken += plan.places[i] == plan.places[plan.nodes[i].inputs.first()];
  CHECK(taken == 1);

  constexpr auto sums = [] {  // a chain of sums, each of the one before and a convolution of it
    Graph<12> g;
    int x = append(g, {.op = Op::input, .out = {4, 4, 16}, .buffers = 0}, -1);
    for (int k = 0; k < 4; k++) {
      const int skip = x;
      x = append(g, {.op = Op::convolution, .out = {4, 4, 16}, .window = window_3x3, .weights = 0}, x);
      x = append(g, {.op = Op::sum, .out = {4, 4, 16}}, x);
      g.nodes[x].inputs.add(Input::x, skip);
    }
    return schedule(in_order<12>(g), Layout{});
  }();
  check_places(sums);
  CHECK(sums.frame == 2 * 256);
}

TEST_CASE("a value that is read later, or twice by its last reader, keeps its place") {
  constexpr auto plan = [] {
    Graph<8> g;
    const int a = append(g, {.op = Op::input, .out = {4, 4, 16}, .buffers = 0}, -1);
    const int b = append(g, {.op = Op::pointwise, .out = {4, 4, 16}, .epilogue = {.functor = relu_functor}}, a);
    const int c = append(g, {.op = Op::sum, .out = {4, 4, 16}}, a);
    g.nodes[c].inputs.add(Input::x, a);
    const int d = append(g, {.op = Op::sum, .out = {4, 4, 16}}, b);
    g.nodes[d].inputs.add(Input::x, c);
    return schedule(in_order<8>(g), Layout{});
  }();
  check_places(plan);
  CHECK(plan.places[1].offset != plan.places[0].offset);
  CHECK(plan.places[2].offset != plan.places[0].offset);
  CHECK(plan.places[3].offset == plan.places[1].offset);
}

TEST_CASE("a sum takes no place but one of its first two inputs'") {
  constexpr auto plan = [](int inputs_alive) {  // a sum of three convolutions, the first of which are read again later
    Graph<8> g;
    const int x = append(g, {.op = Op::input, .out = {4, 4, 16}, .buffers = 0}, -1);
    int terms[3]{};
    for (int& term : terms)
      term = append(g, {.op = Op::convolution, .out = {4, 4, 16}, .window = window_3x3, .weights = 0}, x);
    int sum = append(g, {.op = Op::sum, .out = {4, 4, 16}}, terms[0]);
    g.nodes[sum].inputs.add(Input::x, terms[1]), g.nodes[sum].inputs.add(Input::x, terms[2]);
    const int later = append(g, {.op = Op::sum, .out = {4, 4, 16}}, sum);
    for (int k = 0; k < inputs_alive; k++) g.nodes[later].inputs.add(Input::x, terms[k]);
    return schedule(in_order<8>(g), Layout{});
  };
  for (const int alive : {0, 1, 2}) {
    const auto planned = plan(alive);
    check_places(planned);
    CAPTURE(alive);
    for (int k = 0; k < 3; k++) CHECK((planned.places[4] == planned.places[1 + k]) == (k == alive && k < 2));
  }
}
