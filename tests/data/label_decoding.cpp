// SPDX-License-Identifier: MIT
#include <strata/data/label_decoding.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

using Numbers = std::vector<std::uint8_t>;

struct Decoded {
  Numbers labels;
  LabelCounts counts;
};
Decoded decode(const LabelCoding& coding, int channels, const Numbers& stored, const BeyondBytes& beyond = {}) {
  Decoded out;
  out.labels.resize(stored.size() / std::size_t(channels));
  out.counts = decode_labels(coding, {{1, int(out.labels.size()), channels}, stored, beyond}, "p", out.labels.data());
  return out;
}

const ClassList list{{"road", {128, 64, 128}}, {"Void", {0, 0, 0}}, {"car", {64, 0, 128}}};

}  // namespace

TEST_CASE("indices, with a void in the middle of the list") {
  ClassList classes;
  const LabelCoding coding = coding_of(list, LabelCoding::Kind::index, classes);
  REQUIRE(classes.size() == 2);
  CHECK(classes[1].name == "car");
  const Decoded read = decode(coding, 1, {0, 1, 2, 3, 255, 9, 0});
  CHECK(read.labels == Numbers{0, void_label, 1, void_label, void_label, void_label, 0});
  CHECK(read.counts.void_pixels == 4);
  CHECK(read.counts.unknown_pixels == 2);
  CHECK(read.counts.unknown == "index 3");
}

TEST_CASE("exact colors") {
  ClassList classes;
  const LabelCoding coding = coding_of(list, LabelCoding::Kind::color, classes);
  const Decoded read = decode(coding, 3, {128, 64, 128, 0, 0, 0, 64, 0, 128, 64, 0, 127, 64, 0, 127, 128, 64, 128});
  CHECK(read.labels == Numbers{0, void_label, 1, void_label, void_label, 0});
  CHECK(read.counts.void_pixels == 3);
  CHECK(read.counts.unknown_pixels == 2);
  CHECK(read.counts.unknown == "color 64 0 127");
  const Decoded first = decode(coding, 3, {0, 0, 1});
  CHECK(first.counts.unknown_pixels == 1);
}

TEST_CASE("numbers too large for a byte are unknown, whatever replaces them") {
  ClassList classes;
  const LabelCoding index = coding_of(list, LabelCoding::Kind::index, classes);
  const Decoded read = decode(index, 1, {0, 255, 255, 2}, {{0, 1, 0, 1}, "index 300"});
  CHECK(read.labels == Numbers{0, void_label, void_label, void_label});
  CHECK(read.counts.void_pixels == 3);
  CHECK(read.counts.unknown_pixels == 2);
  CHECK(read.counts.marked_pixels == 1);
  CHECK(read.counts.unknown == "index 300");
  CHECK(decode(index, 1, {255, 9}, {{1, 0}, "index 300"}).counts.unknown == "index 9");
  const LabelCoding color = coding_of(list, LabelCoding::Kind::color, classes);
  const Decoded colors = decode(color, 3, {128, 64, 128, 128, 64, 128, 64, 0, 128}, {{1, 0, 0}, "color 128 64 384"});
  CHECK(colors.labels == Numbers{void_label, 0, 1});
  CHECK(colors.counts.void_pixels == 1);
  CHECK(colors.counts.unknown_pixels == 1);
  CHECK(colors.counts.unknown == "color 128 64 384");
}

TEST_CASE("the index 255 is void and counted; nothing but 0 and 255 looks like a binary mask") {
  ClassList classes;
  const LabelCoding index = coding_of(list, LabelCoding::Kind::index, classes);
  const LabelCounts mask = decode(index, 1, {0, 255, 255}).counts, labels = decode(index, 1, {0, 255, 2}).counts;
  CHECK(mask.marked_pixels == 2);
  CHECK(mask.only_0_and_255);
  CHECK(mask.unknown_pixels == 0);
  CHECK(labels.marked_pixels == 1);
  CHECK(!labels.only_0_and_255);
  LabelCoding full;
  full.index_label.assign(256, 3);
  CHECK(decode(full, 1, {255}).counts.marked_pixels == 0);
}

TEST_CASE("the other kind of picture, too many classes") {
  ClassList classes;
  const LabelCoding index = coding_of(list, LabelCoding::Kind::index, classes);
  const LabelCoding color = coding_of(list, LabelCoding::Kind::color, classes);
  CHECK(refuses([&] { decode(index, 3, {1, 2, 3}); }, "p: stores colors", "class indices are expected"));
  CHECK(refuses([&] { decode(color, 1, {1}); }, "p: stores indices", "colors are expected"));
  ClassList many;
  for (int i = 0; i < 255; i++) many.push_back({sentence("c", i), {std::uint8_t(i), 0, 0}});
  many.push_back({"void", {0, 1, 0}});
  coding_of(many, LabelCoding::Kind::index, classes);
  CHECK(classes.size() == 255);
  many.push_back({"one more", {0, 2, 0}});
  CHECK(refuses([&] { coding_of(many, LabelCoding::Kind::index, classes); }, "more than 255 classes"));
}
