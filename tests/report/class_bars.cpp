// SPDX-License-Identifier: MIT
#include <strata/report/class_bars.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/count.hpp"

namespace report_class_bars {

using namespace strata;
using namespace strata::report;
using strata::testing::count;

namespace {

const data::ClassList classes{{"road", {128, 64, 128}}, {"<pole>", {192, 192, 192}}};

}  // namespace

TEST_CASE("a group of bars per class and score, matched by name") {
  const Metrics own{0.8, 0.7, 0.6, 0.5, 0.4, {{"<pole>", 0.25, 0.125, 1}, {"road", 0.9, 0.8, 0.7}}};
  const std::vector<ReferenceScores> references{{"others", {-1, -1, -1, -1, -1, {{"road", 0.95, 0.94, 0.93}}}}};
  const std::string bars = class_bars(own, references, classes);
  CHECK(count(bars, "<svg class=\"chart bars\"") == 3);
  CHECK(count(bars, "<title>this run") == 3 * 2);
  CHECK(count(bars, "<title>others") == 3);  // the pole is not theirs
  for (const char* part : {"<title>this run, road: 90.0 %</title>", "<title>this run, &lt;pole&gt;: 12.5 %</title>",
                           "<title>others, road: 93.0 %</title>", ">25.0</text>", "width=\"464.0\""})
    CHECK_MESSAGE(bars.find(part) != std::string::npos, part);
  CHECK(bars.find("<pole>") == std::string::npos);
  CHECK(bars.find("this run, road") < bars.find("this run, &lt;pole"));  // in the order of the classes
}

TEST_CASE("what was not measured, or makes no sense, has no bar") {
  const Metrics own{-1, -1, -1, -1, -1, {{"road", -1, NAN, 7}}};
  CHECK(count(class_bars(own, {}, classes), "<title>") == 0);
  CHECK(count(class_bars({}, {}, {}), "<svg") == 3);
}

}  // namespace report_class_bars
