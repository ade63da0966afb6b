// SPDX-License-Identifier: MIT
// A plan with its kernels and memory, as a table that the executors walk. The table is a constant of the network; the
// code that walks it is not a template.
#pragma once

#include <algorithm>
#include <strata/core/threads/team.hpp>
#include <strata/cpu/lanes/choose.hpp>
#include <strata/cpu/lanes/instances.hpp>
#include <strata/graph/plans.hpp>
#include <utility>

namespace strata::cpu::lanes {

inline constexpr graph::Layout layout{.lanes = width, .by_group = true, .align = 16};
inline constexpr int max_chunks = 32;

constexpr int groups_of(int images) { return core::ceil_divide(images, width); }
/// The number of chunks of a batch. It depends on the batch size alone; each chunk has its own sums, which are added in
/// order, so results do not depend on the number of threads.
constexpr int chunks_of(int images) { return std::min(groups_of(images), max_chunks); }

struct Program {
  const Node* nodes = nullptr;
  const graph::Place* places = nullptr;
  const int* phase = nullptr;
  const Algorithm* algorithms = nullptr;                                  ///< each node's, as choose.hpp chose it
  const Run* run = nullptr;                                               ///< the kernel of that algorithm
  const Pack* pack = nullptr;                                             ///< how its weights are packed
  const long *packed = nullptr, *partial = nullptr;                       ///< offsets per node
  const long *packed_sizes = nullptr, *partial_sizes = nullptr;           ///< floats of each node
  int count = 0, phases = 0, forward_phases = 0, result = -1, loss = -1;  ///< loss: the last one
  graph::OtherResults others{};                                           ///< results of the heads after the first
  long frame = 0, scratch = 0, fixed = 0;                                 ///< floats: per image, per image, in total
  long packed_floats = 0, folded_floats = 0, partial_floats = 0, workspace = 0;

  /// Floats of the arena: fixed values, packed weights, frames, partial sums of the chunks, and one private area per
  /// thread.
  constexpr long shared_floats() const { return fixed + packed_floats + folded_floats; }
  constexpr long private_floats() const { return scratch * width + workspace; }
  constexpr long floats(int batch, int threads) const {
    return shared_floats() + long(groups_of(batch)) * frame * width + long(chunks_of(batch)) * partial_floats +
           threads * private_floats();
  }
};

/// Where the packed weights and partial sums of each node are, and their sizes.
template <int Capacity>
struct Offsets {
  long packed[std::size_t(Capacity)]{}, partial[std::size_t(Capacity)]{};
  long packed_sizes[std::size_t(Capacity)]{}, partial_sizes[std::size_t(Capacity)]{};
  Pack pack[std::size_t(Capacity)]{};
  long packed_floats = 0, folded_floats = 0, partial_floats = 0, workspace = 0;
  int loss = -1;
};

template <class Plan, class Chosen>
constexpr auto offsets_of(const Plan& plan, const Chosen& chosen) {
  Offsets<Plan::capacity> offsets;
  long partial = 0;
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    const Kernel kernel = kernel_of(node.op, chosen.of[i]);
    const long packed = kernel.packed(node);
    if (i > 0 && plan.phase[i] != plan.phase[i - 1]) partial = 0;
    offsets.pack[i] = kernel.pack;
    offsets.partial[i] = partial;
    offsets.partial_sizes[i] = kernel.partial(node);
    partial += offsets.partial_sizes[i];
    offsets.partial_floats = std::max(offsets.partial_floats, partial);
    offsets.workspace = std::max(offsets.workspace, kernel.workspace(node));
    if (node.op == Op::loss) offsets.loss = i;
    offsets.packed[i] = offsets.packed_floats;
    offsets.packed_sizes[i] = packed;
    if (packed == 0) continue;
    if (node.folded.present)
      offsets.folded_floats = std::max(offsets.folded_floats, whole_lines(2L * node.mid.channels));
    bool copy = false;  // a recomputed node shares its weights
    for (int k = 0; k < i && !copy; k++)
      if (plan.nodes[k].op == node.op && plan.nodes[k].weights == node.weights && plan.nodes[k].buffers == node.buffers)
        offsets.packed[i] = offsets.packed[k], copy = true;
    if (!copy) offsets.packed_floats += packed;
  }
  return offsets;
}

