// SPDX-License-Identifier: MIT
// A subject's program by node with its memory and inputs, ready to run node by node.
#pragma once

#include <strata/benchmark/complete_program.hpp>
#include <strata/benchmark/inputs.hpp>
#include <strata/core/arena.hpp>

#include <algorithm>
#include <vector>

namespace strata::benchmarks {

/// Ready to run. The subject, the inputs and the workers outlive it.
struct PreparedNodes {
  const Subject& subject;
  core::Workers& workers;
  int images;
  CompleteProgram complete;
  const cpu::nhwc::Program& program = complete.program;
  core::Arena arena;
  cpu::nhwc::Memory memory;
  cpu::nhwc::Step step{}, of_heads[graph::max_ports]{};
  core::StepResult more[graph::max_ports - 1]{};  ///< of a training: the sums of heads 1, 2, ...
  core::Floats buffers, gradients;                ///< a training updates the running statistics in the buffers
  std::vector<float> result;                      ///< of an inference

  PreparedNodes(const Subject& s, const Inputs& inputs, int count, core::Workers& w)
      : subject(s),
        workers(w),
        images(count),
        complete(*s.nodes),
        arena(std::size_t(program.floats(count, w.count())) * sizeof(float)),
        memory(program, arena.floats(), count),
        buffers(inputs.buffers) {
    step.parameters = inputs.parameters.data(), step.buffers = buffers.data();
    step.images = inputs.images(), step.functors = program.functors;
    if (subject.training) {
      gradients.resize(inputs.parameters.size());
      step.running = buffers.data(), step.gradients = gradients.data();
      step.more = more;
      detail::set_heads(program, inputs, step, of_heads);
      return;
    }
    result.resize(std::size_t(images) * std::size_t(graph::result_floats(program)));
    workers.run([&](core::Team& team) {
      for (int i = 0; i < program.count; i++) memory.pack(i, step, team);
    });
  }
  PreparedNodes(const PreparedNodes&) = delete;
  PreparedNodes& operator=(const PreparedNodes&) = delete;

  /// Copies the result to where a caller would find it.
  void copy_result(core::Team& team) {
    float* results[graph::max_ports];
    graph::split_results(program, images, result.data(), results);
    team.for_each(images, [&](int n, int) {
      for (int head = 0; head < graph::result_count(program); head++) {
        const int value = graph::result_of(program, head);
        const long size = program.nodes[value].out.size();
        std::copy_n(memory.value(value) + n * program.frame, size, results[head] + n * size);
      }
    });
  }
};

}  // namespace strata::benchmarks
