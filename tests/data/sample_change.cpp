// SPDX-License-Identifier: MIT
#include <strata/data/sample_change.hpp>

#include <doctest/doctest.h>

#include <set>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

/// Distinct bytes.
std::vector<std::uint8_t> bytes_of(Shape shape) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < out.size(); i++) out[i] = std::uint8_t(mix(3, i) >> 9);
  return out;
}
template <class Pixel>
std::vector<Pixel> applied(const SampleChange& change, Shape shape, const std::vector<Pixel>& image) {
  std::vector<Pixel> out(image.size()), scratch;
  std::array<Pixel, 4> outside;
  for (std::size_t c = 0; c < 4; c++) outside[c] = Pixel(change.transform.outside[c]);
  apply_change(change, shape, outside, image.data(), out.data(), scratch);
  return out;
}
SampleChange whole(Shape shape) {
  SampleChange out;
  out.crop = {0, 0, shape.height, shape.width};
  return out;
}

}  // namespace

TEST_CASE("what a GPU applies is the same here, but for the rounding of tones") {
  constexpr Shape shape{9, 13, 3};
  const std::vector<std::uint8_t> image = bytes_of(shape), labels(std::size_t(shape.pixels()), 3);
  const Augmentation moved{.reflect = true, .translate = 3, .scale_low = 0.6, .scale_high = 1.7};
  for (const Augmentation& a : {Augmentation{}, moved, Augmentation{.brightness = 0.2, .contrast = 0.3}})
    for (std::uint64_t i = 0; i < 40; i++) {
      SampleChange change = draw_change(a, shape.height, shape.width, 7, i);
      change.transform.outside = {9, 8, 7, 0};
      std::vector<std::uint8_t> expected(image.size()), expected_labels(labels.size()), out_labels(labels.size());
      apply_transform(change.transform, shape.height, shape.width, image.data(), labels.data(), expected.data(),
                      expected_labels.data());
      CHECK(applied(change, shape, image) == expected);
      warp_labels(warp_of(change, shape.height, shape.width), shape.height, shape.width, labels.data(), void_label,
                  out_labels.data());
      CHECK(out_labels == expected_labels);
    }
}

TEST_CASE("a turn by a right angle moves every pixel, counterclockwise; labels and floats turn alike") {
  constexpr Shape shape{5, 5, 2};
  const std::vector<std::uint8_t> image = bytes_of(shape);
  SampleChange change = whole(shape);
  change.angle = std::numbers::pi / 2;
  const std::vector<std::uint8_t> turned = applied(change, shape, image);
  const std::vector<float> floats(image.begin(), image.end());
  CHECK(applied(change, shape, floats) == std::vector<float>(turned.begin(), turned.end()));
  int wrong = 0;
  for (int y = 0; y < 5; y++)
    for (int x = 0; x < 5; x++)  // the right edge comes to the top
      for (int c = 0; c < 2; c++)
        wrong += turned[std::size_t((y * 5 + x) * 2 + c)] != image[std::size_t((x * 5 + 4 - y) * 2 + c)];
  CHECK(wrong == 0);
  // Half of that shows the corners of what is beyond, and void labels there.
  change.angle /= 2, change.transform.outside = {1, 2, 3, 4};
  const std::vector<std::uint8_t> labels(25, 6);
  std::vector<std::uint8_t> half(25);
  warp_labels(warp_of(change, 5, 5), 5, 5, labels.data(), void_label, half.data());
  CHECK(half[0] == void_label);
  CHECK(half[12] == 6);
  CHECK(applied(change, shape, image)[1] == 2);
  for (std::uint64_t i = 0; i < 200; i++)
    CHECK(std::abs(draw_change({.rotate = 30}, 5, 5, 1, i).angle) <= std::numbers::pi / 6);
}

