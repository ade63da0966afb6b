// SPDX-License-Identifier: MIT
// The program of a predictor: inference of one image on one thread, in as little memory as possible. A node's workspace
// is placed among the values that are alive while it runs, where other programs have one after the values for each
// thread. A convolution may overwrite the residual that it adds, and some overwrite their input, in a workspace for
// rows that are finished but still read, if that saves memory. On a machine without vectors, which reads and writes
// floats wherever they are, images and results may stay in the caller's memory.
#pragma once

#include <strata/core/at_least_one.hpp>
#include <strata/core/divide.hpp>
#include <strata/cpu/nhwc/inference_of.hpp>
#include <strata/graph/placement.hpp>
#include <strata/graph/schedule.hpp>

#include <algorithm>

namespace strata::cpu::nhwc {

/// What has no place in the program's memory, because it is in the caller's.
struct AtCaller {
  bool image = false, result = false;
};

/// Where the values of a plan are, and the workspaces of its nodes.
template <int Capacity>
struct SoloMemory {
  graph::Place places[core::at_least_one(Capacity)]{};
  long workspaces[core::at_least_one(Capacity)]{};
  long floats = 0;
};

/// How values and workspaces are placed: as graph::place does, or from both ends.
enum class PlaceSolo : unsigned char { in_order, largest_first, latest_first, from_both_ends };
inline constexpr int most_from_both_ends = 128;  ///< allocations: the steps grow with their square

/// Places the allocations in order of birth, at the lowest and the highest free offset in turn, in as much memory as is
/// alive at once: that suits a chain of values. Returns that memory, or -1 if not all fit.
template <int Capacity>
constexpr long place_from_both_ends(graph::Allocations<Capacity>& all) {
  long most = 0;
  for (int t = 0; t < all.count; t++) {
    long alive = 0;
    for (int u = 0; u <= t; u++) alive += graph::overlap_in_time(all.list[u], all.list[t]) ? all.list[u].size : 0;
    most = std::max(most, alive);
  }
  for (int t = 0; t < all.count; t++) {
    graph::Allocation& placed = all.list[t];
    const bool low = t % 2 == 0;
    placed.offset = low ? 0 : most - placed.size;
    for (int u = 0; u < t; u++) {
      const graph::Allocation& other = all.list[u];
      if (!graph::overlap_in_time(placed, other) || other.offset >= placed.end() || other.end() <= placed.offset)
        continue;
      placed.offset = low ? other.end() : other.offset - placed.size;
      u = -1;  // others that were passed may be in the way there
    }
    if (placed.offset < 0 || placed.end() > most) return -1;
  }
  return most;
}

/// An input that the value of a node may overwrite beyond those of graph::overwritten, and the workspace for that.
struct Overwriting {
  int input = -1;
  long floats = 0;
};
constexpr Overwriting overwriting_of(const Node& node, Algorithm algorithm, bool inputs) {
  if (algorithm == Algorithm::direct && may_overwrite_residual(node))
    return {node.inputs[Input::residual], overwriting_workspace(node)};
  const long row = long(node.out.width) * node.out.channels;
  if (inputs && algorithm == Algorithm::direct && depthwise_may_overwrite(node))
    return {node.inputs[Input::x], overwriting_rows(node) * row};
  if (inputs && algorithm == Algorithm::fixed_shape && node.op == Op::convolution &&
      fixed_shape::convolution_key(node, algorithm).may_overwrite())
    return {node.inputs[Input::x], row};
  return {};
}

/// Places values and workspaces. Table::of(plan, chosen, i).workspace(node): the floats of a node's workspace.
/// overwrites: convolutions may overwrite their inputs, which takes longer.
template <class Table, class Plan, class Chosen>
constexpr SoloMemory<Plan::capacity> place_solo(const Plan& plan, const Chosen& chosen, AtCaller caller, PlaceSolo rule,
                                                bool overwrites) {
  constexpr std::size_t nodes = core::at_least_one(Plan::capacity);
  SoloMemory<Plan::capacity> memory;
  int last_use[nodes]{}, value[nodes]{}, workspace[nodes]{};
  for (int i = 0; i < plan.count; i++) {
    last_use[i] = i, value[i] = workspace[i] = -1;
    for (const int input : plan.nodes[i].inputs) last_use[input] = i;
  }
  for (int head = 0; head < graph::result_count(plan); head++) last_use[graph::result_of(plan, head)] = plan.count;
  graph::Allocations<2 * int(nodes)> all;
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    long floats = Table::of(plan, chosen, i).workspace(node);
    const bool is_at_caller = i == plan.result ? caller.result : node.op == Op::input && caller.image;
    if (plan.places[i].storage == graph::Storage::frame && !is_at_caller && chosen.of[i] != Algorithm::skipped) {
      int reused = graph::overwritten(plan.nodes, i, last_use);
      const Overwriting other = overwriting_of(node, chosen.of[i], overwrites);
      if (reused < 0 && other.input >= 0 && last_use[other.input] == i && value[other.input] >= 0) {
        int reads = 0;
        for (const int input : node.inputs) reads += input == other.input;
        if (reads == 1) reused = other.input, floats = whole_lines(floats) + other.floats;
      }
      value[i] = reused >= 0 && value[reused] >= 0 ? value[reused] : all.add(plan.places[i].size, i);
      all.list[value[i]].death = last_use[i];
    }
    if (floats > 0) workspace[i] = all.add(core::round_up(floats, long(layout.align)), i);
  }
  if (rule == PlaceSolo::from_both_ends) {
    memory.floats = all.count <= most_from_both_ends ? place_from_both_ends(all) : -1;
  } else {
    const auto placed = graph::place(all, rule == PlaceSolo::in_order        ? graph::PlaceFirst::none
                                          : rule == PlaceSolo::largest_first ? graph::PlaceFirst::largest
                                                                             : graph::PlaceFirst::latest_death);
    all = placed.allocations;
    memory.floats = placed.high_water;
  }
  for (int i = 0; i < plan.count; i++) {
    if (value[i] >= 0) memory.places[i] = {graph::Storage::frame, all.list[value[i]].offset, plan.places[i].size};
    if (workspace[i] >= 0) memory.workspaces[i] = all.list[workspace[i]].offset;
  }
  return memory;
}

