// SPDX-License-Identifier: MIT
#include <strata/data/resize.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::data;
using namespace strata::testing;

namespace {

using Numbers = std::vector<std::uint8_t>;

LabeledPicture picture() {  // 2 x 3
  LabeledPicture out;
  out.height = 2, out.width = 3;
  for (int i = 0; i < 6; i++)
    out.labels.push_back(std::uint8_t(i)), out.image.insert(out.image.end(), 3, std::uint8_t(10 * i));
  out.counts.void_pixels = 5;
  return out;
}

}  // namespace

TEST_CASE("the same size changes nothing") {
  const LabeledPicture same = fit_picture(picture(), {2, 3, 3}, Resize::refuse, "p");
  CHECK(same.image == picture().image);
  CHECK(same.labels == picture().labels);
}

TEST_CASE("padded below and at the right") {
  const LabeledPicture padded = fit_picture(picture(), {3, 4, 3}, Resize::pad, "p");
  CHECK(padded.height == 3);
  CHECK(padded.width == 4);
  CHECK(padded.labels == Numbers{0, 1, 2, 255, 3, 4, 5, 255, 255, 255, 255, 255});
  CHECK(padded.image[3 * 6] == 50);
  CHECK(padded.image[3 * 3] == 0);
  CHECK(padded.counts.void_pixels == 5);
  CHECK(fit_labels_back(padded.labels, {3, 4, 3}, {2, 3, 3}, Resize::pad) == picture().labels);
}

TEST_CASE("scaled") {
  const LabeledPicture larger = fit_picture(picture(), {4, 6, 3}, Resize::scale, "p");
  CHECK(larger.labels == Numbers{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 3, 3, 4, 4, 5, 5});
  CHECK(larger.image[0] == 0);
  CHECK(larger.image[3] == 3);  // a quarter of the way from 0 to 10, rounded
  CHECK(fit_labels_back(larger.labels, {4, 6, 3}, {2, 3, 3}, Resize::scale) == picture().labels);
  const Picture image = fit_picture(Picture{{2, 3, 3}, picture().image}, {4, 6, 3}, Resize::scale, "p");
  CHECK(image.bytes == larger.image);
  CHECK(image.shape == Shape{4, 6, 3});
}

TEST_CASE("refused with both sizes") {
  CHECK(refuses(
      [] {
        fit_picture(picture(), {4, 6, 3}, Resize::refuse, "p");
      },
      "p: is 2 x 3", "4 x 6", "padded or scaled"));
  CHECK(refuses([] { fit_picture(picture(), {4, 2, 3}, Resize::pad, "p"); }, "p: is 2 x 3", "4 x 2", "scale it"));
  CHECK(refuses([] { fit_picture(Picture{{2, 3, 3}, picture().image}, {1, 3, 3}, Resize::pad, "p"); }, "p: is 2 x 3"));
}
