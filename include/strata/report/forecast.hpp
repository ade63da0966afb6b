// SPDX-License-Identifier: MIT
// Forecasts what a training takes on a machine that is not at hand: time and memory by batch size, from runs on another
// machine and descriptions of both. The work of a step gives each machine's time in theory (graph/work.hpp); by how
// much the measured runs were slower than that carries over. bench/MEASURED.md says how far such forecasts were off.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <strata/report/machine_description.hpp>
#include <strata/report/update_times.hpp>

namespace strata::report {

/// A value and the band around it.
struct Range {
  double low = 0, likely = 0, high = 0;  ///< seconds or bytes

  /// From value / factor to value * factor.
  static Range around(double value, double factor) { return {value / factor, value, value * factor}; }
  /// Whether the value lies in the band.
  bool holds(double value) const { return low <= value && value <= high; }
};

/// A run, and the machine that it ran on.
struct Measurement {
  std::string from;            ///< its name, for reports
  RunRecord record;            ///< its record
  MachineDescription machine;  ///< where it ran
};

/// Whether the memory suffices.
enum class Fit : unsigned char {
  yes,      ///< for the whole band
  perhaps,  ///< for a part of it
  no        ///< not even for its lower end
};

/// What an update of a batch takes.
struct Forecast {
  int batch = 0, threads = 0;  ///< images, and threads of a processor
  Range update{};              ///< seconds
  Range image{};               ///< seconds of a validation image
  Range memory{};              ///< bytes: of a GPU's memory if it computes
  Fit fit = Fit::yes;          ///< whether the machine has that memory
  std::string from;            ///< the nearest measurement
};

/// What a forecast is for.
struct Target {
  MachineDescription machine{};       ///< the machine
  int threads = 1;                    ///< of a processor
  std::string precision = "float32";  ///< of a GPU
};

namespace detail {

// Factors by which a forecast may be off. They multiply as independent errors do: their logarithms are added in
// squares.
inline constexpr double same_run = 1.05,  // the same batch, threads and machine
    by_doubling_batch = 1.05,             // beyond the measured batch sizes
    by_doubling_threads = 1.10,           // other numbers of threads
    other_machine = 1.25,                 // of the same kind and instruction set
    other_instructions = 1.40,            // another instruction set
    other_kind = 2.0,                     // a GPU from a processor's run, or the reverse
    without_work = 1.25,                  // a run that did not record its work
    image_without_measurement = 1.5,      // a run without validation
    memory_here = 1.03,                   // of the planned memory
    memory_elsewhere = 1.06,              // the same: libraries differ
    memory_of_two = 1.10,                 // growth between runs of two batch sizes
    memory_of_one = 1.50,                 // growth from one run, at most
    memory_of_other_kind = 1.6;
inline constexpr double program_bytes = 16e6;  // by which the memory of programs differs anyway

/// The factor of several independent ones.
inline double together(std::initializer_list<double> factors) {
  double sum = 0;
  for (const double f : factors) sum += std::log(f) * std::log(f);
  return std::exp(std::sqrt(sum));
}

inline double doublings(double a, double b) { return std::abs(std::log2(a / b)); }

/// The recorded work; without it, three products for each multiply-add of inference, and no traffic.
inline graph::StepWork work_of(const RunRecord& record) {
  if (record.work.count > 0) return record.work;
  graph::StepWork work;
  const double macs = 3 * double(std::max(record.macs, 1L));
  work.add({graph::StepWork::whole, 0, macs, macs, 0});
  return work;
}

/// Bytes per thread over which values are read and written.
inline double working_set(const graph::StepWork& work, const RunRecord& record, int batch, int threads) {
  if (work.working_set > 0) return double(work.working_set);
  return std::max(1., double(record.arena_bytes) * batch / std::max(record.batch, 1) / threads);
}

/// Seconds of an update in theory. A GPU's library computes direct sums if another processor's run is all that is
/// known.
inline double in_theory(const RunRecord& record, const Target& target, int batch) {
  graph::StepWork work = work_of(record);
  if (target.machine.on_gpu() != (record.device.kind != "cpu"))
    for (int k = 0; k < work.count; k++) work.pieces[k].products = work.pieces[k].macs;
  const graph::Rates rates =
      rates_of(target.machine, target.threads, working_set(work, record, batch, target.threads), target.precision);
  return graph::time_of(work, batch, rates).seconds;
}

/// By how much the measured updates were slower than in theory.
inline double slowness(const Measurement& m) {
  return update_times(m.record).median /
         in_theory(m.record, {m.machine, m.record.threads, m.record.device.precision}, m.record.batch);
}

/// The runs of one batch size.
struct Group {
  int batch = 0;
  double slowness = 0;  ///< the median of theirs
  double spread = 1;    ///< the factor between the median and the farthest
};

/// The runs by batch size, the smallest first.
inline std::vector<Group> groups_of(const std::vector<const Measurement*>& sorted) {
  std::vector<Group> out;
  for (std::size_t i = 0, end = 0; i < sorted.size(); i = end) {
    std::vector<double> all;
    for (end = i; end < sorted.size() && sorted[end]->record.batch == sorted[i]->record.batch; end++)
      all.push_back(slowness(*sorted[end]));
    std::sort(all.begin(), all.end());
    const double median = std::sqrt(all[(all.size() - 1) / 2] * all[all.size() / 2]);
    out.push_back({sorted[i]->record.batch, median, std::max(all.back() / median, median / all.front())});
  }
  return out;
}

/// The slowness for a batch size: between those of the measured ones on a logarithmic scale; outside, the nearest's.
inline double slowness_at(const std::vector<Group>& groups, int batch) {
  std::size_t above = 0;
  while (above < groups.size() && groups[above].batch < batch) above++;
  if (above == groups.size()) return groups.back().slowness;
  if (above == 0 || groups[above].batch == batch) return groups[above].slowness;
  const Group &low = groups[above - 1], &high = groups[above];
  const double share = std::log(double(batch) / low.batch) / std::log(double(high.batch) / low.batch);
  return std::exp((1 - share) * std::log(low.slowness) + share * std::log(high.slowness));
}

/// Bytes of parameters, gradients and two moments, and a GPU's libraries: what a run on a processor cannot tell.
inline double beside_values(const RunRecord& record) { return 16. * double(record.parameters) + 1e9; }

/// Bytes of each image, from the nearest runs of two batch sizes, or at most the planned memory's share.
inline double bytes_per_image(const std::vector<const Measurement*>& sorted, const RunRecord& nearest) {
  const RunRecord &first = sorted.front()->record, &last = sorted.back()->record;
  if (last.batch > first.batch)
    return std::max(0., double(last.peak_rss_bytes - first.peak_rss_bytes) / (last.batch - first.batch));
  return double(nearest.arena_bytes) / std::max(nearest.batch, 1);
}

inline Range memory(const std::vector<const Measurement*>& sorted, const RunRecord& nearest, const Target& target,
                    int batch, bool same_machine) {
  const bool on_gpu = target.machine.on_gpu(), measured_on_gpu = nearest.device.kind != "cpu";
  const MemoryGrowth& g = nearest.memory;
  if (on_gpu != measured_on_gpu) {
    const double values = double(nearest.arena_bytes) * batch / std::max(nearest.batch, 1);
    return Range::around(values + (on_gpu ? beside_values(nearest) : 0), memory_of_other_kind);
  }
  const double error = same_machine ? memory_here : memory_elsewhere;
  const long measured = on_gpu ? g.device : nearest.peak_rss_bytes;
  if (g != MemoryGrowth()) {
    const int threads = on_gpu ? nearest.threads : target.threads;
    const double bytes = grown(g, measured, nearest.batch, batch, nearest.threads, threads);
    return Range::around(std::max(bytes, 1.), error);
  }
  const double bytes = double(measured) + bytes_per_image(sorted, nearest) * (batch - nearest.batch);
  const bool two = sorted.front()->record.batch < sorted.back()->record.batch;
  return Range::around(std::max(bytes, 1.), batch == nearest.batch ? error : two ? memory_of_two : memory_of_one);
}

/// The measurements with a time whose number of threads is the nearest to the target's, the smallest batch first.
inline std::vector<const Measurement*> nearest_threads(const std::vector<Measurement>& all, int threads) {
  std::vector<const Measurement*> out;
  for (const Measurement& m : all) {
    if (!(update_times(m.record).median > 0)) continue;
    const double distance = doublings(m.record.threads, threads);
    if (!out.empty() && distance > doublings(out[0]->record.threads, threads)) continue;
    if (!out.empty() && m.record.threads != out[0]->record.threads) out.clear();
    out.push_back(&m);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Measurement* a, const Measurement* b) { return a->record.batch < b->record.batch; });
  return out;
}

inline bool same_machine(const MachineDescription& a, const MachineDescription& b) {
  return a.on_gpu() == b.on_gpu() && a.device.name == b.device.name && a.machine.cores == b.machine.cores;
}

/// The factor by which an update's time may be off.
inline double time_error(const std::vector<Group>& groups, const Measurement& nearest, const Target& target, int batch,
                         bool same) {
  const UpdateTimes times = update_times(nearest.record);
  double spread = times.low > 0 ? std::sqrt(times.high / times.low) : 1;
  for (const Group& group : groups)
    if (group.batch == nearest.record.batch) spread = std::max(spread, group.spread);
  const int first = groups.front().batch, last = groups.back().batch;
  const double beyond = batch < first ? doublings(batch, first) : batch > last ? doublings(batch, last) : 0;
  const bool on_gpu = target.machine.on_gpu(), other = on_gpu != nearest.machine.on_gpu();
  const double machine = same                                                                      ? 1
                         : other                                                                   ? other_kind
                         : target.machine.machine.flags == nearest.machine.machine.flags || on_gpu ? other_machine
                                                                                                   : other_instructions;
  return together({same_run, spread, std::pow(by_doubling_batch, beyond),
                   on_gpu ? 1. : std::pow(by_doubling_threads, doublings(nearest.record.threads, target.threads)),
                   machine, nearest.record.work.count > 0 || same ? 1. : without_work});
}

}  // namespace detail

