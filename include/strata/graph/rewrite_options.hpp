// SPDX-License-Identifier: MIT
// Which rewrites are allowed.
#pragma once

namespace strata::graph {

/// Each rewrite can be switched off.
struct RewriteOptions {
  bool concat_of_resize = true;   ///< concat_of_resize.hpp
  int least_channels = 16;        ///< of an enlarged map there; with fewer, convolving costs less than interpolating
  bool mix_before_resize = true;  ///< mix_before_resize.hpp
  bool fold_batch_norm = true;    ///< inference: into the weights and bias of the node before it
  bool resize_in_head = true;     ///< the loss or softmax enlarges and crops its scores itself
  constexpr bool operator==(const RewriteOptions&) const = default;
};

/// The network as declared, layer by layer.
constexpr RewriteOptions no_rewrites{
    .concat_of_resize = false, .mix_before_resize = false, .fold_batch_norm = false, .resize_in_head = false};

}  // namespace strata::graph
