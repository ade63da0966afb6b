// SPDX-License-Identifier: MIT
#include <strata/core/text.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace strata;

static_assert(same_text((Text("a") << 1 << 'b' << -20L).text, "a1b-20"));
static_assert(same_text((Text() << 0.01 << ' ' << 2.5 << ' ' << 1.0 << ' ' << -0.125).text, "0.01 2.5 1 -0.125"));

TEST_CASE("a text is cut at its capacity") {
  Text text;
  for (int i = 0; i < 1000; i++) text << 'x';
  CHECK(text.size == Text::capacity);
  CHECK(std::string(text.text).size() == std::size_t(Text::capacity));
  char small[4];
  text.copy_to(small);
  CHECK(std::string(small) == "xxx");
}

TEST_CASE("fixed strings compare by their characters") {
  CHECK(FixedString("low") == FixedString("low"));
  CHECK_FALSE(FixedString("low") == FixedString("abc"));
  CHECK(FixedString("low").size() == 3);
}
