// SPDX-License-Identifier: MIT
#include <strata/report/page.hpp>

#include <doctest/doctest.h>

#include <strata/data/png.hpp>
#include <strata/graph/diagram.hpp>
#include <strata/spec/layers.hpp>

#include "../support/count.hpp"

namespace report_page {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::metrics;
using namespace strata::report;
using namespace strata::training;
using strata::testing::count;

namespace {

ReportPage sample() {
  ReportPage page{.title = "a <title> & more"};
  page.record.status = "complete";
  page.record.network = "N";
  page.record.device = {"cuda", "a <GPU>", "bfloat16", 85'000'000'000};
  for (int i = 1; i <= 1000; i++) {
    Record record{.epoch = 1, .iteration = i, .loss = 1. / i, .train_accuracy = i / 1000.};
    if (i % 100 == 0) record.validation_loss = 2. / i, record.validation_accuracy = i / 2000.;
    page.record.history.push_back(record);
  }
  page.confusion = Confusion(2);
  page.confusion.at(0, 0) = 3, page.confusion.at(0, 1) = 1, page.confusion.at(1, 1) = 4;
  page.class_names = {"cat", "<dog>"};
  const std::vector<std::uint8_t> pixels(4, 9);
  page.mistakes = {{encode_png(pixels.data(), {2, 2, 1}), "cat taken for \"<dog>\""}};
  return page;
}

}  // namespace

TEST_CASE("base64 of RFC 4648's examples") {
  const auto of = [](const std::string& text) { return report::detail::base64(Bytes(text.begin(), text.end())); };
  CHECK(of("") == "");
  CHECK(of("f") == "Zg==");
  CHECK(of("fo") == "Zm8=");
  CHECK(of("foo") == "Zm9v");
  CHECK(of("foobar") == "Zm9vYmFy");
  CHECK(report::detail::base64({0xFF, 0xEF, 0xBE}) == "/+++");
}

TEST_CASE("a page holds everything, needs nothing from elsewhere, and escapes its input") {
  const std::string page = html(sample());
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.find("<title>a &lt;title&gt; &amp; more</title>") != std::string::npos);
  CHECK(page.find("<dog>") == std::string::npos);
  CHECK(count(page, "data:image/png;base64,") == 1);
  CHECK(count(page, "<svg class=\"chart\"") == 2);
  CHECK(count(page, "<polyline") == 4);
  for (const char* outside : {"src=\"http", "href=\"http", "<script", "@import", "url("})
    CHECK_MESSAGE(page.find(outside) == std::string::npos, outside);
  CHECK(page.find("75.00 %") != std::string::npos);
  CHECK(page.find("not measured") != std::string::npos);
  CHECK(page.find("nan") == std::string::npos);
  CHECK(page.find("<th>computed by</th><td>a &lt;GPU&gt;, 85 GB, in bfloat16</td>") != std::string::npos);
}

TEST_CASE("a training that failed before it began to learn") {
  ReportPage page = sample();
  page.record.history.clear(), page.mistakes.clear(), page.confusion = Confusion();
  page.record.status = "failed", page.record.why = "the loss became NaN";
  const std::string text = html(page);
  CHECK(text.find("failed: the loss became NaN") != std::string::npos);
  CHECK(count(text, "nothing was recorded") == 2);
  CHECK(text.find("worst mistakes") == std::string::npos);
}

TEST_CASE("metrics have a tile and a chart, and a search for a learning rate its curve") {
  ReportPage page = sample();
  page.record.measured = {{"f1", 0.625}, {"<auc>", NAN}};
  page.record.history[99].metrics = {{"f1", 0.5}, {"<auc>", NAN}};
  page.record.history[199].metrics = {{"f1", 0.625}, {"<auc>", 0.75}};
  for (int i = 0; i < 8; i++) training::detail::add_loss(page.rate_curve, std::pow(10, i - 6), i < 6 ? 6 - i : 9, 0.5);
  page.rate_curve.diverged = true, page.rate_curve.suggestion = 0.001;
  const std::string text = html(page);
  CHECK(count(text, "<svg class=\"chart\"") == 5);
  CHECK(text.find("<b>0.6250</b><span>validation f1</span>") != std::string::npos);
  CHECK(text.find("<b>–</b><span>validation &lt;auc&gt;</span>") != std::string::npos);
  CHECK(text.find("aria-label=\"f1 of the validation\"") != std::string::npos);
  CHECK(text.find("until it diverged. The smoothed loss fell fastest at a rate of 0.001.") != std::string::npos);
  for (const char* tick : {">1e-06<", ">0.0001<", ">1<"}) CHECK_MESSAGE(text.find(tick) != std::string::npos, tick);
  CHECK(text.find("nan") == std::string::npos);
  page.rate_curve.suggestion.reset(), page.rate_curve.diverged = false;
  CHECK(html(page).find("grew in each update. The smoothed loss did not fall.") != std::string::npos);
}

TEST_CASE("several heads: a row and two charts for each") {
  ReportPage page = sample();
  page.record.heads = {{"class", 0.25, 0.75, -1, -1}, {"a <box>", 2.5, -1, 0.5, 0.625}, {"aux", NAN, -1, -1, -1}};
  for (Record& record : page.record.history) {
    record.heads = {{.loss = 1, .train_accuracy = 0.5}, {.loss = 2}, {.loss = 3, .train_accuracy = 0.25}};
    if (!record.validation_loss) continue;
    record.heads[0].validation_loss = 0.25, record.heads[0].validation_accuracy = 0.75;
    record.heads[1].validation_loss = 2.5, record.heads[1].validation_mae = 0.5;
    record.heads[1].validation_rmse = 0.625;
  }
  const std::string text = html(page);
  CHECK(count(text, "<svg class=\"chart\"") == 7);  // the sum of the losses, and two of each head
  CHECK(count(text, "<polyline") == 2 + 4 + 4 + 2);
  CHECK(count(text, "aria-label=\"Accuracy\"") == 2);
  CHECK(count(text, "aria-label=\"Errors of the validation\"") == 1);
  CHECK(count(text, "<h3>a &lt;box&gt;</h3>") == 1);
  CHECK(text.find("<box>") == std::string::npos);
  CHECK(text.find("nan") == std::string::npos);
  CHECK(text.find("<tr><td>class</td><td class=\"n\">0.2500</td><td class=\"n\">75.00 %</td>") != std::string::npos);
  CHECK(text.find("<tr><td>a &lt;box&gt;</td><td class=\"n\">2.5000</td><td class=\"n\"></td>"
                  "<td class=\"n\">0.5000</td><td class=\"n\">0.6250</td></tr>") != std::string::npos);
  CHECK(text.find("validation accuracy of class") != std::string::npos);
}

TEST_CASE("charts of odd numbers") {
  Chart chart{.title = "t", .x_title = "x", .logarithmic = true};
  chart.series = {{"a", "#000", {{1, 0}, {2, HUGE_VAL}, {3, NAN}, {4, 1e-30}}}, {"b", "#000", {}}};
  const std::string text = svg(chart);
  CHECK(count(text, "<polyline") == 1);
  CHECK(count(text, "<circle") == 0);
  CHECK(text.find("nan") == std::string::npos);
  CHECK(text.find("inf") == std::string::npos);
  chart.series = {{"a", "#000", {{1, 5}}}};
  CHECK(count(svg(chart), "<circle") == 1);  // a line of one point would not be seen
  CHECK(report::detail::thinned({{1, 1}, {2, 3}, {3, 5}, {4, 7}, {5, 9}}, 2).size() == 2);
  CHECK(report::detail::round_step(100, 5) == 20);
  CHECK(report::detail::round_step(0.9, 5) == doctest::Approx(0.2));
  CHECK(report::detail::ticks(0, 1, 0.25) == std::vector<double>{0, 0.25, 0.5, 0.75, 1});
  chart.logarithmic = false;
  chart.series = {{"a", "#000", {{1e15, 5}, {1e15 + 0.125, std::nextafter(5., 6.)}}}};  // steps that change no number
  CHECK(count(svg(chart), "<line") <= 20);
  chart.series = {{"a", "#000", {{1, 5}, {2, 6}}, true}, {"b", "#000", {{1, 5}, {2, 6}}}};
  CHECK(count(svg(chart), "stroke-dasharray") == 1);
  chart = {.title = "t",
           .x_title = "x",
           .percent = true,
           .logarithmic = true,
           .series = {{"", "#000", {{1, 0.2}, {2, 0.01}}}}};
  CHECK(svg(chart).find(">10 %<") != std::string::npos);
  CHECK(svg(chart).find(">100 %<") == std::string::npos);
}

TEST_CASE("the network's table and diagram") {
  using Net = Network<Image<4, 4, 1>, Conv<3, 2>, ReLU, Flatten, Dense<2>, Softmax>;
  ReportPage page = sample();
  page.summary.lines = {
      {.path = "0", .kind = "Conv", .spelled = "Conv<3, 2>", .out = {4, 4, 2}, .parameters = 20, .macs = 288}};
  page.diagram = diagram<Net>();
  const std::string text = html(page);
  CHECK(text.find("Conv&lt;3, 2&gt;") != std::string::npos);
  CHECK(text.find("role=\"img\" aria-label=\"network\"") != std::string::npos);
}

}  // namespace report_page
