// SPDX-License-Identifier: MIT
#include <strata/core/build_class.hpp>
#include <strata/core/condition.hpp>

#include <doctest/doctest.h>

using namespace strata;
using namespace strata::core;

TEST_CASE("values agree by all their digits, and hold no control characters") {
  Conditions c{{"word", "a\x1b[2J\nb"}};
  c.add("tenth", 0.1), c.add("third", 1.0 / 3), c.add("float", 0.1f), c.add("whole", -7), c.add("flag", true),
      c.add("none", HUGE_VAL);
  CHECK(*c.find("word") == "a?[2J?b");
  CHECK(*c.find("tenth") == "0.1");
  CHECK(*c.find("third") == "0.3333333333333333");
  CHECK(*c.find("float") == "0.1");
  CHECK(*c.find("whole") == "-7");
  CHECK(*c.find("flag") == "yes");
  CHECK(*c.find("none") == "inf");
  CHECK(c.find("nothing") == nullptr);
}

TEST_CASE("a long value counts by its digest") {
  std::string text(5000, 'x'), other = text;
  other.back() = 'y';
  const Conditions a{{"long", text}}, b{{"long", other}};
  CHECK(a == Conditions{{"long", text}});
  CHECK(a != b);
  CHECK(a.find("long")->size() < 100);
}

TEST_CASE("differences come in the order of the later conditions, then what is missing there") {
  const Conditions before{{"a", "1"}, {"b", "2"}, {"old", "3"}}, after{{"new", "4"}, {"b", "5"}, {"a", "1"}};
  const std::vector<Disagreement> all = disagreements(before, after);
  REQUIRE(all.size() == 3);
  CHECK((all[0].name == "new" && all[0].before.empty() && all[0].after == "4"));
  CHECK((all[1].name == "b" && all[1].before == "2" && all[1].after == "5"));
  CHECK((all[2].name == "old" && all[2].before == "3" && all[2].after.empty()));
  const std::vector<Disagreement> common = disagreements(before, after, true);
  REQUIRE(common.size() == 1);
  CHECK(common[0].name == "b");
  CHECK(disagreements(before, before).empty());
}

TEST_CASE("the class of a build names its compiler and its vectors") {
  const Conditions c = build_class();
#if defined(__clang__)
  CHECK(c.find("compiler")->starts_with("clang"));
#else
  CHECK(c.find("compiler")->starts_with("gcc"));
#endif
  CHECK(c.find("instruction set")
            ->find(Conditions::exact(core::simd::lanes) + (core::simd::lanes == 1 ? " float a" : " floats a")) !=
        std::string::npos);
}
