// SPDX-License-Identifier: MIT
// One training step: forward and backward pass over a batch, phase by phase. In each phase the threads divide the
// chunks of groups of images among themselves. Nothing is allocated after construction.
#pragma once

#include <strata/core/arena.hpp>
#include <strata/core/losses/step_loss.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/cpu/lanes/reduction.hpp>

namespace strata::cpu::lanes {

/// The part that does not depend on the network. max_batch > 0; the workers must outlive this object.
class TrainingProgram {
 public:
  TrainingProgram(const Program& program, int max_batch, core::Workers& workers);

  /// Runs one step on images.count <= max_batch images; returns zeros if there are none. gradients: written, or added
  /// to if options.accumulate, for all parameters that a gradient reaches.
  core::StepResult step(const float* parameters, float* buffers, Images images, Labels labels, float* gradients,
                        core::StepOptions options) noexcept;

 private:
  /// Recomputed nodes share the weights of the first.
  void pack(int i, const float* parameters, const float* buffers) const;

  const Program& program_;
  core::Workers& workers_;
  core::Arena arena_;
  Memory memory_;
};

template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
inline constexpr const Program& training_program =
    ProgramOf<graph::training_plan<Net, layout, Options>, graph::functors<Net>>::program;

/// Bytes that Training<Net> allocates.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
constexpr long training_bytes(int max_batch, int threads) {
  return training_program<Net, Options>.floats(max_batch, threads) * long(sizeof(float));
}

template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
class Training : public TrainingProgram {
 public:
  Training(int max_batch, core::Workers& workers)
      : TrainingProgram(training_program<Net, Options>, max_batch, workers) {}
};

#if STRATA_HAS_BODIES

STRATA_ONCE TrainingProgram::TrainingProgram(const Program& program, int max_batch, core::Workers& workers)
    : program_(program),
      workers_(workers),
      arena_(std::size_t(program.floats(max_batch, workers.count())) * sizeof(float)),
      memory_(program, arena_.floats(), max_batch) {}

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
    const Labels& of_head = core::head_of(labels, head);
    const core::LossTerm term = core::loss_term(options, of_head, head);
    of_heads[head] = {
        .parameters = parameters,
        .images = images,
        .labels = of_head,
        .loss_scale = core::loss_scale(options, term, images.count, of_head, scored.pixels(), scored.channels),
        .term = term,
        .of_heads = of_heads,
        .seed = options.seed,
        .keeps_statistics = options.kept};
  }
  const Step& step = of_heads[0];
  const Targets targets{buffers, gradients, options.accumulate, options.momentum, options.kept,
                        &result, more,      !options.backward};
  const int chunks = chunks_of(images.count), groups = groups_of(images.count);
  const Reduction reduction(memory_, chunks, targets);
  const int phases = options.backward ? program_.phases : program_.forward_phases;
  const int nodes = options.backward ? program_.count : program_.loss + 1;

  workers_.run([&](core::Team& team) {
    team.for_each(nodes, [&](int i, int) { pack(i, parameters, buffers); });
    for (int phase = 0, first = 0, last = 0; phase < phases; phase++, first = last) {
      while (last < nodes && program_.phase[last] == phase) last++;
      team.for_each(chunks, [&](int chunk, int slot) {
        const int begin = int(long(groups) * chunk / chunks), end = int(long(groups) * (chunk + 1) / chunks);
        for (int i = first; i < last; i++) std::fill_n(memory_.partial(chunk, i), program_.partial_sizes[i], 0.f);
        for (int group = begin; group < end; group++)
          for (int i = first; i < last; i++)
            if (!reduction.skips(i)) memory_.call(i, step, group, chunk, slot);
      });
      team.for_each(reduction.count(first, last), [&](int block, int) { reduction.run(first, block); });
    }
  });
  for (int head = 1; head < heads && options.more; head++) options.more[head - 1] = more[head - 1];
  return result;
}

STRATA_ONCE void TrainingProgram::pack(int i, const float* parameters, const float* buffers) const {
  for (int k = 0; k < i; k++)
    if (program_.packed[k] == program_.packed[i] && program_.packed_sizes[k] > 0) return;
  memory_.pack(i, parameters, buffers);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes
