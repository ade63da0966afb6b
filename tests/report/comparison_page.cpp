// SPDX-License-Identifier: MIT
#include <strata/report/comparison_page.hpp>

#include <doctest/doctest.h>

#include "../support/count.hpp"
#include "../support/run_records.hpp"

using namespace strata;
using namespace strata::report;
using namespace strata::testing;

TEST_CASE(
    "a page has charts, a color for each setup, and the tables; it needs nothing from elsewhere and escapes its input") {
  RunRecord hostile = made_run(16, 1, 2);
  hostile.device.name = "<script>alert(1)</script>";
  const Comparison c = compare({{"a/<b>", "a", made_run(8, 2, 1)}, {"a/2", "a", hostile}});
  const Published published{.source = "a book",
                            .setups = {{"its machine", {{.batch = 8, .updates = 5, .seconds = 10, .accuracy = 0.5}}}}};
  const std::string page = comparison_html(c, &published, {runs_table(c), batch_table(c, &published)});
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.ends_with("</html>\n"));
  CHECK(count(page, "<svg class=\"chart\"") == 5);  // time, seconds per update, images per second, accuracy, memory
  CHECK(count(page, "<h2>") == 2);
  CHECK(page.find("a book, its machine") != std::string::npos);
  for (const char* outside : {"src=\"http", "href=\"http", "<script", "@import", "url(", "<b>"})
    CHECK_MESSAGE(page.find(outside) == std::string::npos, outside);
  CHECK(page.find("nan") == std::string::npos);
}

TEST_CASE("a chart by batch size puts doublings at equal distances, with ticks at powers of two") {
  Chart chart{.title = "t", .x_title = "batch size", .doubling = true};
  chart.series = {{"", "#000", {{2, 100}, {4, 200}, {8, 300}}}};
  const std::string text = svg(chart);
  for (const char* tick : {">2<", ">4<", ">8<"}) CHECK_MESSAGE(count(text, tick) == 1, tick);
  CHECK(text.find("points=\"66.0,258.0 345.0,") != std::string::npos);
  CHECK(text.find(" 624.0,34.0 ") != std::string::npos);
}

TEST_CASE("runs that validated have their learning curves") {
  RunRecord validated = made_run(8, 2, 1);
  validated.history.back().validation_accuracy = 0.5, validated.history.back().validation_loss = 1;
  const Comparison c = compare({{"a/8", "a", validated}, {"a/16", "a", made_run(16, 2, 1)}});
  const std::string page = comparison_html(c, nullptr, {runs_table(c)});
  CHECK(count(page, "<h2>Learning curves</h2>") == 1);
  CHECK(count(page, "class=\"swatch\"") == 1);
  CHECK(count(page, "type=\"radio\"") == 3);
  CHECK(page.find(">by time</label>") != std::string::npos);
}

TEST_CASE("runs without any time give a page, too") {
  RunRecord r = made_run(8, 2, 1);
  r.history.clear(), r.seconds = {}, r.accuracy = {-1, -1, -1};
  const Comparison c = compare({{"a", "a", r}});
  CHECK(comparison_html(c, nullptr, {runs_table(c)}).find("Memory in MB") != std::string::npos);
}
