// SPDX-License-Identifier: MIT
// Which algebra the rewriting passes may use.
#pragma once

namespace strata::graph {

struct RewriteOptions {
  bool concat_of_resize = true;   ///< concat_of_resize.hpp
  int least_channels = 16;        ///< of an enlarged map there: fewer are convolved with less work than interpolating takes
  bool mix_before_resize = true;  ///< mix_before_resize.hpp
  bool fold_batch_norm = true;    ///< inference: into the weights and bias of the node before it
  bool resize_in_head = true;     ///< the loss or softmax enlarges and crops its scores itself
  constexpr bool operator==(const RewriteOptions&) const = default;
};

/// The network as it is declared, layer by layer.
constexpr RewriteOptions no_rewrites{.concat_of_resize = false, .mix_before_resize = false, .fold_batch_norm = false, .resize_in_head = false};

}  // namespace strata::graph
