// SPDX-License-Identifier: MIT
// The extent of an array of a count that may be zero.
#pragma once

#include <cstddef>

namespace strata::core {

/// `count` as the extent of an array, which has at least one element in C++.
constexpr std::size_t at_least_one(int count) { return count > 0 ? std::size_t(count) : 1; }

}  // namespace strata::core
