// SPDX-License-Identifier: MIT
#include <strata/data/image_file.hpp>

#include <doctest/doctest.h>

#include "../support/jpeg.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::data;
using namespace strata::testing;

TEST_CASE("a picture's format follows from its bytes") {
  TemporaryFolder folder;
  const std::vector<std::uint8_t> pixels(48, 90);
  write(folder / "a.jpg", encode_png(pixels.data(), {4, 4, 3}));
  write(folder / "b.png", encode_jpeg(pixels, {4, 4, 3}));
  write(folder / "c.png", encode_png(pixels.data(), {6, 8, 1}));
  for (const char* name : {"a.jpg", "b.png"}) {
    CHECK(read_picture(folder / name).shape == Shape{4, 4, 3});
    CHECK(std::abs(read_picture(folder / name).bytes[10] - 90) <= 1);
  }
  CHECK(read_picture(folder / "c.png").shape == Shape{6, 8, 3});
  CHECK(read_label_picture(folder / "c.png", StoredAs::index).shape == Shape{6, 8, 1});
  CHECK(refuses([&] { read_label_picture(folder / "b.png", StoredAs::index); }, "b.png: holds labels as JPEG"));
}

TEST_CASE("what is not a picture") {
  TemporaryFolder folder;
  write(folder / "text.png", std::string("hello"));
  write(folder / "empty.jpg", std::string());
  CHECK(refuses([&] { read_picture(folder / "text.png"); }, "text.png: is neither PNG nor JPEG"));
  CHECK(refuses([&] { read_picture(folder / "empty.jpg"); }, "empty.jpg: is empty"));
  CHECK(refuses([&] { read_picture(folder / "none.jpg"); }, "none.jpg: cannot be opened"));
  CHECK(refuses([&] { read_picture(folder.path()); }, "is a folder"));
  CHECK(refuses([&] { read_label_picture(folder / "text.png", StoredAs::color); }, "text.png: is not a readable PNG"));
}
