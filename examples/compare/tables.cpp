// SPDX-License-Identifier: MIT
// `compare RUN...`: the tables of several runs, printed and as files.
#include <algorithm>

#include <strata/core/files/file.hpp>
#include <strata/report/comparison_page.hpp>

#include "../shared/out_folder.hpp"
#include "options.hpp"
#include "print.hpp"
#include "published.hpp"
#include "runs.hpp"

namespace compare_runs {

namespace {

namespace report = strata::report;

/// The speeds' reference: the workshop's, or a run's.
constexpr const char* workshop_reference = "workshop";

/// The setup that the others are compared with: that of the run, or the workshop's first, or our first.
std::size_t reference_setup(const report::Comparison& c, const report::Published* published,
                            const report::ComparedRun* relative) {
  return relative ? std::size_t(relative->setup) : published ? c.setups.size() : 0;
}

std::vector<report::Table> tables_of(const report::Comparison& c, const report::Published* published,
                                     const std::string& relative_to) {
  const bool to_workshop = relative_to == workshop_reference;
  if (to_workshop && (!published || published->reference_seconds == 0))
    throw strata::Error("--relative-to workshop: the workshop states no speeds of ", c.runs.front().record.task,
                        "; give the name of a run");
  const report::ComparedRun* const relative = relative_to.empty() || to_workshop ? nullptr : &run_named(c, relative_to);
  const double relative_seconds = to_workshop ? published->reference_seconds
                                  : relative  ? report::detail::total_seconds(relative->record)
                                              : 0;
  std::vector<report::Table> out{runs_table(c, relative), batch_table(c, published, relative_seconds)};
  if (published)
    if (auto course = course_table(c, *published)) out.push_back(std::move(*course));
  const bool per_update = c.runs.front().record.task != "digits" ||
                          std::any_of(c.runs.begin(), c.runs.end(), [](const report::ComparedRun& run) {
                            return report::detail::measures_updates(run.record);
                          });
  // Times of an update compare with the workshop's only if the images have its size.
  const bool alike = published && (!per_update || c.runs.front().record.network.find("720x960") != std::string::npos);
  const report::Published* const theirs = alike ? published : nullptr;
  const std::vector<report::BatchTimes> times = batch_times(c, theirs, per_update);
  if (auto reductions = reduction_table(times, reference_setup(c, theirs, relative), per_update))
    out.push_back(std::move(*reductions));
  return out;
}

}  // namespace

int tables(const TableSettings& settings) {
  const report::Comparison comparison = report::compare(read_runs(settings.runs), settings.allowed);
  const std::optional<report::Published> theirs = published(comparison.runs.front().record.task);
  const std::vector<report::Table> all = tables_of(comparison, theirs ? &*theirs : nullptr, settings.relative_to);
  shared::write_out(stdout, in_format(all, settings.format));
  if (settings.out.empty()) return 0;
  const shared::OutFolder out(settings.out);
  strata::core::write_file(settings.out + "/runs.csv", csv_of(all[0]));
  strata::core::write_file(settings.out + "/comparison.csv", in_format(all, "csv"));
  strata::core::write_file(settings.out + "/comparison.md", in_format(all, "markdown"));
  strata::core::write_file(settings.out + "/comparison.html",
                           comparison_html(comparison, theirs ? &*theirs : nullptr, all));
  if (settings.format == "text") shared::say("\n{}/comparison.html\n", settings.out);
  return 0;
}

}  // namespace compare_runs
