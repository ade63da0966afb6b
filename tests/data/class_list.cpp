// SPDX-License-Identifier: MIT
#include <strata/data/class_list.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("names and colours, in the order of the lines") {
  const ClassList list = parse_class_list("# red green blue\n\n128 0 0\tBuilding\r\n 0,0, 255, Open water \n0 0 0 Void", "f");
  REQUIRE(list.size() == 3);
  CHECK(list[0].name == "Building");
  CHECK(list[0].colour == Colour{128, 0, 0});
  CHECK(list[1].name == "Open water");
  CHECK(list[1].colour == Colour{0, 0, 255});
  CHECK(list[2].name == "Void");
}

TEST_CASE("lines that are no class") {
  const auto says = [](const std::string& text, const char* part) {
    return refuses([&] { parse_class_list(text, "f"); }, "f: ", part);
  };
  CHECK(says("", "names no class"));
  CHECK(says("# nothing\n", "names no class"));
  CHECK(says("1 2 3 a\n1 2 256 b", "line 2 is no class"));
  CHECK(says("1 2 3\n", "line 1 is no class"));
  CHECK(says("1 2 3a\n", "line 1 is no class"));
  CHECK(says("1 2 Road\n", "line 1 is no class"));
  CHECK(says("-1 2 3 Road\n", "line 1 is no class"));
  CHECK(says("99999999999999999999 2 3 Road\n", "line 1 is no class"));
  CHECK(says("Road 1 2 3", "line 1 is no class"));
  CHECK(says("1 2 3 a\n1 2 3 b", "line 2 has the colour of an earlier class (a)"));
  CHECK(says("1 2 3 a\n1 2 4 a", "line 2 has the name of an earlier class (a)"));
  std::string many;
  for (int i = 0; i < 300; i++) many += sentence(i / 256, " ", i % 256, " 0 c", i, "\n");
  CHECK(says(many, "more than 255 classes"));
}

TEST_CASE("a list in a file, and of another length than the network's") {
  TemporaryFolder folder;
  write(folder / "classes.txt", std::string("1 2 3 a\n4 5 6 b\n"));
  const ClassList list = read_class_list(folder / "classes.txt");
  check_class_count(list, 2, "set");
  CHECK(refuses([&] { check_class_count(list, 11, "set"); }, "set: has 2 classes", "11", "-DSTRATA_STREET_CLASSES=2"));
  CHECK(refuses([&] { read_class_list(folder / "none.txt"); }, "none.txt: cannot be opened"));
}
