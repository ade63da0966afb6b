// SPDX-License-Identifier: MIT
// Gradients of a batch that several devices share, summed while the backward pass goes on. A program says which gradients are
// final as it launches its nodes; they gather in a bucket, and a full bucket is summed over all devices in a stream of its own,
// which waits for them and for nothing else:
//
//   step   ... node, node, node | event ..... node, node | event ..... node | event   wait | what follows
//   sums                          wait, bucket             wait, bucket       wait, bucket and sums of the loss
//
// Everything is launches, events and waits, so that a captured step holds all of it. Nodes make their gradients in the order of
// the plan, whatever forms a device or a batch chose for them: every device sums the same buckets in the same order.
#pragma once

#include <strata/cuda/call.hpp>
#include <strata/cuda/parameter_layout.hpp>
#include <strata/cuda/runtime.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace strata::cuda {

/// Parameters that lie behind each other, as ParameterLayout has them.
struct Span {
  long offset = 0, count = 0;
  constexpr bool operator==(const Span&) const = default;
};

/// The parameters whose gradients a node makes: none, weights, bias, or scale and shift of a batch norm.
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
  } else if (node.op == Op::normalize_reductions && !node.frozen) {
    learned.add(node.weights, node.mid.channels);
    learned.add(node.bias, node.mid.channels);
  }
  return learned;
}

/// The devices that share a batch, as one of them sees the others.
class Collective {
 public:
  virtual ~Collective() = default;
  /// In the stream: each number of the spans, and of the sums of the loss (null: none), becomes its sum over all devices. All
  /// call it with the same spans in the same order.
  virtual void sum(float* numbers, std::span<const Span> spans, LossSums* losses, Stream stream) = 0;
  /// Returns when all devices of this process may start a step that was captured. Until then nothing runs that waits for another
  /// device, so preparing one may block: allocate, load code, connect.
  virtual void meet() = 0;
};

class Reducer {
 public:
  static constexpr long usual_bucket = 1L << 20;  ///< floats: large enough for the bandwidth, small enough to begin early

  /// For the device that is selected.
  explicit Reducer(Collective& devices, long bucket_floats = usual_bucket)
      : devices_(devices), bucket_floats_(bucket_floats), stream_(make_stream()), event_(make_event()) {}

  /// A step begins in the stream; its gradients come to lie at `gradients`.
  void begin(Stream step, float* gradients) {
    step_ = step, gradients_ = gradients;
    bucket_.clear();
    gathered_ = 0;
  }

  /// These gradients are final behind what the stream of the step holds now.
  void finished(const Learned& learned) {
    for (int i = 0; i < learned.count; i++) {
      bucket_.push_back(learned.spans[i]);
      gathered_ += learned.spans[i].count;
    }
    if (gathered_ >= bucket_floats_) flush(nullptr);
  }

  /// The step ends: what follows it in its stream finds all sums done.
  void end(LossSums* losses) {
    flush(losses);
    check(cudaEventRecord(event_.get(), stream_.get()), "cudaEventRecord");
    check(cudaStreamWaitEvent(step_, event_.get(), 0), "cudaStreamWaitEvent");
  }

  void meet() { devices_.meet(); }

 private:
  /// Spans between which no tensor lies become one, with the zeros between them: those of a row of layers.
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
