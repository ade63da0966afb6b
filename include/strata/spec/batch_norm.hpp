// SPDX-License-Identifier: MIT
// Batch normalization.
#pragma once

#include <strata/spec/norm_options.hpp>

namespace strata {

/// Batch normalization with the given epsilon (> 0) and momentum (from 0 to 1), and NoAffine: without scale and shift.
/// y = scale (x - mean) / sqrt(variance + epsilon) + shift, with one mean and one variance per channel (Ioffe and
/// Szegedy, arXiv 1502.03167). H x W x C -> H x W x C. Training uses the batch statistics (biased variance) and moves
/// the running statistics by `Momentum` (unbiased variance, as in PyTorch). Inference uses the running statistics.
/// Refuses an epsilon or momentum out of its range.
template <Real Epsilon, Real Momentum, class... Option>
struct BatchNormWith {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 2, 1};
  static constexpr void spell(core::Text& out) {
    out << "BatchNorm";
    if (Epsilon.value == 1e-5 && Momentum.value == 0.1 && sizeof...(Option) == 0) return;
    out << "With<" << Epsilon.value << ", " << Momentum.value;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("BatchNorm", &spell);
    const Shape in = b.shape(x);
    spec::NormOptions o = detail::parse_norm_options<Option...>(true);
    if (o.each_pixel) b.refuse(graph::Reason::option_not_taken, &spell, in, {}, "EachPixel");
    if (o.epsilons > 0) b.refuse(graph::Reason::options_contradict, &spell, in, {}, "Epsilon is given twice");
    o.epsilon = Epsilon.value;
    detail::check_norm_options(b, &spell, in, o);
    if (!(Momentum.value >= 0 && Momentum.value <= 1)) b.refuse(graph::Reason::momentum_out_of_range, &spell, in);
    if (b.refused()) return x;
    graph::Node node{.op = graph::Op::batch_norm, .out = in, .epsilon = Epsilon.value, .momentum = Momentum.value};
    if (o.affine) {
      node.weights = b.parameter({.role = graph::Role::scale, .rank = 1, .dims = {in.channels, 1, 1, 1}});
      node.bias = b.parameter({.role = graph::Role::shift, .rank = 1, .dims = {in.channels, 1, 1, 1}});
    }
    node.buffers = b.buffer(graph::Role::running_mean, in.channels);
    b.buffer(graph::Role::running_var, in.channels);
    return b.add(node, x);
  }
};

/// Batch normalization with epsilon 1e-5 and momentum 0.1, PyTorch's defaults: see BatchNormWith.
using BatchNorm = BatchNormWith<Real{1e-5}, Real{0.1}>;

}  // namespace strata
