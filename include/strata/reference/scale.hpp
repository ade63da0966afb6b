// SPDX-License-Identifier: MIT
// The product of two maps, or of a map and one number per channel, and its gradient, one image at a time.
#pragma once

#include <strata/reference/map.hpp>

namespace strata::reference {

/// The element of b, a map of this shape or one number per channel, that goes with element e of such a map.
inline double& factor_at(Map b, Shape shape, long e) { return b[b.shape == shape ? e : e / shape.pixels()]; }

/// y = a b
inline void scale(Map a, Map b, Map y) {
  for (long e = 0; e < y.size(); e++) y[e] = a[e] * factor_at(b, y.shape, e);
}

/// db += dy a, where db has the shape of b
inline void scale_gradient(Map dy, Map a, Map db) {
  for (long e = 0; e < dy.size(); e++) factor_at(db, dy.shape, e) += dy[e] * a[e];
}

}  // namespace strata::reference
