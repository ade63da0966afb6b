// SPDX-License-Identifier: MIT
// Steps of the program for images in lanes. Threads take groups of images through all nodes of a phase: a node's time
// is the sum over the threads divided by their number; the rest of the whole is spent waiting.
#pragma once

#include <strata/benchmark/prepared_groups.hpp>
#include <strata/benchmark/steps.hpp>
#include <strata/core/clock.hpp>

#include <memory>

namespace strata::benchmarks {

namespace detail {

/// Seconds of each node on each thread; the element after the nodes is for the result.
class Clocks {
 public:
  Clocks(int nodes, int threads)
      : row_((nodes + 1 + 7) / 8 * 8), seconds_(std::size_t(row_ * threads)), threads_(threads) {}
  double* of(int slot) { return seconds_.data() + slot * row_; }
  double mean(int node) const {
    double sum = 0;
    for (int t = 0; t < threads_; t++) sum += seconds_[std::size_t(t * row_ + node)];
    return sum / threads_;
  }
  void clear() { std::fill(seconds_.begin(), seconds_.end(), 0); }

 private:
  int row_;
  std::vector<double, core::AlignedAllocator<double>> seconds_;
  int threads_;
};

struct ClockedGroups : PreparedGroups {
  Clocks run{program.count, workers.count()}, packed{program.count, workers.count()};
  using PreparedGroups::PreparedGroups;

  void take(Times& times) const {
    for (int i = 0; i < program.count; i++)
      times.run[std::size_t(i)] = run.mean(i), times.pack[std::size_t(i)] = packed.mean(i);
    times.result = run.mean(program.count);
  }
};

/// lanes::TrainingProgram::step with a clock.
inline void training_step(ClockedGroups& state) {
  const cpu::lanes::Program& program = state.program;
  state.sums = {};
  const cpu::lanes::Reduction reduction = state.reduction();
  state.workers.run([&](core::Team& team) {
    team.for_each(program.count, [&](int i, int slot) {
      const double start = core::clock_seconds();
      if (!state.shares_weights(i)) state.pack(i);
      state.packed.of(slot)[i] += core::clock_seconds() - start;
    });
    for (int first = 0, last = 0; first < program.count; first = last) {
      last = state.phase_end(first);
      team.for_each(state.chunks(), [&](int chunk, int slot) {
        double* const seconds = state.run.of(slot);
        double before = core::clock_seconds();
        const auto lap = [&](int i) {
          const double now = core::clock_seconds();
          seconds[i] += now - before, before = now;
        };
        for (int i = first; i < last; i++)
          std::fill_n(state.memory.partial(chunk, i), program.partial_sizes[i], 0.f), lap(i);
        for (int group = state.first_group(chunk); group < state.first_group(chunk + 1); group++)
          for (int i = first; i < last; i++) state.memory.call(i, state.step, group, chunk, slot), lap(i);
      });
      team.for_each(reduction.count(first, last), [&](int block, int slot) {
        int i = first;
        for (int left = block; left >= cpu::lanes::blocks(program, i); i++) left -= cpu::lanes::blocks(program, i);
        const double start = core::clock_seconds();
        reduction.run(first, block);
        state.run.of(slot)[i] += core::clock_seconds() - start;
      });
    }
  });
}

/// lanes::InferenceProgram::run with a clock.
inline void inference_step(ClockedGroups& state) {
  const cpu::lanes::Program& program = state.program;
  float* results[graph::max_ports];
  graph::split_results(program, state.images(), state.result.data(), results);
  state.workers.run([&](core::Team& team) {
    team.for_each(state.groups(), [&](int group, int slot) {
      double* const seconds = state.run.of(slot);
      double before = core::clock_seconds();
      const auto lap = [&](int i) {
        const double now = core::clock_seconds();
        seconds[i] += now - before, before = now;
      };
      for (int i = 0; i < program.count; i++) state.memory.call(i, state.step, group, 0, slot), lap(i);
      const int images = std::min(cpu::lanes::width, state.images() - group * cpu::lanes::width);
      for (int head = 0; head < graph::result_count(program); head++) {
        const Shape out = program.nodes[graph::result_of(program, head)].out;
        const float* const value = state.memory.value(graph::result_of(program, head), group, slot);
        float* to = results[head] + long(group) * cpu::lanes::width * out.size();
        for (int l = 0; l < images; l++)
          for (int p = 0; p < out.pixels(); p++)
            for (int c = 0; c < out.channels; c++) *to++ = value[(long(c) * out.pixels() + p) * cpu::lanes::width + l];
      }
      lap(program.count);
    });
  });
}

}  // namespace detail

/// The step of `images` images. The subject has groups; it, the inputs and the workers outlive the step.
inline Step by_group(const Subject& subject, const Inputs& inputs, int images, core::Workers& workers) {
  const auto state = std::make_shared<detail::ClockedGroups>(subject, inputs, images, workers);
  return [state](Times& times) {
    state->run.clear(), state->packed.clear();
    const double start = core::clock_seconds();
    if (state->training) detail::training_step(*state);
    else detail::inference_step(*state);
    times.whole = core::clock_seconds() - start;
    state->take(times);
    if (state->training) check_loss(state->sums);
  };
}

}  // namespace strata::benchmarks
