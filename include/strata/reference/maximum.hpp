// SPDX-License-Identifier: MIT
// The larger of two maps, and its gradient, one image at a time.
#pragma once

#include <strata/reference/map.hpp>

namespace strata::reference {

inline void maximum(Map a, Map b, Map y) {
  for (long e = 0; e < y.size(); e++) y[e] = a[e] > b[e] ? a[e] : b[e];
}

/// The gradient of a: dy where a is larger, half of it where both are equal.
inline void maximum_gradient(Map dy, Map a, Map b, Map da) {
  for (long e = 0; e < da.size(); e++) da[e] = a[e] > b[e] ? dy[e] : a[e] == b[e] ? dy[e] / 2 : 0;
}

}  // namespace strata::reference
