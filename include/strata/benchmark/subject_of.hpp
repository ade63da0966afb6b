// SPDX-License-Identifier: MIT
// The subjects of a network's type: its tables, without the kernels that all networks share, which the benchmark's
// program compiles once.
#pragma once

#include <strata/benchmark/subject.hpp>
#include <strata/cpu/cost.hpp>
#include <strata/reference/reference.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace strata::benchmarks {

namespace detail {

/// The kernels of a program without the general ones.
template <int Capacity>
constexpr cpu::nhwc::Kernels<Capacity> without_general(cpu::nhwc::Kernels<Capacity> kernels,
                                                       const cpu::Choices<cpu::nhwc::Algorithm, Capacity>& algorithms) {
  for (int i = 0; i < Capacity; i++)
    if (!cpu::nhwc::traits(algorithms.of[i]).fixed_shape) kernels.run[i] = nullptr, kernels.pack[i] = nullptr;
  return kernels;
}

template <class Of>
inline constexpr auto kernels_without_general = without_general(Of::kernels, Of::algorithms);

/// The program of `Of`, an InferenceOf or a TrainingOf, with these kernels.
template <class Of>
inline constexpr cpu::nhwc::Program program_without_general = [] {
  cpu::nhwc::Program program = Of::program;
  constexpr auto& kernels = kernels_without_general<Of>;
  program.run = kernels.run, program.pack = kernels.pack;
  return program;
}();

/// The algorithms of a lanes plan if all convolutions that leave the choice had one.
template <const auto& Plan, graph::Products Products>
inline constexpr auto algorithms_with = [] {
  auto plan = Plan;
  for (int i = 0; i < plan.count; i++)
    if (plan.nodes[i].products == graph::Products::fewest) plan.nodes[i].products = Products;
  return cpu::lanes::choose(plan);
}();

template <const auto& Plan, const auto& Algorithms, class Functors, class Sequence>
struct LanesRuns;
template <const auto& Plan, const auto& Algorithms, class Functors, int... I>
struct LanesRuns<Plan, Algorithms, Functors, std::integer_sequence<int, I...>> {
  static constexpr cpu::lanes::Run table[] = {
      cpu::lanes::run_of<Plan.nodes[I].op, Algorithms.of[I],
                         typename cpu::lanes::FunctorAt<Plan.nodes[I].epilogue.functor, Functors>::type,
                         cpu::lanes::pooling_of(Plan.nodes[I])>()...};
};

/// Adds what runs images in lanes.
template <const auto& Plan, class Functors>
void set_lanes(Subject& subject) {
  using Sequence = std::make_integer_sequence<int, Plan.count>;
  subject.groups = &cpu::lanes::ProgramOf<Plan, Functors>::program;
  subject.direct_runs = LanesRuns<Plan, algorithms_with<Plan, graph::Products::direct>, Functors, Sequence>::table;
  subject.winograd_runs = LanesRuns<Plan, algorithms_with<Plan, graph::Products::winograd>, Functors, Sequence>::table;
}

/// A subject with the network's tables; the caller sets the programs.
template <class Net>
Subject declared_subject(const std::string& name) {
  constexpr auto& net = graph::lowered<Net>;
  return {.network = name,
          .declared = &reference::declaration<Net>,
          .layers = net.layers,
          .parameters = net.parameters,
          .buffers = net.buffers,
          .parameter_count = net.parameter_count,
          .buffer_count = net.buffer_count,
          .parameter_floats = net.parameter_floats,
          .buffer_floats = net.buffer_floats,
          .macs = macs<Net>};
}

}  // namespace detail

/// Whether the benchmark can train a network: it ends in Softmax or PixelSoftmax, or has several heads.
template <class Net>
inline constexpr bool is_trainable =
    graph::lowered<Net>.head_count > 1 ||
    graph::lowered<Net>.graph.nodes[graph::lowered<Net>.graph.result].op == graph::Op::softmax;

/// Inference of `Net`.
template <class Net>
Subject inference_subject(const std::string& name) {
  Subject subject = detail::declared_subject<Net>(name);
  subject.nodes = &detail::program_without_general<cpu::nhwc::InferenceOf<Net>>;
  if constexpr (cpu::prefers_lanes<Net>()) {
    detail::set_lanes<graph::inference_plan<Net, cpu::lanes::layout>, graph::functors<Net>>(subject);
    subject.groups_from = std::max(2, core::simd::lanes);
    subject.batch = 1024;
  }
  return subject;
}

/// A training step of `Net`, which is trainable.
template <class Net>
Subject training_subject(const std::string& name) {
  Subject subject = detail::declared_subject<Net>(name);
  subject.training = true, subject.batch = 8;
  subject.nodes = &detail::program_without_general<cpu::nhwc::TrainingOf<Net>>;
  if constexpr (cpu::prefers_lanes<Net>()) {
    detail::set_lanes<graph::training_plan<Net, cpu::lanes::layout>, graph::functors<Net>>(subject);
    subject.batch = 1024;
  }
  return subject;
}

}  // namespace strata::benchmarks
