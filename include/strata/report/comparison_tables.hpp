// SPDX-License-Identifier: MIT
// The tables of a comparison: every run; by batch size, next to published ones; at certain updates; and by how much one
// setup needs less time than another.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <strata/report/comparison.hpp>
#include <strata/report/progress.hpp>
#include <strata/report/table.hpp>

namespace strata::report {

/// A published run. 0: not published.
struct PublishedRun {
  int batch = 0;                     ///< images per update
  long updates = 0;                  ///< number of them
  double seconds = 0, accuracy = 0;  ///< of the whole training; a fraction from 0 to 1
  double speed = 0;                  ///< relative to Published::reference, a ratio
  const char* use = "";              ///< of the machine: load of its GPU, memory of GPU and host
};

/// Published runs on one machine.
struct PublishedSetup {
  std::string name;                ///< the machine's
  std::vector<PublishedRun> runs;  ///< the smallest batch first
};

/// Accuracy and time after an update.
struct PublishedMoment {
  int epoch = 0;                     ///< from 1
  long update = 0;                   ///< from 1
  double accuracy = 0, seconds = 0;  ///< a fraction from 0 to 1; since the start
};

/// The published course of a training on one machine.
struct PublishedCourse {
  std::string name;                      ///< the machine's
  std::vector<PublishedMoment> moments;  ///< the first update first
};

/// Published results of the same training.
struct Published {
  std::string source;                      ///< "the workshop"
  std::vector<PublishedSetup> setups;      ///< its machines
  std::string reference{};                 ///< the run to which its speeds are relative
  double reference_seconds = 0;            ///< of that run; 0: there are no speeds
  int course_batch = 0;                    ///< images per update in the courses
  std::vector<PublishedCourse> courses{};  ///< of one training on its machines
};

namespace detail {

inline Cell number_cell(double value, int digits) {
  return value > 0 ? Cell(core::fixed(value, digits), core::shortest(value)) : Cell("-");
}
/// Three significant digits, at least one after the point: 0.0204, 2.27, 50108.0 as 50108.
inline Cell significant(double value) {
  if (!(value > 0)) return "-";
  return {value >= 100 ? core::fixed(value, 0) : core::general(value, 3), core::shortest(value)};
}
inline Cell share_cell(double value) {
  return value >= 0 ? Cell(core::fixed(value, 4), core::shortest(value)) : Cell("-");
}
inline Cell time_cell(double seconds) {
  return seconds > 0 ? Cell(duration(seconds), core::fixed(seconds, 3)) : Cell("-");
}
inline Cell percent_cell(double ratio) {
  return ratio > 0 ? Cell(core::fixed(100 * ratio, 0) + " %", core::shortest(ratio)) : Cell("-");
}
inline Cell megabytes_cell(double bytes) {
  return bytes > 0 ? Cell(core::fixed(bytes / 1e6, 0), core::fixed(bytes, 0)) : Cell("-");
}

/// Of the test set, or else of the validation set.
inline double accuracy_of(const RunRecord& r) { return r.accuracy.test >= 0 ? r.accuracy.test : r.accuracy.validation; }
inline double mean_iou_of(const RunRecord& r) {
  if (r.metrics.mean_iou >= 0) return r.metrics.mean_iou;
  if (r.task == "digits") return -1;  // digits are judged by their accuracy
  const auto last = std::find_if(r.history.rbegin(), r.history.rend(),
                                 [](const training::Record& record) { return record.validation_mean_iou.has_value(); });
  return last != r.history.rend() ? *last->validation_mean_iou : -1;
}
inline long memory_of(const RunRecord& r) { return r.memory.device > 0 ? r.memory.device : r.peak_rss_bytes; }
/// 0 if the run only measured updates.
inline double total_seconds(const RunRecord& r) { return measures_updates(r) ? 0 : r.seconds.total; }
inline double images_per_second(const ComparedRun& run) {
  return run.times.median > 0 ? run.record.batch / run.times.median : 0;
}

/// The median of several values; 0 without any.
inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The runs of a setup with a batch size.
inline std::vector<const ComparedRun*> runs_of(const Comparison& c, int setup, int batch) {
  std::vector<const ComparedRun*> out;
  for (const ComparedRun& run : c.runs)
    if (run.setup == setup && run.record.batch == batch) out.push_back(&run);
  return out;
}

/// The median of value(run) over those of the runs for which it is 0 or more; below 0: none.
template <class Value>
double median_of(const std::vector<const ComparedRun*>& runs, const Value& value) {
  std::vector<double> all;
  for (const ComparedRun* run : runs)
    if (const double v = value(*run); v >= 0) all.push_back(v);
  return all.empty() ? -1 : median(std::move(all));
}

inline std::vector<int> batches_of(const Comparison& c, const Published* published) {
  std::vector<int> out;
  for (const ComparedRun& run : c.runs) out.push_back(run.record.batch);
  if (published)
    for (const PublishedSetup& setup : published->setups)
      for (const PublishedRun& run : setup.runs) out.push_back(run.batch);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

inline const PublishedRun* published_run(const PublishedSetup& setup, int batch) {
  for (const PublishedRun& run : setup.runs)
    if (run.batch == batch) return &run;
  return nullptr;
}

inline std::string joined_notes(const std::vector<std::string>& notes) {
  std::string out;
  for (const std::string& note : notes) out += (out.empty() ? "" : " ") + note;
  return out;
}

}  // namespace detail

/// Every run. relative: the run to which speeds are relative; null: none.
inline Table runs_table(const Comparison& c, const ComparedRun* relative = nullptr) {
  using namespace detail;
  Table out{.title =
                short_text(c.runs.front().record.network) + " on " + short_text(c.runs.front().record.dataset.name)};
  out.columns = {{"run", "run", false},       {"machine", "machine", false},
                 {"device", "device", false}, {"precision", "precision", false},
                 {"threads", "threads"},      {"batch", "batch"}};
  for (const std::string& field : c.allowed) out.columns.push_back({field, field, false});
  out.columns.insert(out.columns.end(), {{"updates", "updates"},
                                         {"time", "seconds"},
                                         {"s/update", "seconds_per_update"},
                                         {"images/s", "images_per_second"},
                                         {"accuracy", "accuracy"},
                                         {"mean IoU", "mean_iou"},
                                         {"MB", "memory_bytes"}});
  if (relative) out.columns.insert(out.columns.end(), {{"speed", "speed"}, {"per image", "speed_per_image"}});
  for (const ComparedRun& run : c.runs) {
    const RunRecord& r = run.record;
    std::vector<Cell> row{short_text(run.name),
                          short_text(r.machine.name),
                          short_text(r.device.name),
                          short_text(r.device.precision),
                          r.device.kind == "cpu" ? std::to_string(r.threads) : "-",
                          std::to_string(r.batch)};
    for (const std::string& field : c.allowed) row.emplace_back(field_value(r, field));
    row.insert(row.end(), {std::to_string(r.iterations), time_cell(total_seconds(r)), significant(run.times.median),
                           significant(images_per_second(run)), share_cell(accuracy_of(r)), share_cell(mean_iou_of(r)),
                           megabytes_cell(double(memory_of(r)))});
    if (relative) {
      const double total = total_seconds(r), pace = images_per_second(*relative);
      row.push_back(percent_cell(total > 0 ? total_seconds(relative->record) / total : 0));
      row.push_back(percent_cell(pace > 0 ? images_per_second(run) / pace : 0));
    }
    out.rows.push_back(std::move(row));
  }
  out.note =
      "Accuracy and mean IoU are those of the test set, or of the validation set without one. s/update is the median over all updates but the first; MB is the peak of the process, or what is planned on a GPU.";
  if (relative)
    out.note += " Speeds are relative to " + short_text(relative->name) + ", by time and by images per second.";
  if (!c.notes.empty()) out.note += " " + joined_notes(c.notes);
  return out;
}

/// The published layout: one row per batch size, our setups first. Several runs of a setup and a batch size count by
/// their median. relative_seconds: of the run to which our speeds are relative; 0: none.
inline Table batch_table(const Comparison& c, const Published* published, double relative_seconds = 0) {
  using namespace detail;
  const bool label_maps = c.runs.front().record.task != "digits",
             speeds = published && published->reference_seconds > 0;
  Table out{.title = "By batch size" + (published ? ", next to " + published->source : "")};
  out.columns = {{"batch", "batch"}};
  for (std::size_t s = 0; s < c.setups.size(); s++) {
    const auto add = [&](const std::string& what, const std::string& key) {
      out.columns.push_back({what, core::sentence("setup_", long(s + 1), "_", key), true, c.setups[s]});
    };
    add("updates", "updates");
    if (label_maps) add("mean IoU", "mean_iou");
    else add("accuracy", "accuracy");
    add("time", "seconds"), add("s/update", "seconds_per_update");
    if (relative_seconds > 0) add("speed", "speed");
    if (label_maps) add("MB", "memory_bytes");
  }
  const std::vector<PublishedSetup> theirs = published ? published->setups : std::vector<PublishedSetup>();
  for (const PublishedSetup& setup : theirs) {
    const bool accuracy = setup.runs.front().accuracy > 0, updates = setup.runs.front().updates > 0;
    const auto add = [&](const std::string& what, const std::string& key) {
      out.columns.push_back({what, setup.name + "_" + key, true, setup.name});
    };
    if (updates) add("updates", "updates");
    if (accuracy) add("accuracy", "accuracy");
    add("time", "seconds");
    if (updates) add("s/update", "seconds_per_update");
    if (speeds) add("speed", "speed");
    if (*setup.runs.front().use) out.columns.push_back({"CUDA load, GPU, RAM", setup.name + "_use", false, setup.name});
  }
  for (const int batch : batches_of(c, published)) {
    std::vector<Cell> row{std::to_string(batch)};
    for (int s = 0; s < int(c.setups.size()); s++) {
      const auto runs = runs_of(c, s, batch);
      const double seconds = median_of(runs, [](const ComparedRun& r) { return total_seconds(r.record); });
      row.push_back(runs.empty() ? Cell("-") : Cell(std::to_string(runs.front()->record.iterations)));
      row.push_back(share_cell(median_of(
          runs, [&](const ComparedRun& r) { return label_maps ? mean_iou_of(r.record) : accuracy_of(r.record); })));
      row.push_back(time_cell(seconds));
      row.push_back(significant(median_of(runs, [](const ComparedRun& r) { return r.times.median; })));
      if (relative_seconds > 0) row.push_back(percent_cell(seconds > 0 ? relative_seconds / seconds : 0));
      if (label_maps)
        row.push_back(
            megabytes_cell(median_of(runs, [](const ComparedRun& r) { return double(memory_of(r.record)); })));
    }
    for (const PublishedSetup& setup : theirs) {
      const PublishedRun none, *const found = published_run(setup, batch), &run = found ? *found : none;
      if (setup.runs.front().updates > 0)
        row.push_back(run.updates > 0 ? Cell(std::to_string(run.updates)) : Cell("-"));
      if (setup.runs.front().accuracy > 0) row.push_back(number_cell(run.accuracy, 4));
      row.push_back(time_cell(run.seconds));
      if (setup.runs.front().updates > 0)
        row.push_back(significant(run.updates > 0 ? run.seconds / double(run.updates) : 0));
      if (speeds) row.push_back(percent_cell(run.speed));
      if (*setup.runs.front().use) row.push_back(found ? Cell(run.use) : Cell("-"));
    }
    out.rows.push_back(std::move(row));
  }
  if (speeds) out.note = "The published speeds are relative to " + published->reference + ".";
  return out;
}

/// Accuracy and time after the published updates, for our runs of the published batch size.
inline std::optional<Table> course_table(const Comparison& c, const Published& published) {
  using namespace detail;
  std::vector<const ComparedRun*> ours;
  for (const ComparedRun& run : c.runs)
    if (run.record.batch == published.course_batch && !measures_updates(run.record)) ours.push_back(&run);
  if (published.courses.empty() || ours.empty()) return std::nullopt;
  Table out{.title = core::sentence("By update, batch ", published.course_batch, ", next to ", published.source)};
  out.columns = {{"epoch", "epoch"}, {"update", "update"}};
  for (const ComparedRun* run : ours) {
    out.columns.push_back({"accuracy", run->name + "_accuracy", true, short_text(run->name)});
    out.columns.push_back({"time", run->name + "_seconds", true, short_text(run->name)});
  }
  for (const PublishedCourse& course : published.courses) {
    out.columns.push_back({"accuracy", course.name + "_accuracy", true, course.name});
    out.columns.push_back({"time", course.name + "_seconds", true, course.name});
  }
  for (const PublishedMoment& moment : published.courses.front().moments) {
    std::vector<Cell> row{std::to_string(moment.epoch), std::to_string(moment.update)};
    for (const ComparedRun* run : ours) {
      const training::Record* found = nullptr;
      for (const training::Record& record : run->record.history)
        if (record.iteration == moment.update) found = &record;
      row.push_back(share_cell(found ? found->train_accuracy : -1)),
          row.push_back(time_cell(found ? found->seconds : 0));
    }
    for (const PublishedCourse& course : published.courses) {
      const auto found = std::find_if(course.moments.begin(), course.moments.end(),
                                      [&](const PublishedMoment& m) { return m.update == moment.update; });
      const bool there = found != course.moments.end();
      row.push_back(number_cell(there ? found->accuracy : 0, 4)), row.push_back(time_cell(there ? found->seconds : 0));
    }
    out.rows.push_back(std::move(row));
  }
  out.note = "Our accuracy is that of the batch; epochs are the published ones.";
  return out;
}

/// Seconds by batch size of one setup, ours or published.
struct BatchTimes {
  std::string name;                 ///< of the setup
  std::map<int, double> seconds{};  ///< by batch size
};

/// Of all setups. Where trainings differ in their number of updates, or only measured some, the seconds are those of an
/// update.
inline std::vector<BatchTimes> batch_times(const Comparison& c, const Published* published, bool per_update) {
  using namespace detail;
  std::vector<BatchTimes> out;
  for (int s = 0; s < int(c.setups.size()); s++) {
    BatchTimes times{c.setups[std::size_t(s)]};
    for (const int batch : batches_of(c, nullptr)) {
      const double seconds = median_of(runs_of(c, s, batch), [&](const ComparedRun& r) {
        return per_update ? r.times.median : total_seconds(r.record);
      });
      if (seconds > 0) times.seconds[batch] = seconds;
    }
    out.push_back(std::move(times));
  }
  if (!published) return out;
  for (const PublishedSetup& setup : published->setups) {
    BatchTimes times{published->source + ", " + setup.name};
    for (const PublishedRun& run : setup.runs) {
      const double seconds = !per_update ? run.seconds : run.updates > 0 ? run.seconds / double(run.updates) : 0;
      if (seconds > 0) times.seconds[run.batch] = seconds;
    }
    out.push_back(std::move(times));
  }
  return out;
}

/// By how much the time of each setup is below the reference's, in percent: by batch size, and its mean, smallest and
/// largest. Empty without two setups that share a batch size.
inline std::optional<Table> reduction_table(const std::vector<BatchTimes>& all, std::size_t reference,
                                            bool per_update) {
  using namespace detail;
  std::vector<const BatchTimes*> others;
  std::vector<int> batches;
  for (std::size_t s = 0; s < all.size(); s++) {
    if (s == reference) continue;
    bool shares = false;
    for (const auto& [batch, seconds] : all[s].seconds)
      if (all[reference].seconds.count(batch)) shares = true, batches.push_back(batch);
    if (shares) others.push_back(&all[s]);
  }
  if (others.empty()) return std::nullopt;
  std::sort(batches.begin(), batches.end());
  batches.erase(std::unique(batches.begin(), batches.end()), batches.end());
  Table out{.title = std::string("Reduction of the time ") + (per_update ? "of an update " : "") + "against " +
                     all[reference].name};
  out.columns = {{"batch", "batch", false}};
  std::vector<std::vector<double>> reductions(others.size());
  for (const BatchTimes* times : others) out.columns.push_back({times->name, times->name});
  const auto cell = [](double reduction) {
    return Cell(core::fixed(100 * reduction, 0) + " %", core::fixed(reduction, 4));
  };
  for (const int batch : batches) {
    std::vector<Cell> row{std::to_string(batch)};
    for (std::size_t o = 0; o < others.size(); o++) {
      const auto found = others[o]->seconds.find(batch);
      if (found == others[o]->seconds.end()) {
        row.emplace_back("-");
        continue;
      }
      reductions[o].push_back(1 - found->second / all[reference].seconds.at(batch));
      row.push_back(cell(reductions[o].back()));
    }
    out.rows.push_back(std::move(row));
  }
  std::vector<Cell> mean{"mean"}, smallest{"smallest"}, largest{"largest"};
  for (const std::vector<double>& r : reductions) {
    double sum = 0;
    for (const double x : r) sum += x;
    mean.push_back(cell(sum / double(r.size())));
    smallest.push_back(cell(*std::min_element(r.begin(), r.end())));
    largest.push_back(cell(*std::max_element(r.begin(), r.end())));
  }
  for (auto* row : {&mean, &smallest, &largest}) out.rows.push_back(std::move(*row));
  out.note = "A negative reduction is a longer time.";
  return out;
}

}  // namespace strata::report
