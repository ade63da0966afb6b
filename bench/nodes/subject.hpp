// SPDX-License-Identifier: MIT
// What bench_nodes runs: a network in one use, as plain tables. Only one file per network knows its type; the rest
// of the program has no templates.
#pragma once

#include <strata/cpu/lanes/program.hpp>
#include <strata/cpu/nhwc/program.hpp>
#include <strata/graph/declared/network_tables.hpp>

namespace strata::bench {

struct Subject {
  const char *name, *title;
  bool training = false;
  int batch = 1, rounds = 3;  ///< defaults
  const cpu::nhwc::Program* nodes =
      nullptr;  ///< by node, with kernels of fixed shape alone; the code that runs it adds the others
  const cpu::lanes::Program* groups = nullptr;                                     ///< images in lanes
  const cpu::lanes::Program *direct_groups = nullptr, *winograd_groups = nullptr;  ///< the same, all with one algorithm
  int groups_from = 0;  ///< the smallest batch that runs in lanes
  const graph::Layer* layers = nullptr;
  const graph::Tensor *parameters = nullptr, *buffers = nullptr;
  int parameter_count = 0, buffer_count = 0, parameter_floats = 0, buffer_floats = 0;

  constexpr bool in_lanes(int images) const { return groups && images >= groups_from; }
};

extern const Subject digits_inference, digits_training, street_inference_360, street_training_360, street_inference,
    street_training;

/// A subject with the network's tables; the caller sets the programs.
template <const auto& Lowered>
constexpr Subject subject_of(const char* name, const char* title) {
  return {.name = name,
          .title = title,
          .layers = Lowered.layers,
          .parameters = Lowered.parameters,
          .buffers = Lowered.buffers,
          .parameter_count = Lowered.parameter_count,
          .buffer_count = Lowered.buffer_count,
          .parameter_floats = Lowered.parameter_floats,
          .buffer_floats = Lowered.buffer_floats};
}

/// The kernels of a program without the general ones, so that these are compiled once and not with every network.
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

}  // namespace strata::bench
