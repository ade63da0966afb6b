// SPDX-License-Identifier: MIT
// `digits table`: the workshop's table. Each batch size is trained in a separate process, because the peak memory of a
// process never shrinks.
#include <fmt/format.h>

#include <strata/report/progress.hpp>
#include <strata/report/run_record.hpp>

#include "../shared/out_folder.hpp"
#include "../shared/run_again.hpp"
#include "../shared/say.hpp"
#include "../shared/workshop.hpp"
#include "network.hpp"
#include "options.hpp"

namespace digits {

namespace {

struct Row {
  int batch, status;
  strata::report::RunRecord record;  ///< if the status is 0
};

Row run_row(const TableSettings& settings, int batch) {
  const TrainSettings& t = settings.training;
  const std::string out = t.out + "/batch-" + std::to_string(batch);
  std::vector<std::string> words{"--filters", t.filters,
                                 "--device",  t.device,
                                 "--epochs",  std::to_string(t.epochs),
                                 "--batch",   std::to_string(batch),
                                 "--threads", std::to_string(t.threads),
                                 "--seed",    std::to_string(t.seed),
                                 "--recipe",  t.recipe,
                                 "--out",     out};
  if (!t.data.empty()) words.insert(words.end(), {"--data", t.data});
  if (t.transposed) words.emplace_back("--transposed");
  if (!t.precision.empty()) words.insert(words.end(), {"--precision", t.precision});
  if (t.quiet) words.emplace_back("--quiet");
  if (!t.quiet) shared::say("--- batch {}\n", batch);
  shared::flush_output();
  Row row{batch, shared::run_again("digits table", words), {}};
  if (row.status == 0) row.record = strata::report::read_run_record(out + "/run.json");
  return row;
}

std::string line_of(const Row& row) {
  std::string out = row.status == 0
                        ? fmt::format("{:>6}  {:>9}  {:>8.4f}  {:>7}  {:>8.0f}", row.batch, row.record.iterations,
                                      row.record.accuracy.test, strata::report::duration(row.record.seconds.total),
                                      double(row.record.peak_rss_bytes) / 1e6)
                        : fmt::format("{:>6}  failed with status {}", row.batch, row.status);
  for (const shared::WorkshopDigits& w : shared::workshop_digits)
    if (w.batch == row.batch && row.status == 0)
      out += fmt::format("  {:>17.4f}  {:>13}", w.accuracy, strata::report::duration(w.seconds));
  return out;
}

}  // namespace

int table(const TableSettings& settings) {
  const TrainSettings& t = settings.training;
  shared::listen_for_interruption();
  const shared::Processor processor = shared::processor(t.device, t.precision, t.threads);
  const strata::report::DeviceRecord device = network_with(t.filters, t.device).record(processor);
  const shared::OutFolder out(t.out);
  std::vector<Row> rows;
  for (int batch : settings.batches) {
    rows.push_back(run_row(settings, batch));
    if (rows.back().status >= 128 || shared::stop_requested) break;  // interrupted: skip the rest
  }
  std::string csv = "batch,iterations,accuracy,seconds,peak_memory_bytes\n";
  shared::say("\nDigits<{}> on {}\n{:>6}  {:>9}  {:>8}  {:>7}  {:>8}  {:>17}  {:>13}\n", t.filters,
              shared::words(device, processor.threads), "batch", "updates", "accuracy", "time",
              t.device == "cpu" ? "MB" : "host MB", "workshop accuracy", "workshop time");
  int status = 0;
  for (const Row& row : rows) {
    shared::say("{}\n", line_of(row));
    if (row.status != 0) status = row.status;
    else
      csv += fmt::format("{},{},{},{:.3f},{}\n", row.batch, row.record.iterations, row.record.accuracy.test,
                         row.record.seconds.total, row.record.peak_rss_bytes);
  }
  const std::string path = t.out + "/table.csv";
  strata::core::write_file(path, csv);
  shared::say("\n{}\n", path);
  return status;
}

}  // namespace digits
