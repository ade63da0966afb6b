// SPDX-License-Identifier: MIT
// The layers with weights. Each is bilinear: a sum of terms y[a] += w[b] x[c]. The terms are enumerated once; the three
// passes are y[a] += w[b] x[c], dx[c] += w[b] dy[a] and dw[b] += x[c] dy[a] over the same terms.
#pragma once

#include <strata/graph/declared/graph.hpp>
#include <strata/reference/map.hpp>

namespace strata::reference {

/// Calls term(y, w, x), with the indices of the three, for each term. in, out: shapes of the operation `forward`;
/// groups: 1, or those of a grouped convolution.
template <class Term>
void for_each_term(graph::Op forward, const core::Window& window, int groups, Shape in, Shape out, Term term) {
  const int taps = window.taps();
  const auto at = [](Shape s, int channel, int row, int column) {
    return (long(channel) * s.height + row) * s.width + column;
  };
  if (forward == graph::Op::dense) {  // w[o][i]
    for (long o = 0; o < out.size(); o++)
      for (long i = 0; i < in.size(); i++) term(o, o * in.size() + i, i);
  } else if (forward ==
             graph::Op::transposed_convolution) {  // w[i][o][tap]; the window slides over y, and x is its output
    for_each_tap(window, out, in, [&](int xy, int xx, int tap, int yy, int yx) {
      for (int o = 0; o < out.channels; o++)
        for (int i = 0; i < in.channels; i++)
          term(at(out, o, yy, yx), (long(i) * out.channels + o) * taps + tap, at(in, i, xy, xx));
    });
  } else if (forward == graph::Op::depthwise_convolution) {  // w[o][tap]
    for_each_tap(window, in, out, [&](int oy, int ox, int tap, int iy, int ix) {
      for (int o = 0; o < out.channels; o++)
        term(at(out, o, oy, ox), long(o) * taps + tap, at(in, o / (out.channels / in.channels), iy, ix));
    });
  } else {  // convolution: w[o][i][tap], where i counts the channels of a group
    const int inputs = in.channels / groups, outputs = out.channels / groups;
    for_each_tap(window, in, out, [&](int oy, int ox, int tap, int iy, int ix) {
      for (int o = 0; o < out.channels; o++)
        for (int i = 0; i < inputs; i++)
          term(at(out, o, oy, ox), (long(o) * inputs + i) * taps + tap, at(in, o / outputs * inputs + i, iy, ix));
    });
  }
}

/// y = sum w x + b; bias may be null.
inline void linear(graph::Op op, const core::Window& window, const double* weights, const double* bias, Map x, Map y,
                   int groups = 1) {
  for (long i = 0; i < y.size(); i++) y[i] = bias ? bias[i / y.shape.pixels()] : 0;
  for_each_term(op, window, groups, x.shape, y.shape, [&](long a, long b, long c) { y[a] += weights[b] * x[c]; });
}

/// dx = the adjoint applied to dy.
inline void linear_input_gradient(graph::Op op, const core::Window& window, const double* weights, Map dy, Map dx,
                                  int groups = 1) {
  for (long i = 0; i < dx.size(); i++) dx[i] = 0;
  for_each_term(op, window, groups, dx.shape, dy.shape, [&](long a, long b, long c) { dx[c] += weights[b] * dy[a]; });
}

/// weights += x dy, bias += sum dy; bias may be null.
inline void linear_weight_gradient(graph::Op op, const core::Window& window, Map x, Map dy, double* weights,
                                   double* bias, int groups = 1) {
  for_each_term(op, window, groups, x.shape, dy.shape, [&](long a, long b, long c) { weights[b] += x[c] * dy[a]; });
  if (!bias) return;
  for (long i = 0; i < dy.size(); i++) bias[i / dy.shape.pixels()] += dy[i];
}

}  // namespace strata::reference
