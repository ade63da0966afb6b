// SPDX-License-Identifier: MIT
#include <strata/metrics/metric_names.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::metrics;
using doctest::Approx;

TEST_CASE("loss, accuracy and confusion, ignored labels left out") {
  const float p[] = {0.7f, 0.2f, 0.1f, 0.1f, 0.1f, 0.8f, 0.3f, 0.4f, 0.3f, 0.2f, 0.2f, 0.6f};
  const std::int32_t labels[] = {0, 1, -1, 2};
  Evaluation e;
  e.confusion = Confusion(3);
  metrics::detail::tally(e, p, labels, 4);
  metrics::detail::finish(e);
  CHECK(e.counted == 3);
  CHECK(e.loss == Approx(-(std::log(0.7) + std::log(0.1) + std::log(0.6)) / 3));
  CHECK(e.accuracy == Approx(2. / 3));
  CHECK(e.confusion.at(1, 2) == 1);
  CHECK(e.confusion.of_class(0) == 1);
  CHECK(e.confusion.accuracy(1) == 0);
  CHECK(e.confusion.total() == 3);
  CHECK(e.confusion.correct() == 2);
}

TEST_CASE("means over the classes that occur") {
  Confusion c(4);  // class 3 never occurs
  c.at(0, 0) = 6, c.at(0, 1) = 2, c.at(1, 1) = 3, c.at(1, 3) = 1, c.at(2, 0) = 4;
  CHECK(c.predicted_as(0) == 10);
  CHECK(c.iou(0) == Approx(6. / 12));
  CHECK(c.iou(1) == Approx(3. / 6));
  CHECK(c.iou(2) == 0);
  CHECK(c.iou(3) == 0);
  CHECK(c.mean_accuracy() == Approx((6. / 8 + 3. / 4 + 0) / 3));
  CHECK(c.mean_iou() == Approx((0.5 + 0.5 + 0) / 3));
  CHECK(Confusion(2).mean_iou() == 0);
}

TEST_CASE("weighted classes, divided by labels or by their weights") {
  const float p[] = {0.5f, 0.5f, 0.25f, 0.75f};
  const std::int32_t labels[] = {0, 1};
  const float weights[] = {3, 0.5f};
  const double sum = 3 * std::log(2.) + 0.5 * -std::log(0.75);
  for (const bool by_weights : {false, true}) {
    Evaluation e;
    e.confusion = Confusion(2);
    metrics::detail::tally(e, p, labels, 2, weights);
    metrics::detail::finish(e, by_weights);
    CHECK(e.loss == Approx(sum / (by_weights ? 3.5 : 2)));
  }
}

TEST_CASE("nothing counted, certain mistakes, ties and NaN") {
  Evaluation e;
  e.confusion = Confusion(2);
  metrics::detail::finish(e);
  CHECK(e.accuracy == 0);
  CHECK(e.loss == 0);
  const float certain[] = {1, 0};
  const std::int32_t other = 1;
  metrics::detail::tally(e, certain, &other, 1);
  metrics::detail::finish(e);
  CHECK(std::isfinite(e.loss));
  const float tie[] = {0.5f, 0.5f};
  CHECK(most_probable(tie, 2) == 0);
  const float broken[] = {NAN, NAN};
  CHECK(most_probable(broken, 2) == 0);
  metrics::detail::tally(e, broken, &other, 1);
  CHECK(std::isnan(e.loss));
}

