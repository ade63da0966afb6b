// SPDX-License-Identifier: MIT
#include <strata/data/augment.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

constexpr int height = 9, width = 13, pixels = height * width;
using Numbers = std::vector<std::uint8_t>;

/// Red says where a pixel comes from; the label is the same number.
struct Sample {
  Numbers image, labels;
};
Sample sample() {
  Sample out;
  for (int i = 0; i < pixels; i++)
    out.image.insert(out.image.end(), {std::uint8_t(i + 1), 7, 9}), out.labels.push_back(std::uint8_t(i + 1));
  return out;
}
Sample changed(const ImageTransform& change) {
  const Sample in = sample();
  Sample out{Numbers(in.image.size()), Numbers(in.labels.size())};
  apply_transform(change, height, width, in.image.data(), in.labels.data(), out.image.data(), out.labels.data());
  return out;
}

}  // namespace

TEST_CASE("no options change nothing") {
  CHECK(!Augmentation{}.any());
  const Sample out = changed(draw_transform({}, height, width, 1, 2));
  CHECK(out.image == sample().image);
  CHECK(out.labels == sample().labels);
}

TEST_CASE("reflection and translation move image and labels alike; out of view is 0 and void") {
  for (const bool reflected : {false, true})
    for (const int down : {-3, 0, 2})
      for (const int right : {-12, 0, 5}) {
        const Sample out = changed({.reflected = reflected, .down = down, .right = right});
        int wrong = 0;
        for (int y = 0; y < height; y++)
          for (int x = 0; x < width; x++) {
            const int from_y = y - down, from_x = (reflected ? width - 1 - x : x) - right;
            const bool seen = from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
            const int expected = seen ? from_y * width + from_x + 1 : 0;
            const std::size_t at = std::size_t(y * width + x);
            wrong += out.image[3 * at] != expected || out.image[3 * at + 1] != (seen ? 7 : 0);
            wrong += out.labels[at] != (seen ? expected : void_label);
          }
        CHECK(wrong == 0);
      }
}

TEST_CASE("what is drawn: half reflected, every translation, every scale, the same for the same numbers") {
  const Augmentation all{
      .reflect = true, .translate = 2, .scale_low = 0.5, .scale_high = 2, .brightness = 0.1, .contrast = 0.2};
  int reflected = 0;
  std::set<std::pair<int, int>> moves;
  double least = 9, most = 0;
  for (std::uint64_t i = 0; i < 2000; i++) {
    const ImageTransform c = draw_transform(all, height, width, 3, i), again = draw_transform(all, height, width, 3, i);
    CHECK((c.reflected == again.reflected && c.down == again.down && c.scale == again.scale && c.gain == again.gain));
    reflected += c.reflected;
    moves.insert({c.down, c.right});
    least = std::min(least, c.scale), most = std::max(most, c.scale);
    const double room = (c.scale - 1) * height;
    CHECK((c.top >= std::min(room, 0.0) && c.top <= std::max(room, 0.0)));
    CHECK(std::abs(c.offset) <= 25.5);
    CHECK(std::abs(c.gain - 1) <= 0.2);
    const ImageTransform fewer = draw_transform({.reflect = true, .translate = 2}, height, width, 3, i);
    CHECK((fewer.reflected == c.reflected && fewer.down == c.down && fewer.right == c.right && fewer.scale == 1));
  }
  CHECK(reflected > 900);
  CHECK(reflected < 1100);
  CHECK(moves.size() == 25);
  CHECK(least < 0.51);
  CHECK(most > 1.99);
}

TEST_CASE("scaling: a part that fills the picture, or the whole within it") {
  const Sample half = changed({.scale = 0.5, .top = -2, .left = -3});
  CHECK(half.labels[0] == void_label);
  CHECK(half.image[0] == 0);
  CHECK(half.labels[2 * width + 3] == 1 * width + 1 + 1);  // of 2 x 2 pixels the last counts as nearest to the center
  const Sample twice = changed({.scale = 2, .top = 8, .left = 12});
  CHECK(std::count(twice.labels.begin(), twice.labels.end(), void_label) == 0);
  CHECK(twice.labels[0] == 4 * width + 6 + 1);
  CHECK(twice.labels[1] == 4 * width + 6 + 1);
  CHECK(twice.labels[2] == 4 * width + 7 + 1);
}

