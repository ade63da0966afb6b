// SPDX-License-Identifier: MIT
#include <strata/core/files/last_words.hpp>

#include <doctest/doctest.h>

#include "../../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("the last line that is not empty, safe to print and not too long") {
  const TemporaryFolder folder;
  const auto words_of = [&](const std::string& log) {
    write(folder / "log", log);
    return core::last_words(folder / "log");
  };
  CHECK(words_of("first\nsecond\n\n  \n") == "; its last words: second");
  CHECK(words_of("only") == "; its last words: only");
  CHECK(words_of("\x1b[2J") == "; its last words: \\x1b[2J");
  CHECK(words_of("a\n" + std::string(400, 'b')) == "; its last words: " + std::string(300, 'b'));
  CHECK(words_of("") == "");
  CHECK(words_of(" \n\n") == "");
  CHECK(core::last_words(folder / "none") == "");
}
