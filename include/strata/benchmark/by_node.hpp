// SPDX-License-Identifier: MIT
// Steps of the program by node. Threads split each node and meet after it: a node's time is wall-clock time.
#pragma once

#include <strata/benchmark/prepared_nodes.hpp>
#include <strata/benchmark/steps.hpp>
#include <strata/core/clock.hpp>

#include <memory>
#include <thread>

namespace strata::benchmarks {

/// The step of `images` images. The subject, the inputs and the workers outlive it.
inline Step by_node(const Subject& subject, const Inputs& inputs, int images, core::Workers& workers) {
  const auto prepared = std::make_shared<PreparedNodes>(subject, inputs, images, workers);
  return [prepared](Times& times) {
    const cpu::nhwc::Program& program = prepared->program;
    const bool training = prepared->subject.training;
    const auto caller = std::this_thread::get_id();
    core::StepResult sums;
    const double start = core::clock_seconds();
    prepared->workers.run([&](core::Team& team) {
      const bool reads_clock = std::this_thread::get_id() == caller;
      double last = core::clock_seconds();
      const auto lap = [&](double& seconds) {
        if (!reads_clock) return;
        const double now = core::clock_seconds();
        seconds = now - last, last = now;
      };
      for (int i = 0; i < program.count; i++) {
        if (training) {
          prepared->memory.pack(i, prepared->step, team);
          lap(times.pack[std::size_t(i)]);
        }
        prepared->memory.run(i, prepared->step, team, &sums);
        lap(times.run[std::size_t(i)]);
      }
      if (training) return;
      prepared->copy_result(team);
      lap(times.result);
    });
    times.whole = core::clock_seconds() - start;
    if (training) check_loss(sums);
  };
}

}  // namespace strata::benchmarks
