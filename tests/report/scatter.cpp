// SPDX-License-Identifier: MIT
#include <strata/report/scatter.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>

namespace report_scatter {

using namespace strata;
using namespace strata::report;

namespace {

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) n++;
  return n;
}

}  // namespace

TEST_CASE("a scatter plot has a dot with a tooltip per point, error bars, and a line through the front") {
  const Scatter plot{.title = "accuracy by MACs",
                     .x_title = "MACs",
                     .percent = true,
                     .points = {{.x = 1000, .y = 0.9, .deviation = 0.01, .name = "a<b", .front = true},
                                {.x = 100, .y = 0.8, .name = "c", .front = true},
                                {.x = 500, .y = 0.7, .name = "d"}}};
  const std::string text = svg(plot);
  CHECK(count(text, "<circle") == 3);
  CHECK(count(text, "<title>a&lt;b</title>") == 1);
  CHECK(count(text, "stroke-opacity") == 1);
  const std::size_t line = text.find("points=\"") + 8;
  CHECK(count(text.substr(line, text.find('"', line) - line), ",") == 2);
  CHECK(text.find(">100<") != text.npos);
  CHECK(text.find(">1k<") != text.npos);
  CHECK(text.find(">90 %<") != text.npos);
}

TEST_CASE("points far below the others do not squeeze them, and are drawn hollow at the edge") {
  Scatter plot{.title = "t", .x_title = "x"};
  for (int i = 1; i <= 9; i++) plot.points.push_back({.x = double(i), .y = 0.98 + 0.001 * i});
  plot.points.push_back({.x = 5, .y = 0.1});
  const std::string text = svg(plot);
  CHECK(count(text, "fill=\"none\" stroke=\"#3b82c4\"") == 1);
  CHECK(count(text, "<circle") == 10);
}

TEST_CASE("what cannot be drawn is left out, and a plot without points says so") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(svg(Scatter{.title = "t", .x_title = "x", .points = {{.x = 0, .y = 1}, {.x = 1, .y = nan}, {.x = nan, .y = 1}}})
            .find("nothing was measured") != std::string::npos);
  const std::string one = svg(Scatter{.title = "t", .x_title = "x", .points = {{.x = 7, .y = 0.5}}});
  CHECK(count(one, "<circle") == 1);
  CHECK(one.find("nan") == std::string::npos);
  CHECK(one.find("inf") == std::string::npos);
}

}  // namespace report_scatter
