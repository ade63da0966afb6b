// SPDX-License-Identifier: MIT
#include <strata/data/orientation.hpp>

#include <doctest/doctest.h>

#include "../support/exif.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

int read(const Bytes& exif) { return exif_orientation(exif.data(), exif.size()); }
using Numbers = std::vector<std::uint8_t>;

}  // namespace

TEST_CASE("a picture of each orientation, turned upright") {
  const Picture stored{{2, 3, 1}, {1, 2, 3, 4, 5, 6}};
  const Numbers expected[9] = {{},
                               {1, 2, 3, 4, 5, 6},
                               {3, 2, 1, 6, 5, 4},
                               {6, 5, 4, 3, 2, 1},
                               {4, 5, 6, 1, 2, 3},
                               {1, 4, 2, 5, 3, 6},
                               {4, 1, 5, 2, 6, 3},
                               {6, 3, 5, 2, 4, 1},
                               {3, 6, 2, 5, 1, 4}};
  for (int orientation = 1; orientation <= 8; orientation++) {
    const Picture seen = upright(stored, orientation);
    CHECK(seen.bytes == expected[orientation]);
    CHECK(seen.shape == (orientation < 5 ? Shape{2, 3, 1} : Shape{3, 2, 1}));
  }
  for (const int none : {-1, 0, 9}) CHECK(upright(stored, none).bytes == stored.bytes);
}

TEST_CASE("pixels of three bytes stay together, and the marks of values beyond a byte turn with them") {
  const Picture stored{{1, 2, 3}, {1, 2, 3, 4, 5, 6}, {{0, 1}, "color 300 0 0"}};
  const Picture seen = upright(stored, 8);
  CHECK(seen.shape == Shape{2, 1, 3});
  CHECK(seen.bytes == Numbers{4, 5, 6, 1, 2, 3});
  CHECK(seen.beyond.at == Numbers{1, 0});
}

TEST_CASE("Exif data in both byte orders, with and without JPEG's six bytes") {
  for (const bool big : {false, true})
    for (int orientation = 1; orientation <= 8; orientation++) {
      for (const int type : {1, 3, 4}) CHECK(read(exif_data(orientation, big, type)) == orientation);
      Bytes prefixed{'E', 'x', 'i', 'f', 0, 0};
      const Bytes data = exif_data(orientation, big);
      prefixed.insert(prefixed.end(), data.begin(), data.end());
      CHECK(read(prefixed) == orientation);
    }
}

TEST_CASE("Exif data that says nothing is orientation 1") {
  for (const bool big : {false, true}) {
    for (const int none : {0, 9, 255, 0x0600}) CHECK(read(exif_data(none, big)) == 1);
    CHECK(read(exif_data(6, big, 2)) == 1);     // text
    CHECK(read(exif_data(6, big, 3, 9)) == 1);  // nine values, which are stored elsewhere
    CHECK(read(exif_data(6, big, 3, 0)) == 1);
  }
  CHECK(read({}) == 1);
  CHECK(read({'I', 'I', 42, 0, 8, 0, 0, 0}) == 1);
  CHECK(read({'I', 'I', 43, 0, 8, 0, 0, 0, 0, 0}) == 1);
  CHECK(read({'I', 'I', 42, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0}) == 1);
  CHECK(read({'M', 'M', 0, 42, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF}) == 1);
  CHECK(read({'M', 'M', 0, 42, 0, 0, 0, 8, 0xFF, 0xFF}) == 1);
}

TEST_CASE("Exif data cut anywhere, and damaged anywhere, is read within its bytes") {
  for (const bool big : {false, true}) {
    const Bytes whole = exif_data(6, big);
    for (std::size_t size = 0; size <= whole.size(); size++) {
      const Bytes cut(whole.begin(), whole.begin() + long(size));  // a copy, so that sanitizers see its end
      CHECK(read(cut) == (size >= 8 + 2 + 2 * 12 ? 6 : 1));
    }
    for (std::size_t at = 0; at < whole.size(); at++)
      for (int bit = 0; bit < 8; bit++) {
        Bytes damaged = whole;
        damaged[at] ^= std::uint8_t(1 << bit);
        const int orientation = read(damaged);
        CHECK((orientation >= 1 && orientation <= 8));
      }
  }
}
