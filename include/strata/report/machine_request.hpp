// SPDX-License-Identifier: MIT
// One page for the engineer who provides a machine: the job, what it needs by batch size, and the measurement from
// which that was extrapolated.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <strata/report/forecast_tables.hpp>

namespace strata::report {

/// What the page states.
struct MachineRequest {
  std::vector<Measurement> measured;  ///< at least one
  Target target{};                    ///< the machine that times are for
  Job job{};                          ///< at least one epoch
  std::vector<int> batches{};         ///< images per update, a row each
  long data_bytes = 0;                ///< 0: as recorded
  double hours = 0;                   ///< >= 0: hours within which the training should end; 0: not stated
};

namespace detail {

inline std::string gigabytes_text(double bytes) { return core::general(bytes / 1e9, 3) + " GB"; }

/// A line "name: text" whose texts begin in one column.
inline std::string request_line(const std::string& name, const std::string& text) {
  std::string out = name;
  out.resize(std::max<std::size_t>(20, name.size() + 1), ' ');
  return out + core::printable(text) + "\n";
}

/// Bytes of a checkpoint with the best model and two moments, of the model, and of records and a report.
inline double result_bytes(const RunRecord& r) { return 4. * 5 * double(r.parameters) + 20e6; }

inline std::string measured_text(const Measurement& m) {
  const RunRecord& r = m.record;
  const UpdateTimes times = update_times(r);
  return core::sentence(short_text(m.from), ": batch ", r.batch, ", ", device_words(r), ": ",
                        seconds_text(times.median), " s per update (median of ", times.count,
                        times.count == 1 ? " update), " : " updates), ", gigabytes_text(double(memory_of(r))), "; ",
                        short_text(r.machine.cpu), ", ", r.machine.cores, r.machine.cores == 1 ? " core, " : " cores, ",
                        gigabytes_text(double(r.machine.ram_bytes)));
}

inline std::string speed_text(const MachineDescription& m) {
  if (m.on_gpu())
    return core::sentence(core::general(m.sheet.fp32), " TFLOP/s in fp32, ", core::general(m.sheet.bandwidth),
                          " TB/s, ", gigabytes_text(double(m.device.memory_bytes)), " according to its data sheet");
  const MachineSpeed& all = m.speeds.back();
  return core::sentence(all.threads, all.threads == 1 ? " core with " : " cores with ", core::fixed(all.gflops, 0),
                        " GFLOP/s and ", core::fixed(all.bandwidth.back().gigabytes_per_second, 0),
                        " GB/s from memory, ", gigabytes_text(double(m.machine.ram_bytes)));
}

}  // namespace detail

/// What each batch size needs. Throws Error as forecast() does.
inline Table request_table(const MachineRequest& request) {
  using namespace detail;
  const RunRecord& like = request.measured.front().record;
  Target gpu = request.target;
  if (!gpu.machine.on_gpu()) gpu = {describe(graph::h100_peak), 1, "tf32"};
  Table out{.title = "Needs by batch size, on " + target_words(request.target)};
  out.columns = {
      {"batch", "batch"}, {"updates", "updates"},      {"RAM GB", "ram"},      {"accelerator GB", "accelerator", false},
      {"hours", "hours"}, {"from, to", "band", false}, {"fits", "fits", false}};
  for (const int batch : request.batches) {
    const Forecast f = forecast(request.measured, request.target, batch),
                   on_gpu = forecast(request.measured, gpu, batch);
    const graph::TrainingAmount amount = amount_of(request.job, like, batch);
    const Range time = training_seconds(f, amount);
    const bool enough = batch <= request.job.training;
    const double ram = request.target.machine.on_gpu() ? double(like.peak_rss_bytes) : f.memory.high;
    out.rows.push_back(
        {std::to_string(batch), core::fixed(amount.updates, 0), core::general(ram / 1e9, 3),
         band(on_gpu.memory, 1e-9, 1), enough ? Cell(core::general(time.likely / 3600, 3)) : Cell("-"),
         enough ? Cell(core::general(time.low / 3600, 3) + " to " + core::general(time.high / 3600, 3)) : Cell("-"),
         enough ? word_of(f.fit) : "too few images"});
  }
  return out;
}

/// The page as text. Throws Error as forecast() does.
inline std::string request_text(const MachineRequest& request) {
  using namespace detail;
  const RunRecord& r = request.measured.front().record;
  const Job& job = request.job;
  const double data = double(request.data_bytes > 0 ? request.data_bytes : r.dataset.bytes);
  std::string out =
      core::printable("Request for a machine: " + short_text(r.network) + " on " + short_text(r.dataset.name)) + "\n\n";
  out += request_line(
      "job", core::sentence("train ", short_text(r.task), ", ", job.epochs, job.epochs == 1 ? " epoch" : " epochs",
                            " of ", job.training, " images, ", core::general(job.validations, 3), " validations on ",
                            job.validation, " images, a test on ", job.test));
  out += request_line("network", core::sentence(short_text(r.network), ", ", r.parameters, " parameters, ", r.macs,
                                                " multiply-adds per image"));
  out += request_line("data", data > 0 ? gigabytes_text(data) : "not recorded: see the folder of the data set");
  out += request_line("disk", gigabytes_text(data + result_bytes(r)) + ": the data, and " +
                                  gigabytes_text(result_bytes(r)) + " for checkpoint, model and reports");
  out += request_line("processor",
                      core::sentence(request.target.machine.on_gpu() ? 2 : request.target.threads,
                                     request.target.machine.on_gpu() ? " cores next to the accelerator" : " cores"));
  out += request_line("accelerator", request.target.machine.on_gpu()
                                         ? short_text(request.target.machine.device.name)
                                         : "none is needed; the table states the memory of one that computes instead");
  const Table table = request_table(request);
  out += "\n" + text_of(table) + "\n";
  out += request_line("times are for", speed_text(request.target.machine));
  if (request.hours > 0) {
    double best = 0;
    int with = 0;
    for (const int batch : request.batches) {
      if (batch > job.training) continue;
      const double seconds =
          training_seconds(forecast(request.measured, request.target, batch), amount_of(job, r, batch)).high;
      if (with == 0 || seconds < best) best = seconds, with = batch;
    }
    const double factor = best / 3600 / request.hours;
    out += request_line("to end within",
                        core::sentence(core::general(request.hours), " h: batch ", with,
                                       factor > 1 ? core::sentence(" on a machine ", core::general(factor, 2),
                                                                   " times as fast in both figures")
                                                  : std::string(" on this machine")));
  }
  out += "\n" + request_line("extrapolated from", measured_text(request.measured.front()));
  for (std::size_t i = 1; i < request.measured.size(); i++) out += request_line("", measured_text(request.measured[i]));
  out += request_line("measured on", speed_text(request.measured.front().machine));
  return out;
}

}  // namespace strata::report
