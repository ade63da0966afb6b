// SPDX-License-Identifier: MIT
// Options of layers over signals, which are maps of one row.
#pragma once

#include <strata/spec/options.hpp>

namespace strata::detail {

/// The option with its one or two numbers along the places of a signal.
template <class Option>
struct OneRow {
  using type = Option;
};
template <Size S>
struct OneRow<Stride<S>> {
  using type = Stride<Size{1, S.width}>;
};
template <Size D>
struct OneRow<Dilation<D>> {
  using type = Dilation<Size{1, D.width}>;
};
template <int Both>
struct OneRow<Pad<Both>> {
  using type = Pad<0, Both, 0, Both>;
};
template <int Before, int After>
struct OneRow<Pad<Before, After>> {
  using type = Pad<0, Before, 0, After>;
};

}  // namespace strata::detail
