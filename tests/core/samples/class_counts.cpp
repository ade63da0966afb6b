// SPDX-License-Identifier: MIT
#include <strata/core/samples/class_counts.hpp>

#include <doctest/doctest.h>

#include <strata/core/random.hpp>

using namespace strata;
using namespace strata::core;

namespace {

constexpr Shape scores{5, 7, 4};
constexpr int images = 3, pixels = scores.pixels();

/// Runs of labels, some below 0 and some of a class that the network does not have.
std::vector<std::int32_t> labels() {
  std::vector<std::int32_t> out;
  Random random{4, 0};
  while (int(out.size()) < images * pixels)
    out.insert(out.end(), 1 + random.below(4), std::int32_t(random.below(7)) - 1);
  out.resize(images * pixels);
  return out;
}

void check_same(const LabelSums& a, const LabelSums& b) {
  CHECK(a.counted == b.counted);
  CHECK(a.weight == doctest::Approx(b.weight).epsilon(1e-14));
}

constexpr float weights[4] = {0.5f, 0, 3.7f, 1};

}  // namespace

TEST_CASE("without changes: the sums of all labels") {
  const std::vector<std::int32_t> values = labels();
  const std::int32_t index[] = {2, 0, 2};
  for (const std::int32_t* rows : {static_cast<const std::int32_t*>(nullptr), index}) {
    const Labels given{values.data(), rows};
    ClassCounts counts(scores);
    for (int round = 0; round < 2; round++) counts.count({.count = images}, given);
    check_same(counts.sums(nullptr), sum_labels(given, images, pixels, 4, nullptr));
    check_same(counts.sums(weights), sum_labels(given, images, pixels, 4, weights));
  }
}

TEST_CASE("with changes: those of the labels that are then in view") {
  const std::vector<std::int32_t> values = labels();
  const ImageTransform transforms[images] = {
      {}, {.reflected = true, .down = -1, .right = 3}, {.scale = 1.6, .top = 1, .left = 2}};
  std::vector<std::int32_t> shown(values.size(), -1);
  for (int i = 0; i < images; i++) {
    std::int32_t rows[scores.height], columns[scores.width];
    fill_sources(transforms[i], scores.height, scores.width, rows, columns);
    for (int y = 0; y < scores.height; y++)
      for (int x = 0; x < scores.width; x++)
        if (rows[y] >= 0 && columns[x] >= 0)
          shown[std::size_t(i * pixels + y * scores.width + x)] =
              values[std::size_t(i * pixels + nearest(rows[y]) * scores.width + nearest(columns[x]))];
  }
  ClassCounts counts(scores);
  counts.count({.count = images, .transforms = transforms}, {values.data(), nullptr});
  check_same(counts.sums(nullptr), sum_labels({shown.data(), nullptr}, images, pixels, 4, nullptr));
  check_same(counts.sums(weights), sum_labels({shown.data(), nullptr}, images, pixels, 4, weights));
  CHECK(counts.sums(nullptr).counted != sum_labels({values.data(), nullptr}, images, pixels, 4, nullptr).counted);
}
