// SPDX-License-Identifier: MIT
// A plan and its memory, executed node by node: the threads divide each node and meet at a barrier after it. The plan
// is a constant of the network; this code is not a template.
#pragma once

#include <strata/cpu/nhwc/choose.hpp>
#include <strata/cpu/nhwc/functors.hpp>
#include <strata/cpu/nhwc/kernels.hpp>
#include <strata/graph/plan.hpp>

namespace strata::cpu::nhwc {

inline constexpr graph::Layout layout{.lanes = 1, .by_group = false, .align = 16};

/// A network's nodes and kernels, and how its arena is divided.
struct Program {
  const Node* nodes = nullptr;
  const graph::Place* places = nullptr;
  const long* packed = nullptr;  ///< offset of each node's packed weights
  const Functor* functors = nullptr;
  const Algorithm* algorithms = nullptr;  ///< each node's, as choose.hpp chose it
  const Run* run = nullptr;               ///< the kernel of that algorithm
  const Pack* pack = nullptr;             ///< how its weights are packed
  const long* workspaces = nullptr;       ///< of each node, in the frame (solo.hpp); null: after the frames
  int count = 0, result = -1, loss = -1;  ///< loss: the last one
  graph::OtherResults others{};           ///< results of the heads after the first
  long frame = 0, fixed = 0;
  long packed_floats = 0, folded_floats = 0, partial_floats = 0, workspace = 0;

  /// Floats of the arena: batch values, packed weights, sums; a frame per image; a workspace per thread.
  constexpr long floats(int batch, int threads) const {
    return packed_floats + folded_floats + activation_floats(batch, threads);
  }
  /// Those of an arena without weights, which are packed elsewhere.
  constexpr long activation_floats(int batch, int threads) const {
    return fixed + partial_floats + long(batch) * frame + threads * workspace;
  }
};

/// What the nodes of a program run.
template <int Capacity>
struct Kernels {
  Run run[std::size_t(Capacity)]{};
  Pack pack[std::size_t(Capacity)]{};
};

/// Where the packed weights of each node are, and the most floats that any node needs.
template <int Capacity>
struct Offsets {
  long packed[std::size_t(Capacity)]{};
  long packed_floats = 0, folded_floats = 0, partial_floats = 0, workspace = 0;
  int loss = -1;
};

/// A plan's kernels, where all are general ones.
struct GeneralKernels {
  template <class Plan, class Chosen>
  static constexpr Kernel of(const Plan& plan, const Chosen& chosen, int i) {
    return kernel_of(plan.nodes[i].op, chosen.of[i]);
  }
};

template <class Table = GeneralKernels, class Plan, class Chosen>
constexpr auto kernels_of(const Plan& plan, const Chosen& chosen) {
  Kernels<Plan::capacity> kernels;
  for (int i = 0; i < plan.count; i++) {
    const Kernel kernel = Table::of(plan, chosen, i);
    kernels.run[i] = kernel.run, kernels.pack[i] = kernel.pack;
  }
  return kernels;
}

/// In inference every node keeps its packed weights; in training all nodes use the same memory in turn.
template <class Table = GeneralKernels, class Plan, class Chosen>
constexpr auto offsets_of(const Plan& plan, const Chosen& chosen, bool keep) {
  Offsets<Plan::capacity> o;
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    if (node.op == Op::loss) o.loss = i;
    const auto kernel = Table::of(plan, chosen, i);
    const long packed = kernel.packed(node);
    if (keep) {
      o.packed[i] = o.packed_floats;
      o.packed_floats += packed;
    } else {
      o.packed_floats = std::max(o.packed_floats, packed);
    }
    o.folded_floats = std::max(o.folded_floats, nhwc::folded_floats(node));
    o.partial_floats = std::max(o.partial_floats, whole_lines(kernel.partial(node)));
    o.workspace = std::max(o.workspace, whole_lines(kernel.workspace(node)));
  }
  return o;
}

/// A program's arena, divided for `batch` images.
struct Memory {
  const Program* program;
  const float* packed;  ///< the weights of all nodes
  float *fixed, *partial, *frames, *workspace;
  float *packs = nullptr, *folded = nullptr;  ///< where pack() writes; null: the weights are packed elsewhere

  /// An arena of program.floats(): pack() fills the weights.
  Memory(const Program& p, float* arena, int batch)
      : Memory(p, arena, arena + p.packed_floats + p.folded_floats, batch) {
    packs = arena, folded = packs + p.packed_floats;
  }
  /// An arena of program.activation_floats(), for weights that are packed already.
  Memory(const Program& p, const float* weights, float* arena, int batch) : program(&p), packed(weights) {
    fixed = arena;
    partial = fixed + p.fixed;
    frames = partial + p.partial_floats;
    workspace = frames + long(batch) * p.frame;
  }
  /// Null for a value that has no place.
  float* value(int i) const {
    const graph::Place& place = program->places[i];
    if (place.storage == graph::Storage::none) return nullptr;
    return (place.storage == graph::Storage::fixed ? fixed : frames) + place.offset;
  }
  void pack(int i, const Step& step, core::Team& team) const;
  void run(int i, const Step& step, core::Team& team, core::StepResult* result) const;
};

#if STRATA_HAS_BODIES

STRATA_ONCE void Memory::pack(int i, const Step& step, core::Team& team) const {
  program->pack[i](program->nodes[i], step.parameters, step.buffers, folded, packs + program->packed[i], team);
}

STRATA_ONCE void Memory::run(int i, const Step& step, core::Team& team, core::StepResult* result) const {
  const Node& node = program->nodes[i];
  Call call;
  call.node = &node;
  const bool of_head = node.op == Op::loss && step.of_heads;
  call.step = of_head ? step.of_heads + node.port : &step;
  call.producer = node.inputs.count > 0 ? &program->nodes[node.inputs.first()] : nullptr;
  Shape shapes[graph::max_inputs];
  for (int k = 0; k < node.inputs.count; k++) {
    const float* const input = value(node.inputs[k]);
    call.inputs.add(node.inputs.names[k], input ? input : step.images.floats);
    shapes[k] = program->nodes[node.inputs[k]].out;
  }
  call.shapes = shapes;
  call.output = value(i) ? value(i) : step.result;
  call.stride = program->frame;
  call.packed = packed + program->packed[i];
  call.partial = partial;
  call.workspace = program->workspaces ? frames + program->workspaces[i] : workspace;
  call.workspace_stride = program->workspace;
  call.result = of_head && node.port > 0 ? step.more + node.port - 1 : result;
  program->run[i](call, team);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
