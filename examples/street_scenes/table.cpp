// SPDX-License-Identifier: MIT
// `street_scenes table`: the workshop's second table. Each batch size is measured in a separate process, because the
// peak memory of a process never shrinks.
#include <algorithm>

#include <fmt/format.h>

#include <strata/core/files/file.hpp>
#include <strata/report/run_record.hpp>

#include "../shared/out_folder.hpp"
#include "../shared/run_again.hpp"
#include "../shared/say.hpp"
#include "../shared/thread_warning.hpp"
#include "../shared/workshop.hpp"
#include "data.hpp"
#include "network.hpp"
#include "recipe.hpp"

namespace street_scenes {

namespace {

struct Row {
  int batch, status;
  strata::report::RunRecord record;  ///< if the status is 0
};

Row run_row(const TrainSettings& t, const std::string& data, int batch) {
  const std::string out = t.out + "/batch-" + std::to_string(batch);
  std::vector<std::string> words{"train",
                                 "--data",
                                 data,
                                 "--splits",
                                 t.splits,
                                 "--resize",
                                 t.resize,
                                 "--size",
                                 t.size,
                                 "--variant",
                                 t.variant,
                                 "--depths",
                                 t.depths,
                                 "--device",
                                 t.device,
                                 "--threads",
                                 std::to_string(t.threads),
                                 "--seed",
                                 std::to_string(t.seed),
                                 "--memory",
                                 fmt::format("{}", t.memory),
                                 "--cache",
                                 fmt::format("{}", t.cache),
                                 "--batch",
                                 std::to_string(batch),
                                 "--steps",
                                 std::to_string(t.steps),
                                 "--out",
                                 out,
                                 "--quiet"};
  if (!t.precision.empty()) words.insert(words.end(), {"--precision", t.precision});
  if (!t.quiet) shared::say("measuring batch {}\n", batch);
  shared::flush_output();
  Row row{batch, shared::run_again("street_scenes table", words), {}};
  if (row.status == 0) row.record = strata::report::read_run_record(out + "/run.json");
  return row;
}

/// The median over all updates but the first, which also allocates memory and decodes images.
double seconds_of_update(const std::vector<strata::training::Record>& history) {
  std::vector<double> times;
  for (std::size_t i = 1; i < history.size(); i++) times.push_back(history[i].seconds - history[i - 1].seconds);
  if (times.empty()) return history.empty() ? 0 : history[0].seconds;
  std::nth_element(times.begin(), times.begin() + long(times.size() / 2), times.end());
  return times[times.size() / 2];
}

std::string line_of(const Row& row) {
  if (row.status != 0) return fmt::format("{:>6}  failed with status {}", row.batch, row.status);
  const double seconds = seconds_of_update(row.record.history);
  std::string out =
      fmt::format("{:>6}  {:>12.3f}  {:>9.3f}  {:>9.0f}  {:>9.0f}", row.batch, seconds, row.batch / seconds,
                  double(row.record.arena_bytes) / 1e6, double(row.record.peak_rss_bytes) / 1e6);
  for (const shared::WorkshopPace& w : shared::workshop_paces)
    if (w.batch == row.batch) out += fmt::format("  {:>18.2f}  {:>15.0f}", w.seconds, w.gigabytes);
  return out;
}

}  // namespace

int table(const TableSettings& settings) {
  const TrainSettings t = resolved(settings.training);
  shared::listen_for_interruption();
  const shared::Processor processor = shared::processor(t.device, t.precision, t.threads);
  if (!t.quiet) shared::warn_of_threads("street_scenes", processor);
  const CompiledNetwork& network = network_with(t.size, t.variant, t.depths, t.device);
  const strata::report::DeviceRecord device = network.record(processor);
  const shared::OutFolder out(t.out);
  const Scenes scenes = obtain(t);
  std::vector<Row> rows;
  for (int batch : settings.batches) {
    rows.push_back(run_row(t, scenes.folder, batch));
    if (rows.back().status >= 128 || shared::stop_requested) break;  // interrupted: skip the rest
  }
  shared::say(
      "\nDeepLabv3+ {}, {}; the workshop: 720x960 on a V100\n{:>6}  {:>12}  {:>9}  {:>9}  {:>9}  {:>18}  {:>15}\n",
      words(network), shared::words(device, processor.threads), "batch", "s/update", "images/s", "plan MB",
      t.device == "cpu" ? "peak MB" : "host MB", "workshop s/update", "workshop GPU GB");
  std::string csv = "batch,seconds_per_update,images_per_second,plan_bytes,peak_memory_bytes\n";
  int status = 0;
  for (const Row& row : rows) {
    shared::say("{}\n", line_of(row));
    if (row.status != 0) {
      status = row.status;
      continue;
    }
    const double seconds = seconds_of_update(row.record.history);
    csv += fmt::format("{},{:.4f},{:.4f},{},{}\n", row.batch, seconds, row.batch / seconds, row.record.arena_bytes,
                       row.record.peak_rss_bytes);
  }
  const std::string path = t.out + "/table.csv";
  strata::core::write_file(path, csv);
  shared::say("\n{}\n", path);
  return status;
}

}  // namespace street_scenes
