// SPDX-License-Identifier: MIT
#include <strata/report/curves.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/count.hpp"
#include "../support/temporary_folder.hpp"

namespace report_curves {

using namespace strata;
using namespace strata::report;
using namespace strata::training;
using strata::testing::count;

namespace {

/// `epochs` epochs of `updates` updates, with a validation after each.
CurveRun run(const std::string& name, int epochs, int updates, double seconds, const char* task = "digits") {
  CurveRun out{name, {}};
  out.record.status = "complete", out.record.task = task, out.record.network = "Digits<8,16,32>";
  out.record.dataset.name = "MNIST", out.record.batch = 64, out.record.epochs = epochs;
  out.record.iterations = epochs * updates, out.record.seconds.total = seconds;
  for (int i = 1; i <= epochs * updates; i++) {
    Record record{
        .epoch = (i - 1) / updates + 1, .iteration = i, .seconds = seconds * i / (epochs * updates), .loss = 1. / i};
    record.train_accuracy = 1 - 1. / (1 + i);
    if (i % updates == 0) {
      record.validation_loss = 2. / i, record.validation_accuracy = record.epoch == 2 ? 0.875 : 0.5;
      record.validation_mean_iou = 0.25;
    }
    out.record.history.push_back(record);
  }
  return out;
}

}  // namespace

TEST_CASE("two runs in one plot, against each axis") {
  const std::string page = curves_html({run("a", 3, 10, 90), run("<b> & \n\x1b", 2, 30, 45)});
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.ends_with("</body></html>\n"));
  CHECK(count(page, "<svg class=\"chart\"") == 3 * 3);
  CHECK(count(page, "<polyline") == 3 * (2 * 2 * 2 + 2));
  CHECK(count(page, "stroke-dasharray") == 2 * 3 * 2);
  CHECK(count(page, "type=\"radio\"") == 3);
  CHECK(count(page, " checked>") == 1);
  for (const char* axis : {">epochs</text>", ">iterations</text>", ">seconds</text>"}) CHECK(count(page, axis) == 3);
  CHECK(count(page, "87.50 %") == 2);
  CHECK(count(page, "Error of the validation") == 2 * 3);
  CHECK(page.find("<b>") == std::string::npos);
  CHECK(page.find('\x1b') == std::string::npos);
  for (const char* outside : {"src=\"http", "href=\"http", "<script", "@import", "url("})
    CHECK_MESSAGE(page.find(outside) == std::string::npos, outside);
  CHECK(curves_html({run("a", 3, 10, 7200)}).find(">hours</text>") != std::string::npos);
  CHECK(curves_html({run("a", 3, 10, 120)}).find(">minutes</text>") != std::string::npos);
}

TEST_CASE("label maps have a plot of the mean IoU") {
  const std::string page = curves_html({run("a", 2, 3, 10, "street_scenes"), run("b", 2, 3, 10, "street_scenes")});
  CHECK(count(page, "<svg class=\"chart\"") == 3 * 3);
  CHECK(count(page, "Mean IoU of the validation") == 2 * 3);
  CHECK(count(page, "25.00 %") == 2);
  CHECK(page.find("Error of the validation") == std::string::npos);
}

TEST_CASE("positions on the axes") {
  const auto at = [](const CurveRun& r, Against against) {
    return report::detail::positions(r.record.history, against);
  };
  CurveRun r = run("a", 2, 4, 8);
  CHECK(at(r, Against::epochs) == std::vector<double>{0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2});
  CHECK(at(r, Against::iterations) == std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(at(r, Against::time).back() == 8);
  r.record.history.resize(6);  // stopped within an epoch
  CHECK(at(r, Against::epochs) == std::vector<double>{0.25, 0.5, 0.75, 1, 1.25, 1.5});
}

TEST_CASE("what makes no sense in a record is left out") {
  CurveRun r = run("a", 2, 4, 8);
  r.record.status = "failed <b>";
  r.record.history[0].loss = -1;  // null in the file
  r.record.history[1].loss = HUGE_VAL, r.record.history[2].loss = NAN, r.record.history[2].seconds = -1e300;
  r.record.history[3].seconds = 1e300, r.record.history[4].iteration = -5, r.record.history[5].epoch = -2147483647 - 1;
  r.record.history[6].train_accuracy = -7, r.record.history[7].seconds = NAN;
  CurveRun none{"", {}};
  const std::string page = curves_html({r, none});
  for (const char* word : {"nan", "inf", "e+1", "e+3"}) CHECK_MESSAGE(page.find(word) == std::string::npos, word);
  CHECK(page.find("a: failed &lt;b&gt;") != std::string::npos);
  CHECK(count(curves_html({none}), "nothing was recorded") == 9);
  CHECK(count(curves_html({}), "nothing was recorded") == 9);
}

TEST_CASE("many runs and long histories stay readable and small") {
  std::vector<CurveRun> runs;
  runs.reserve(12);
  for (int i = 0; i < 12; i++) runs.push_back(run("r" + std::to_string(i), 20, 60, 60));
  CHECK(curves_html(runs).size() < 1'000'000);
  const strata::testing::TemporaryFolder folder;
  write_curves(folder / "curves.html", runs);
  CHECK(strata::testing::read(folder / "curves.html") == curves_html(runs));
}

}  // namespace report_curves
