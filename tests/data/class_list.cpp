// SPDX-License-Identifier: MIT
#include <strata/data/class_list.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

TEST_CASE("names and colors, in the order of the lines") {
  const ClassList list =
      parse_class_list("# red green blue\n\n128 0 0\tBuilding\r\n 0,0, 255, Open water \n0 0 0 Void", "f");
  REQUIRE(list.size() == 3);
  CHECK(list[0].name == "Building");
  CHECK(list[0].color == Color{128, 0, 0});
  CHECK(list[1].name == "Open water");
  CHECK(list[1].color == Color{0, 0, 255});
  CHECK(list[2].name == "Void");
}

TEST_CASE("lines that do not name a class") {
  const auto says = [](const std::string& text, const char* part) {
    return refuses([&] { parse_class_list(text, "f"); }, "f: ", part);
  };
  CHECK(says("", "names no class"));
  CHECK(says("# nothing\n", "names no class"));
  CHECK(says("1 2 3 a\n1 2 256 b", "line 2 is not a class"));
  CHECK(says("1 2 3\n", "line 1 is not a class"));
  CHECK(says("1 2 3a\n", "line 1 is not a class"));
  CHECK(says("1 2 Road\n", "line 1 is not a class"));
  CHECK(says("-1 2 3 Road\n", "line 1 is not a class"));
  CHECK(says("99999999999999999999 2 3 Road\n", "line 1 is not a class"));
  CHECK(says("Road 1 2 3", "line 1 is not a class"));
  CHECK(says("1 2 3 a\n1 2 3 b", "line 2 has the color of an earlier class (a)"));
  CHECK(says("1 2 3 a\n1 2 4 a", "line 2 has the name of an earlier class (a)"));
  std::string many;
  for (int i = 0; i < 300; i++) many += sentence(i / 256, " ", i % 256, " 0 c", i, "\n");
  CHECK(says(many, "more than 255 classes"));
}

TEST_CASE("lists as editors write them: a byte-order mark, CRLF, CR, no newline at the end") {
  const auto reads = [](const std::string& text) {
    const ClassList list = parse_class_list(text, "f");
    return list.size() == 2 && list[0].name == "road" && list[1].name == "car" && list[1].color == Color{40, 50, 60};
  };
  for (const char* end : {"\n", "\r\n", "\r", "\n\n", "\r\n\r\n"}) {
    const std::string first = sentence("10 20 30 road", end), second = "40 50 60 car";
    CHECK(reads(first + second));
    CHECK(reads(first + second + end));
    CHECK(reads("\xEF\xBB\xBF" + first + second + end));
  }
  CHECK(refuses([] { parse_class_list("10 20 30 road\r\n\r\n40 50 car\r\n", "f"); }, "f: line 3 is not a class"));
  CHECK(refuses([] { parse_class_list("\xEF\xBB\xBF", "f"); }, "f: names no class"));
}

TEST_CASE("UTF-16 and bytes that are not text are refused in one sentence") {
  const auto as_utf16 = [](const std::string& text, bool big, bool mark) {
    std::string out = mark ? (big ? "\xFE\xFF" : "\xFF\xFE") : "";
    for (const char c : text) out += big ? std::string{'\0', c} : std::string{c, '\0'};
    return out;
  };
  for (const bool big : {false, true})
    for (const auto parse : {parse_class_list, parse_class_dict, parse_class_names}) {
      CHECK(refuses([&] { parse(as_utf16("1 2 3 a\r\n", big, true), "f"); }, "f: is UTF-16; save it as UTF-8"));
      CHECK(
          refuses([&] { parse(as_utf16("1 2 3 a\r\n", big, false), "f"); }, "f: byte ", "is zero", "save it as UTF-8"));
    }
  CHECK(refuses(
      [] {
        parse_class_list(
            "1 2 3 Stra\xDF"
            "e\n",
            "f");
      },
      "f: line 1 is not UTF-8; save the file as UTF-8"));
  CHECK(parse_class_list("1 2 3 Stra\xC3\x9F"
                         "e\n",
                         "f")[0]
            .name ==
        "Stra\xC3\x9F"
        "e");
}

TEST_CASE("name,r,g,b under a header line") {
  for (const char* titles : {"", "name,r,g,b\n", "\xEF\xBB\xBFname, r, g, b\r\n", "Class;Red;Green;Blue\n"}) {
    const ClassList list =
        parse_class_dict(sentence(titles, "Sky,128,128,128\r\n Open water , 0,0, 255\n\"Lane, marked\",1,2,3"), "f");
    REQUIRE(list.size() == 3);
    CHECK(list[0].name == "Sky");
    CHECK(list[1].name == "Open water");
    CHECK(list[1].color == Color{0, 0, 255});
    CHECK(list[2].name == "Lane, marked");
    CHECK(list[2].color == Color{1, 2, 3});
  }
  const auto says = [](const std::string& text, const char* part) {
    return refuses([&] { parse_class_dict(text, "f"); }, "f: ", part);
  };
  CHECK(says("", "names no class"));
  CHECK(says("name,r,g,b\n", "names no class"));
  CHECK(says("a,1,2,3\nname,r,g,b\n", "line 2 is not a class"));
  CHECK(says("a,1,2,256\n", "line 1 is not a class; write \"name,r,g,b\""));
  CHECK(says("a,1,2\n", "line 1 is not a class"));
  CHECK(says("1,2,3\n", "line 1 is not a class"));
  CHECK(says(",1,2,3\n", "line 1 is not a class"));
  CHECK(says("road\n", "line 1 is not a class"));
  CHECK(says("a,1,2,3\nb,1,2,3\n", "line 2 has the color of an earlier class (a)"));
}

TEST_CASE("one name per line, in colors of their own") {
  const ClassList list = parse_class_names("\xEF\xBB\xBFRoad\r\n# a remark\r\n\r\n Open water \r\nVoid", "f");
  REQUIRE(list.size() == 3);
  CHECK(list[0].name == "Road");
  CHECK(list[0].color == Color{128, 0, 0});
  CHECK(list[1].name == "Open water");
  CHECK(list[1].color == Color{0, 128, 0});
  CHECK(list[2].name == "Void");
  std::string most;
  for (int i = 0; i < 256; i++) most += sentence("c", i, "\n");
  CHECK(parse_class_names(most, "f").size() == 256);
  CHECK(refuses([&] { parse_class_names(most + "one more\n", "f"); }, "f: names more than 255 classes"));
  CHECK(refuses([] { parse_class_names("a\na\n", "f"); }, "f: line 2 has the name of an earlier class (a)"));
  CHECK(refuses([] { parse_class_names("\n# a\n", "f"); }, "f: names no class"));
}

TEST_CASE("a list in a file, with another number of classes than the network") {
  TemporaryFolder folder;
  write(folder / "classes.txt", std::string("1 2 3 a\n4 5 6 b\n"));
  const ClassList list = read_class_list(folder / "classes.txt");
  check_class_count(list, 2, "set");
  CHECK(refuses([&] { check_class_count(list, 11, "set"); }, "set: has 2 classes", "11", "-DSTRATA_STREET_CLASSES=2"));
  CHECK(refuses([&] { read_class_list(folder / "none.txt"); }, "none.txt: cannot be opened"));
}
