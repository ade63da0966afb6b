// SPDX-License-Identifier: MIT
// Squeeze-and-excitation.
#pragma once

#include <strata/spec/conv.hpp>
#include <strata/spec/global_average_pool.hpp>
#include <strata/spec/relu.hpp>
#include <strata/spec/sequential.hpp>
#include <strata/spec/sigmoid.hpp>

namespace strata {

/// Squeeze-and-excitation (Hu et al., arXiv 1709.01507): scales each channel by a number between 0 and 1.
/// y[c, r, k] = x[c, r, k] g[c], g = Gate(conv(Activation(conv(means of the channels of x)))), where the first
/// convolution has `Channels` output channels and the second those of x. H x W x C -> H x W x C. MobileNetV3 gates with
/// HardSigmoid, EfficientNet squeezes with SiLU. Tensors are named as in torchvision's SqueezeExcitation: "fc1.weight",
/// "fc1.bias", "fc2.weight", "fc2.bias". Refuses fewer than one channel.
template <int Channels, class Activation = ReLU, class Gate = Sigmoid>
struct SqueezeExcite {
  using functors = detail::functors_of<Activation, Gate>;
  static constexpr graph::Bound bound = [] {
    graph::Bound bound = detail::total_bound<GlobalAvgPool, Conv<1, Channels>, Activation, Gate>();
    bound += {2, 2, 2};
    return bound;
  }();
  static constexpr void spell(core::Text& out) {
    out << "SqueezeExcite<" << Channels << ", ";
    detail::spell_all<Activation, Gate>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    const Shape in = b.shape(x);
    const int squeezed = detail::lower_in_order<Named<"avgpool", GlobalAvgPool>, Named<"fc1", Conv<1, Channels>>,
                                                Named<"activation", Activation>>(b, x);
    if (b.refused()) return x;
    const int before = b.enter("fc2");
    b.begin("Conv", &spell);
    graph::Node expand{.op = graph::Op::convolution, .out = {1, 1, in.channels}};
    detail::add_weights(b, expand,
                        {.rank = 4, .dims = {in.channels, Channels, 1, 1}, .fan_in = Channels, .fan_out = in.channels},
                        in.channels, {});
    const int expanded = b.add(expand, squeezed);
    b.leave(before);
    const int values[] = {x, detail::lower_in_order<Named<"scale_activation", Gate>>(b, expanded)};
    b.given = x;
    if (b.refused()) return x;
    b.begin("SqueezeExcite", &spell);
    return b.join(graph::Op::scale, values, 2, in);
  }
};

}  // namespace strata
