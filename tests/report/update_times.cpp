// SPDX-License-Identifier: MIT
#include <strata/report/update_times.hpp>

#include <doctest/doctest.h>

#include "../support/run_records.hpp"

using namespace strata;
using namespace strata::report;
using strata::testing::made_run;

TEST_CASE("the first update and those with a validation do not count") {
  RunRecord r = made_run(8, 2, 1, 6);
  for (std::size_t i = 3; i < r.history.size(); i++) r.history[i].seconds += 10;
  r.history[3].validation_accuracy = 0.5;
  const UpdateTimes times = update_times(r);
  CHECK(times.count == 4);
  CHECK(times.low == 1);
  CHECK(times.median == 1);
  CHECK(times.high == 1);
  CHECK(validated_images(r) == 7'500);
}

TEST_CASE("without a history, the average that the record states") {
  RunRecord r = made_run(8, 2, 1);
  r.history.clear();
  CHECK(update_times(r).count == 0);
  CHECK(update_times(r).median == r.seconds.per_iteration);
}

TEST_CASE("updates per epoch with and without the last images") {
  RunRecord r = made_run(1024, 2, 1);
  r.epochs = 2, r.iterations = 102;  // 51 an epoch: 276 images are left
  CHECK(updates_per_epoch(r, 1024) == 51);
  CHECK(updates_per_epoch(r, 16'384) == 3);
  CHECK(updates_per_epoch(r, 100'000) == 1);
  r.iterations = 104;
  CHECK(updates_per_epoch(r, 16'384) == 4);
}
