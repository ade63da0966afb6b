// SPDX-License-Identifier: MIT
// Batch normalization.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// Batch normalization with the given epsilon (> 0) and momentum (from 0 to 1).
/// y = scale (x - mean) / sqrt(variance + epsilon) + shift, with one mean and one variance per channel (Ioffe and
/// Szegedy, arXiv 1502.03167). H x W x C -> H x W x C. Training uses the batch statistics (biased variance) and moves
/// the running statistics by `Momentum` (unbiased variance, as in PyTorch). Inference uses the running statistics.
/// Refuses an epsilon or momentum out of its range.
template <Real Epsilon, Real Momentum>
struct BatchNormWith {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 2, 1};
  static constexpr void spell(core::Text& out) {
    out << "BatchNorm";
    if (Epsilon.value != 1e-5 || Momentum.value != 0.1)
      out << "With<" << Epsilon.value << ", " << Momentum.value << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("BatchNorm", &spell);
    const Shape in = b.shape(x);
    if (!(Epsilon.value > 0)) b.refuse(graph::Reason::epsilon_not_positive, &spell, in);
    if (!(Momentum.value >= 0 && Momentum.value <= 1)) b.refuse(graph::Reason::momentum_out_of_range, &spell, in);
    if (b.refused()) return x;
    graph::Node node{.op = graph::Op::batch_norm, .out = in, .epsilon = Epsilon.value, .momentum = Momentum.value};
    node.weights = b.parameter({.role = graph::Role::scale, .rank = 1, .dims = {in.channels, 1, 1, 1}});
    node.bias = b.parameter({.role = graph::Role::shift, .rank = 1, .dims = {in.channels, 1, 1, 1}});
    node.buffers = b.buffer(graph::Role::running_mean, in.channels);
    b.buffer(graph::Role::running_var, in.channels);
    return b.add(node, x);
  }
};

/// Batch normalization with epsilon 1e-5 and momentum 0.1, PyTorch's defaults: see BatchNormWith.
using BatchNorm = BatchNormWith<Real{1e-5}, Real{0.1}>;

}  // namespace strata
