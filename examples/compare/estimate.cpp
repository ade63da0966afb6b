// SPDX-License-Identifier: MIT
// `compare estimate`: time and memory by batch size on another machine, or how far such forecasts are off.
#include "measurements.hpp"
#include "print.hpp"

namespace compare_runs {

namespace {

namespace report = strata::report;

int print_errors(const EstimateSettings& settings, const Sources& sources) {
  for (const report::NamedRun& run : sources.against)
    if (run.record.network != sources.run().network)
      throw strata::Error(run.name, ": is a run of ", run.record.network, ", and the forecast is for ",
                          sources.run().network, "; give runs of one network");
  shared::write_out(stdout,
                    in_format(error_table(sources.measured, sources.target.machine, sources.against), settings.format));
  return 0;
}

}  // namespace

int estimate(const EstimateSettings& settings) {
  const Sources sources = gather(settings);
  if (!settings.against.empty()) return print_errors(settings, sources);
  std::vector<report::Forecast> all;
  for (const int batch : sources.batches) all.push_back(report::forecast(sources.measured, sources.target, batch));
  report::Table table = forecast_table(all, sources.target, sources.job, sources.run());
  table.note += " From " + sources.measured.front().from;
  if (sources.measured.size() > 1)
    table.note += strata::core::sentence(" and ", long(sources.measured.size()) - 1, " more");
  table.note += " on " + sources.measured.front().machine.device.name + ".";
  if (sources.run().work.count == 0)
    table.note += " These records of an earlier version do not state the work of a step, which widens the bands.";
  shared::write_out(stdout, in_format(table, settings.format));
  return 0;
}

}  // namespace compare_runs
