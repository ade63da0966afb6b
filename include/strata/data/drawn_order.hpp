// SPDX-License-Identifier: MIT
// Which samples are for training, and which for validation, where no file says so.
#pragma once

#include <numeric>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/random.hpp>

namespace strata::data {

/// The numbers of `count` samples in an order that is drawn from the seed; the last ones are for validation.
inline std::vector<int> drawn_order(int count, std::uint64_t seed) {
  std::vector<int> out(std::size_t(count), 0);
  std::iota(out.begin(), out.end(), 0);
  core::Random random{seed, 0};
  for (std::size_t i = out.size(); i-- > 1;) std::swap(out[i], out[std::size_t(random.below(std::uint64_t(i) + 1))]);
  return out;
}

/// How many of `count` samples are for validation: a part from 0 to below 1. `whose` begins the error message; throws
/// Error where nothing is left for training.
inline int validation_samples(int count, double part, const char* whose) {
  if (!(part >= 0 && part < 1)) throw Error(whose, ": validation is ", part, "; give a part from 0 to below 1");
  const int out = int(count * part + 0.5);
  if (out >= count && count > 0)
    throw Error(whose, ": ", out, " of ", count, " samples are for validation; leave some for training");
  return out;
}

}  // namespace strata::data
