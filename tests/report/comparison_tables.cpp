// SPDX-License-Identifier: MIT
#include <strata/report/comparison_tables.hpp>

#include <doctest/doctest.h>

#include "../../examples/compare/published.hpp"
#include "../support/run_records.hpp"

using namespace strata;
using namespace strata::report;
using namespace strata::testing;

namespace {

Comparison sample() {
  return compare({{"a/batch-1024", "a", made_run(1024, 2, 1)},
                  {"a/batch-2048", "a", made_run(2048, 2, 2)},
                  {"b/batch-1024", "b", made_run(1024, 1, 4)}});
}

std::string cell(const Table& table, std::size_t row, const std::string& key) {
  for (std::size_t c = 0; c < table.columns.size(); c++)
    if (table.columns[c].key == key) return table.rows.at(row).at(c).text;
  return "no column " + key;
}

}  // namespace

TEST_CASE("a row for every run, with speeds relative to one") {
  const Comparison c = sample();
  const Table table = runs_table(c, &run_named(c, "b/batch-1024"));
  REQUIRE(table.rows.size() == 3);
  CHECK(cell(table, 0, "run") == "a/batch-1024");
  CHECK(cell(table, 0, "seconds_per_update") == "1");
  CHECK(cell(table, 0, "images_per_second") == "1024");
  CHECK(cell(table, 0, "accuracy") == "0.9700");
  CHECK(cell(table, 0, "mean_iou") == "-");
  CHECK(cell(table, 0, "memory_bytes") == "71");
  CHECK(cell(table, 0, "speed") == "357 %");  // 25 s and 7 s, of which one each is not training
  CHECK(cell(table, 0, "speed_per_image") == "400 %");
  CHECK(cell(table, 2, "speed") == "100 %");
  for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
}

TEST_CASE("the workshop's layout: a row per batch size, ours and the three machines") {
  const auto published = compare_runs::published("digits");
  const Comparison c = sample();
  const Table table = batch_table(c, &*published);
  REQUIRE(table.rows.size() == 6);
  CHECK(cell(table, 0, "batch") == "1024");
  CHECK(cell(table, 0, "setup_1_accuracy") == "0.9700");
  CHECK(cell(table, 0, "setup_2_seconds") == "0:25");
  CHECK(cell(table, 1, "setup_2_seconds") == "-");
  CHECK(cell(table, 0, "RTX 2080 Ti_accuracy") == "0.9899");
  CHECK(cell(table, 0, "RTX 2080 Ti_seconds") == "5:42");
  CHECK(cell(table, 5, "V100, VM2_seconds") == "0:50");
  for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
}

TEST_CASE("the workshop's derived figures: 65 % less on average, 53 at least, 73 at most; 24 at the largest batch") {
  const auto published = compare_runs::published("digits");
  const std::vector<BatchTimes> times = batch_times(sample(), &*published, false);
  REQUIRE(times.size() == 5);
  const auto against_station = reduction_table(times, 2, false);
  REQUIRE(against_station);
  REQUIRE(against_station->rows.size() == 9);
  const std::string first = "the workshop, V100, VM1";
  CHECK(cell(*against_station, 6, first) == "66 %");  // 65.5: the workshop cuts it
  CHECK(cell(*against_station, 7, first) == "54 %");
  CHECK(cell(*against_station, 8, first) == "73 %");
  const auto against_first = reduction_table(times, 3, false);
  CHECK(cell(*against_first, 5, "the workshop, V100, VM2") == "24 %");
}

TEST_CASE("reductions need a batch size in common, and may be negative") {
  const std::vector<BatchTimes> times{{"a", {{8, 2.}, {16, 4.}}}, {"b", {{8, 1.}, {16, 6.}}}, {"c", {{32, 1.}}}};
  const auto table = reduction_table(times, 0, true);
  REQUIRE(table);
  REQUIRE(table->columns.size() == 2);
  CHECK(table->rows[0][1].text == "50 %");
  CHECK(table->rows[1][1].text == "-50 %");
  CHECK(table->rows[2][1].text == "0 %");
  CHECK(!reduction_table(times, 2, true));
}

TEST_CASE("street scenes: the published speeds as published, and the course of the training") {
  const auto published = compare_runs::published("street_scenes");
  RunRecord r = made_run(8, 2, 1, 250);
  r.task = "street_scenes", r.metrics.mean_iou = 0.668;
  r.history[103].train_accuracy = 0.8375;
  const Comparison c = compare({{"a", "a", r}});
  const Table table = batch_table(c, &*published, 502);
  CHECK(cell(table, 3, "batch") == "8");
  CHECK(cell(table, 3, "setup_1_mean_iou") == "0.6680");
  CHECK(cell(table, 3, "setup_1_speed") == "199 %");  // 252 s
  CHECK(cell(table, 0, "V100, VM2_speed") == "355 %");
  CHECK(cell(table, 5, "GTX 1080 Ti_speed") == "43 %");
  CHECK(cell(table, 3, "V100, VM2_use") == "60 %, 12 GB, 35 GB");
  CHECK(cell(table, 3, "V100, VM2_seconds_per_update") == "2.86");
  const auto course = course_table(c, *published);
  REQUIRE(course);
  CHECK(cell(*course, 1, "update") == "104");
  CHECK(cell(*course, 1, "a_accuracy") == "0.8375");
  CHECK(cell(*course, 1, "a_seconds") == "1:45");
  CHECK(cell(*course, 1, "V100, VM1_accuracy") == "0.8375");
  CHECK(cell(*course, 3, "RTX 2060 Super_accuracy") == "-");
  CHECK(cell(*course, 6, "a_accuracy") == "-");
  CHECK(cell(*course, 6, "V100, VM1_seconds") == "1:43:53");
}

TEST_CASE("several runs of a setup and a batch size count by their median") {
  const Comparison c =
      compare({{"a/1", "a", made_run(8, 2, 1)}, {"a/2", "a", made_run(8, 2, 3)}, {"a/3", "a", made_run(8, 2, 2)}});
  CHECK(c.setups.size() == 1);
  CHECK(cell(batch_table(c, nullptr), 0, "setup_1_seconds_per_update") == "2");
}

TEST_CASE("a measurement of a few updates has no total time") {
  RunRecord r = made_run(8, 2, 1);
  r.epochs = 1, r.dataset.validation = r.dataset.test = 0, r.dataset.train = 40;
  const Comparison c = compare({{"a", "a", r}});
  CHECK(cell(runs_table(c), 0, "seconds") == "-");
}
