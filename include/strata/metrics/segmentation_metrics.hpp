// SPDX-License-Identifier: MIT
// The quality of label maps per class, per image and for a whole set. With M[i][j] = number of pixels of class i that
// were predicted as class j, without void pixels:
//   global accuracy    sum of M[i][i] / sum of M
//   class accuracy     M[i][i] / sum over j of M[i][j]; mean accuracy: the mean over classes
//   IoU                M[i][i] / (row i + column i - M[i][i]); mean IoU: the mean over classes; weighted IoU: by row i
//   BF score           boundary_score.hpp; per class: the mean over images; per image: the mean over classes; of the
//                      set: the mean over images
// Accuracies and IoU of a set come from its summed counts, not from means over images. 0 / 0 is NaN, which the means
// skip: a class that is absent from the truth has no accuracy, one that is absent from both has no IoU and no BF score.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>
#include <strata/metrics/boundary_score.hpp>
#include <strata/metrics/metrics.hpp>

namespace strata::metrics {

/// Scores of one class over a set.
struct ClassScores {
  double accuracy, iou, mean_bf_score;  ///< fractions from 0 to 1; NaN: the class does not occur
  long pixels;                          ///< of the class in the truth
};

/// Scores of one image.
struct ImageScores {
  /// Fractions from 0 to 1, as in SegmentationScores; NaN: no pixel has a class.
  double global_accuracy, mean_accuracy, mean_iou, weighted_iou, mean_bf_score;
};

/// Scores of a set, of its classes, and of its images in the order in which they were added. `global_accuracy` is of
/// all pixels, `weighted_iou` the mean over the classes weighted by their pixels, `mean_bf_score` the mean over the
/// images.
struct SegmentationScores {
  /// Fractions from 0 to 1; NaN: no pixel has a class.
  double global_accuracy, mean_accuracy, mean_iou, weighted_iou, mean_bf_score;
  std::vector<ClassScores> classes;  ///< one per class
  std::vector<ImageScores> images;   ///< one per image
  Confusion confusion;               ///< of all images
};

/// The contribution of one image.
struct ImageTally {
  Confusion confusion;            ///< of its pixels
  std::vector<double> bf_scores;  ///< one per class
};

namespace detail {

/// The mean of the values that are not NaN; NaN if there are none.
class MeanOfNumbers {
 public:
  void add(double value) {
    if (core::is_finite(value)) sum_ += value, count_++;
  }
  double value() const { return count_ ? sum_ / double(count_) : std::numeric_limits<double>::quiet_NaN(); }

 private:
  double sum_ = 0;
  long count_ = 0;
};

inline double ratio(double part, double whole) {
  return whole != 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}

inline double intersection_over_union(const Confusion& m, int c) {
  return ratio(double(m.at(c, c)), double(m.either(c)));
}

/// All scores but the BF score, which is NaN.
inline ImageScores scores_of_counts(const Confusion& m) {
  MeanOfNumbers accuracy, iou;
  double weighted = 0;
  for (int c = 0; c < m.classes; c++) {
    const double of_class = intersection_over_union(m, c);
    accuracy.add(ratio(double(m.at(c, c)), double(m.of_class(c))));
    iou.add(of_class);
    if (m.of_class(c)) weighted += of_class * double(m.of_class(c));
  }
  const double total = double(m.total());
  return {ratio(double(m.correct()), total), accuracy.value(), iou.value(), ratio(weighted, total),
          std::numeric_limits<double>::quiet_NaN()};
}

}  // namespace detail

/// Counts and BF scores of one image. Labels [height][width], truth < 0 is void. theta: tolerance of the BF score in
/// pixels; < 0 means 0.75 % of the diagonal. Throws Error for an invalid size or label. Safe to call in parallel.
inline ImageTally tally_image(const std::int32_t* truth, const std::int32_t* predicted, int height, int width,
                              int classes, double theta = -1) {
  if (height < 1 || width < 1 || height > longest_side || width > longest_side)
    throw Error("tally_image: an image of ", height, " x ", width, " pixels; each side must be from 1 to ",
                longest_side);
  ImageTally tally{Confusion(classes), {}};
  for (long i = 0; i < long(height) * width; i++) {
    if (truth[i] < 0) continue;
    if (truth[i] >= classes || predicted[i] < 0 || predicted[i] >= classes)
      throw Error("tally_image: pixel ", i, " has the true class ", truth[i], " and the predicted class ", predicted[i],
                  "; there are ", classes, ", counted from 0, and only the truth may be void (negative)");
    tally.confusion.at(truth[i], predicted[i])++;
  }
  tally.bf_scores =
      boundary_scores(truth, predicted, height, width, classes, theta < 0 ? boundary_tolerance(height, width) : theta);
  return tally;
}

/// Accumulates the scores of a set, image by image. The same order of images gives the same bits.
class SegmentationMetrics {
 public:
  /// theta as in tally_image.
  explicit SegmentationMetrics(int classes, double theta = -1)
      : theta_(theta), confusion_(classes), bf_of_class_(std::size_t(classes > 0 ? classes : 0)) {}

  /// Adds an image's classes, [height][width]; a negative truth is void. Throws Error for numbers that are not classes.
  void add(const std::int32_t* truth, const std::int32_t* predicted, int height, int width) {
    add(tally_image(truth, predicted, height, width, confusion_.classes, theta_));
  }
  /// Adds what tally_image() made of an image. Throws Error if that had another number of classes.
  void add(const ImageTally& tally) {
    if (tally.confusion.classes != confusion_.classes)
      throw Error("SegmentationMetrics: an image with ", tally.confusion.classes,
                  " classes was added, but the metrics have ", confusion_.classes, "; use the same number of classes");
    ImageScores image = detail::scores_of_counts(tally.confusion);
    detail::MeanOfNumbers bf;
    for (std::size_t c = 0; c < bf_of_class_.size(); c++) {
      bf.add(tally.bf_scores[c]);
      bf_of_class_[c].add(tally.bf_scores[c]);
    }
    image.mean_bf_score = bf.value();
    images_.push_back(image);
    for (std::size_t i = 0; i < confusion_.counts.size(); i++) confusion_.counts[i] += tally.confusion.counts[i];
  }

  /// The scores of what was added.
  SegmentationScores scores() const {
    const ImageScores set = detail::scores_of_counts(confusion_);
    detail::MeanOfNumbers bf;
    for (const ImageScores& image : images_) bf.add(image.mean_bf_score);
    SegmentationScores out{
        set.global_accuracy, set.mean_accuracy, set.mean_iou, set.weighted_iou, bf.value(), {}, images_, confusion_};
    for (int c = 0; c < confusion_.classes; c++)
      out.classes.push_back({detail::ratio(double(confusion_.at(c, c)), double(confusion_.of_class(c))),
                             detail::intersection_over_union(confusion_, c), bf_of_class_[std::size_t(c)].value(),
                             confusion_.of_class(c)});
    return out;
  }

 private:
  double theta_;
  Confusion confusion_;
  std::vector<detail::MeanOfNumbers> bf_of_class_;
  std::vector<ImageScores> images_;
};

}  // namespace strata::metrics
