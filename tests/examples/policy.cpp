// SPDX-License-Identifier: MIT
// The policy with two heads: both learn, and it predicts with both.
#include <doctest/doctest.h>

#include <cstdlib>

#include "../support/process.hpp"

using namespace strata::testing;

TEST_CASE("both heads learn in one training") {
  const Finished e = run_program("policy", {});
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  CHECK(e.errors == "");
  for (const char* head : {"  move: accuracy ", "  arrives: accuracy "}) {
    const std::size_t at = e.output.find(head);
    REQUIRE_MESSAGE(at != std::string::npos, e.output);
    CHECK(std::strtod(e.output.c_str() + at + std::string(head).size(), nullptr) > 0.9);
  }
  CHECK(e.output.find("loss ") == 0);
  CHECK(e.output.find("; arrives: ") != std::string::npos);
}
