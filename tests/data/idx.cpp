// SPDX-License-Identifier: MIT
#include <strata/data/idx.hpp>

#include <doctest/doctest.h>

#include "../support/gzip.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

namespace data_idx {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

bool says(const Bytes& bytes, int rank, const char* part) {
  return refuses([&] { parse_idx(bytes, rank, "f"); }, "f: ", part);
}

}  // namespace

TEST_CASE("images and labels, plain and packed") {
  TemporaryFolder folder;
  const Bytes images = idx({2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), labels = idx({2}, {9, 0});
  write(folder / "images", images), write(folder / "images.gz", gzip(images)), write(folder / "labels", labels);
  for (const char* name : {"images", "images.gz"}) {
    const Dataset set = load_idx(folder / name, folder / "labels", 10);
    CHECK(set.count() == 2);
    CHECK(set.shape() == Shape{2, 3, 1});
    CHECK(set.bytes(1)[0] == 7);
    CHECK(set.label(0) == 9);
    CHECK(set.label(1) == 0);
  }
}

TEST_CASE("files of other formats") {
  CHECK(says({}, 3, "is empty"));
  CHECK(says({0, 0}, 3, "ends within its header"));
  CHECK(says(Bytes(100, 7), 3, "magic number"));
  CHECK(says(idx({2}, {1, 2}), 3, "images and labels swapped?"));
  CHECK(says(idx({1, 2, 2}, {1, 2, 3, 4}), 1, "images and labels swapped?"));
  Bytes header = idx({2, 2, 2}, {});
  header.resize(10);
  CHECK(says(header, 3, "ends within its header"));
}

TEST_CASE("sizes that lie") {
  CHECK(says(idx({2, 2, 2}, {1, 2, 3}), 3, "truncated"));
  CHECK(says(idx({1, 2, 2}, {1, 2, 3, 4, 5}), 3, "more"));
  CHECK(says(idx({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, {1}), 3, "8 GiB"));
  CHECK(says(idx({0xFFFFFFFF, 2, 1}, {1}), 3, ""));
  CHECK(says(idx({0xFFFFFFFF}, {1}), 1, "truncated"));
}

TEST_CASE("a packed file that lies") {
  TemporaryFolder folder;
  write(folder / "bomb.gz", gzip(idx({1, 2, 2}, Bytes(10'000'000, 1))));
  CHECK(refuses([&] { read_idx(folder / "bomb.gz", 3); }, "bomb.gz: "));
  Bytes cut = gzip(idx({1, 2, 2}, {1, 2, 3, 4}));
  cut.resize(cut.size() - 5);
  write(folder / "cut.gz", cut);
  CHECK(refuses([&] { read_idx(folder / "cut.gz", 3); }, "cut.gz: ", "too early"));
  write(folder / "none.gz", Bytes{});
  CHECK(refuses([&] { read_idx(folder / "none.gz", 3); }, "none.gz: ", "empty"));
  write(folder / "text.gz", std::string("hello, hello, hello"));
  CHECK(refuses([&] { read_idx(folder / "text.gz", 3); }, "text.gz: "));
  CHECK(refuses([&] { read_idx(folder / "missing", 3); }, "missing: cannot be opened"));
  CHECK(refuses([&] { read_idx(folder.path(), 3); }, "is a folder"));
}

TEST_CASE("images and labels that do not match") {
  TemporaryFolder folder;
  write(folder / "images", idx({2, 1, 1}, {1, 2}));
  write(folder / "three", idx({3}, {0, 1, 2}));
  write(folder / "high", idx({2}, {0, 10}));
  write(folder / "no-images", idx({0, 1, 1}, {})), write(folder / "no-labels", idx({0}, {}));
  write(folder / "flat", idx({2, 0, 1}, {})), write(folder / "two", idx({2}, {0, 1}));
  CHECK(refuses([&] { load_idx(folder / "images", folder / "three", 10); }, "2 images", "3 labels", "belong together"));
  CHECK(refuses([&] { load_idx(folder / "images", folder / "high", 10); }, "label 1 is 10", "10 classes"));
  CHECK(refuses([&] { load_idx(folder / "no-images", folder / "no-labels", 10); }, "holds 0 images"));
  CHECK(refuses([&] { load_idx(folder / "flat", folder / "two", 10); }, "0 x 1"));
}

TEST_CASE("what a header promises is compared with the memory before it is unpacked") {
  const auto packed = [](std::uint32_t images) {
    return gzip(idx({images, 1024, 1024}, Bytes(30u << 20, 0)));
  };  // the file holds 30
  CHECK(refuses([&] { parse_idx(packed(30), 3, "f", 1'000'000); }, "f: unpacked, it needs 0.0314573 GB",
                "but only 0.001 GB of memory are free"));
  CHECK(parse_idx(packed(30), 3, "f", 50'000'000).numbers.size() == 30u << 20);
  CHECK(refuses([&] { parse_idx(packed(7'000), 3, "f"); }, "f: its header declares 7340032016 bytes, more than",
                "can hold"));
}

TEST_CASE("labels that begin at 1, images stored by columns") {
  const Idx images{3, {2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}, labels{1, {2, 1, 1}, {1, 26}};
  const Dataset set = pair_idx(images, labels, 26, "i", "l", {.first_label = 1, .transposed = true});
  CHECK(set.shape() == Shape{3, 2, 1});
  CHECK(std::vector<std::uint8_t>(set.bytes(1), set.bytes(1) + 6) == std::vector<std::uint8_t>{7, 10, 8, 11, 9, 12});
  CHECK(set.label(0) == 0);
  CHECK(set.label(1) == 25);
  CHECK(refuses([&] { pair_idx(images, labels, 25, "i", "l", {.first_label = 1}); },
                "label 1 is 26, but there are 25 classes, 1 to 25"));
  CHECK(refuses([&] { pair_idx(images, labels, 26, "i", "l", {.first_label = 2}); },
                "label 0 is 1, but there are 26 classes, 2 to 27"));
}

}  // namespace data_idx
