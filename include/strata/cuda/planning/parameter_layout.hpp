// SPDX-License-Identifier: MIT
// Where the parameters lie on the device in training. Each tensor starts at an aligned offset, as cuDNN requires for
// what it reads and writes, and the weights that it multiplies have channels innermost: [outer][taps][inner]. On the
// host they are packed, in PyTorch's order.
#pragma once

#include <strata/core/divide.hpp>
#include <strata/cuda/planning/weights.hpp>
#include <strata/graph/declared/network_tables.hpp>

namespace strata::cuda {

class ParameterLayout {
 public:
  static constexpr long aligned_to = 64;  ///< floats: 256 bytes, and 128 bytes in 16-bit copies
  static constexpr long aligned(long floats) { return core::round_up(floats, long(aligned_to)); }

  ParameterLayout(const PlanView& plan, const graph::Tensor* tensors, int count) : host_(tensors, tensors + count) {
    const std::vector<WeightOrder> known = weight_orders(plan);
    for (const graph::Tensor& tensor : host_) {
      graph::Tensor on_device = tensor;
      on_device.offset = int(floats_);
      floats_ += aligned(tensor.size);
      device_.push_back(on_device);
      WeightOrder order{tensor.offset, tensor.size, 1, 1};  // as it is
      for (const WeightOrder& k : known)
        if (k.offset == tensor.offset) order = k;
      orders_.push_back(order);
    }
  }

  long floats() const { return floats_; }                                ///< on the device, padding included
  const std::vector<graph::Tensor>& tensors() const { return device_; }  ///< with the device's offsets

  /// The plan's nodes with the device's offsets.
  std::vector<Node> placed(const PlanView& plan) const {
    std::vector<Node> nodes(plan.nodes, plan.nodes + plan.count);
    for (Node& node : nodes)
      for (int* offset : {&node.weights, &node.bias, &node.prologue.scale, &node.prologue.shift})
        if (*offset >= 0) *offset = device_offset(*offset);
    return nodes;
  }

  /// Copies one number per parameter to or from the device's order, which has `floats()` numbers; all in host memory.
  void to_device(const float* host, float* to) const {
    std::fill_n(to, floats_, 0.f);
    for (std::size_t t = 0; t < host_.size(); t++)
      to_device_order(orders_[t], host + host_[t].offset, nullptr, to + device_[t].offset);
  }
  void from_device(const float* from, float* host) const {
    for (std::size_t t = 0; t < host_.size(); t++)
      from_device_order(orders_[t], from + device_[t].offset, host + host_[t].offset);
  }

 private:
  int device_offset(int host) const {
    for (std::size_t t = 0; t < host_.size(); t++)
      if (host_[t].offset == host) return device_[t].offset;
    throw Error("the parameter at offset ", host, " is inside a tensor; the device can only address whole tensors");
  }

  std::vector<graph::Tensor> host_, device_;
  std::vector<WeightOrder> orders_;
  long floats_ = 0;
};

/// Bytes of the copies of the parameters that are multiplied, 0 in fp32; floats: ParameterLayout::floats().
constexpr long copies_bytes(long floats, Element e) { return e == Element::fp32 ? 0 : bytes_of(e) * floats; }

/// Bytes of the numbers that a training session keeps: parameters, gradients (also those of earlier micro-batches if
/// steps accumulate), copies, running statistics.
constexpr long training_number_bytes(long floats, long buffer_floats, Element e, bool accumulates) {
  return 4 * (floats * (accumulates ? 3 : 2) + buffer_floats) + copies_bytes(floats, e);
}

}  // namespace strata::cuda