/// Whether this back end can run the network.
template <class Net>
constexpr bool supports() {
  return supports(graph::lowered<Net>.graph);
}

/// The table of one plan. Plan: a constexpr graph::Plan with static storage; Functors: the type_list of the network's
/// functors.
template <const auto& Plan, class Functors>
struct ProgramOf {
  static_assert(supports(Plan),
                "strata: this network has operations that the batch-in-lanes back end does not support");
  static constexpr auto algorithms = choose(Plan);
  static constexpr auto offsets = offsets_of(Plan, algorithms);
  template <int I>
  static constexpr Run run_of_node() {
    constexpr const Node& node = Plan.nodes[I];
    if constexpr (!supports(node.op)) return nullptr;
    else
      return run_of<node.op, algorithms.of[I], typename FunctorAt<node.epilogue.functor, Functors>::type,
                    pooling_of(node)>();
  }
  template <class Sequence>
  struct Table;
  template <int... I>
  struct Table<std::integer_sequence<int, I...>> {
    static constexpr Run run[] = {run_of_node<I>()...};
  };
  static constexpr Program program{
      .nodes = Plan.nodes,
      .places = Plan.places,
      .phase = Plan.phase,
      .algorithms = algorithms.of,
      .run = Table<std::make_integer_sequence<int, Plan.count>>::run,
      .pack = offsets.pack,
      .packed = offsets.packed,
      .partial = offsets.partial,
      .packed_sizes = offsets.packed_sizes,
      .partial_sizes = offsets.partial_sizes,
      .count = Plan.count,
      .phases = Plan.phases,
      .forward_phases = Plan.forward_phases,
      .result = Plan.result,
      .loss = offsets.loss,
      .others = Plan.others,
      .frame = Plan.frame,
      .scratch = Plan.scratch,
      .fixed = Plan.fixed,
      .packed_floats = offsets.packed_floats,
      .folded_floats = offsets.folded_floats,
      .partial_floats = offsets.partial_floats,
      .workspace = offsets.workspace,
  };
};

/// A program's arena, divided into its parts.
struct Memory {
  const Program* program = nullptr;
  float *fixed = nullptr, *packed = nullptr, *folded = nullptr, *frames = nullptr, *partials = nullptr,
        *privates = nullptr;

  Memory(const Program& p, float* arena, int max_batch) : program(&p) {
    fixed = arena;
    packed = fixed + p.fixed;
    folded = packed + p.packed_floats;
    frames = folded + p.folded_floats;
    partials = frames + long(groups_of(max_batch)) * p.frame * width;
    privates = partials + long(chunks_of(max_batch)) * p.partial_floats;
  }
  float* partial(int chunk, int node) const {
    return partials + chunk * program->partial_floats + program->partial[node];
  }
  float* value(int i, int group, int slot) const {
    const graph::Place& place = program->places[i];
    switch (place.storage) {
      case graph::Storage::frame: return frames + (group * program->frame + place.offset) * width;
      case graph::Storage::scratch: return privates + slot * program->private_floats() + place.offset * width;
      case graph::Storage::fixed: return fixed + place.offset;
      default: return nullptr;
    }
  }
  /// Runs node i on a group.
  void call(int i, const Step& step, int group, int chunk, int slot) const;
  void pack(int i, const float* parameters, const float* buffers) const;
};

#if STRATA_HAS_BODIES

STRATA_ONCE void Memory::call(int i, const Step& step, int group, int chunk, int slot) const {
  const Node& node = program->nodes[i];
  Call call;
  call.node = &node;
  call.nodes = program->nodes;
  call.step = node.op == Op::loss && step.of_heads ? step.of_heads + node.port : &step;
  for (int k = 0; k < node.inputs.count; k++) call.inputs.add(node.inputs.names[k], value(node.inputs[k], group, slot));
  call.y = value(i, group, slot);
  call.packed = packed + program->packed[i];
  call.partial = partial(chunk, i);
  call.workspace = privates + slot * program->private_floats() + program->scratch * width;
  call.first = group * width;
  call.images = std::min(width, step.images.count - call.first);
  program->run[i](call);
}

STRATA_ONCE void Memory::pack(int i, const float* parameters, const float* buffers) const {
  program->pack[i](program->nodes[i], parameters, buffers, folded, packed + program->packed[i]);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes
