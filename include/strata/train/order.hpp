// SPDX-License-Identifier: MIT
// The order of the samples in an epoch depends only on the seed and the epoch, so it need not be stored.
#pragma once

#include <cstdint>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/random.hpp>

namespace strata::training {

/// Fills `order` with a permutation of 0 ... count - 1 (Fisher, Yates).
STRATA_ONCE void shuffle_order(std::vector<std::int32_t>& order, int count, std::uint64_t seed);

#if STRATA_HAS_BODIES

STRATA_ONCE void shuffle_order(std::vector<std::int32_t>& order, int count, std::uint64_t seed) {
  order.resize(std::size_t(count));
  for (int i = 0; i < count; i++) order[std::size_t(i)] = i;
  core::Random random{seed, 0};
  for (std::size_t i = order.size(); i-- > 1;) {
    const auto j = std::size_t(random.below(i + 1));
    const std::int32_t kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training
