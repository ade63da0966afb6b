// SPDX-License-Identifier: MIT
// Operations on all parameters at once: the copies that are multiplied, sums of gradients, updates. Declarations only,
// for any file; the definitions are in define_kernels.hpp.
#pragma once

#include <strata/core/formulas/update_formulas.hpp>
#include <strata/cuda/runtime/call.hpp>
#include <strata/graph/declared/network_tables.hpp>

#include <cmath>
#include <vector>

namespace strata::cuda {

/// to = from, converted to `element`.
void run_copy_weights(Stream stream, Element element, long floats, const float* from, void* to);

/// to = from, converted from `element` to fp32.
void run_widen(Stream stream, Element element, long floats, const void* from, float* to);

/// to += from
void run_add(Stream stream, long floats, const float* from, float* to);

/// average += weight (now - average)
void run_move_average(Stream stream, float weight, long floats, const float* now, float* average);

/// A range of one tensor, at most update_chunk floats.
struct UpdateChunk {
  int first = 0, count = 0, tensor = 0;
  float rate_factor = 1, l2_factor = 1;
};
inline constexpr int update_chunk = 1024;

/// The table of an update, as it is copied to the device.
struct UpdateTable {
  std::vector<UpdateChunk> chunks;
  std::vector<int> first_chunk;  ///< of each tensor, then one past the last

  UpdateTable(const graph::Tensor* tensors, int count) {
    for (int t = 0; t < count; t++) {
      first_chunk.push_back(int(chunks.size()));
      for (int at = 0; at < tensors[t].size; at += update_chunk)
        chunks.push_back({tensors[t].offset + at,
                          tensors[t].size - at < update_chunk ? tensors[t].size - at : update_chunk, t,
                          float(tensors[t].rate_factor), float(tensors[t].l2_factor)});
    }
    first_chunk.push_back(int(chunks.size()));
  }
};

/// The numbers of one update, in device memory.
struct UpdateNumbers {
  core::UpdateFormula formula{};  ///< for a tensor whose factors are 1
  float rate = 0;
  float gradient_scale = 1;      ///< applied first: undoes the scale of the loss
  float clip_value = HUGE_VALF;  ///< then clips each number to [-clip_value, clip_value]
  float clip_norm = HUGE_VALF;   ///< then scales all by one factor to at most this norm
  bool checks = false;           ///< skips the update if a gradient is not finite; needs ParameterUpdate::measures
  bool halts = false;            ///< an update that is skipped is the last one: all later ones are halted
  LossDivisor divisor = LossDivisor::none;  ///< of the loss, which halts the training if it is not finite
};

/// What became of an update.
enum class Change : int {
  made,     ///< the parameters changed
  skipped,  ///< nothing changed, since the norm, a gradient or the loss is not finite, or an earlier update halted all
  idle      ///< nothing changed, since no label was counted
};
inline constexpr int change_count = 3;  ///< its values

/// The outcome of an update, in device memory.
struct UpdateOutcome {
  double norm = 0;   ///< of the gradients after clipping by value; 0: not measured
  float factor = 1;  ///< that clipped the norm
  Change change = Change::made;
  bool halted = false;  ///< whether all further updates are skipped
};

/// The numbers of a step and of the update that ends it. Those of fp16 and of Adam depend on whether the update before
/// was made, which the host need not know when it launches the step: it gives numbers for each case.
struct TurnNumbers {
  StepNumbers step{};
  UpdateNumbers update{};
  StepNumbers of_heads[graph::max_ports - 1]{};  ///< for the losses of heads 1, 2, ..., instead of `step`
};
/// to = of_change[outcome->change]; all in device memory.
void run_choose_numbers(Stream stream, const TurnNumbers* of_change, const UpdateOutcome* outcome, TurnNumbers* to);

/// One update of all parameters. Tensors whose rate_factor is 0 stay unchanged, as do their gradients.
struct ParameterUpdate {
  Stream stream = nullptr;
  core::UpdateFormula::Kind kind = core::UpdateFormula::Kind::sgd;  ///< of numbers->formula
  bool layerwise = false;  ///< Lamb: the step of each tensor times |w| / |direction|
  bool measures = false;   ///< whether to compute the norm of the gradients, to clip by it or to check it
  int chunk_count = 0, tensors = 0;
  long floats = 0;                      ///< of all parameters
  const UpdateChunk* chunks = nullptr;  ///< device memory, like all that follows
  const int* first_chunk = nullptr;
  float *parameters = nullptr, *gradients = nullptr;  ///< gradients may be overwritten
  float* state = nullptr;  ///< slots of `floats` numbers, in the order of the optimizer on the CPU
  const UpdateNumbers* numbers = nullptr;
  const LossSums* losses = nullptr;  ///< of the step that the update ends; null: the host has seen them
  UpdateOutcome* outcome = nullptr;  ///< of the update before
  void* workspace = nullptr;         ///< update_workspace_bytes(chunk_count, tensors)
};
long update_workspace_bytes(int chunks, int tensors);
void run_update(const ParameterUpdate& update);

}  // namespace strata::cuda
