// SPDX-License-Identifier: MIT
// Gradients of a batch that several devices share, summed while the backward pass runs. As a program launches its
// nodes, it reports which gradients are final. They collect in a bucket, and a full bucket is summed over all devices
// in a separate stream, which waits only for those gradients:
//
//   step   ... loss | event   wait | node, node | event ..... node, node | event ..... node | event   wait | update
//   sums              wait, losses               wait, bucket              wait, bucket       wait, bucket
//
// The sums of the loss come first, since gradients are divided by the number of labels.
// All of it is launches, events and waits, so a captured step contains it. Nodes compute their gradients in plan order,
// whatever forms were chosen for a device or a batch size, so every device sums the same buckets in the same order.
#pragma once

#include <strata/cuda/planning/parameter_layout.hpp>
#include <strata/cuda/runtime/call.hpp>
#include <strata/cuda/runtime/runtime.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace strata::cuda {

/// Consecutive parameters in ParameterLayout's order.
struct Span {
  long offset = 0, count = 0;
  constexpr bool operator==(const Span&) const = default;
};

/// The parameters whose gradients a node computes: none, weights, weights and bias, scale and shift of a norm, slopes.
struct Learned {
  Span spans[2]{};
  int count = 0;
  constexpr void add(int offset, long floats) {
    if (offset >= 0) spans[count++] = {offset, floats};
  }
};

constexpr Learned learned_by(const Node& node) {
  Learned learned;
  if (is_weight_gradient(node.op)) {
    learned.add(node.weights, weight_order(node).size());
    learned.add(node.bias, node.out.channels);
  } else if (node.op == Op::group_norm_weight_gradient || node.op == Op::prelu_weight_gradient) {
    learned.add(node.weights, graph::shared_numbers(node.share, node.in));
    learned.add(node.bias, graph::shared_numbers(node.share, node.in));
  } else if (node.op == Op::normalize_reductions && !node.frozen) {
    learned.add(node.weights, node.mid.channels);
    learned.add(node.bias, node.mid.channels);
  }
  return learned;
}

/// The devices that share a batch, from the viewpoint of one of them.
class Collective {
 public:
  virtual ~Collective() = default;
  /// Replaces, in the stream, each number of the spans and of the loss sums (null: none) by its sum over all devices.
  /// All devices must call it with the same spans in the same order.
  virtual void sum(float* numbers, std::span<const Span> spans, LossSums* losses, Stream stream) = 0;
  /// Returns when all devices of this process are ready to start a captured step. Until then nothing that waits for
  /// another device runs, so preparing a step may block: allocate, load code, connect.
  virtual void barrier() = 0;
  /// Returns when the stream has no more work. Throws Error where another device fails: a sum would wait for it
  /// forever.
  virtual void wait(Stream stream) = 0;
};

class Reducer final : public BatchSharing {
 public:
  static constexpr long usual_bucket = 1L
                                       << 20;  ///< floats: large enough for the bandwidth, small enough to start early

  /// Creates its stream and event on the selected device.
  explicit Reducer(Collective& devices, long bucket_floats = usual_bucket)
      : devices_(devices), bucket_floats_(bucket_floats), stream_(make_stream()), event_(make_event()) {}

  /// Begins a step in the stream; its gradients are written to `gradients`.
  void begin(Stream step, float* gradients) {
    step_ = step, gradients_ = gradients;
    bucket_.clear();
    gathered_ = 0;
  }

  /// Reports gradients that are final after the work that is in the step's stream now.
  void finished(const Learned& learned) {
    for (int i = 0; i < learned.count; i++) {
      bucket_.push_back(learned.spans[i]);
      gathered_ += learned.spans[i].count;
    }
    if (gathered_ >= bucket_floats_) flush(nullptr);
  }

  /// Sums the losses, for what follows in the step's stream.
  void share(LossSums* losses) override {
    flush(losses);
    join();
  }

  /// Ends the step: what follows in its stream runs after all sums are complete.
  void end() {
    flush(nullptr);
    join();
  }

  void barrier() { devices_.barrier(); }
  void wait(Stream stream) { devices_.wait(stream); }

 private:
  /// Merges spans with no tensor between them, padding zeros included: those of consecutive layers.
  void merge() {
    std::sort(bucket_.begin(), bucket_.end(), [](const Span& a, const Span& b) { return a.offset < b.offset; });
    std::size_t last = 0;
    for (std::size_t i = 1; i < bucket_.size(); i++) {
      if (ParameterLayout::aligned(bucket_[last].offset + bucket_[last].count) == bucket_[i].offset)
        bucket_[last].count = bucket_[i].offset + bucket_[i].count - bucket_[last].offset;
      else bucket_[++last] = bucket_[i];
    }
    if (!bucket_.empty()) bucket_.resize(last + 1);
  }

  void join() {
    check(cudaEventRecord(event_.get(), stream_.get()), "cudaEventRecord");
    check(cudaStreamWaitEvent(step_, event_.get(), 0), "cudaStreamWaitEvent");
  }

  void flush(LossSums* losses) {
    if (bucket_.empty() && !losses) return;
    check(cudaEventRecord(event_.get(), step_), "cudaEventRecord");
    check(cudaStreamWaitEvent(stream_.get(), event_.get(), 0), "cudaStreamWaitEvent");
    merge();
    devices_.sum(gradients_, bucket_, losses, stream_.get());
    bucket_.clear();
    gathered_ = 0;
  }

  Collective& devices_;
  long bucket_floats_;
  OwnedStream stream_;
  OwnedEvent event_;
  Stream step_ = nullptr;
  float* gradients_ = nullptr;
  std::vector<Span> bucket_;
  long gathered_ = 0;
};

}  // namespace strata::cuda
