// SPDX-License-Identifier: MIT
// Checks of samples before anything is computed from them: an error names the sample that holds a number that is not
// finite or a label without a class.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/core/shape.hpp>

namespace strata::training::detail {

/// Throws Error for NaN and infinity. index: the samples' numbers in the set, or null; `whose` begins the message.
STRATA_ONCE void check_images(const Images& images, const std::int32_t* index, int count, Shape shape,
                              const char* whose);

/// Throws Error for labels without a class of the network.
STRATA_ONCE void check_labels(const Labels& labels, const std::int32_t* index, int count, long pixels, int classes,
                              const char* whose);

/// The error for samples none of whose labels counts. counted: labels that are not ignored but have the weight 0.
STRATA_ONCE std::string nothing_counts(long counted, const char* whose);

#if STRATA_HAS_BODIES

STRATA_ONCE void check_images(const Images& images, const std::int32_t* index, int count, Shape shape,
                              const char* whose) {
  for (int i = 0; images.floats && i < count; i++) {
    const float* image = images.floats + images.row(i) * shape.size();
    const long at = core::first_not_finite(image, shape.size());
    if (at < 0) continue;
    const long pixel = at / shape.channels;
    throw Error(whose, ": sample ", index ? index[i] : i, " holds ", core::not_finite_name(double(image[at])), " (row ",
                pixel / shape.width, ", column ", pixel % shape.width, ", channel ", at % shape.channels,
                "); give finite numbers, or leave the sample out");
  }
}

STRATA_ONCE void check_labels(const Labels& labels, const std::int32_t* index, int count, long pixels, int classes,
                              const char* whose) {
  const auto refuse = [&](int i, int label) {
    throw Error(whose, ": sample ", index ? index[i] : i, " has the label ", label, ", but the network has ", classes,
                " classes, 0 to ", classes - 1,
                "; give it more classes, or give labels below 0 to samples that are to be ignored");
  };
  for (int i = 0; i < count; i++) {
    const long first = labels.row(i) * pixels;
    if (labels.values) {
      const std::int32_t* const row = labels.values + first;
      for (long p = 0; p < pixels; p++)
        if (row[p] >= classes) refuse(i, row[p]);
    } else {
      const std::uint8_t* const row = labels.bytes + first;
      for (long p = 0; p < pixels; p++)
        if (row[p] >= classes && row[p] != 255) refuse(i, row[p]);
    }
  }
}

STRATA_ONCE std::string nothing_counts(long counted, const char* whose) {
  return counted == 0
             ? core::sentence("all labels of ", whose, " are below 0 and therefore ignored; give labels of 0 or more")
             : core::sentence(
                   "all labels of ", whose,
                   " belong to classes with weight 0 in loss.class_weights; give a nonzero weight to a class that occurs");
}

#endif  // STRATA_HAS_BODIES

/// Whether the set promises that no label is beyond the classes.
template <class Set>
bool labels_fit(const Set& set, int classes) {
  if constexpr (requires { int(set.labels_below()); }) return int(set.labels_below()) <= classes;
  else return false;
}

/// Calls see(batch, index, n) for all samples of a set in order, in batches small enough for sets that copy samples.
template <class Set, class See>
void for_all_batches(Set& set, Shape shape, See&& see) {
  std::vector<std::int32_t> index;
  const long few = (1 << 22) / (shape.size() > 0 ? shape.size() : 1);
  const int step = int(few < 1 ? 1 : few > 256 ? 256 : few);
  for (int first = 0, n = 0, count = int(set.count()); first < count; first += n) {
    n = count - first < step ? count - first : step;
    index.resize(std::size_t(n));
    for (int i = 0; i < n; i++) index[std::size_t(i)] = first + i;
    const Batch batch = set.batch(index.data(), n);
    see(batch, index.data(), n);
  }
}

}  // namespace strata::training::detail
