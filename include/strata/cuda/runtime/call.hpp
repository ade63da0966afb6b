// SPDX-License-Identifier: MIT
// The arguments of an own kernel on the device: one node, the whole batch. A value is [batch][H][W][C] elements of the
// model's precision, packed; batch values and everything about parameters are floats. All pointers but node, functors
// and kept are device memory.
#pragma once

#include <strata/core/device.hpp>
#include <strata/core/losses/loss_term.hpp>
#include <strata/cuda/runtime/library.hpp>
#include <strata/graph/declared/graph.hpp>

#include <cstdint>

namespace strata::cuda {

using graph::Input;
using graph::Node;
using graph::Op;

/// What the gradient of the loss sum is divided by: nothing, the number of the counted labels, or their weight.
enum class LossDivisor : int { none, counted, weight };

/// Numbers that change from step to step while the launches stay the same; in device memory, read by running kernels.
struct StepNumbers {
  std::uint64_t seed = 0;  ///< of dropout
  float loss_scale = 0;    ///< factor of the gradient of the loss sum, including that of fp16
  float momentum = -1;     ///< of the running statistics; < 0: each layer's own
  LossDivisor divisor = LossDivisor::none;
  int stop = 0;  ///< 1: this process asks all that share the batch to stop
};

/// Sums of the loss over the batch, in device memory. stops: how many devices were asked to stop.
struct LossSums {
  double loss = 0, weight = 0;
  long long correct = 0, counted = 0, stops = 0;
};

/// The divisor of a loss sum.
STRATA_DEVICE inline double divisor_of(LossDivisor divisor, const LossSums& sums) {
  return divisor == LossDivisor::none ? 1 : divisor == LossDivisor::weight ? sums.weight : double(sums.counted);
}

/// What a loss node computes, other than the softmax cross-entropy of labels.
struct DeviceLoss {
  core::OnDevice kind = core::OnDevice::none;  ///< none: softmax cross-entropy
  bool decides = false;                        ///< as in core::LossFunction, with its threshold
  float threshold = 0;
  float numbers[2] = {0, 0};                ///< as in core::LossTerm
  const float* positive_weights = nullptr;  ///< in device memory; null: all 1
};

/// Targets in device memory. Labels are bytes or ints, and ignored unless they are a class; floats are ignored if NaN.
struct DeviceLabels {
  const std::uint8_t* bytes = nullptr;
  const std::int32_t* values = nullptr;
  const float* floats = nullptr;

  constexpr DeviceLabels() = default;
  constexpr DeviceLabels(const std::uint8_t* b) : bytes(b) {}
  constexpr DeviceLabels(const std::int32_t* v) : values(v) {}
  constexpr DeviceLabels(const float* f) : floats(f) {}
  STRATA_DEVICE std::int32_t operator[](long i) const { return bytes ? std::int32_t(bytes[i]) : values[i]; }
};

/// The devices that share a batch, from the viewpoint of one of them.
class BatchSharing {
 public:
  virtual ~BatchSharing() = default;
  /// Replaces the sums by those over all devices, before what follows in the stream of the step.
  virtual void share(LossSums* sums) = 0;
};

struct Call;

/// A functor of the network as launches over elements [0, count); parameters as for nhwc::Functor.
/// STRATA_INSTANTIATE_CUDA defines one for each functor of the network; ReLU is part of the library's kernels.
struct DeviceFunctor {
  void (*apply)(const Call&, void* x, long count) = nullptr;                  ///< x = f(x)
  void (*scale)(const Call&, void* dy, const void* v, long count) = nullptr;  ///< dy *= df(v), v input or output of f
  bool reads_input = false;
};

struct Call {
  const Node* node = nullptr;
  Element element = Element::fp32;
  int batch = 0;
  Stream stream = nullptr;
  graph::InputPointers<const void*> inputs{};
  Shape shapes[graph::max_inputs] = {};  ///< of the inputs, in their order
  void* output = nullptr;
  void* workspace = nullptr;          ///< workspace_bytes(node, element, batch) of own_kernels.hpp
  const float* parameters = nullptr;  ///< always fp32, in the device's order (parameter_layout.hpp)
  float* buffers = nullptr;
  float* gradients = nullptr;  ///< of this batch alone: overwritten
  const StepNumbers* numbers = nullptr;
  const float* class_weights = nullptr;  ///< one per class; never null: all 1 by default
  const void* images = nullptr;          ///< raw: [batch][H][W][C] bytes, or floats
  bool images_are_bytes = false;
  DeviceLabels labels{};  ///< [batch][pixels of the scores], or floats [batch][pixels][channels]
  DeviceLoss loss{};
  LossSums* sums = nullptr;
  const DeviceFunctor* functors = nullptr;
  const unsigned char* kept = nullptr;  ///< by layer: batch norms that keep their statistics; null: none
  BatchSharing* sharing = nullptr;      ///< null: this device has the whole batch

  bool keeps_statistics() const { return graph::keeps_statistics(*node, kept); }
  const float* parameter(int offset) const { return offset < 0 ? nullptr : parameters + offset; }
  float* gradient(int offset) const { return offset < 0 ? nullptr : gradients + offset; }
};

}  // namespace strata::cuda
