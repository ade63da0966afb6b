// SPDX-License-Identifier: MIT
// Pools along signals.
#pragma once

#include <strata/spec/average_pool.hpp>
#include <strata/spec/max_pool.hpp>
#include <strata/spec/one_row.hpp>

namespace strata {

/// Max pooling along a signal, as PyTorch's MaxPool1d: the MaxPool of one row by `Kernel` columns.
/// 1 x L x C -> 1 x L' x C. Options: those of MaxPool; Pad<both> or Pad<before, after>.
template <int Kernel, class... Option>
using MaxPool1d = MaxPool<Size{1, Kernel}, typename detail::OneRow<Option>::type...>;

/// Average pooling along a signal, as PyTorch's AvgPool1d: the AvgPool of one row by `Kernel` columns.
/// 1 x L x C -> 1 x L' x C. Options: those of AvgPool; Pad<both> or Pad<before, after>.
template <int Kernel, class... Option>
using AvgPool1d = AvgPool<Size{1, Kernel}, typename detail::OneRow<Option>::type...>;

}  // namespace strata
