// SPDX-License-Identifier: MIT
#include <strata/report/progress.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "../support/temporary_folder.hpp"

namespace report_progress {

using namespace strata;
using namespace strata::metrics;
using namespace strata::report;
using namespace strata::training;

namespace {

/// The output of two epochs of three iterations, one second apart, with a validation at the end of each epoch.
std::string text_of_training(bool live, bool label_maps = false, int images = 100, bool of_values = false,
                             bool heads = false) {
  testing::TemporaryFolder folder;
  std::FILE* file = std::fopen((folder / "out").c_str(), "w");
  ProgressLine line(file, live);
  line.label_maps = label_maps;
  Run run;
  run.measures_values = of_values;
  const auto tell = [&](Event event) {
    line({event, run, run.history.empty() ? nullptr : &run.history.back(), 2, 6, 3});
  };
  tell(Event::start);
  for (int i = 1; i <= 6; i++) {
    run.iterations = i, run.seconds = i, run.train_seconds = i, run.images = images * i;
    run.history.push_back({.epoch = (i + 2) / 3, .iteration = i, .loss = 1. / i, .train_accuracy = 0.5});
    if (heads) {
      run.heads = {"class", "box", "aux"};
      run.history.back().heads = {{.loss = 0.5}, {.loss = 1. / i}, {.loss = 2}};
    }
    tell(Event::iteration);
    if (i % 3) continue;
    run.validation.accuracy = 0.25;
    if (images == 99) run.validation.metrics = {{"f1", 0.5}, {"top2", 0.75}};
    run.validation.confusion = Confusion(2);
    run.validation.confusion.counts = {1, 1, 0, 2};
    const float outputs[] = {1, 2}, targets[] = {1, 4};
    run.validation.errors = ValueErrors(1);
    run.validation.errors.add(outputs, targets, 2);
    if (heads) {
      Evaluation classes = run.validation, box = run.validation;
      classes.errors = {}, classes.head = "class", box.head = "box";
      run.validation.heads = {classes, box};
    }
    tell(Event::validation);
    tell(Event::epoch);
  }
  tell(Event::end);
  std::fclose(file);
  return testing::read(folder / "out");
}

}  // namespace

TEST_CASE("durations") {
  CHECK(duration(0) == "0:00");
  CHECK(duration(59.6) == "1:00");
  CHECK(duration(725) == "12:05");
  CHECK(duration(3 * 3600 + 7 * 60 + 12) == "3:07:12");
  CHECK(duration(-5) == "0:00");
  CHECK(duration(1e300) == "0:00");
}

TEST_CASE("one line per epoch without a terminal") {
  CHECK(text_of_training(false) ==
        "epoch 1/2  iteration 3/6  loss 0.3333  accuracy 50.00 %  validation 25.00 %  100 images/s  0:03 left\n"
        "epoch 2/2  iteration 6/6  loss 0.1667  accuracy 50.00 %  validation 25.00 %  100 images/s  0:06\n");
}

TEST_CASE("metrics of the last validation") {
  CHECK(text_of_training(false, false, 99).find("  validation 25.00 %  f1 0.5000, top2 0.7500  99 images/s") !=
        std::string::npos);
}

TEST_CASE("label maps: the mean IoU too, and slow networks in hundredths of an image") {
  CHECK(text_of_training(false, true, 2).find("validation 25.00 %, mean IoU 58.33 %  2.00 images/s  0:03 left\n") !=
        std::string::npos);
}

TEST_CASE("values: their error instead of an accuracy") {
  CHECK(text_of_training(false, false, 100, true) ==
        "epoch 1/2  iteration 3/6  loss 0.3333  validation RMSE 1.4142  100 images/s  0:03 left\n"
        "epoch 2/2  iteration 6/6  loss 0.1667  validation RMSE 1.4142  100 images/s  0:06\n");
}

TEST_CASE("several heads: the loss of each, and what its validation measured") {
  CHECK(text_of_training(false, false, 100, false, true)
            .starts_with("epoch 1/2  iteration 3/6  loss 0.3333  class 0.5000, box 0.3333, aux 2.0000"
                         "  validation class 25.00 %, box RMSE 1.4142  100 images/s  0:03 left\n"));
}

TEST_CASE("one line that updates on a terminal") {
  const std::string text = text_of_training(true);
  CHECK(text.find("\repoch 1/2  iteration 1/6") == 0);
  CHECK(text.find("0:05 left") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\r') == 7);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.back() == '\n');
}

}  // namespace report_progress
