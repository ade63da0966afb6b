// SPDX-License-Identifier: MIT
// What bench_nodes runs: a network in one use, as plain tables. Only one file per network knows its type; the rest
// of the program has no templates.
#pragma once

#include <strata/cpu/lanes/program.hpp>
#include <strata/cpu/nhwc/program.hpp>
#include <strata/graph/network_tables.hpp>

namespace strata::bench {

struct Subject {
  const char *name, *title;
  bool training = false;
  int batch = 1, rounds = 3;                    ///< defaults
  const cpu::nhwc::Program* nodes = nullptr;    ///< by node; the code that runs it sets the general kernels
  const cpu::lanes::Program* groups = nullptr;  ///< images in lanes
  const cpu::lanes::Program *direct_groups = nullptr, *winograd_groups = nullptr;  ///< the same, all with one algorithm
  int groups_from = 0;                          ///< the smallest batch that runs in lanes
  const graph::Layer* layers = nullptr;
  const graph::Tensor *parameters = nullptr, *buffers = nullptr;
  int parameter_count = 0, buffer_count = 0, parameter_floats = 0, buffer_floats = 0;

  constexpr bool in_lanes(int images) const { return groups && images >= groups_from; }
};

extern const Subject digits_inference, digits_training, street_inference_360, street_training_360, street_inference, street_training;

/// A subject with the network's tables; the caller sets the programs.
template <const auto& Lowered>
constexpr Subject subject_of(const char* name, const char* title) {
  return {.name = name, .title = title, .layers = Lowered.layers, .parameters = Lowered.parameters, .buffers = Lowered.buffers,
          .parameter_count = Lowered.parameter_count, .buffer_count = Lowered.buffer_count,
          .parameter_floats = Lowered.parameter_floats, .buffer_floats = Lowered.buffer_floats};
}

/// The program without its general kernels, so that they are compiled once and not with every network.
constexpr cpu::nhwc::Program without_general(cpu::nhwc::Program program) {
  program.general = {};
  return program;
}

}  // namespace strata::bench
