// SPDX-License-Identifier: MIT
// The user's images and labels as views, with an optional index, so that a shuffled batch needs no copy.
#pragma once

#include <cstdint>
#include <span>

#include <strata/core/losses/loss_term.hpp>
#include <strata/core/losses/step_result.hpp>

namespace strata::core {

struct ImageTransform;  // image_transform.hpp

/// A view of `count` images, [H][W][C] each, as floats or as bytes. Image i of the batch is image index[i] in memory,
/// or image i if index is null. Exactly one of `floats` and `bytes` is set. If `transforms` is set, the images are
/// bytes with one label per pixel, and transforms[i] is the augmentation of image i and its labels. Learners whose
/// transforms_images() is true train on the augmented images; others ignore `transforms`.
struct Images {
  const float* floats = nullptr;               ///< [H][W][C] per image; null: they are bytes
  const std::uint8_t* bytes = nullptr;         ///< [H][W][C] per image; null: they are floats
  const std::int32_t* index = nullptr;         ///< one per image, from 0; null: 0, 1, 2, ...
  int count = 0;                               ///< number of images
  const ImageTransform* transforms = nullptr;  ///< one per image; null: none
  const Images* more = nullptr;  ///< of a network with several sources: those of its sources 1, 2, ..., as an array

  /// The number in memory of image i of the batch.
  long row(int i) const { return index ? index[i] : i; }
};

/// What the output of a network should be. Either one class index per image, or one per pixel (H x W per image), where
/// negative labels are ignored; or `floats` of the output's shape, where NaN is ignored. Learners whose
/// takes_byte_labels() is true also take labels as `bytes`, which are a quarter of the memory; all others read
/// `values`.
struct Labels {
  const std::int32_t* values = nullptr;  ///< [1] or [H][W] per image: classes from 0
  const std::int32_t* index = nullptr;   ///< as Images::index
  const std::uint8_t* bytes = nullptr;   ///< instead of values, where that is null: classes from 0; 255 is ignored
  const float* floats = nullptr;         ///< [H][W][C] per image, as the output; instead of values, where that is null
  long per_image = 0;  ///< labels or floats of an image, which a training compares with the output's; 0: not compared
  const Labels* more = nullptr;  ///< of a network with several heads: those of its heads 1, 2, ..., as an array

  /// The number in memory of the labels of image i of the batch.
  long row(int i) const { return index ? index[i] : i; }
};

/// The number of counted labels (0 <= label < classes), and the sum of the weights of their classes.
struct LabelSums {
  long counted = 0;   ///< labels
  double weight = 0;  ///< sum of their classes' weights
  LabelSums& operator+=(const LabelSums& other) {
    counted += other.counted, weight += other.weight;
    return *this;
  }
};
/// The sums over `count` images of `pixels` labels each. class_weights: per class; null: all 1.
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

/// How a step computes loss and gradients.
struct StepOptions {
  double loss_scale = 0;                 ///< factor of the loss sum's gradients; 0: 1 / counted labels of this batch
  const float* class_weights = nullptr;  ///< per class, in the loss of the first head; null: all 1
  bool divide_by_weights = false;        ///< if loss_scale is 0: 1 / sum of the weights of the counted labels instead
  bool accumulate = false;               ///< add to the gradients instead of overwriting them
  bool backward = true;                  ///< false: only the forward pass in training mode (batch norm statistics)
  double momentum = -1;                  ///< of the running statistics; < 0: each layer's own momentum
  std::uint64_t seed = 0;                ///< of the dropout masks of this step
  int shared_images = 0;                 ///< of the batch that several devices share, this one's included; 0: of one
  const unsigned char* kept = nullptr;   ///< per layer; not 0: batch norm normalizes with its running statistics and
                                         ///< does not update them (graph::keeps_statistics); null: no layer
  std::span<const LossTerm> losses{};    ///< one per head; empty: softmax cross-entropy with class_weights
  StepResult* more = nullptr;            ///< of several heads: where the sums of heads 1, 2, ... are written; or null
};

/// The factor of a step's gradients: options.loss_scale, or if that is 0, one over the divisor that the options select
/// (0 if no label is counted).
inline double loss_scale(const StepOptions& options, const LabelSums& sums) {
  if (options.loss_scale != 0) return options.loss_scale;
  const double divisor = options.divide_by_weights ? sums.weight : double(sums.counted);
  return divisor > 0 ? 1 / divisor : 0;
}
inline double loss_scale(const StepOptions& options, int images, const Labels& labels, long pixels, int classes) {
  return options.loss_scale != 0
             ? options.loss_scale
             : loss_scale(options, sum_labels(labels, images, pixels, classes, options.class_weights));
}

}  // namespace strata::core

namespace strata {
using core::Images;
using core::Labels;
}  // namespace strata
