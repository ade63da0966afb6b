// SPDX-License-Identifier: MIT
// ReLU with learned slopes, and its gradients, one image at a time.
#pragma once

#include <strata/graph/declared/graph.hpp>
#include <strata/reference/map.hpp>

namespace strata::reference {

/// The index of the slope of element e.
inline long slope_of(const graph::Node& node, Shape shape, long e) {
  return node.share == graph::Share::image ? 0 : e / shape.pixels();
}

/// y = x where x > 0, else slope x
inline void prelu(const graph::Node& node, const double* slopes, Map x, Map y) {
  for (long e = 0; e < x.size(); e++) y[e] = x[e] > 0 ? x[e] : slopes[slope_of(node, x.shape, e)] * x[e];
}

/// dx = dy where x > 0, else slope dy
inline void prelu_input_gradient(const graph::Node& node, const double* slopes, Map dy, Map x, Map dx) {
  for (long e = 0; e < x.size(); e++) dx[e] = x[e] > 0 ? dy[e] : slopes[slope_of(node, x.shape, e)] * dy[e];
}

/// slope += dy x where x is not positive
inline void prelu_weight_gradient(const graph::Node& node, Map dy, Map x, double* slopes) {
  for (long e = 0; e < x.size(); e++) slopes[slope_of(node, x.shape, e)] += x[e] > 0 ? 0 : dy[e] * x[e];
}

}  // namespace strata::reference
