// SPDX-License-Identifier: MIT
// Norms within an image: statistics of groups of its channels, the norm by them, and its gradients; one image at a
// time. A map of statistics or of means has 2 G channels for G groups, and one pixel or all of the image.
#pragma once

#include <strata/graph/declared/graph.hpp>
#include <strata/reference/map.hpp>

#include <cmath>

namespace strata::reference {

/// The group that an element of a map belongs to, as an element of the first G channels of a map of means.
inline long group_of(const graph::Node& node, Shape shape, long e) {
  const long channel = e / shape.pixels(), group = channel * node.groups / shape.channels;
  return graph::normalizes_pixels(node) ? group * shape.pixels() + e % shape.pixels() : group;
}

/// means: the means over each group of first(e) and of second(e).
template <class First, class Second>
void group_means(const graph::Node& node, Shape shape, First first, Second second, Map means) {
  const long half = means.size() / 2;
  for (long k = 0; k < means.size(); k++) means[k] = 0;
  const double share = double(half) / double(shape.size());
  for (long e = 0; e < shape.size(); e++) {
    const long k = group_of(node, shape, e);
    means[k] += share * first(e), means[half + k] += share * second(e);
  }
}

/// statistics: mean, 1 / sqrt(variance + epsilon)
inline void group_statistics(const graph::Node& node, Map x, Map statistics) {
  const long half = statistics.size() / 2;
  const auto nothing = [](long) { return 0.; };
  group_means(
      node, x.shape, [&](long e) { return x[e]; }, nothing, statistics);
  Doubles means(statistics.data, statistics.data + half);
  const auto square = [&](long e) {
    const double d = x[e] - means[std::size_t(group_of(node, x.shape, e))];
    return d * d;
  };
  group_means(
      node, x.shape, [&](long e) { return x[e]; }, square, statistics);
  for (long k = half; k < 2 * half; k++) statistics[k] = 1 / std::sqrt(statistics[k] + node.epsilon);
}

/// Element e of a norm: its normalized value, and the index of its scale and shift.
struct Normalized {
  double xhat, inv_std;
  long parameter;
  Normalized(const graph::Node& node, Map x, Map statistics, long e) {
    const long k = group_of(node, x.shape, e);
    inv_std = statistics[statistics.size() / 2 + k];
    xhat = (x[e] - statistics[k]) * inv_std;
    parameter = node.share == graph::Share::element ? e : e / x.shape.pixels();
  }
};

/// y = scale xhat + shift; scale and shift may be null
inline void group_norm(const graph::Node& node, const double* scale, const double* shift, Map x, Map statistics,
                       Map y) {
  for (long e = 0; e < x.size(); e++) {
    const Normalized at(node, x, statistics, e);
    y[e] = (scale ? scale[at.parameter] : 1) * at.xhat + (shift ? shift[at.parameter] : 0);
  }
}

/// means: of dz and of dz xhat, dz = scale dy
inline void group_norm_reductions(const graph::Node& node, const double* scale, Map dy, Map x, Map statistics,
                                  Map means) {
  const auto dz = [&](long e) { return dy[e] * (scale ? scale[Normalized(node, x, statistics, e).parameter] : 1); };
  group_means(
      node, x.shape, dz, [&](long e) { return dz(e) * Normalized(node, x, statistics, e).xhat; }, means);
}

/// dx = inv_std (dz - mean of dz - xhat mean of dz xhat)
inline void group_norm_input_gradient(const graph::Node& node, const double* scale, Map dy, Map x, Map statistics,
                                      Map means, Map dx) {
  for (long e = 0; e < x.size(); e++) {
    const Normalized at(node, x, statistics, e);
    const long k = group_of(node, x.shape, e);
    const double dz = dy[e] * (scale ? scale[at.parameter] : 1);
    dx[e] = at.inv_std * (dz - means[k] - at.xhat * means[means.size() / 2 + k]);
  }
}

/// scale += dy xhat, shift += dy, over the elements that share them
inline void group_norm_weight_gradient(const graph::Node& node, Map dy, Map x, Map statistics, double* scale,
                                       double* shift) {
  for (long e = 0; e < x.size(); e++) {
    const Normalized at(node, x, statistics, e);
    scale[at.parameter] += dy[e] * at.xhat;
    shift[at.parameter] += dy[e];
  }
}

}  // namespace strata::reference
