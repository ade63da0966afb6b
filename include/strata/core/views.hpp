// SPDX-License-Identifier: MIT
// What the user hands in: images and labels as views, with an optional index so that a shuffled batch needs no copy.
#pragma once

#include <cstdint>

namespace strata {

/// `count` images of H x W x C numbers each, row by row, channels innermost, as floats or as bytes. Image i of the batch
/// is image index[i] of the memory, or image i where index is null. Exactly one of floats, bytes is set.
struct Images {
  const float* floats = nullptr;
  const std::uint8_t* bytes = nullptr;
  const std::int32_t* index = nullptr;
  int count = 0;

  long row(int i) const { return index ? index[i] : i; }
};

/// One class index an image, or one a pixel (H x W a image). Negative: ignored.
struct Labels {
  const std::int32_t* values = nullptr;
  const std::int32_t* index = nullptr;

  long row(int i) const { return index ? index[i] : i; }
};

/// Sums over a batch.
struct StepResult {
  double loss = 0;    ///< sum of the cross-entropy of the counted labels
  long correct = 0;   ///< labels that were the most probable class
  long counted = 0;   ///< labels that were not ignored
};

struct StepOptions {
  double loss_scale = 0;       ///< gradient of the loss sum: 0 means 1 / counted labels of this batch
  bool accumulate = false;     ///< add to the gradients instead of overwriting them
  bool backward = true;        ///< false: forward in training mode only (statistics of batch norm)
  double momentum = -1;        ///< of the running statistics; < 0: each layer's own
  std::uint64_t seed = 0;      ///< of dropout's masks for this step
};

}  // namespace strata
