// SPDX-License-Identifier: MIT
// Median frequency weights: computed by hand, and of the real CamVid where STRATA_DATA has it.
#include <strata/data/class_weights.hpp>

#include <doctest/doctest.h>

#include <strata/data/dataset.hpp>
#include <strata/data/segmentation_set.hpp>

#include <cstdlib>

#include "../support/refusal.hpp"
#include "../support/street_files.hpp"

namespace data_class_weights {

using namespace strata;
using namespace strata::data;
using namespace strata::testing;

TEST_CASE("by hand") {
  // Two images of 4 pixels: 0 0 1 void, 0 2 2 2; class 3 never occurs.
  const Dataset set({2, 2, 1}, std::vector<std::uint8_t>(8), {0, 0, 1, -1, 0, 2, 2, 2}, 4);
  const PixelCounts counts = count_pixels(set, 4, 4);
  CHECK(counts.pixels == std::vector<long>{3, 1, 3, 0});
  CHECK(counts.pixels_of_images_with_class == std::vector<long>{8, 4, 4, 0});
  CHECK(counts.labeled == 7);
  CHECK(counts.total == 8);
  CHECK(absent_classes(counts) == std::vector<int>{3});
  // Frequencies 3/8, 1/4, 3/4; their median is 3/8.
  CHECK(median_frequency_weights(counts) == std::vector<float>{1.f, 1.5f, 0.5f, 0.f});
  PixelCounts both = counts;
  both += counts;
  CHECK(both.pixels == std::vector<long>{6, 2, 6, 0});
  CHECK(both.total == 16);
  CHECK(median_frequency_weights(both) == median_frequency_weights(counts));
}

TEST_CASE("an even number of classes, labels without a class") {
  const Dataset set({1, 4, 1}, std::vector<std::uint8_t>(4), {0, 0, 0, 1}, 4);
  CHECK(median_frequency_weights(count_pixels(set, 2, 4)) == std::vector<float>{2.f / 3, 2.f});
  CHECK(refuses([&] { count_pixels(set, 1, 4); }, "image 0 has the label 1"));
  CHECK(refuses([&] { count_pixels(set, -1, 4); }, "-1 classes", "give 1 or more"));
  CHECK(refuses([&] { count_pixels(set, 2, 0); }, "0 pixels", "give 1 or more"));
  const Dataset nothing({1, 2, 1}, std::vector<std::uint8_t>(2), {-1, -1}, 2);
  CHECK(refuses([&] { median_frequency_weights(count_pixels(nothing, 2, 2)); }, "no pixel has a class"));
  PixelCounts two = count_pixels(set, 2, 4);
  CHECK(refuses([&] { two += count_pixels(nothing, 3, 2); }, "counts of 2 and 3 classes"));
}

TEST_CASE("of a folder") {
  TemporaryFolder folder;
  write_segnet(folder.path(), 3, 0, 8, 8);
  const SegmentationFiles files = open_segmentation(folder.path());
  SegmentationSet set(files.train, files.coding, files.classes, {8, 8, 3});
  const PixelCounts counts = count_pixels(set);
  long labeled = 0;
  for (int i = 0; i < 3; i++)
    for (const std::uint8_t label : block_labels(8, 8, 11, std::uint64_t(i))) labeled += label < 11;
  CHECK(counts.labeled == labeled);
  CHECK(counts.total == 3 * 64);
}

TEST_CASE("the real CamVid's 367 training images") {
  const char* data = std::getenv("STRATA_DATA");
  const std::string folder = std::string(data ? data : "") + "/camvid";
  if (!data || !folder_exists(folder)) {
    MESSAGE("STRATA_DATA has no CamVid: the small sets above are used instead");
    return;
  }
  const SegmentationFiles files = open_segmentation(folder);
  REQUIRE(files.train.size() == 367);
  CHECK(files.validation.size() == 101);
  SegmentationSet set(files.train, files.coding, files.classes, {360, 480, 3});
  const std::vector<float> weights = median_frequency_weights(count_pixels(set));
  const float expected[11] = {0.2793f, 0.2017f, 4.7865f, 0.1490f, 1.0000f, 0.4217f,
                              3.8467f, 1.9736f, 0.7889f, 6.3747f, 8.8587f};
  REQUIRE(weights.size() == 11);
  for (int c = 0; c < 11; c++) CHECK(std::abs(weights[std::size_t(c)] - expected[c]) <= 0.00005f);
  CHECK(set.report().pictures == 367);
  CHECK(set.report().unknown_pixels == 0);
}

}  // namespace data_class_weights
