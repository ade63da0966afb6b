// SPDX-License-Identifier: MIT
// Compares the gradients of a network with (loss(w + h) - loss(w - h)) / 2h, in double precision. The loss is the sum
// of those of all heads. check_gradients<Layer>() does so for a custom layer, above all for the derivative of a
// Pointwise functor.
#pragma once

#include <string>

#include <strata/core/error.hpp>
#include <strata/reference/random_data.hpp>
#include <strata/spec/layers.hpp>

namespace strata::reference {

/// The outcome of a gradient check; true if all gradients are right.
struct GradientCheck {
  std::string why;  ///< the first tensor whose gradient is wrong, as a sentence; empty: none
  explicit operator bool() const { return why.empty(); }
};

/// Checks up to 25 elements of each tensor; `kept` has one flag per layer, or is null. Wrong: off by more than a few
/// parts in ten million of the tensor's largest gradient.
inline GradientCheck compare_with_differences(const Declaration& net, const graph::Tensor* tensors, int tensor_count,
                                              std::string (*name)(int), const RandomData& data,
                                              const unsigned char* kept = nullptr) {
  constexpr double step = 1e-6;
  Doubles parameters(data.parameters.begin(), data.parameters.end()), gradients(parameters.size());
  const Doubles buffers(data.buffers.begin(), data.buffers.end());
  Tape tape(net, data.count);
  const auto loss = [&](double* gradients_or_null) {
    Doubles running = buffers;
    core::StepResult more[graph::max_ports - 1];
    double sum = reference::step(tape, parameters.data(), running.data(), data.image_view(), data.label_view(),
                                 gradients_or_null, {.loss_scale = 1, .seed = 5, .kept = kept, .more = more})
                     .loss;
    for (const core::StepResult& of_head : more) sum += of_head.loss;
    return sum;
  };
  loss(gradients.data());
  for (int t = 0; t < tensor_count; t++) {
    const graph::Tensor& tensor = tensors[t];
    double worst = 0, scale = 0, given = 0, expected = 0;
    for (int k = 0, stride = 1 + tensor.size / 25; k < tensor.size; k += stride) {
      double& parameter = parameters[std::size_t(tensor.offset + k)];
      const double before = parameter;
      parameter = before + step;
      const double above = loss(nullptr);
      parameter = before - step;
      const double below = loss(nullptr);
      parameter = before;
      const double gradient = gradients[std::size_t(tensor.offset + k)], difference = (above - below) / (2 * step);
      scale = std::fmax(scale, std::fabs(difference));
      if (std::fabs(gradient - difference) > worst || gradient != gradient)
        worst = gradient == gradient ? std::fabs(gradient - difference) : HUGE_VAL, given = gradient,
        expected = difference;
    }
    if (worst > 1e-7 + 3e-7 * scale)
      return {core::sentence("the gradient of ", name(t), " is ", given, ", but finite differences give ", expected,
                             "; check the derivative")};
  }
  return {};
}

/// Checks all parameters of `Net` on a batch of `images`. kept: per layer, as in StepOptions.
template <class Net>
GradientCheck check_network(int images = 3, const unsigned char* kept = nullptr) {
  constexpr auto name =
      +[](int t) { return std::string(graph::tensor_name<Net>(graph::lowered<Net>.parameters[t]).text); };
  return compare_with_differences(
      declaration<Net>, graph::lowered<Net>.parameters, graph::lowered<Net>.parameter_count, name,
      smooth_data(declaration<Net>, tensors_of(graph::lowered<Net>), images, 1e-4, 12, kept), kept);
}

/// Checks the gradients of a layer, and those that it passes on, inside a small network. Not for layers that need an
/// image larger than Input.
template <class Layer, class Input = Image<6, 7, 3>>
GradientCheck check_gradients() {
  return reference::check_network<Network<Input, Conv<3, 4>, Layer, Dense<3>, Softmax>>();
}

}  // namespace strata::reference

namespace strata {
using reference::check_gradients;
}  // namespace strata
