// SPDX-License-Identifier: MIT
// Batches of networks with several sources or heads: the images of each source, the labels of each head, parts of both.
#pragma once

#include <strata/core/samples/views.hpp>
#include <strata/core/shape.hpp>

#include <span>

namespace strata::core {

inline constexpr int max_ports = 8;  ///< sources, and heads, of a network

/// The images of a source.
constexpr const Images& source_of(const Images& images, int source) {
  return source == 0 ? images : images.more[source - 1];
}
/// The labels of a head.
constexpr const Labels& head_of(const Labels& labels, int head) { return head == 0 ? labels : labels.more[head - 1]; }
/// Bit h: whether the labels of head h are floats.
constexpr unsigned heads_with_floats(const Labels& labels, int heads) {
  unsigned mask = 0;
  for (int h = 0; h < heads; h++) mask |= unsigned(head_of(labels, h).floats != nullptr) << h;
  return mask;
}

/// Some images of a batch, from all its sources, without their transforms.
class PartOfImages {
 public:
  /// Images [first, first + count) of `all`; sizes: numbers per image, one per source.
  PartOfImages(const Images& all, int first, int count, std::span<const long> sizes) {
    for (std::size_t i = 0; i < sizes.size(); i++) {
      part_[i] = source_of(all, int(i));
      part_[i].count = count;
      part_[i].transforms = nullptr;
      if (part_[i].index) part_[i].index += first;
      else if (part_[i].floats) part_[i].floats += first * sizes[i];
      else if (part_[i].bytes) part_[i].bytes += first * sizes[i];
    }
    if (sizes.size() > 1) part_[0].more = part_ + 1;
  }
  PartOfImages(const PartOfImages&) = delete;
  PartOfImages& operator=(const PartOfImages&) = delete;

  /// Valid as long as this object and the batch are.
  const Images& images() const { return part_[0]; }

 private:
  Images part_[max_ports]{};
};

/// The labels of some images of a batch, of all its heads, as values or floats.
class PartOfLabels {
 public:
  /// Those of the images from `first` on; outputs: the shapes of what the heads give, one per head.
  PartOfLabels(const Labels& all, int first, std::span<const Shape> outputs) {
    for (std::size_t h = 0; h < outputs.size(); h++) {
      part_[h] = head_of(all, int(h));
      if (part_[h].index) part_[h].index += first;
      else if (part_[h].floats) part_[h].floats += first * outputs[h].size();
      else if (part_[h].values) part_[h].values += first * outputs[h].pixels();
    }
    if (outputs.size() > 1) part_[0].more = part_ + 1;
  }
  PartOfLabels(const PartOfLabels&) = delete;
  PartOfLabels& operator=(const PartOfLabels&) = delete;

  /// Valid as long as this object and the batch are.
  const Labels& labels() const { return part_[0]; }

 private:
  Labels part_[max_ports]{};
};

}  // namespace strata::core