TEST_CASE("a crop has an area and a ratio within their limits, lies anywhere, and fills the image") {
  const Augmentation a{.crop_low = 0.1, .crop_high = 0.5};
  std::set<int> tops, heights;
  for (std::uint64_t i = 0; i < 500; i++) {
    const Rectangle crop = draw_change(a, 64, 48, 2, i).crop;
    CHECK((crop.top >= 0 && crop.left >= 0 && crop.top + crop.height <= 64 && crop.left + crop.width <= 48));
    const double area = double(crop.height) * crop.width / (64 * 48), ratio = double(crop.width) / crop.height;
    CHECK((area > 0.09 && area < 0.52));  // sides are whole pixels
    CHECK((ratio > 0.69 && ratio < 1.45));
    tops.insert(crop.top), heights.insert(crop.height);
  }
  CHECK(tops.size() > 30);
  CHECK(heights.size() > 20);
  // An image that no such rectangle fits into: the middle, as wide as is allowed.
  CHECK(draw_change({.crop_low = 0.9}, 4, 100, 1, 1).crop == Rectangle{0, 47, 4, 5});
  CHECK(draw_change({.crop_low = 0.9}, 100, 3, 1, 1).crop == Rectangle{48, 0, 4, 3});

  constexpr Shape shape{4, 4, 1};
  const std::vector<float> image{0, 0, 0, 0, 0, 4, 8, 0, 0, 4, 8, 0, 0, 0, 0, 0};
  SampleChange change = whole(shape);
  change.crop = {1, 1, 2, 2};
  const std::vector<float> enlarged = applied(change, shape, image);
  // Twice as large: samples at a quarter of a pixel, where the surroundings of the crop show.
  CHECK(enlarged[5] == doctest::Approx(5));
  CHECK(enlarged[6] == doctest::Approx(7));
  CHECK(enlarged[1] == doctest::Approx(5 * 0.75));
}

TEST_CASE("saturation and hue: gray at 0, red becomes green after a third of a turn, gray stays") {
  constexpr Shape shape{1, 3, 3};
  const std::vector<std::uint8_t> image{200, 0, 0, 90, 90, 90, 10, 200, 120};
  SampleChange change = whole(shape);
  change.hue = 1 / 3.0;
  CHECK(applied(change, shape, image) == std::vector<std::uint8_t>{0, 200, 0, 90, 90, 90, 120, 10, 200});
  change.hue = -1 / 3.0;
  CHECK(applied(change, shape, image) == std::vector<std::uint8_t>{0, 0, 200, 90, 90, 90, 200, 120, 10});
  change.hue = 0, change.saturation = 0;
  CHECK(applied(change, shape, image) == std::vector<std::uint8_t>{60, 60, 60, 90, 90, 90, 134, 134, 134});
  change.saturation = 2;
  const std::vector<float> half{0.5f, 0.25f, 0.25f, 0.1f, 0.1f, 0.1f, 1, 0.5f, 0};
  const std::vector<float> stronger = applied(change, shape, half);
  const float gray = 0.299f * 0.5f + 0.701f * 0.25f;
  CHECK(stronger[0] == doctest::Approx(1 - gray));
  CHECK(stronger[1] == doctest::Approx(0.5f - gray));
  CHECK(stronger[3] == doctest::Approx(0.1f));
  CHECK(stronger[6] == 1);
  for (std::uint64_t i = 0; i < 200; i++) {
    const SampleChange drawn = draw_change({.saturation = 0.4, .hue = 0.1}, 5, 5, 1, i);
    CHECK((std::abs(drawn.saturation - 1) <= 0.4 && std::abs(drawn.hue) <= 0.1));
  }
}

TEST_CASE("tones of floats are those of bytes") {
  constexpr Shape shape{1, 4, 1};
  SampleChange change = whole(shape);
  change.transform.gain = 1.5, change.transform.offset = 25.5;
  const std::vector<std::uint8_t> bytes = applied(change, shape, std::vector<std::uint8_t>{0, 100, 128, 250});
  const std::vector<float> floats =
      applied(change, shape, std::vector<float>{0, 100 / 255.f, 128 / 255.f, 250 / 255.f});
  for (std::size_t i = 0; i < 4; i++) CHECK(std::abs(floats[i] * 255 - bytes[i]) <= 0.51f);
}

