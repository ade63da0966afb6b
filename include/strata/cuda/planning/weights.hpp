// SPDX-License-Identifier: MIT
// Weights on their way to the device. PyTorch's [outer][inner][taps] becomes [outer][taps][inner], since cuDNN
// multiplies them with channels innermost; inference folds batch norms into them.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/planning/lower.hpp>
#include <strata/cuda/runtime/element.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace strata::cuda {

/// to[outer][taps][inner] = from[outer][inner][taps] scale[outer]; scale may be null.
inline void to_device_order(const WeightOrder& order, const float* from, const float* scale, float* to) {
  for (int o = 0; o < order.outer; o++)
    for (int t = 0; t < order.taps; t++)
      for (int i = 0; i < order.inner; i++)
        *to++ = from[(long(o) * order.inner + i) * order.taps + t] * (scale ? scale[o] : 1.f);
}

inline void from_device_order(const WeightOrder& order, const float* from, float* to) {
  for (int o = 0; o < order.outer; o++)
    for (int t = 0; t < order.taps; t++)
      for (int i = 0; i < order.inner; i++) to[(long(o) * order.inner + i) * order.taps + t] = *from++;
}

/// The orders of all parameters whose order on the device differs from the host's, each once.
inline std::vector<WeightOrder> weight_orders(const PlanView& plan) {
  std::vector<WeightOrder> orders;
  for (int i = 0; i < plan.count; i++) {
    if (!multiplies_weights(plan.nodes[i].op)) continue;
    const WeightOrder order = weight_order(plan.nodes[i]);
    if (order.taps == 1 || order.inner == 1) continue;  // both orders are the same
    if (std::find(orders.begin(), orders.end(), order) == orders.end()) orders.push_back(order);
  }
  return orders;
}

/// Byte offsets of a node's weights and bias in an inference's folded weights; -1: none.
struct FoldedPlace {
  long weights = -1, bias = -1;
};

/// The place of node `wanted`; for plan.count, `weights` is the end of the last place. Biases are fp32.
constexpr FoldedPlace folded_place(const PlanView& plan, Element element, int wanted) {
  long bytes = 0;
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    if (!multiplies_weights(node.op)) continue;
    const bool has_bias = node.bias >= 0 || node.folded.present;
    const long bias = bytes + rounded_bytes(weight_order(node).size() * bytes_of(element));
    if (i == wanted) return {bytes, has_bias ? bias : -1};
    bytes = bias + (has_bias ? rounded_bytes(4L * node.mid.channels) : 0);
  }
  return wanted == plan.count ? FoldedPlace{bytes, -1} : FoldedPlace{};
}

/// The weights of an inference: in the device's order, with batch norms folded in.
class FoldedWeights {
 public:
  FoldedWeights(const PlanView& plan, Element element) : plan_(plan), element_(element) {
    for (int i = 0; i < plan.count; i++) places_.push_back(folded_place(plan, element, i));
  }
  long bytes() const { return folded_place(plan_, element_, plan_.count).weights; }
  const FoldedPlace& place(int node) const { return places_[std::size_t(node)]; }

  /// Writes all of them to host memory, bytes() bytes.
  void write(const float* parameters, const float* buffers, unsigned char* to) const {
    std::vector<float> scale, bias, ordered;
    for (int i = 0; i < plan_.count; i++) {
      const Node& node = plan_.nodes[i];
      if (place(i).weights < 0) continue;
      const int channels = node.mid.channels;
      scale.assign(std::size_t(channels), 1.f), bias.assign(std::size_t(channels), 0.f);
      if (node.bias >= 0) std::copy_n(parameters + node.bias, channels, bias.data());
      if (node.folded.present) fold(node, parameters, buffers, scale, bias);
      const WeightOrder order = weight_order(node);
      ordered.resize(std::size_t(order.size()));
      // The outer channels of a transposed convolution are its inputs; a folded batch norm scales the inner ones.
      if (is_transposed(node.op)) {
        to_device_order(order, parameters + node.weights, nullptr, ordered.data());
        for (std::size_t e = 0; e < ordered.size(); e++) ordered[e] *= scale[e % std::size_t(order.inner)];
      } else {
        to_device_order(order, parameters + node.weights, scale.data(), ordered.data());
      }
      with_element(element_, [&](auto e) {
        auto* const place = reinterpret_cast<decltype(e)*>(to + this->place(i).weights);
        for (std::size_t k = 0; k < ordered.size(); k++) assign(place[k], ordered[k]);
      });
      if (place(i).bias >= 0) std::memcpy(to + place(i).bias, bias.data(), 4 * std::size_t(channels));
    }
  }

 private:
  static void fold(const Node& node, const float* parameters, const float* buffers, std::vector<float>& scale,
                   std::vector<float>& bias) {
    const int channels = node.mid.channels;
    const float* const running = buffers + node.folded.buffers;
    for (int c = 0; c < channels; c++) {
      const double slope = (node.folded.scale >= 0 ? parameters[node.folded.scale + c] : 1.0) /
                           std::sqrt(double(running[channels + c]) + node.folded.epsilon);
      const double shift = node.folded.shift >= 0 ? parameters[node.folded.shift + c] : 0.0;
      scale[std::size_t(c)] = float(slope);
      bias[std::size_t(c)] = float(shift + slope * (double(bias[std::size_t(c)]) - running[c]));
    }
  }

  PlanView plan_;
  Element element_;
  std::vector<FoldedPlace> places_;
};

}  // namespace strata::cuda
