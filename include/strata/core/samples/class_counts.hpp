// SPDX-License-Identifier: MIT
// The number of labels of each class in a batch, from which a step derives the divisor of its loss; counted before the
// step's options are known.
#pragma once

#include <vector>

#include <strata/core/samples/image_transform.hpp>
#include <strata/core/samples/views.hpp>
#include <strata/core/shape.hpp>

namespace strata::core {

/// Counts the labels, one per pixel of `scores`, as the batch's changes show them.
class ClassCounts {
 public:
  explicit ClassCounts(Shape scores) : scores_(scores), counts_(std::size_t(scores.channels) + 1) {}

  /// Replaces the counts by those of this batch.
  void count(const Images& images, const Labels& labels) {
    std::fill(counts_.begin(), counts_.end(), 0L);
    for (int i = 0; i < images.count; i++) {
      const std::int32_t* const values = labels.values + labels.row(i) * scores_.pixels();
      if (!images.transforms) count_run(scores_.pixels(), [&](int p) { return values[p]; });
      else count_transformed(images.transforms[i], values);
    }
  }

  /// The number and the total weight of the counted labels. weights: per class; null: all 1.
  LabelSums sums(const float* weights) const {
    LabelSums out;
    for (int c = 0; c < scores_.channels; c++) {
      out.counted += counts_[std::size_t(c)];
      out.weight += (weights ? double(weights[c]) : 1) * double(counts_[std::size_t(c)]);
    }
    return out;
  }

 private:
  void count_transformed(const ImageTransform& transform, const std::int32_t* values) {
    rows_.resize(std::size_t(scores_.height)), columns_.resize(std::size_t(scores_.width));
    fill_sources(transform, scores_.height, scores_.width, rows_.data(), columns_.data());
    for (std::int32_t& column : columns_) column = column < 0 ? -1 : nearest(column);
    for (const std::int32_t row : rows_) {
      if (row < 0) continue;
      const std::int32_t* const from = values + long(nearest(row)) * scores_.width;
      count_run(scores_.width,
                [&](int x) { return columns_[std::size_t(x)] < 0 ? -1 : from[columns_[std::size_t(x)]]; });
    }
  }

  /// Counts label(0) ... label(count - 1). Neighbors are mostly equal, so each run of equal labels is added at once.
  template <class Label>
  void count_run(int count, Label&& label) {
    std::int32_t value = label(0);
    int begin = 0;
    for (int i = 1; i < count; i++) {
      const std::int32_t next = label(i);
      if (next == value) continue;
      add(value, i - begin);
      value = next, begin = i;
    }
    add(value, count - begin);
  }
  void add(std::int32_t value, int count) {
    counts_[std::size_t(value >= 0 && value < scores_.channels ? value : scores_.channels)] += count;
  }

  Shape scores_;
  std::vector<long> counts_;  ///< per class; the last: labels without a class
  std::vector<std::int32_t> rows_, columns_;
};

}  // namespace strata::core
