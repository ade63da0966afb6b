// SPDX-License-Identifier: MIT
#include <strata/core/class_names.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

TEST_CASE("no names, or one for each class, of any plain text; two may be the same") {
  CHECK(refusal([] { check_class_names({}, 3, "m"); }) == "");
  CHECK(refusal([] { check_class_names({"crane", "\xC3\xA4 \"b\" \\", "crane"}, 3, "m"); }) == "");
  CHECK(refusal([] { check_class_names({std::string(longest_class_name, 'a')}, 1, "m"); }) == "");
}

TEST_CASE("another number of names, and names that a terminal would obey, are refused") {
  for (const auto& [names, said] : std::initializer_list<std::pair<std::vector<std::string>, std::string>>{
           {{"a", "b"}, "m: 2 names were given, but the network has 3 classes; name each, or none"},
           {{"a"}, "m: 1 name was given, but the network has 3 classes; name each, or none"},
           {{"a", "", "c"}, "m: the name of class 1 is empty; name each class, or none"},
           {{"a", "b", std::string(1001, 'c')}, "m: the name of class 2 has 1001 bytes; give one of at most 1000"},
           {{"\x1b[2J", "b", "c"},
            "m: the name of class 0, '\\x1b[2J', is not plain UTF-8; leave out control characters"},
           {{"a", "b\xff", "c"},
            "m: the name of class 1, 'b\\xff', is not plain UTF-8; leave out control characters"}}) {
    const std::vector<std::string>& given = names;
    CHECK(refusal([&] { check_class_names(given, 3, "m"); }) == said);
  }
}
