// SPDX-License-Identifier: MIT
// The workshop's results, as the tables show them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <strata/report/comparison_tables.hpp>

#include "../shared/workshop.hpp"

namespace compare_runs {

namespace detail {

using strata::report::Published;

inline Published digits() {
  Published out{.source = "the workshop", .setups = {{"RTX 2080 Ti", {}}, {"V100, VM1", {}}, {"V100, VM2", {}}}};
  for (const shared::WorkshopDigitsRow& r : shared::workshop_digits_rows) {
    out.setups[0].runs.push_back({.batch = r.batch, .seconds = r.station_seconds, .accuracy = r.station_accuracy});
    out.setups[1].runs.push_back({.batch = r.batch, .seconds = r.first_seconds, .accuracy = r.first_accuracy});
    out.setups[2].runs.push_back({.batch = r.batch, .seconds = r.second_seconds, .accuracy = r.second_accuracy});
  }
  return out;
}

inline Published street_scenes() {
  Published out{.source = "the workshop (720 x 960)",
                .setups = {{"V100, VM2", {}}, {"GTX 1080 Ti", {}}},
                .reference = "the V100 of VM1 at batch 8, which took " +
                             strata::report::duration(shared::workshop_reference_seconds),
                .reference_seconds = shared::workshop_reference_seconds,
                .course_batch = 8,
                .courses = {{"V100, VM1", {}}, {"GTX 1080 Ti", {}}, {"RTX 2060 Super", {}}}};
  for (const shared::WorkshopStreetRow& r : shared::workshop_street_rows) {
    out.setups[0].runs.push_back(
        {.batch = r.batch, .updates = r.updates, .seconds = r.second_seconds, .speed = r.second_speed, .use = r.use});
    out.setups[1].runs.push_back(
        {.batch = r.batch, .updates = r.updates, .seconds = r.server_seconds, .speed = r.server_speed});
  }
  for (const shared::WorkshopMoment& m : shared::workshop_course) {
    out.courses[0].moments.push_back({m.epoch, m.update, m.first_accuracy, m.first_seconds});
    out.courses[1].moments.push_back({m.epoch, m.update, m.server_accuracy, m.server_seconds});
    if (m.station_seconds > 0)
      out.courses[2].moments.push_back({m.epoch, m.update, m.station_accuracy, m.station_seconds});
  }
  return out;
}

}  // namespace detail

/// The workshop's results of "digits" or "street_scenes"; none of other tasks.
inline std::optional<strata::report::Published> published(const std::string& task) {
  if (task == "digits") return detail::digits();
  if (task == "street_scenes") return detail::street_scenes();
  return std::nullopt;
}

/// The batch sizes that it tried; empty for other tasks.
inline std::vector<int> published_batches(const std::string& task) {
  std::vector<int> out;
  if (const std::optional<strata::report::Published> all = published(task))
    for (const strata::report::PublishedRun& run : all->setups.front().runs) out.push_back(run.batch);
  return out;
}

}  // namespace compare_runs