TEST_CASE("next to the picture and around a smaller one is the color of the change, which no tone alters") {
  const Outside color{124, 116, 104};
  const Sample moved = changed({.down = 1, .gain = 0.5, .offset = 40, .outside = color});
  const Sample smaller = changed({.scale = 0.5, .top = -2, .left = -3, .outside = color});
  constexpr int around = pixels - 4 * 6;  // of 4.5 x 6.5 those whose center is in view
  for (const auto& [sample, outside] : {std::pair(&moved, width), std::pair(&smaller, around)}) {
    int filled = 0, wrong = 0;
    for (std::size_t i = 0; i < pixels; i++) {
      if (sample->labels[i] != void_label) continue;
      filled++;
      wrong += !std::equal(color.begin(), color.begin() + 3, sample->image.begin() + 3 * long(i));
    }
    CHECK(filled == outside);
    CHECK(wrong == 0);
  }
  CHECK(moved.image[3 * width] == 105);  // (1 - 128) / 2 + 128 + 40 = 104.5
}

TEST_CASE("which augmentations may look beyond the picture") {
  CHECK(Augmentation{.translate = 1}.shows_outside());
  CHECK(Augmentation{.scale_low = 0.75, .scale_high = 1.75}.shows_outside());
  CHECK(!Augmentation{.reflect = true, .scale_high = 2, .brightness = 0.1, .contrast = 0.1}.shows_outside());
}

TEST_CASE("an enlarged picture is cut anywhere, a smaller one lies anywhere") {
  for (const double scale : {0.75, 1.75}) {
    const Augmentation scaled{.scale_low = scale, .scale_high = scale};
    int at[4][4] = {};
    for (std::uint64_t i = 0; i < 4000; i++) {
      const ImageTransform c = draw_transform(scaled, height, width, 8, i);
      const double down = c.top / ((scale - 1) * height), right = c.left / ((scale - 1) * width);
      REQUIRE((down >= 0 && down < 1 && right >= 0 && right < 1));
      at[int(4 * down)][int(4 * right)]++;
    }
    for (const auto& row : at)
      for (const int n : row) CHECK((n > 180 && n < 320));  // 250 each, if all places are equally likely
  }
}

TEST_CASE("brightness and contrast change only the image in view") {
  const Sample brighter = changed({.right = 1, .offset = 20}), flatter = changed({.gain = 0.5});
  CHECK(brighter.image[0] == 0);
  CHECK(brighter.image[3] == 21);
  CHECK(brighter.labels[1] == 1);
  CHECK(flatter.image[3] == 65);  // (2 - 128) / 2 + 128
  CHECK(changed({.offset = 250}).image[3 * 100] == 255);
}

TEST_CASE("invalid options") {
  CHECK(refuses([] { check_augmentation({.translate = -1}); }, "translate is -1"));
  CHECK(refuses([] { check_augmentation({.scale_low = 2, .scale_high = 1}); }, "scale_low is 2"));
  CHECK(refuses([] { check_augmentation({.scale_low = 0}); }, "scale_low is 0"));
  CHECK(refuses([] { check_augmentation({.brightness = -0.1}); }, "brightness is -0.1"));
  CHECK(refuses([] { check_augmentation({.contrast = 1.5}); }, "contrast is 1.5"));
  for (const double x : {double(NAN), double(INFINITY), 1e30, -1.}) {
    CHECK(refuses([&] { check_augmentation({.scale_low = x}); }, "give 0.01 < scale_low"));
    CHECK(refuses([&] { check_augmentation({.scale_high = x}); }, "give 0.01 < scale_low"));
    CHECK(refuses([&] { check_augmentation({.brightness = x}); }, "give 0 to 1"));
    CHECK(refuses([&] { check_augmentation({.contrast = x}); }, "give 0 to 1"));
  }
}

TEST_CASE("a translation by any number of pixels") {
  constexpr int most = std::numeric_limits<int>::max();
  const Augmentation far{.translate = most};
  check_augmentation(far);
  bool up = false, down = false;
  for (std::uint64_t i = 0; i < 100; i++) {
    const ImageTransform c = draw_transform(far, height, width, 1, i);
    up |= c.down<-most / 2, down |= c.down> most / 2;
    const Sample sample = changed(c);
    CHECK(std::count(sample.labels.begin(), sample.labels.end(), void_label) == height * width);
  }
  CHECK((up && down));
}
