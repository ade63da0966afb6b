// SPDX-License-Identifier: MIT
#include <strata/report/heat_map.hpp>

#include <doctest/doctest.h>

#include "../support/count.hpp"

namespace report_heat_map {

using namespace strata;
using namespace strata::metrics;
using namespace strata::report;
using strata::testing::count;

TEST_CASE("one cell per pair of classes, in percent of the row") {
  Confusion confusion(3);
  confusion.counts = {90, 10, 0, 0, 0, 0, 1, 0, 1999};
  const std::string text = heat_map(confusion, {"road", "<sky>", "pole"}, "a & b");
  CHECK(count(text, "<rect ") == 9);
  CHECK(count(text, ">road</text>") == 2);
  CHECK(count(text, ">&lt;sky&gt;</text>") == 2);
  CHECK(text.find("aria-label=\"a &amp; b\"") != std::string::npos);
  CHECK(text.find(">90</text>") != std::string::npos);
  CHECK(text.find(">10</text>") != std::string::npos);
  CHECK(text.find(">0.1</text>") != std::string::npos);  // 1 of 2000 is 0.05 percent
  CHECK(text.find(">100</text>") != std::string::npos);
  CHECK(count(text, "fill-opacity=\"0.000\"") == 3);  // the class that does not occur
  CHECK(text.find("nan") == std::string::npos);
  CHECK(count(text, "text-anchor=\"middle\"") == 4);  // nothing is written into empty cells
}

TEST_CASE("classes without names have numbers") {
  Confusion confusion(2);
  confusion.at(1, 0) = 1;
  const std::string text = heat_map(confusion, {}, "t");
  CHECK(count(text, ">0</text>") == 2);
  CHECK(count(text, ">1</text>") == 2);
}

}  // namespace report_heat_map
