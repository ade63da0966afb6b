// SPDX-License-Identifier: MIT
// How often each class occurs, and weights that make rare classes count as much as frequent ones: median frequency
// balancing (Eigen, Fergus 2015, as MATLAB's example applies it).
#pragma once

#include <algorithm>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/samples/batch.hpp>

namespace strata::data {

/// How many pixels of a set belong to each class.
struct PixelCounts {
  std::vector<long> pixels;                       ///< of each class
  std::vector<long> pixels_of_images_with_class;  ///< all pixels, including void, of the images with the class
  long labeled = 0, total = 0;                    ///< pixels that have a class; all pixels

  /// Adds the counts of another part of the data, such as validation or test.
  PixelCounts& operator+=(const PixelCounts& other) {
    if (pixels.size() != other.pixels.size())
      throw Error("PixelCounts: counts of ", pixels.size(), " and ", other.pixels.size(), " classes cannot be added");
    for (std::size_t c = 0; c < pixels.size(); c++) {
      pixels[c] += other.pixels[c];
      pixels_of_images_with_class[c] += other.pixels_of_images_with_class[c];
    }
    labeled += other.labeled, total += other.total;
    return *this;
  }
};

/// Counts the pixels of each class in any samples with one label per pixel. Throws Error where a label is too large.
template <core::Samples Set>
PixelCounts count_pixels(Set&& set, int classes, int pixels_per_image) {
  if (classes < 1 || pixels_per_image < 1)
    throw Error("count_pixels: ", classes, " classes and ", pixels_per_image,
                " pixels per image; give 1 or more of each");
  PixelCounts out;
  out.pixels.resize(std::size_t(classes)), out.pixels_of_images_with_class.resize(std::size_t(classes));
  std::vector<long> here(std::size_t(classes), 0);
  for (std::int32_t i = 0; i < int(set.count()); i++) {
    const Labels labels = Batch(set.batch(&i, 1)).labels;
    const std::int32_t* label = labels.values + labels.row(0) * pixels_per_image;
    std::fill(here.begin(), here.end(), 0);
    for (int p = 0; p < pixels_per_image; p++) {
      if (label[p] < 0) continue;
      if (label[p] >= classes)
        throw Error("count_pixels: image ", i, " has the label ", label[p], ", but there are ", classes, " classes");
      here[std::size_t(label[p])]++;
    }
    out.total += pixels_per_image;
    for (std::size_t c = 0; c < here.size(); c++) {
      out.pixels[c] += here[c], out.labeled += here[c];
      if (here[c] > 0) out.pixels_of_images_with_class[c] += pixels_per_image;
    }
  }
  return out;
}

/// The same for a set that has classes() and shape(), such as SegmentationSet.
template <core::Samples Set>
requires requires(Set& set) { set.classes().size(), set.shape().pixels(); }
PixelCounts count_pixels(Set&& set) { return count_pixels(set, int(set.classes().size()), set.shape().pixels()); }

/// The classes that never occur.
inline std::vector<int> absent_classes(const PixelCounts& counts) {
  std::vector<int> out;
  for (std::size_t c = 0; c < counts.pixels.size(); c++)
    if (counts.pixels[c] == 0) out.push_back(int(c));
  return out;
}

/// weight[c] = median of the frequencies / frequency[c], where frequency[c] = pixels[c] / pixels of the images with c.
/// Classes that never occur have weight 0 and are left out of the median. Throws Error where no pixel has a class.
inline std::vector<float> median_frequency_weights(const PixelCounts& counts) {
  const auto frequency = [&](std::size_t c) {
    return double(counts.pixels[c]) / double(counts.pixels_of_images_with_class[c]);
  };
  std::vector<double> sorted;
  for (std::size_t c = 0; c < counts.pixels.size(); c++)
    if (counts.pixels[c] > 0) sorted.push_back(frequency(c));
  if (sorted.empty())
    throw Error("median_frequency_weights: no pixel has a class; give labels with at least one class");
  std::sort(sorted.begin(), sorted.end());
  const std::size_t n = sorted.size();
  const double median = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  std::vector<float> out(counts.pixels.size(), 0.f);
  for (std::size_t c = 0; c < out.size(); c++)
    if (counts.pixels[c] > 0) out[c] = float(median / frequency(c));
  return out;
}

}  // namespace strata::data
