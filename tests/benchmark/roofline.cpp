// SPDX-License-Identifier: MIT
#include <strata/benchmark/roofline.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/count.hpp"

using namespace strata;
using namespace strata::benchmarks;
using namespace strata::testing;

namespace {

const Peaks peaks{.gflops = 100, .l1 = 1000, .l2 = 400, .l3 = 50, .memory = 10, .threads = 2, .caches = {}};

}  // namespace

TEST_CASE("a plot has the machine's roofs, and a dot in the color of its roof for each kernel with work and traffic") {
  const std::string text = roofline_svg(
      "t", peaks,
      {{"a<b", 1e9, 1e7, 0.02, "FMA"}, {"c", 1e6, 1e7, 0.002, "memory"}, {"no products", 0, 1e7, 0.002, "memory"}});
  CHECK(count(text, "<line class=\"roof ") == 5);
  CHECK(count(text, "<circle") == 2);
  CHECK(count(text, "<circle class=\"point fma\"") == 1);
  CHECK(count(text, "<circle class=\"point memory\"") == 1);
  CHECK(text.find("<title>a&lt;b: 50 GFLOP/s, 100 operations per byte, 20 ms, FMA</title>") != text.npos);
  for (const char* name : {">L1<", ">L2<", ">L3<", ">memory<", ">FMA<"}) CHECK_MESSAGE(count(text, name) == 1, name);
}

TEST_CASE("a kernel on its roof is drawn on it") {
  const benchmarks::detail::RooflineAxes axes(peaks,
                                              {{"x", 1e9, 1e9, 0.1, "memory"}});  // 10 GFLOP/s at 1 operation per byte
  CHECK(axes.y(10) > axes.y(100));
  CHECK(axes.x(1) > benchmarks::detail::RooflineAxes::left);
  const std::string text = roofline_svg("t", peaks, {{"x", 1e9, 1e9, 0.1, "memory"}});
  CHECK(text.find("cx=\"" + core::fixed(axes.x(1), 1) + "\" cy=\"" + core::fixed(axes.y(10), 1) + "\"") != text.npos);
  CHECK(text.find("x2=\"" + core::fixed(axes.x(10), 1) + "\" y2=\"" + core::fixed(axes.y(100), 1) + "\"") != text.npos);
}

TEST_CASE("levels that the machine lacks are left out, and an empty plot says so") {
  Peaks without = peaks;
  without.l3 = 0;
  CHECK(count(roofline_svg("t", without, {}), "<line class=\"roof ") == 4);
  CHECK(roofline_svg("t", without, {}).find("nothing was measured") != std::string::npos);
  CHECK(count(roofline_svg("t", {}, {}), "<line class=\"roof ") == 0);
}

TEST_CASE("numbers that cannot be drawn do no harm") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
  std::vector<Point> points{{"fine", 1e9, 1e7, 0.02, "FMA"}};
  for (const double bad : {nan, infinite, -1., 0., 1e300, 1e-300}) {
    points.push_back({"a", bad, 1e7, 1, "FMA"}), points.push_back({"b", 1e7, bad, 1, "L2"});
    points.push_back({"c", 1e7, 1e7, bad, "another"});
  }
  const std::string page = roofline_page("t", "m", peaks, points);
  for (const char* wrong : {"nan", "inf"}) CHECK_MESSAGE(page.find(wrong) == std::string::npos, wrong);
  Peaks strange{.gflops = nan, .l1 = infinite, .l2 = -1, .l3 = 1e300, .memory = nan, .caches = {}};
  CHECK(roofline_page("t", "m", strange, points).find("nan") == std::string::npos);
}

TEST_CASE(
    "a page has the plot, the roofs, and the kernels with their shares, the longest first; it escapes its input") {
  const std::string page = roofline_page("Roofline of <b>", "a & b", peaks,
                                         {{"quick", 1e9, 1e7, 0.02, "FMA"}, {"slow", 1e6, 1e9, 0.2, "memory"}});
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.ends_with("</html>\n"));
  CHECK(page.find("Roofline of &lt;b&gt;") != page.npos);
  CHECK(page.find("a &amp; b") != page.npos);
  CHECK(page.find("FMA 100 GFLOP/s") != page.npos);
  CHECK(page.find("memory 10.0 GB/s") != page.npos);
  CHECK(page.find("<td>slow</td>") < page.find("<td>quick</td>"));
  CHECK(page.find(">50.0 %<") != page.npos);  // of 0.01 and of 0.1 s
  CHECK(page.find(">90.9 %<") != page.npos);  // of the time
  CHECK(page.find("prefers-color-scheme:dark){.roofline") != page.npos);
  for (const char* outside : {"src=\"http", "href=\"http", "<script", "@import", "url(", "<b>"})
    CHECK_MESSAGE(page.find(outside) == std::string::npos, outside);
}
