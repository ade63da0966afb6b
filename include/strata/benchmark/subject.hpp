// SPDX-License-Identifier: MIT
// What a benchmark runs: a network in one use, as plain tables. Only the file that declares the benchmark knows the
// network's type; the rest of the program has no templates of it.
#pragma once

#include <strata/core/threads/parallel.hpp>
#include <strata/cpu/lanes/program.hpp>
#include <strata/cpu/nhwc/program.hpp>
#include <strata/graph/declared/network_tables.hpp>
#include <strata/reference/tape.hpp>

#include <functional>
#include <string>
#include <vector>

namespace strata::benchmarks {

struct Inputs;

/// One inference, or one step of a training with its update.
using Call = std::function<void()>;

/// A back end that a declaration names, such as Cuda.
struct GivenBackend {
  std::string name;  ///< as the declaration spells it
  /// Makes a call on `images` of the inputs, which outlive it like the workers.
  Call (*call)(bool training, const Inputs& inputs, int images, core::Workers& workers) = nullptr;
};

/// A network in one use.
struct Subject {
  std::string network;    ///< as the declaration spells it
  bool training = false;  ///< whether the use is a training step; otherwise an inference
  int batch = 1;          ///< images, where nothing else is asked for
  const cpu::nhwc::Program* nodes =
      nullptr;  ///< by node, with kernels of fixed shape alone: CompleteProgram adds the others
  const cpu::lanes::Program* groups = nullptr;                             ///< images in lanes; null: it does not suit
  const cpu::lanes::Run *direct_runs = nullptr, *winograd_runs = nullptr;  ///< its kernels with one algorithm for all
  int groups_from = 0;  ///< the smallest batch that a model runs in lanes
  const reference::Declaration* declared = nullptr;
  const graph::Layer* layers = nullptr;
  const graph::Tensor *parameters = nullptr, *buffers = nullptr;
  int parameter_count = 0, buffer_count = 0, parameter_floats = 0, buffer_floats = 0;
  long macs = 0;  ///< multiply-adds of the forward pass of one image, as declared
  std::vector<GivenBackend> given{};

  /// "digits/training".
  std::string name() const { return network + (training ? "/training" : "/inference"); }
  /// Whether a model runs so many images in lanes.
  bool in_lanes(int images) const { return groups && images >= groups_from; }
  /// The nodes of the program that a model runs.
  const graph::Node* plan(int images) const { return in_lanes(images) ? groups->nodes : nodes->nodes; }
  int node_count(int images) const { return in_lanes(images) ? groups->count : nodes->count; }
};

}  // namespace strata::benchmarks
