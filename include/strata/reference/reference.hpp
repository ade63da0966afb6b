// SPDX-License-Identifier: MIT
// The reference back end: the interface of every back end, in double precision, with one naive loop per operation, on
// one thread. It is the oracle of all others, written to be read rather than to be fast.
#pragma once

#include <strata/core/threads/parallel.hpp>
#include <strata/graph/lower.hpp>
#include <strata/reference/tape.hpp>

namespace strata {

namespace reference {

/// A network without its type.
template <class Net>
inline constexpr Declaration declaration{
    graph::lowered<Net>.graph.nodes,      graph::lowered<Net>.graph.count,
    graph::lowered<Net>.graph.result,     graph::lowered<Net>.graph.others,
    graph::lowered<Net>.inference_heads,  FunctorTable<graph::functors<Net>>::table,
    graph::lowered<Net>.parameter_floats, graph::lowered<Net>.buffer_floats};

/// The network without the heads that are only in training.
inline Declaration inference_of(Declaration net) {
  net.others.count = net.inference_heads - 1;
  return net;
}

/// Reads the images [count][H][W][C] of a batch into the inputs, whose scale and shift per channel are in `buffers`.
inline void read(Tape& tape, Images images, const double* buffers) {
  for (int i = 0; i < tape.net().count; i++) {
    const graph::Node& input = tape.net().nodes[i];
    if (input.op != graph::Op::input) continue;
    const double* scale = buffers + input.buffers;
    for (int n = 0; n < images.count; n++)
      read_image(core::source_of(images, input.port), n, scale, scale + input.out.channels, tape.value(i, n));
  }
}

/// Converts [C][H][W] doubles to [H][W][C] floats.
inline void write_pixels(Map y, float* result) {
  const int channels = y.shape.channels, pixels = y.shape.pixels();
  for (int p = 0; p < pixels; p++)
    for (int c = 0; c < channels; c++) result[long(p) * channels + c] = float(y[long(c) * pixels + p]);
}

/// The value that the loss of a head reads: what a softmax at its end reads, or its output.
inline int scores_of(const Declaration& net, int head = 0) {
  const int result = graph::result_of(net, head);
  const graph::Node& last = net.nodes[result];
  return last.op == graph::Op::softmax ? last.inputs[graph::Input::x] : result;
}

/// A training step in double precision: forward, the loss of the scores, backward. Adds to `gradients`; null:
/// forward only. Parameters, buffers and gradients are one tensor after another, in the order of Model.
inline core::StepResult step(Tape& tape, const double* parameters, double* buffers, Images images, Labels labels,
                             double* gradients, core::StepOptions options) {
  core::StepResult result, other;
  read(tape, images, buffers);
  tape.forward(parameters, buffers, {graph::Mode::training, options.momentum, options.seed, options.kept});
  tape.clear_adjoints();
  for (int head = 0; head < graph::result_count(tape.net()); head++) {
    const int scores = scores_of(tape.net(), head);
    const Shape scored = tape.net().nodes[scores].out;
    const Labels& targets = core::head_of(labels, head);
    const core::LossTerm term = core::loss_term(options, targets, head);
    const double scale = core::loss_scale(options, term, images.count, targets, scored.pixels(), scored.channels);
    core::StepResult& sums = head == 0 ? result : options.more ? options.more[head - 1] : other;
    if (head > 0) sums = {};
    Doubles gradient(std::size_t(scored.size()));
    for (int n = 0; n < images.count; n++) {
      const Map own{gradient.data(), scored};
      loss(term, targets, n, scale, tape.value(scores, n), own, sums);
      add(own, tape.adjoint(scores, n));
    }
  }
  if (gradients) tape.backward(parameters, gradients);
  return result;
}

/// Inference of a network whose type is erased.
class DeclaredInference {
 public:
  /// `net` outlives it.
  explicit DeclaredInference(const Declaration& net) : net_(inference_of(net)) {}
  /// Copies parameters and buffers, one tensor after another, in the order of Model.
  void load(const float* parameters, const float* buffers) {
    parameters_.assign(parameters, parameters + net_.parameters);
    buffers_.assign(buffers, buffers + net_.buffers);
  }
  /// Writes the network's output to result[images.count][H][W][C]; of several heads, one after another.
  void run(Images images, float* result) noexcept {
    float* results[graph::max_ports];
    graph::split_results(net_, images.count, result, results);
    run(images, results);
  }
  /// Writes the output of each head to results[head][images.count][H][W][C].
  void run(Images images, float* const* results) noexcept {
    Tape tape(net_, images.count);
    read(tape, images, buffers_.data());
    tape.forward(parameters_.data(), buffers_.data(), {.mode = graph::Mode::inference});
    for (int head = 0; head < graph::result_count(net_); head++) {
      const int value = graph::result_of(net_, head);
      for (int n = 0; n < images.count; n++)
        write_pixels(tape.value(value, n), results[head] + n * net_.nodes[value].out.size());
    }
  }

 private:
  Declaration net_;
  Doubles parameters_, buffers_;
};

/// Training of a network whose type is erased.
class DeclaredTraining {
 public:
  /// `net` outlives it.
  explicit DeclaredTraining(const Declaration& net) : net_(net) {}
  /// Sums over the batch [images.count][H][W][C]. gradients: of all parameters of the network, in their order, written,
  /// or added to if options.accumulate; 0 for a parameter that no gradient reaches. Returns zeros if there are no
  /// images.
  core::StepResult step(const float* parameters, float* buffers, Images images, Labels labels, float* gradients,
                        core::StepOptions options) noexcept {
    if (images.count <= 0) return {};
    Tape tape(net_, images.count);
    const Doubles weights(parameters, parameters + net_.parameters);
    Doubles running(buffers, buffers + net_.buffers), sums(std::size_t(net_.parameters));
    const core::StepResult result = reference::step(tape, weights.data(), running.data(), images, labels,
                                                    options.backward ? sums.data() : nullptr, options);
    for (long i = 0; i < net_.buffers; i++) buffers[i] = float(running[std::size_t(i)]);
    if (options.backward)
      for (long i = 0; i < net_.parameters; i++)
        gradients[i] = float(sums[std::size_t(i)] + (options.accumulate ? double(gradients[i]) : 0));
    return result;
  }

 private:
  const Declaration& net_;
};

/// Inference of a network.
template <class Net>
class Inference : public DeclaredInference {
 public:
  Inference(int, core::Workers&) : DeclaredInference(declaration<Net>) {}
};

/// Training steps of a network.
template <class Net>
class Training : public DeclaredTraining {
 public:
  Training(int, core::Workers&) : DeclaredTraining(declaration<Net>) {}
};

}  // namespace reference

/// The reference as a back end, as in Model<Net, Reference>.
struct Reference {
  static constexpr const char* name = "reference";
  template <class Net>
  using Inference = reference::Inference<Net>;
  template <class Net>
  using Training = reference::Training<Net>;
};

}  // namespace strata
