// SPDX-License-Identifier: MIT
#include <strata/data/camvid.hpp>

#include <doctest/doctest.h>

#include <map>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::data;
using namespace strata::testing;

TEST_CASE("32 colors, each its own, in 11 classes and void") {
  std::map<Color, int> colors;
  std::map<int, int> members;
  for (const camvid::Original& o : camvid::originals) colors[o.color]++, members[o.group]++;
  CHECK(colors.size() == 32);
  const std::map<int, int> expected{{-1, 1}, {0, 1}, {1, 5}, {2, 2}, {3, 3}, {4, 3},
                                    {5, 2},  {6, 3}, {7, 1}, {8, 5}, {9, 4}, {10, 2}};
  CHECK(members == expected);
  REQUIRE(camvid::classes().size() == 11);
  CHECK(camvid::classes()[4].name == "Pavement");
  CHECK(camvid::classes()[4].color == Color{60, 40, 222});
  // A class that is drawn in the color of one of its members is that member's group.
  for (int c = 0; c < 11; c++)
    for (const camvid::Original& o : camvid::originals)
      if (o.color == camvid::classes()[std::size_t(c)].color) CHECK(o.group == c);
}

TEST_CASE("label_colors.txt says the same as the table, or other colors") {
  const std::string text = "64 128 64\tAnimal\n64 0 128\t\tCar\n0 0 0\tVoid\n7 7 7\tSUVPickupTruck\n";
  const LabelCoding coding = camvid::color_coding(parse_class_list(text, "f"), "f");
  REQUIRE(coding.colors.size() == 4);
  CHECK(coding.colors[0].label == 9);
  CHECK(coding.colors[1].label == 8);
  CHECK(coding.colors[2].label == void_label);
  CHECK(coding.colors[3].label == 8);
  CHECK(coding.colors[3].color == Color{7, 7, 7});
  CHECK(refuses([] { camvid::color_coding({{"Unicorn", {1, 1, 1}}}, "f"); }, "f: names the class Unicorn"));
}

TEST_CASE("the 32 names are recognized as CamVid's in any order, with their indices") {
  ClassList named;
  for (const camvid::Original& o : camvid::originals) named.insert(named.begin(), {o.name, o.color});
  REQUIRE(camvid::are_originals(named));
  const LabelCoding coding = camvid::coding(named, LabelCoding::Kind::index, "f");
  REQUIRE(coding.index_label.size() == 32);
  CHECK(coding.index_label[0] == 1);           // Wall
  CHECK(coding.index_label[1] == void_label);  // Void
  CHECK(coding.index_label[31] == 9);          // Animal
  named.back().name = "Unicorn";
  CHECK(!camvid::are_originals(named));
  named.pop_back();
  CHECK(!camvid::are_originals(named));
  CHECK(!camvid::are_originals({}));
}

TEST_CASE("a picture in the original colors, with an unknown one") {
  const Picture stored{{1, 5, 3}, {128, 0, 192, 64, 192, 0, 0, 0, 0, 101, 33, 1, 192, 0, 192}};
  std::uint8_t labels[5];
  const LabelCounts counts = decode_labels(camvid::color_coding(), stored, "p", labels);
  const std::uint8_t expected[5] = {3, 1, void_label, void_label, 10};
  CHECK(std::equal(labels, labels + 5, expected));
  CHECK(counts.void_pixels == 2);
  CHECK(counts.unknown_pixels == 1);
}

TEST_CASE("the tutorial's index 11 is void and known") {
  std::uint8_t labels[3];
  const LabelCounts counts = decode_labels(camvid::index_coding(), {{1, 3, 1}, {10, 11, 12}}, "p", labels);
  CHECK(labels[0] == 10);
  CHECK(labels[1] == void_label);
  CHECK(counts.void_pixels == 2);
  CHECK(counts.unknown_pixels == 1);
}