namespace {

// Sixteen rows of five scores in eighths, labels of four classes, and yes or no for each score.
constexpr int eighths[16][5] = {{3, 1, 2, 4, 1}, {1, 1, 6, 6, 4}, {3, 4, 2, 2, 3}, {6, 8, 7, 1, 5},
                                {5, 6, 8, 7, 1}, {3, 2, 3, 7, 3}, {3, 8, 5, 2, 4}, {3, 6, 1, 7, 2},
                                {6, 3, 1, 4, 7}, {8, 1, 4, 2, 4}, {8, 1, 6, 5, 7}, {2, 6, 8, 7, 5},
                                {5, 8, 7, 1, 1}, {2, 3, 5, 8, 6}, {1, 1, 8, 6, 6}, {7, 2, 2, 2, 6}};
constexpr std::int32_t truths[16] = {0, 1, 2, 3, 0, 1, 2, 3, 1, 1, 2, 0, 3, 3, 2, 1};
constexpr int yes[16][5] = {{1, 1, 0, 1, 0}, {0, 1, 1, 0, 0}, {0, 0, 0, 0, 0}, {1, 1, 0, 1, 0},
                            {1, 0, 0, 1, 0}, {0, 1, 0, 0, 0}, {0, 0, 0, 0, 0}, {0, 1, 0, 0, 0},
                            {0, 1, 1, 1, 0}, {0, 0, 1, 1, 0}, {0, 1, 1, 1, 0}, {0, 0, 1, 1, 0},
                            {0, 0, 0, 0, 0}, {0, 0, 1, 1, 0}, {0, 0, 1, 0, 0}, {1, 1, 0, 0, 0}};

/// The metric of these rows, one image each; of labels from their confusion matrix if it has such a function.
double measured(const Metric& metric, bool of_labels, int rows = 16) {
  const std::unique_ptr<Meter> meter = metric.meter->fresh();
  Confusion confusion(5);
  for (int i = 0; i < rows; i++) {
    float scores[5], targets[5];
    for (int c = 0; c < 5; c++) scores[c] = float(eighths[i][c]) / 8, targets[c] = float(yes[i][c]);
    confusion.at(truths[i], most_probable(scores, 5))++;
    if (of_labels && metric.of_confusion) continue;
    if (of_labels)
      meter->add({.are = OutputKind::classes, .outputs = scores, .labels = truths + i, .pixels = 1, .channels = 5});
    else meter->add({.are = OutputKind::decisions, .outputs = scores, .targets = targets, .pixels = 1, .channels = 5});
  }
  return of_labels && metric.of_confusion ? metric.of_confusion(confusion, metric.which) : meter->value();
}

}  // namespace

TEST_CASE("metrics of labels are those of scikit-learn 1.9") {
  // precision_score, recall_score, f1_score(average="macro" and None), top_k_accuracy_score, and roc_auc_score of each
  // class against the others.
  CHECK(measured(precision(), true) == Approx(0.15));
  CHECK(measured(recall(), true) == Approx(0.15));
  CHECK(measured(f1(), true) == Approx(0.15));
  const double of_class[] = {0, 0, 0.25, 0.5, 0};
  for (int c = 0; c < 5; c++) {
    CHECK(measured(precision(c), true) == of_class[c]);
    CHECK(measured(f1(c), true) == of_class[c]);
  }
  CHECK(measured(top(1), true) == 0.1875);
  CHECK(measured(top(2), true) == 0.3125);
  CHECK(measured(top(3), true) == 0.4375);
  CHECK(measured(top(5), true) == 1);
  const double areas[] = {0.3846153846153846, 0.22727272727272727, 0.5833333333333334, 0.46875};
  for (int c = 0; c < 4; c++) CHECK(measured(auc(c), true) == Approx(areas[c]).epsilon(1e-14));
  CHECK(measured(auc(), true) == Approx(0.4159928613053613).epsilon(1e-14));
  CHECK(std::isnan(measured(auc(4), true)));  // which never occurs
}

TEST_CASE("metrics of decisions are those of scikit-learn 1.9") {
  const double precisions[] = {0.42857142857142855, 0.3333333333333333, 0.5555555555555556, 0.5, 0},
               recalls[] = {0.75, 0.25, 0.7142857142857143, 0.5, 0},
               f1s[] = {0.5454545454545454, 0.2857142857142857, 0.625, 0.5, 0},
               areas[] = {0.7083333333333333, 0.3359375, 0.6349206349206349, 0.578125};
  for (int c = 0; c < 5; c++) {
    CHECK(measured(precision(c), false) == Approx(precisions[c]));
    CHECK(measured(recall(c), false) == Approx(recalls[c]));
    CHECK(measured(f1(c), false) == Approx(f1s[c]));
    if (c < 4) CHECK(measured(auc(c), false) == Approx(areas[c]).epsilon(1e-14));
  }
  CHECK(measured(f1(), false) == Approx(0.3912337662337662));
  CHECK(measured(auc(), false) == Approx(0.5643291170634921));
  CHECK(measured(mae(), false) == Approx(0.4875));
  CHECK(measured(rmse(), false) == Approx(0.57282196186948));
}

