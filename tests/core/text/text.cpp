// SPDX-License-Identifier: MIT
#include <strata/core/text/text.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace strata;
using namespace strata::core;

static_assert(same_text((Text("a") << 1 << 'b' << -20L).text, "a1b-20"));
static_assert(same_text((Text() << 0.01 << ' ' << 2.5 << ' ' << 1.0 << ' ' << -0.125).text, "0.01 2.5 1 -0.125"));
static_assert(same_text((Text() << 0.9999999 << ' ' << 1.9999996 << ' ' << 0.9999994).text, "1 2 0.999999"));

static_assert(is_plain_name("") && is_plain_name("layer1.0") && is_plain_name("conv 1") &&
              is_plain_name("gr\xc3\xb6\xc3\x9f"
                            "e"));
static_assert(is_plain_name("\xe2\x82\xac") && is_plain_name("\xf0\x9f\x98\x80"));
static_assert(!is_plain_name(".") && !is_plain_name("a.") && !is_plain_name(".a") && !is_plain_name("a..b"));
static_assert(!is_plain_name("a\nb") && !is_plain_name("\x1b[2J") && !is_plain_name("a\x7f") &&
              !is_plain_name("\xc2\x9b"
                             "2J"));
static_assert(!is_plain_name("\xff") && !is_plain_name("a\xc3") && !is_plain_name("\xc0\xae") &&
              !is_plain_name("\xe0\x80\xae"));
static_assert(!is_plain_name("\xed\xa0\x80") && !is_plain_name("\xf4\x90\x80\x80") &&
              !is_plain_name("\xf0\x8f\xbf\xbf"));

TEST_CASE("text is cut at its capacity") {
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
