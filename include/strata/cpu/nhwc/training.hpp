// SPDX-License-Identifier: MIT
// Training steps node by node: forward and backward pass over a batch. Nothing is allocated after construction.
#pragma once

#include <strata/core/losses/step_loss.hpp>
#include <strata/cpu/nhwc/inference.hpp>

namespace strata::cpu::nhwc {

/// The part that does not depend on the network. `arena` has program.floats(max_batch, workers.count()) floats; it and
/// the workers must outlive this object.
class TrainingProgram {
 public:
  TrainingProgram(const Program& program, float* arena, int max_batch, core::Workers& workers)
      : program_(program), workers_(workers), memory_(program, arena, max_batch) {}

  /// Runs one step on images.count <= max_batch images; returns zeros if there are none. gradients: written, or added
  /// to if options.accumulate, for all parameters that a gradient reaches.
  core::StepResult step(const float* parameters, float* buffers, Images images, Labels labels, float* gradients,
                        core::StepOptions options) noexcept;

 private:
  const Program& program_;
  core::Workers& workers_;
  Memory memory_;
};

template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
struct TrainingOf {
  static constexpr auto& plan = graph::training_plan<Net, layout, Options>;
  static constexpr auto algorithms = choose(plan);
  static constexpr auto offsets = offsets_of(plan, algorithms, false);
  static constexpr auto kernels = kernels_of(plan, algorithms);
  static constexpr Program program{
      .nodes = plan.nodes,
      .places = plan.places,
      .packed = offsets.packed,
      .functors = FunctorTable<graph::functors<Net>>::table,
      .algorithms = algorithms.of,
      .run = kernels.run,
      .pack = kernels.pack,
      .count = plan.count,
      .result = plan.result,
      .loss = offsets.loss,
      .others = plan.others,
      .frame = plan.frame,
      .fixed = plan.fixed,
      .packed_floats = offsets.packed_floats,
      .folded_floats = offsets.folded_floats,
      .partial_floats = offsets.partial_floats,
      .workspace = offsets.workspace,
  };
};

/// Bytes that Training<Net> allocates.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
constexpr long training_bytes(int max_batch, int threads) {
  return TrainingOf<Net, Options>::program.floats(max_batch, threads) * long(sizeof(float));
}

template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
class Training {
 public:
  /// max_batch > 0; the workers must outlive this object.
  Training(int max_batch, core::Workers& workers)
      : arena_(std::size_t(training_bytes<Net, Options>(max_batch, workers.count()))),
        program_(TrainingOf<Net, Options>::program, arena_.floats(), max_batch, workers) {}
  core::StepResult step(const float* parameters, float* buffers, Images images, Labels labels, float* gradients,
                        core::StepOptions options) noexcept {
    return program_.step(parameters, buffers, images, labels, gradients, options);
  }

 private:
  core::Arena arena_;
  TrainingProgram program_;
};

#if STRATA_HAS_BODIES

STRATA_ONCE core::StepResult TrainingProgram::step(const float* parameters, float* buffers, Images images,
                                                   Labels labels, float* gradients,
                                                   core::StepOptions options) noexcept {
  core::StepResult result;
  if (images.count <= 0) return result;
  core::StepResult more[graph::max_ports - 1];
  Step of_heads[graph::max_ports];
  const int heads = graph::result_count(program_);
  for (int head = 0; head < heads; head++) {
    const Shape scored = program_.nodes[graph::result_of(program_, head)].mid;
    const Labels& targets = core::head_of(labels, head);
    const core::LossTerm term = core::loss_term(options, targets, head);
    of_heads[head] = {
        .parameters = parameters,
        .buffers = buffers,
        .running = buffers,
        .gradients = gradients,
        .accumulate = options.accumulate,
        .momentum = options.momentum,
        .images = images,
        .labels = targets,
        .loss_scale = core::loss_scale(options, term, images.count, targets, scored.pixels(), scored.channels),
        .term = term,
        .of_heads = of_heads,
        .more = more,
        .seed = options.seed,
        .keeps_statistics = options.kept,
        .functors = program_.functors};
  }
  const Step& step = of_heads[0];
  const int nodes = options.backward ? program_.count : program_.loss + 1;
  workers_.run([&](core::Team& team) {
    for (int i = 0; i < nodes; i++) {
      memory_.pack(i, step, team);
      memory_.run(i, step, team, &result);
    }
  });
  for (int head = 1; head < heads && options.more; head++) options.more[head - 1] = more[head - 1];
  return result;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
