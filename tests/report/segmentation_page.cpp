// SPDX-License-Identifier: MIT
#include <strata/report/segmentation_page.hpp>

#include <doctest/doctest.h>

#include "../support/count.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/tolerance.hpp"

namespace report_segmentation_page {

using namespace strata;
using namespace strata::metrics;
using namespace strata::report;
using namespace strata::training;
using strata::testing::count;
using strata::testing::relative_error;

namespace {

SegmentationPage sample() {
  SegmentationPage page{.title = "streets & <more>"};
  RunRecord& r = page.record;
  r.status = "complete";
  for (int i = 1; i <= 12; i++) {
    Record record{.epoch = (i + 3) / 4,
                  .iteration = i,
                  .seconds = 10. * i,
                  .loss = 1. / i,
                  .rate = 0.01,
                  .train_accuracy = i / 100.};
    if (i % 4 == 0) {
      record.validation_loss = 0.5, record.validation_accuracy = 0.5 + i / 100.;
      record.validation_mean_accuracy = 0.4321, record.validation_mean_iou = 0.1234;
    }
    r.history.push_back(record);
  }
  r.metrics = {0.8, 0.7, 0.6, 0.5, 0.4, {{"road", 0.91, 0.81, 0.71}, {"<pole>", -1, -1, -1}}};
  r.confusion = Confusion(2);
  r.confusion.counts = {91, 9, 0, 0};
  page.judged_on = "the 3 images of the test set";
  page.classes = {{"road", {128, 64, 128}}, {"<pole>", {192, 192, 192}}};
  page.references = {{"others", {0.9, 0.88, 0.77, 0.66, 0.55, {{"road", 0.95, 0.94, 0.93}}}}};
  page.pixels.pixels = {900, 0}, page.pixels.labeled = 900, page.pixels.total = 1000;
  page.weights = {0.25f, 0};
  page.memory = {{"a plan", 1'000'000}, {"numbers", 2'500'000}};
  return page;
}

}  // namespace

TEST_CASE("our numbers are next to the others', and what was not measured is a dash") {
  const std::string text = html(sample());
  CHECK(text.starts_with("<!doctype html>"));
  for (const char* part :
       {"0.8000", "0.9000", "0.6000", "0.7700", "0.9100", "0.9500", "0.7100", "0.9300", "the 3 images of the test set"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  CHECK(count(text, ">–</td>") == 3 + 3);  // for the class without a measurement in either
  CHECK(text.find("<pole>") == std::string::npos);
  CHECK(count(text, "<svg class=\"chart\"") == 4);
  CHECK(count(text, "<svg class=\"chart heat\"") == 1);
  CHECK(count(text, "<svg class=\"chart bars\"") == 3);
  CHECK(text.find("<title>others, road: 93.0 %</title>") != std::string::npos);
  CHECK(text.find("nan") == std::string::npos);
  for (const char* outside : {"src=\"http", "href=\"http", "<script", "@import", "url("})
    CHECK_MESSAGE(text.find(outside) == std::string::npos, outside);
}

TEST_CASE("one row per epoch: means over its updates, and its validation") {
  const auto rows = report::detail::epochs_of(sample().record.history);
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].epoch == 2);
  CHECK(rows[1].updates == 4);
  CHECK(rows[1].seconds == 80);
  CHECK(relative_error(rows[1].loss, (1. / 5 + 1. / 6 + 1. / 7 + 1. / 8) / 4) <= 1e-12);
  CHECK(relative_error(rows[1].accuracy, 0.065) <= 1e-12);
  CHECK(rows[2].validated.validation_accuracy.value() == doctest::Approx(0.62));
  const std::string text = report::detail::epoch_table(sample().record.history);
  CHECK(count(text, "<tr>") == 4);
  CHECK(count(text, "0.1234") == 3);
  CHECK(text.find("1:20") != std::string::npos);

  std::vector<Record> history(500);
  for (int i = 0; i < 500; i++) history[std::size_t(i)].epoch = i + 1;
  CHECK(count(report::detail::epoch_table(history), "<tr>") <= 62);
  CHECK(report::detail::epoch_table(history).find(">500</td>") != std::string::npos);
}

TEST_CASE("frequencies, weights and memory") {
  const std::string text = html(sample());
  CHECK(text.find(">100.00 %<") != std::string::npos);
  CHECK(text.find("10.00 % of all") != std::string::npos);
  CHECK(text.find("0.2500") != std::string::npos);
  CHECK(text.find("0, does not occur") != std::string::npos);
  CHECK(text.find("3.5 MB") != std::string::npos);
}

TEST_CASE("a GPU's memory is listed apart from the process's") {
  SegmentationPage page = sample();
  CHECK(html(page).find("planned on the GPU") == std::string::npos);
  page.memory = {{"images", 1'000'000}, {"program", 2'000'000}};
  page.device_memory = {{"activations", 30'000'000}, {"numbers", 4'000'000}};
  const std::string text = html(page);
  CHECK(text.find("<th>GPU: activations</th><td>30.0 MB</td>") != std::string::npos);
  CHECK(text.find("<th>planned on the GPU, excluding cuDNN's allocations</th><td>34.0 MB</td>") != std::string::npos);
  CHECK(text.find("<th>planned in total</th><td>3.0 MB</td>") != std::string::npos);
}

TEST_CASE("other heads than that of the label maps have their own part") {
  SegmentationPage page = sample();
  CHECK(html(page).find("<h2>Heads</h2>") == std::string::npos);
  page.record.heads = {{"map", 0.5, 0.75, -1, -1}, {"weather", 0.25, 0.5, -1, -1}};
  CHECK(count(html(page), "<h3>weather</h3>") == 1);
}

TEST_CASE("a notice is at the top, escaped") {
  SegmentationPage page = sample();
  CHECK(html(page).find("class=\"notice\"") == std::string::npos);
  page.notice = "drawn, <not> photographed";
  const std::string text = html(page);
  CHECK(text.find("drawn, &lt;not&gt; photographed") < text.find("class=\"figures\""));
}

TEST_CASE("which model was kept, by which measure") {
  SegmentationPage page = sample();
  CHECK(html(page).find("kept: ") == std::string::npos);
  page.record.kept_iteration = 8, page.record.kept_by = Keep::best_mean_iou;
  CHECK(html(page).find("<p>kept: epoch 2 (iteration 8) by validation mean IoU 0.1234</p>") != std::string::npos);
  page.record.kept_by = Keep::best("f1");
  for (Record& record : page.record.history) record.metrics = {{"f1", 0.5}};
  page.record.measured = {{"f1", 0.5}};
  training::detail::add_loss(page.rate_curve, 0.01, 2, 0.5);
  for (const char* part :
       {" by validation f1 0.5000", "f1 of the validation", "<span>validation f1</span>", "<h2>Learning rate</h2>"})
    CHECK_MESSAGE(html(page).find(part) != std::string::npos, part);
  page.record.kept_by = Keep::best_loss;
  CHECK(html(page).find("<p>kept: epoch 2 (iteration 8) by validation loss 0.5000</p>") != std::string::npos);
  page.record.kept_iteration = 1315;  // an external record says no more about it
  CHECK(html(page).find("<p>kept: iteration 1,315 by validation loss</p>") != std::string::npos);
}

TEST_CASE("which weights it began with, and which it did not take, escaped") {
  SegmentationPage page = sample();
  CHECK(html(page).find("Initial weights") == std::string::npos);
  page.record.weights = {"a/<file>", "<backbone>.", {"conv1.weight", "<bn1>"}, {}, {"layer4.2.conv1.weight"},
                         {"fc.bias"}};
  const std::string text = html(page);
  for (const char* part :
       {"Initial weights", "a/&lt;file&gt;; names in it begin with &lt;backbone&gt;.", "tensors taken: 2<",
        "conv1.weight, &lt;bn1&gt;", "missing from the file: 0<", "left over, no place in the network: 1<",
        ">layer4.2.conv1.weight<", "from other parts, not used: 1<", ">fc.bias<"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  for (const char* raw : {"<file>", "<bn1>", "<backbone>"}) CHECK_MESSAGE(text.find(raw) == std::string::npos, raw);
  page.record.weights = {.file = "w"};
  CHECK(html(page).find("tensors taken: 0<") != std::string::npos);
}

TEST_CASE("a training that was interrupted before it was evaluated") {
  SegmentationPage page = sample();
  page.record.metrics = {}, page.record.confusion = Confusion(), page.record.history.clear(), page.judged_on.clear();
  page.record.status = "interrupted";
  testing::TemporaryFolder folder;
  write_page(folder / "report.html", page);
  const std::string text = testing::read(folder / "report.html");
  CHECK(text.find("interrupted") != std::string::npos);
  CHECK(text.find("Evaluation") == std::string::npos);
  CHECK(count(text, "nothing was recorded") == 4);
  CHECK(text.find("nan") == std::string::npos);
}

}  // namespace report_segmentation_page