/// The program of a predictor. Caller: what the caller keeps; nothing if vectors need aligned memory.
template <class Net, graph::PlanOptions Options, AtCaller Caller>
struct SoloOf {
  using Of = InferenceOf<Net, Options>;
  using Sizes = InferenceSizesOf<Net, Options>;

  template <PlaceSolo Rule, bool Overwrites>
  static constexpr auto placed = place_solo<typename Sizes::SizesTable>(Of::plan, Of::algorithms, Caller, Rule,
                                                                        Overwrites);
  static constexpr const auto& smaller(const auto& a, const auto& b) {
    return b.floats >= 0 && b.floats < a.floats ? b : a;
  }
  template <bool Overwrites>
  static constexpr auto smallest =
      smaller(smaller(placed<PlaceSolo::in_order, Overwrites>, placed<PlaceSolo::largest_first, Overwrites>),
              smaller(placed<PlaceSolo::latest_first, Overwrites>, placed<PlaceSolo::from_both_ends, Overwrites>));
  static constexpr auto memory = smaller(smallest<false>, smallest<true>);

  /// An image at the caller is not copied. These are apart from the functions that pack, which a program with packed
  /// weights does not link.
  static constexpr auto runs = [] {
    struct {
      Run of[Of::plan.capacity]{};
    } runs;
    for (int i = 0; i < Of::plan.count; i++) {
      const bool is_at_caller = Of::plan.nodes[i].op == Op::input && Caller.image && i != Of::plan.result;
      runs.of[i] = is_at_caller ? fixed_shape::nothing : Of::kernels.run[i];
    }
    return runs;
  }();

  /// Without the rest of the plan, which nothing reads while the program runs.
  static constexpr auto nodes = [] {
    struct {
      Node of[Of::plan.capacity]{};
    } nodes;
    std::copy_n(Of::plan.nodes, Of::plan.count, nodes.of);
    return nodes;
  }();

  /// For weights that are packed already.
  static constexpr Program program = [] {
    Program program = Sizes::sizes;
    program.nodes = nodes.of, program.places = memory.places, program.packed = Of::offsets.packed;
    program.functors = FunctorTable<graph::functors<Net>>::table;
    program.algorithms = Of::algorithms.of;
    program.run = runs.of;
    program.frame = memory.floats, program.workspaces = memory.workspaces, program.workspace = 0;
    return program;
  }();
  /// The same, and it packs weights.
  static constexpr Program packing_program = [] {
    Program with = program;
    with.pack = Of::kernels.pack;
    return with;
  }();
};

}  // namespace strata::cpu::nhwc
