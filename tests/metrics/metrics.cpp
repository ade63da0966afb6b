// SPDX-License-Identifier: MIT
#include <strata/metrics/metrics.hpp>

#include <doctest/doctest.h>

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