TEST_CASE("nothing measured, NaN, missing targets and ignored labels") {
  for (const Metric& metric : {precision(), f1(2), top(2), mae()}) CHECK(metric.meter->fresh()->value() == 0);
  CHECK(std::isnan(auc().meter->fresh()->value()));
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const float scores[] = {0.25f, 0.75f, nan, 0.5f, 0.9f, 0.1f}, targets[] = {1, 1, 1, 0, nan, 0};
  const std::int32_t labels[] = {1, 0, -1};
  const Scored of_labels{.are = OutputKind::classes, .outputs = scores, .labels = labels, .pixels = 3, .channels = 2},
      of_targets{.are = OutputKind::decisions, .outputs = scores, .targets = targets, .pixels = 3, .channels = 2};
  const auto value = [](const Metric& metric, const Scored& scored) {
    const std::unique_ptr<Meter> meter = metric.meter->fresh();
    meter->add(scored);
    return meter->value();
  };
  CHECK(value(top(1), of_labels) == 0.5);  // the second is NaN: no class is below it
  CHECK(std::isnan(value(auc(), of_targets)));
  CHECK(value(auc(1), of_targets) == 1);
  CHECK(value(recall(1), of_targets) == 1);
  CHECK(value(recall(0), of_targets) == 0);
}

TEST_CASE("the area under the curve of a map agrees with the exact one where no two scores share an interval") {
  std::vector<float> scores, targets;
  for (int i = 0; i < 400; i++) scores.push_back(float(i * 37 % 401) / 401), targets.push_back(float(i * i % 7 < 3));
  const std::unique_ptr<Meter> map = auc().meter->fresh(), exact = auc().meter->fresh();
  map->add({.are = OutputKind::decisions,
            .outputs = scores.data(),
            .targets = targets.data(),
            .pixels = 400,
            .channels = 1});
  for (std::size_t i = 0; i < 400; i++)
    exact->add(
        {.are = OutputKind::decisions, .outputs = &scores[i], .targets = &targets[i], .pixels = 1, .channels = 1});
  CHECK(map->value() == exact->value());
}

TEST_CASE("metrics of your own, and by name") {
  struct Largest {
    float largest = 0;
    void add(const Scored& image) {
      for (long i = 0; i < image.pixels * image.channels; i++) largest = std::max(largest, image.outputs[i]);
    }
    double value() const { return double(largest); }
  };
  const Metric by_struct = own("largest", Better::higher, Largest{});
  const Metric by_function = own("rows", Better::lower, [](const Scored& set) { return double(set.pixels); });
  CHECK(measured(by_struct, false) == 1);
  CHECK(measured(by_struct, true, 1) == 0.5);  // nothing is left of the evaluation before
  CHECK(measured(by_function, true) == 16);
  CHECK(f1(3).of("boxes").name == "boxes.f1_3");
  for (const char* name : {"top5", "precision", "recall_0", "f1", "f1_12", "auc", "auc_3", "mae", "rmse"})
    CHECK(by_name(name).name == name);
  CHECK(by_name("auc_3").channels == 4);
  CHECK(by_name("rmse").better == Better::lower);
  for (const char* name : {"", "top", "top0", "top5x", "f1_", "f1_-1", "f1_x", "top_5", "Accuracy", "f1_1234567"})
    CHECK(testing::refuses([&] { by_name(name); }, "there is no metric '"));
  CHECK(testing::refuses([] { top(0); }, "metrics::top: k is 0"));
}
