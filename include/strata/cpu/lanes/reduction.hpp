// SPDX-License-Identifier: MIT
// The end of a phase: the partial sums of the chunks are added, in order, into gradients, batch values and running
// statistics. A reduction is cut into blocks for the threads.
#pragma once

#include <strata/cpu/lanes/program.hpp>
#include <strata/graph/op_traits.hpp>

namespace strata::cpu::lanes {

/// Where the sums of a step go.
struct Targets {
  float* buffers = nullptr;
  float* gradients = nullptr;
  bool accumulate = false;
  double momentum = -1;
  const unsigned char* keeps_statistics =
      nullptr;  ///< per layer: whether a batch norm keeps its statistics; null: none does
  core::StepResult* result = nullptr;
  core::StepResult* more = nullptr;  ///< of heads 1, 2, ...
  bool forward = false;              ///< no gradients: of several heads, one may lie in an earlier phase than another
};

inline constexpr int block_floats = 1024;

/// The number of blocks of node i.
constexpr int blocks(const Program& program, int i) {
  const bool long_sum = graph::extent(program.nodes[i].op) == graph::Extent::none;
  const long floats = program.partial_sizes[i];
  return long_sum ? int(core::ceil_divide(floats, block_floats)) : floats > 0;
}

class Reduction {
 public:
  Reduction(const Memory& memory, int chunks, const Targets& targets)
      : memory_(memory), chunks_(chunks), targets_(targets) {}

  /// Whether the step does without node i: a gradient, of one that is only forward.
  bool skips(int i) const {
    const Op op = memory_.program->nodes[i].op;
    return targets_.forward && graph::forward_of(op) != op;
  }
  /// The number of blocks of nodes [first, last).
  int count(int first, int last) const {
    int total = 0;
    for (int i = first; i < last; i++) total += blocks(*memory_.program, i);
    return total;
  }
  void run(int first, int block) const {
    int i = first;
    for (; block >= blocks(*memory_.program, i); i++) block -= blocks(*memory_.program, i);
    const Op op = memory_.program->nodes[i].op;
    if (skips(i)) return;
    if (op == Op::batch_statistics) statistics(i);
    else if (op == Op::normalize_reductions) reductions(i);
    else if (op == Op::loss) loss(i);
    else weights(i, block);
  }

 private:
  void put(float value, int offset) const {
    float& to = targets_.gradients[offset];
    to = targets_.accumulate ? to + value : value;
  }

  /// How many weights and biases a node has that computes their gradients.
  static long weights_of(const Node& node) {
    if (node.op == Op::dense_weight_gradient) return node.in.size() * node.out.size();
    if (graph::product(node.op) == graph::Product::none) return graph::shared_numbers(node.share, node.in);
    return long(node.in.channels) * node.window.taps() * node.out.channels;
  }
  static long biases_of(const Node& node) {
    if (node.op == Op::dense_weight_gradient) return node.out.size();
    return graph::product(node.op) == graph::Product::none ? weights_of(node) : node.out.channels;
  }

  /// partial: [weights][bias, if any]
  void weights(int i, int block) const {
    const Node& node = memory_.program->nodes[i];
    const long weights = weights_of(node), end = weights + (node.bias >= 0 ? biases_of(node) : 0);
    const long first = long(block) * block_floats, last = std::min(first + block_floats, end);
    for (long at = first; at < last; at += width) {
      Vector total(0.f);
      for (int chunk = 0; chunk < chunks_; chunk++) total = total + core::simd::load(memory_.partial(chunk, i) + at);
      alignas(64) float values[width];
      core::simd::store(values, total);
      for (int l = 0; l < width && at + l < last; l++)
        put(values[l], int(at + l < weights ? node.weights + at + l : node.bias + at + l - weights));
    }
  }

  void statistics(int i) const {
    const Node& node = memory_.program->nodes[i];
    const int channels = node.in.channels;
    float *const value = memory_.value(i, 0, 0), *const running = targets_.buffers + node.buffers;
    const double momentum = targets_.momentum >= 0 ? targets_.momentum : node.momentum;
    if (graph::keeps_statistics(node, targets_.keeps_statistics)) {
      for (int c = 0; c < channels; c++) {
        value[c] = running[c];
        value[channels + c] = float(1 / std::sqrt(running[channels + c] + node.epsilon));
      }
      return;
    }
    for (int c = 0; c < channels; c++) {
      Moments all;
      for (int chunk = 0; chunk < chunks_; chunk++) all.merge(moments(memory_.partial(chunk, i))[c]);
      const double variance = all.squares / all.count;
      value[c] = float(all.mean);
      value[channels + c] = float(1 / std::sqrt(variance + node.epsilon));
      const double unbiased = all.count > 1 ? all.squares / (all.count - 1) : variance;
      running[c] += float(momentum * (all.mean - running[c]));
      running[channels + c] += float(momentum * (unbiased - running[channels + c]));
    }
  }

  void reductions(int i) const {
    const Node& node = memory_.program->nodes[i];
    const int channels = node.mid.channels;
    float* const value = memory_.value(i, 0, 0);
    const bool kept = graph::keeps_statistics(node, targets_.keeps_statistics);
    for (int e = 0; e < 2 * channels; e++) {
      double total = 0;
      for (int chunk = 0; chunk < chunks_; chunk++) total += memory_.partial(chunk, i)[e];
      value[e] = kept ? 0.f : float(total);
      const int offset = e < channels ? node.bias : node.weights;
      if (offset >= 0 && !node.frozen) put(float(total), offset + e % channels);
    }
  }

  void loss(int i) const {
    const int head = memory_.program->nodes[i].port;
    core::StepResult& to = head == 0 ? *targets_.result : targets_.more[head - 1];
    for (int chunk = 0; chunk < chunks_; chunk++) {
      const LossSums& sums = *reinterpret_cast<const LossSums*>(memory_.partial(chunk, i));
      to.loss += sums.loss, to.weight += sums.weight;
      to.correct += sums.correct, to.counted += sums.counted;
    }
  }

  const Memory& memory_;
  int chunks_;
  const Targets& targets_;
};

}  // namespace strata::cpu::lanes
