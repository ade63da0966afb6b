// SPDX-License-Identifier: MIT
// Single nodes of a program, run over and over on the inputs that they have in a step.
#pragma once

#include <strata/benchmark/prepared_groups.hpp>
#include <strata/benchmark/prepared_nodes.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace strata::benchmarks {

/// The nodes of a program, of which one at a time is prepared.
class NodeAlone {
 public:
  virtual ~NodeAlone() = default;
  /// Runs the nodes before `node`, so that its inputs are those of a step, and then the node, to warm up.
  virtual void prepare(int node) = 0;
  /// Runs the prepared node `times` times, packing its weights first each time if a training does so in every step.
  virtual void run(int times) = 0;
};

namespace detail {

/// A value of a program by node, for all images.
class Value {
 public:
  Value(const PreparedNodes& prepared, int node)
      : from_(prepared.memory.value(node)),
        size_(prepared.program.nodes[node].out.size()),
        stride_(prepared.program.frame),
        images_(prepared.program.places[node].storage == graph::Storage::fixed ? 1 : prepared.images),
        storage_(prepared.program.places[node].storage) {}

  bool overlaps(const Value& other) const {
    return from_ && other.from_ && storage_ == other.storage_ && from_ < other.from_ + other.size_ &&
           other.from_ < from_ + size_;
  }
  void save() {
    saved_.resize(std::size_t(size_ * images_));
    for (int n = 0; n < images_; n++) std::copy_n(from_ + n * stride_, size_, saved_.data() + n * size_);
  }
  void restore() const {
    for (int n = 0; n < images_; n++) std::copy_n(saved_.data() + n * size_, size_, from_ + n * stride_);
  }

 private:
  float* from_;
  long size_, stride_;
  int images_;
  graph::Storage storage_;
  core::Floats saved_{};
};

/// By node. A step continues from one prepared node to the next, so that preparing all in order costs one step.
class NodeOfImages final : public NodeAlone {
 public:
  NodeOfImages(const Subject& subject, const Inputs& inputs, int images, core::Workers& workers)
      : prepared_(subject, inputs, images, workers) {}

  const PreparedNodes& program() const { return prepared_; }

  void prepare(int node) override {
    if (node == current_) return;
    if (current_ >= 0) {  // a node that overwrites an input has run on its own output since
      for (const Value& value : overwritten_) value.restore();
      run(1);
      done_ = current_ + 1;
    }
    if (node < done_) done_ = 0;
    for (; done_ < node; done_++) current_ = done_, run(1);
    current_ = node;
    overwritten_.clear();
    const Value output(prepared_, node);
    for (const int input : prepared_.program.nodes[node].inputs)
      if (Value value(prepared_, input); value.overlaps(output)) {
        value.save();
        overwritten_.push_back(std::move(value));
      }
    run(1);
  }

  void run(int times) override {
    core::StepResult sums;
    prepared_.workers.run([&](core::Team& team) {
      for (int k = 0; k < times; k++) {
        if (prepared_.subject.training) prepared_.memory.pack(current_, prepared_.step, team);
        prepared_.memory.run(current_, prepared_.step, team, &sums);
      }
    });
  }

 private:
  PreparedNodes prepared_;
  int current_ = -1, done_ = 0;  ///< done_: the nodes of the step that have run
  std::vector<Value> overwritten_{};
};

/// Images in lanes. The groups of a node run one after another, without the other nodes of their phase.
class NodeOfGroups final : public NodeAlone {
 public:
  NodeOfGroups(const Subject& subject, const Inputs& inputs, int images, core::Workers& workers)
      : prepared_(subject, inputs, images, workers) {}

  const PreparedGroups& program() const { return prepared_; }

  void prepare(int node) override {
    if (node == current_) return;
    current_ = node;
    prepared_.workers.run([&](core::Team& team) {
      int first = 0;
      for (int last = 0; (last = std::min(prepared_.phase_end(first), node)) > first; first = last)
        run_nodes(first, last, team);
    });
    run(1);
  }

  void run(int times) override {
    prepared_.workers.run([&](core::Team& team) {
      for (int k = 0; k < times; k++) run_nodes(current_, current_ + 1, team);
    });
  }

 private:
  /// Runs nodes [first, last), which are of one phase.
  void run_nodes(int first, int last, core::Team& team) {
    if (!prepared_.training) {
      team.for_each(prepared_.groups(), [&](int group, int slot) {
        for (int i = first; i < last; i++) prepared_.memory.call(i, prepared_.step, group, 0, slot);
      });
      return;
    }
    team.for_each(last - first, [&](int i, int) {
      if (!prepared_.shares_weights(first + i)) prepared_.pack(first + i);
    });
    team.for_each(prepared_.chunks(), [&](int chunk, int slot) {
      for (int i = first; i < last; i++) {
        const int summed = i + measures_for_next(i);  // the node whose sums it writes
        std::fill_n(prepared_.memory.partial(chunk, summed), prepared_.program.partial_sizes[summed], 0.f);
      }
      for (int group = prepared_.first_group(chunk); group < prepared_.first_group(chunk + 1); group++)
        for (int i = first; i < last; i++) prepared_.memory.call(i, prepared_.step, group, chunk, slot);
    });
    const cpu::lanes::Reduction reduction = prepared_.reduction();
    team.for_each(reduction.count(first, last), [&](int block, int) { reduction.run(first, block); });
  }
  /// Whether the node does the work of the statistics that follow it.
  bool measures_for_next(int i) const {
    return prepared_.program.algorithms[i] == cpu::lanes::Algorithm::measured &&
           prepared_.program.nodes[i].op == graph::Op::convolution;
  }

  PreparedGroups prepared_;
  int current_ = -1;
};

}  // namespace detail

/// The nodes of the program that a model runs for so many images. The subject, the inputs and the workers outlive it.
inline std::unique_ptr<NodeAlone> node_alone(const Subject& subject, const Inputs& inputs, int images,
                                             core::Workers& workers) {
  if (subject.in_lanes(images)) return std::make_unique<detail::NodeOfGroups>(subject, inputs, images, workers);
  return std::make_unique<detail::NodeOfImages>(subject, inputs, images, workers);
}

}  // namespace strata::benchmarks
