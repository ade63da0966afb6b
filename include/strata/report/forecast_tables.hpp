// SPDX-License-Identifier: MIT
// Forecasts as tables: time and memory by batch size, and how far forecasts were off from runs on the machine.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <strata/report/comparison_tables.hpp>
#include <strata/report/forecast.hpp>

namespace strata::report {

/// A training to be forecast. 0 epochs: updates only.
struct Job {
  int epochs = 0, training = 0, validation = 0, test = 0;  ///< images
  double validations = 0;                                  ///< passes over the validation images
};

/// Validations as often per epoch as in the run, or once an epoch where it did not validate.
inline double validations_per_epoch(const RunRecord& record) {
  double count = 0;
  for (const training::Record& r : record.history) count += r.validation_accuracy || r.validation_mae;
  return record.epochs > 0 && count > 0 ? count / record.epochs : 1;
}

/// Updates, and images of validations and the test, of a job with a batch size; `like`: a run of the same training.
inline graph::TrainingAmount amount_of(const Job& job, const RunRecord& like, int batch) {
  RunRecord record = like;
  record.dataset.train = job.training;
  return {double(job.epochs) * double(updates_per_epoch(record, batch)), job.validations * job.validation + job.test};
}

namespace detail {

inline std::string seconds_text(double seconds) {
  return seconds >= 100 ? core::fixed(seconds, 0) : core::general(seconds, 3);
}
inline std::string band(const Range& range, double scale, int digits) {
  const auto text = [&](double value) {
    return digits < 0 ? seconds_text(value * scale) : core::fixed(value * scale, digits);
  };
  return text(range.low) + " to " + text(range.high);
}
inline std::string duration_band(const Range& range) { return duration(range.low) + " to " + duration(range.high); }
inline const char* word_of(Fit fit) { return fit == Fit::yes ? "yes" : fit == Fit::perhaps ? "perhaps" : "no"; }

inline std::string target_words(const Target& target) {
  if (target.machine.on_gpu()) return short_text(target.machine.device.name) + ", " + short_text(target.precision);
  return short_text(target.machine.device.name) + ", " + std::to_string(target.threads) +
         (target.threads == 1 ? " thread" : " threads");
}

}  // namespace detail

/// Time and memory by batch size. `like`: a run of the same training, for the number of updates.
inline Table forecast_table(const std::vector<Forecast>& all, const Target& target, const Job& job,
                            const RunRecord& like) {
  using namespace detail;
  Table out{.title = short_text(like.network) + " on " + target_words(target) + ": forecast"};
  out.columns = {{"batch", "batch"},
                 {"s/update", "seconds_per_update"},
                 {"from, to", "seconds_band", false},
                 {"images/s", "images_per_second"},
                 {"MB", "memory_bytes"},
                 {"from, to", "memory_band", false},
                 {"fits", "fits", false}};
  if (job.epochs > 0)
    out.columns.insert(out.columns.end(), {{"training", "seconds"}, {"from, to", "training_band", false}});
  bool too_many = false;
  for (const Forecast& f : all) {
    std::vector<Cell> row{std::to_string(f.batch),
                          significant(f.update.likely),
                          band(f.update, 1, -1),
                          significant(f.batch / f.update.likely),
                          megabytes_cell(f.memory.likely),
                          band(f.memory, 1e-6, 0),
                          word_of(f.fit)};
    if (job.epochs > 0) {
      const bool enough = f.batch <= job.training;
      too_many = too_many || !enough;
      const Range time = training_seconds(f, amount_of(job, like, f.batch));
      row.push_back(enough && f.fit != Fit::no ? time_cell(time.likely) : Cell("-"));
      row.push_back(enough && f.fit != Fit::no ? Cell(duration_band(time)) : Cell("-"));
    }
    out.rows.push_back(std::move(row));
  }
  out.note = core::sentence("The machine has ", core::fixed(double(target.machine.memory_bytes()) / 1e9, 1),
                            " GB; a batch fits if the upper end of its memory does, without cached images.");
  if (job.epochs > 0)
    out.note +=
        core::sentence(" The training: ", job.epochs, job.epochs == 1 ? " epoch" : " epochs", " of ", job.training,
                       " images, ", core::general(job.validations, 3), " passes over ", job.validation,
                       " validation images, ", job.test, " test images; without loading the data.");
  if (too_many) out.note += " Batches of more images than the training has are not trained.";
  return out;
}

/// The forecasts next to runs on the target machine, by threads and batch size: seconds of an update, memory, and the
/// errors. Several runs count by their median. Throws Error as forecast() does.
inline Table error_table(const std::vector<Measurement>& measured, const MachineDescription& machine,
                         const std::vector<NamedRun>& there) {
  using namespace detail;
  Table out{.title = "Forecast and measured: " + short_text(there.front().record.network)};
  out.columns = {{"threads", "threads"},
                 {"batch", "batch"},
                 {"runs", "runs"},
                 {"forecast s/update", "forecast_seconds"},
                 {"from, to", "band", false},
                 {"measured", "measured_seconds"},
                 {"error", "error"},
                 {"in band", "in_band", false},
                 {"forecast MB", "forecast_bytes"},
                 {"measured MB", "measured_bytes"},
                 {"error", "memory_error"}};
  struct Measured {
    const RunRecord* record = nullptr;
    std::vector<double> seconds{}, bytes{};
  };
  std::map<std::pair<int, int>, Measured> all;
  for (const NamedRun& run : there) {
    Measured& m = all[{run.record.threads, run.record.batch}];
    m.record = &run.record;
    m.seconds.push_back(update_times(run.record).median);
    m.bytes.push_back(double(memory_of(run.record) - run.record.memory.cache));
  }
  double sum = 0, worst = 0;
  const auto error_cell = [](double x) {
    return Cell((x > 0 ? "+" : "") + core::fixed(100 * x, 1) + " %", core::fixed(x, 4));
  };
  for (auto& [key, m] : all) {
    const auto [threads, batch] = key;
    const Forecast f = forecast(measured, {machine, threads, m.record->device.precision}, batch);
    const double seconds = median(m.seconds), bytes = median(m.bytes);
    const double error = seconds > 0 ? f.update.likely / seconds - 1 : 0;
    out.rows.push_back({std::to_string(threads), std::to_string(batch), std::to_string(m.seconds.size()),
                        significant(f.update.likely), band(f.update, 1, -1), significant(seconds), error_cell(error),
                        f.update.holds(seconds) ? "yes" : "no", megabytes_cell(f.memory.likely), megabytes_cell(bytes),
                        error_cell(bytes > 0 ? f.memory.likely / bytes - 1 : 0)});
    sum += std::abs(error), worst = std::max(worst, std::abs(error));
  }
  out.note =
      core::sentence("The error of the time is ", core::fixed(100 * sum / double(all.size()), 1), " % on average, ",
                     core::fixed(100 * worst, 1), " % at most. Measured times are medians of a run's updates.");
  return out;
}

}  // namespace strata::report