/// Gives records without work that of another run of the same network.
inline void share_work(const std::vector<RunRecord*>& records) {
  for (RunRecord* to : records)
    for (const RunRecord* from : records)
      if (to->work.count == 0 && from->work.count > 0 && from->network == to->network &&
          from->parameters == to->parameters && from->device.kind == to->device.kind)
        to->work = from->work;
}

/// What an update of `batch` images takes on the target. The measurements, at least one, are of one network and one
/// machine; several of one batch size count by their median. Throws Error if none of them has the time of an update.
inline Forecast forecast(const std::vector<Measurement>& measured, const Target& target, int batch) {
  using namespace detail;
  const std::vector<const Measurement*> sorted = nearest_threads(measured, target.threads);
  if (sorted.empty()) throw Error(measured.front().from, ": has no time of an update; give a run with some");
  const std::vector<Group> groups = groups_of(sorted);
  const Measurement* nearest = sorted.front();
  for (const Measurement* m : sorted)
    if (doublings(m->record.batch, batch) < doublings(nearest->record.batch, batch)) nearest = m;
  const RunRecord& record = nearest->record;
  const bool same = same_machine(nearest->machine, target.machine);
  Forecast out{.batch = batch, .threads = target.machine.on_gpu() ? 1 : target.threads, .from = nearest->from};
  const bool other_kind_of_device = target.machine.on_gpu() != nearest->machine.on_gpu();
  const double theory = in_theory(record, target, batch);
  out.update = Range::around(other_kind_of_device ? theory : theory * slowness_at(groups, batch),
                             time_error(groups, *nearest, target, batch, same));
  const double images = validated_images(record), own = update_times(record).median * batch / record.batch;
  const double share =
      images > 0 && record.seconds.validate > 0 ? record.seconds.validate / images / (own / batch) : 1. / 3;
  out.image =
      Range::around(out.update.likely / batch * share,
                    together({out.update.high / out.update.likely, images > 0 ? 1. : image_without_measurement}));
  out.memory = memory(sorted, record, target, batch, same);
  out.memory.low = std::max(0., out.memory.low - program_bytes), out.memory.high += program_bytes;
  const double limit = double(target.machine.memory_bytes());
  out.fit = out.memory.low > limit ? Fit::no : out.memory.high > limit ? Fit::perhaps : Fit::yes;
  return out;
}

/// Seconds of a whole training.
inline Range training_seconds(const Forecast& f, const graph::TrainingAmount& amount) {
  const auto of = [&](double Range::*part) { return graph::training_seconds(amount, {f.update.*part, f.image.*part}); };
  return {of(&Range::low), of(&Range::likely), of(&Range::high)};
}

}  // namespace strata::report
