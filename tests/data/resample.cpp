// SPDX-License-Identifier: MIT
#include <strata/data/resample.hpp>

#include <doctest/doctest.h>

using namespace strata;
using namespace strata::data;

namespace {

using Numbers = std::vector<std::uint8_t>;

/// Resamples one row of numbers, as a channel of an image or as labels.
Numbers image_row(const Numbers& numbers, const Sources& columns) {
  Numbers image, out(columns.size() * 3), first;
  for (const std::uint8_t v : numbers) image.insert(image.end(), {v, 0, 255});
  resample_image({0}, columns, int(numbers.size()), image.data(), nullptr, out.data());
  for (std::size_t i = 0; i < columns.size(); i++) {
    first.push_back(out[3 * i]);
    CHECK(out[3 * i + 1] == 0);
    CHECK(out[3 * i + 2] == (columns[i] < 0 ? 0 : 255));
  }
  return first;
}
Numbers label_row(const Numbers& numbers, const Sources& columns) {
  Numbers out(columns.size());
  resample_labels({0}, columns, int(numbers.size()), numbers.data(), out.data());
  return out;
}

}  // namespace

TEST_CASE("moved by whole pixels") {
  CHECK(sources(4, 4, 1, 0) == Sources{0, 256, 512, 768});
  CHECK(sources(4, 4, 1, 2) == Sources{512, 768, -1, -1});
  CHECK(sources(4, 4, 1, -1) == Sources{-1, 0, 256, 512});
  CHECK(image_row({10, 20, 30, 40}, sources(4, 4, 1, -1)) == Numbers{0, 10, 20, 30});
  CHECK(label_row({1, 2, 3, 4}, sources(4, 4, 1, -1)) == Numbers{void_label, 1, 2, 3});
}

TEST_CASE("enlarged and reduced") {
  CHECK(image_row({0, 100}, sources(4, 2, 2, 0)) == Numbers{0, 25, 75, 100});
  CHECK(label_row({1, 2}, sources(4, 2, 2, 0)) == Numbers{1, 1, 2, 2});
  CHECK(image_row({0, 100, 20, 40}, sources(2, 4, 0.5, 0)) == Numbers{50, 30});
  CHECK(label_row({1, 2, 3, 4}, sources(2, 4, 0.5, 0)) == Numbers{2, 4});
  CHECK(image_row({80, 80}, sources(4, 2, 1, 0)) == Numbers{80, 80, 0, 0});
}

TEST_CASE("rows and columns at once, with a tone") {
  const Numbers image{0, 0, 0, 100, 0, 0, 200, 0, 0, 60, 0, 0};  // 2 x 2, only red
  Numbers tone(256), out(3);
  for (int v = 0; v < 256; v++) tone[std::size_t(v)] = std::uint8_t(255 - v);
  resample_image({128}, {128}, 2, image.data(), tone.data(), out.data());
  CHECK(out == Numbers{165, 255, 255});
  resample_image({-1}, {0}, 2, image.data(), tone.data(), out.data());
  CHECK(out == Numbers{0, 0, 0});
  resample_image({-1}, {0}, 2, image.data(), tone.data(), out.data(), {9, 8, 7});
  CHECK(out == Numbers{9, 8, 7});
}

TEST_CASE("what is out of view, above, below, at the left and at the right") {
  const Numbers image{1, 2, 3};
  const Sources three{-1, 0, -1};
  Numbers out(27), expected;
  resample_image(three, three, 1, image.data(), nullptr, out.data(), {9, 8, 7});
  for (int i = 0; i < 9; i++)
    for (int c = 0; c < 3; c++) expected.push_back(std::uint8_t(i == 4 ? 1 + c : 9 - c));
  CHECK(out == expected);
}
