// SPDX-License-Identifier: MIT
// Untrusted text made harmless (printable.hpp), and text in lines that fit (terminal.hpp).
#include <strata/core/text/terminal.hpp>

#include <doctest/doctest.h>

using namespace strata::core;

TEST_CASE("terminal control characters are spelled out, other UTF-8 stays") {
  CHECK(printable("Grüße, 道路, 🚲 and a \\ too") == "Grüße, 道路, 🚲 and a \\ too");
  CHECK(printable("") == "");
  CHECK(printable("\x1b[31mred\x1b[0m") == "\\x1b[31mred\\x1b[0m");
  CHECK(printable("a\nb\rc\td\be\x7f") == "a\\nb\\rc\\td\\x08e\\x7f");
  CHECK(printable(std::string_view("\0", 1)) == "\\x00");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\u009b31m");  // C1: CSI in one character
  CHECK(printable("\x9b") == "\\x9b");      // and as a stray byte
  CHECK(printable("gpj.\xe2\x80\xae"
                  "exe") == "gpj.\\u202eexe");                         // right-to-left override
  CHECK(printable("\xe2\x81\xa6x\xe2\x81\xa9") == "\\u2066x\\u2069");  // isolates
  CHECK(printable("\xe2\x80\xa8") == "\\u2028");
  CHECK(printable("\xf3\xa0\x81\x81") == "\\U000e0041");
}

TEST_CASE("bytes that are not UTF-8 are spelled one by one") {
  CHECK(printable("\xff") == "\\xff");
  CHECK(printable("a\xc3") == "a\\xc3");         // cut off
  CHECK(printable("\xc0\x9b") == "\\xc0\\x9b");  // overlong
  CHECK(printable("\xe0\x80\x9b") == "\\xe0\\x80\\x9b");
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // past the end
  CHECK(printable("\xe2\x82g") == "\\xe2\\x82g");
  CHECK(printable("x\x80y") == "x\\x80y");
}

TEST_CASE("columns") {
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("Grüße") == 5);
  CHECK(columns_of("道路") == 4);
  CHECK(columns_of("e\xcc\x81") == 1);
  CHECK(cut_to("道路", 3) == "道");
}

TEST_CASE("lines are broken between words, and within a word that is longer than a line") {
  CHECK(wrapped("one two three\nfour", 0) == "one two three\nfour");
  CHECK(wrapped("one two three\nfour", 7) == "one two\nthree\nfour");
  CHECK(wrapped("one  two\n", 8) == "one  two\n");
  CHECK(wrapped("  12   34\n", 9) == "  12   34\n");
  CHECK(wrapped("  12   34\n", 6) == "  12\n34\n");
  CHECK(wrapped("abcdefgh ij", 3) == "abc\ndef\ngh\nij");
  CHECK(wrapped("a /abcdefgh b", 4) == "a\n/abc\ndefg\nh b");
  CHECK(wrapped("道路道", 5) == "道路\n道");
  CHECK(wrapped("道路", 1) == "道\n路");
  CHECK(wrapped("\n\na", 1) == "\n\na");
  CHECK(wrapped("   ", 2) == "");
}
