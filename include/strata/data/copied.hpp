// SPDX-License-Identifier: MIT
// A set of your own as a Dataset, which can be split, augmented, and outlives what it was copied from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/data/dataset.hpp>

namespace strata::data {

/// The samples of a set with images of `shape`, such as an ArraySet of xtensor's arrays. A set that does not say how
/// many labels or floats an image has (Labels::per_image) has one label. Throws Error for a set with neither.
template <core::Samples Set>
Dataset copied(Set&& set, Shape shape) {
  const int count = int(set.count());
  std::vector<std::uint8_t> bytes;
  std::vector<float> floats, targets;
  std::vector<std::int32_t> labels, index;
  long per_image = 1;
  for (int first = 0, n = 0; first < count; first += n) {
    n = std::min(256, count - first);
    index.clear();
    for (int i = 0; i < n; i++) index.push_back(first + i);
    const Batch batch = set.batch(index.data(), n);
    const Images& images = batch.images;
    const Labels& own = batch.labels;
    if (!own.floats && !own.values)
      throw Error("copied: the samples have no labels; give a set with labels or targets");
    per_image = own.per_image > 0 ? own.per_image : 1;
    for (int i = 0; i < n; i++) {
      const long at = images.row(i) * shape.size(), row = own.row(i) * per_image;
      if (images.bytes) bytes.insert(bytes.end(), images.bytes + at, images.bytes + at + shape.size());
      else floats.insert(floats.end(), images.floats + at, images.floats + at + shape.size());
      if (own.floats) targets.insert(targets.end(), own.floats + row, own.floats + row + per_image);
      else labels.insert(labels.end(), own.values + row, own.values + row + per_image);
    }
  }
  if (!targets.empty())
    return floats.empty() ? Dataset(shape, std::move(bytes), std::move(targets), per_image)
                          : Dataset(shape, std::move(floats), std::move(targets), per_image);
  return floats.empty() ? Dataset(shape, std::move(bytes), std::move(labels), per_image)
                        : Dataset(shape, std::move(floats), std::move(labels), per_image);
}

}  // namespace strata::data