TEST_CASE("cutout hides a square around any pixel, clipped to the image") {
  constexpr Shape shape{6, 8, 5};
  const std::vector<std::uint8_t> image(std::size_t(shape.size()), 200);
  std::set<std::pair<int, int>> holes;
  for (std::uint64_t i = 0; i < 300; i++) {
    SampleChange change = draw_change({.cutout = 4}, shape.height, shape.width, 5, i);
    change.transform.outside = {1, 2, 3, 4};
    const Rectangle& hole = change.hole;
    CHECK((hole.height >= 2 && hole.height <= 4 && hole.width >= 2 && hole.width <= 4));
    holes.insert({hole.top, hole.left});
    const std::vector<std::uint8_t> out = applied(change, shape, image);
    int wrong = 0;
    for (int y = 0; y < 6; y++)
      for (int x = 0; x < 8; x++)
        for (int c = 0; c < 5; c++) {
          const bool hidden =
              y >= hole.top && y < hole.top + hole.height && x >= hole.left && x < hole.left + hole.width;
          wrong += out[std::size_t((y * 8 + x) * 5 + c)] != (hidden ? (c + 1) % 5 : 200);
        }
    CHECK(wrong == 0);
  }
  CHECK(holes.size() == 4 * 6);  // clipped, those around the first pixels begin there
  CHECK(draw_change({.cutout = 100}, 6, 8, 1, 1).hole.height > 3);
}

TEST_CASE("the same for the same numbers; no option changes what another draws") {
  const Augmentation all{
      .reflect = true, .translate = 2, .crop_low = 0.3, .rotate = 20, .saturation = 0.5, .hue = 0.2, .cutout = 3};
  int equal = 0;
  for (std::uint64_t i = 0; i < 50; i++) {
    const SampleChange one = draw_change(all, 30, 40, 9, i), again = draw_change(all, 30, 40, 9, i),
                       other = draw_change(all, 30, 40, 10, i), only = draw_change({.rotate = 20}, 30, 40, 9, i),
                       hole = draw_change({.cutout = 3}, 30, 40, 9, i);
    CHECK((one.angle == again.angle && one.crop == again.crop && one.hue == again.hue && one.hole == again.hole));
    CHECK((only.angle == one.angle && only.crop == Rectangle{0, 0, 30, 40} && only.hue == 0));
    CHECK(hole.hole == one.hole);
    equal += other.angle == one.angle;
  }
  CHECK(equal == 0);
  CHECK(draw_change({.translate = 9}, 1, 40, 1, 5).transform.down == 0);  // a signal moves along its row
}

TEST_CASE("options out of range are refused in one sentence, and say whether a GPU applies them") {
  CHECK(refuses([] { check_augmentation({.crop_low = 0}); }, "crop_low is 0", "1 and 1 for none"));
  CHECK(refuses([] { check_augmentation({.crop_low = 0.5, .crop_high = 0.2}); }, "crop_high 0.2"));
  CHECK(refuses([] { check_augmentation({.ratio_low = 2}); }, "ratio_low is 2"));
  CHECK(refuses([] { check_augmentation({.rotate = 181}); }, "rotate is 181; give 0 to 180"));
  CHECK(refuses([] { check_augmentation({.saturation = -1}); }, "saturation is -1"));
  CHECK(refuses([] { check_augmentation({.hue = 0.6}); }, "hue is 0.6; give 0 to 0.5"));
  CHECK(refuses([] { check_augmentation({.cutout = -2}); }, "cutout is -2"));
  CHECK(refuses([] { check_augmentation({.mixup = std::nan("")}); }, "mixup is"));
  CHECK(!Augmentation{.reflect = true, .translate = 1, .scale_high = 2, .brightness = 0.1}.only_on_cpu());
  for (const Augmentation& a : {Augmentation{.crop_low = 0.5}, Augmentation{.rotate = 1}, Augmentation{.saturation = 1},
                                Augmentation{.hue = 0.1}, Augmentation{.cutout = 1}, Augmentation{.mixup = 1}})
    CHECK((a.only_on_cpu() && a.any() && conditions_of(a) != conditions_of({})));
}
