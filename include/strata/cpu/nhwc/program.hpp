// SPDX-License-Identifier: MIT
// A plan and its memory, executed node by node: the threads divide each node and meet at a barrier after it. The plan
// is a constant of the network; this code is not a template.
#pragma once

#include <strata/cpu/nhwc/functors.hpp>
#include <strata/cpu/nhwc/kernels.hpp>
#include <strata/graph/plan.hpp>

namespace strata::cpu::nhwc {

inline constexpr graph::Layout layout{.lanes = 1, .by_group = false, .align = 16};

/// A kernel for the shape of one node. It replaces the general kernel where the table has an entry.
using Special = void (*)(const Call&, Team&);
/// Packs the weights for a special kernel; null: there is nothing to pack.
using SpecialPack = void (*)(const Node&, const float* parameters, const float* buffers, float* folded, float* packed);

/// The kernels for all shapes. A program points to them, so that a program that needs none of them, or only those of
/// inference, links no others.
struct General {
  void (*run)(const Call&, Team&, const Shape* shapes) = nullptr;
  void (*pack)(const Node&, const float* parameters, const float* buffers, float* folded, float* packed, Team&) = nullptr;
};

struct Program {
  const Node* nodes = nullptr;
  const graph::Place* places = nullptr;
  const long* packed = nullptr;     ///< offset of each node's packed weights
  const Functor* functors = nullptr;
  General general{};
  const Special* special = nullptr;  ///< null: none
  const SpecialPack* special_pack = nullptr;
  int count = 0, result = -1, loss = -1;
  long frame = 0, fixed = 0;
  long packed_floats = 0, folded_floats = 0, partial_floats = 0, workspace = 0;

  /// Floats of the arena: batch values, packed weights, sums; a frame per image; a workspace per thread.
  constexpr long floats(int batch, int threads) const {
    return fixed + packed_floats + folded_floats + partial_floats + long(batch) * frame + threads * workspace;
  }
};

/// Floats that a special kernel needs: for its packed weights, and per thread while it runs.
struct SpecialSizes {
  bool special = false;  ///< (gcc -fsanitize=undefined cannot compare function pointers with null in constants)
  long packed = 0, workspace = 0;
};

template <int Capacity>
struct Offsets {
  long packed[Capacity]{};
  long packed_floats = 0, folded_floats = 0, partial_floats = 0, workspace = 0;
  int loss = -1;
};

constexpr SpecialSizes no_special_sizes(int) { return {}; }

/// In inference every node keeps its packed weights; in training all nodes use the same memory in turn. sizes_of(i):
/// those of node i's special kernel.
template <class Plan, class SizesOf = SpecialSizes (*)(int)>
constexpr auto offsets_of(const Plan& plan, bool keep, SizesOf sizes_of = &no_special_sizes) {
  Offsets<Plan::capacity> o;
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    if (node.op == Op::loss) o.loss = i;
    const SpecialSizes sizes = sizes_of(i);
    const long packed = sizes.special ? sizes.packed : nhwc::packed_floats(node);
    if (keep) {
      o.packed[i] = o.packed_floats;
      o.packed_floats += packed;
    } else {
      o.packed_floats = std::max(o.packed_floats, packed);
    }
    o.folded_floats = std::max(o.folded_floats, nhwc::folded_floats(node));
    o.partial_floats = std::max(o.partial_floats, whole_lines(nhwc::partial_floats(node)));
    o.workspace = std::max(o.workspace, whole_lines(sizes.special ? sizes.workspace : workspace_floats(node)));
  }
  return o;
}

/// A program's arena, divided for `batch` images.
struct Memory {
  const Program* program;
  float *fixed, *packed, *folded, *partial, *frames, *workspace;

  Memory(const Program& p, float* arena, int batch) : program(&p) {
    fixed = arena;
    packed = fixed + p.fixed;
    folded = packed + p.packed_floats;
    partial = folded + p.folded_floats;
    frames = partial + p.partial_floats;
    workspace = frames + long(batch) * p.frame;
  }
  float* value(int i) const {
    const graph::Place& place = program->places[i];
    if (place.storage == graph::Storage::none) return nullptr;
    return (place.storage == graph::Storage::fixed ? fixed : frames) + place.offset;
  }
  void pack(int i, const Step& step, Team& team) const {
    const Node& node = program->nodes[i];
    if (program->special && program->special[i])
      team.once([&] {
        if (program->special_pack[i]) program->special_pack[i](node, step.parameters, step.buffers, folded, packed + program->packed[i]);
      });
    else
      program->general.pack(node, step.parameters, step.buffers, folded, packed + program->packed[i], team);
  }
  void run(int i, const Step& step, Team& team, StepResult* result) const {
    const Node& node = program->nodes[i];
    Call call;
    call.node = &node;
    call.step = &step;
    call.producer = node.input_count > 0 ? &program->nodes[node.inputs[0]] : nullptr;
    Shape shapes[graph::max_inputs];
    for (int k = 0; k < node.input_count; k++) {
      call.inputs[k] = value(node.inputs[k]);
      shapes[k] = program->nodes[node.inputs[k]].out;
    }
    call.output = value(i);
    call.stride = program->frame;
    call.packed = packed + program->packed[i];
    call.partial = partial;
    call.workspace = workspace;
    call.workspace_stride = program->workspace;
    call.result = result;
    if (program->special && program->special[i]) program->special[i](call, team);
    else program->general.run(call, team, shapes);
  }
};

}  // namespace strata::cpu::nhwc
