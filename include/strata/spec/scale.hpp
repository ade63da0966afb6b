// SPDX-License-Identifier: MIT
// The former name of Multiply.
#pragma once

#include <strata/spec/multiply.hpp>

namespace strata {

/// The former name of Multiply.
template <class A, class B>
using Scale [[deprecated("strata: Scale is now Multiply")]] = Multiply<A, B>;

}  // namespace strata
