// SPDX-License-Identifier: MIT
// What the user hands in: images and labels as views, with an optional index so that a shuffled batch needs no copy.
#pragma once

#include <cstdint>

namespace strata {

struct Change;  // change.hpp

/// `count` images of H x W x C numbers each, row by row, channels innermost, as floats or as bytes. Image i of the batch
/// is image index[i] of the memory, or image i where index is null. Exactly one of floats, bytes is set.
/// Where changes are given, image i of the batch, in bytes, and its labels, one a pixel, are meant as changes[i] shows them: a
/// learner that says changes_pictures() trains on these. Nobody else looks at changes.
struct Images {
  const float* floats = nullptr;
  const std::uint8_t* bytes = nullptr;
  const std::int32_t* index = nullptr;
  int count = 0;
  const Change* changes = nullptr;

  long row(int i) const { return index ? index[i] : i; }
};

/// One class index an image, or one a pixel (H x W a image). Negative: ignored.
struct Labels {
  const std::int32_t* values = nullptr;
  const std::int32_t* index = nullptr;

  long row(int i) const { return index ? index[i] : i; }
};

/// How many labels are counted (0 <= label < classes) among `count` images of `pixels` labels, and the sum of the weights
/// of their classes.
struct LabelSums {
  long counted = 0;
  double weight = 0;
  LabelSums& operator+=(const LabelSums& other) {
    counted += other.counted, weight += other.weight;
    return *this;
  }
};
inline LabelSums sum_labels(const Labels& labels, int count, long pixels, int classes, const float* class_weights) {
  LabelSums sums;
  for (int i = 0; i < count; i++) {
    const std::int32_t* row = labels.values + labels.row(i) * pixels;
    for (long p = 0; p < pixels; p++) {
      if (row[p] < 0 || row[p] >= classes) continue;
      sums.counted++;
      sums.weight += class_weights ? double(class_weights[row[p]]) : 1;
    }
  }
  return sums;
}

/// Sums over a batch.
struct StepResult {
  double loss = 0;    ///< sum of the cross-entropy of the counted labels, each times the weight of its class
  double weight = 0;  ///< sum of the weights of the counted labels: their number where classes have none
  long correct = 0;   ///< labels that were the most probable class
  long counted = 0;   ///< labels that were not ignored
};

struct StepOptions {
  double loss_scale = 0;       ///< gradient of the loss sum: 0 means 1 / counted labels of this batch
  const float* class_weights = nullptr;  ///< of each class in the loss; null: all 1
  bool divide_by_weights = false;        ///< where loss_scale is 0: 1 / the sum of the weights of the counted labels
  bool accumulate = false;     ///< add to the gradients instead of overwriting them
  bool backward = true;        ///< false: forward in training mode only (statistics of batch norm)
  double momentum = -1;        ///< of the running statistics; < 0: each layer's own
  std::uint64_t seed = 0;      ///< of dropout's masks for this step
  const unsigned char* kept = nullptr;  ///< of each layer, not 0: a batch norm that normalizes with its running statistics and
                                        ///< leaves them alone (graph::keeps_statistics); null: none
};

/// The factor of the gradients of a step: as given, or one over what the options divide by; 0 where no label is counted.
inline double loss_scale(const StepOptions& options, const LabelSums& sums) {
  if (options.loss_scale != 0) return options.loss_scale;
  const double divisor = options.divide_by_weights ? sums.weight : double(sums.counted);
  return divisor > 0 ? 1 / divisor : 0;
}
inline double loss_scale(const StepOptions& options, int images, const Labels& labels, long pixels, int classes) {
  return options.loss_scale != 0 ? options.loss_scale : loss_scale(options, sum_labels(labels, images, pixels, classes, options.class_weights));
}

}  // namespace strata
