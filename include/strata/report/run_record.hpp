// SPDX-License-Identifier: MIT
// run.json, schema strata.run/2: a training's settings, cost and results. Programs that compare runs read only this
// file. Files of schema strata.run/1, which lack conditions, work, memory and the bytes of the data set, can be read.
// Needs strata::safetensors (nlohmann-json).
#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <strata/core/files/file.hpp>
#include <strata/report/checked_json.hpp>
#include <strata/report/machine.hpp>
#include <strata/report/metric_names.hpp>
#include <strata/report/run_needs.hpp>
#include <strata/train/options.hpp>

namespace strata::report {

/// The format's name and version, the first item of a file; files of the first version can be read.
inline constexpr const char* run_schema = "strata.run/2";
/// The schema of files without conditions, work and memory.
inline constexpr const char* first_run_schema = "strata.run/1";

/// Metrics of one class. Below 0: not measured, null in the file.
struct ClassMetrics {
  std::string name;                                    ///< of the class
  double accuracy = -1, iou = -1, mean_bf_score = -1;  ///< fractions from 0 to 1
  bool operator==(const ClassMetrics&) const = default;
};

/// The quality of label maps (metrics/segmentation_metrics.hpp). Below 0: not measured, null in the file.
struct Metrics {
  /// Fractions from 0 to 1.
  double global_accuracy = -1, mean_accuracy = -1, mean_iou = -1, weighted_iou = -1, mean_bf_score = -1;
  std::vector<ClassMetrics> classes;  ///< one per class
  bool operator==(const Metrics&) const = default;
};

/// The errors of values (metrics/value_errors.hpp). mae below 0: not measured, not in the file.
struct ErrorRecord {
  double mae = -1, rmse = -1, r2 = 0;  ///< mean absolute error, root of the mean squared error, at most 1
  bool operator==(const ErrorRecord&) const = default;
};

/// The errors of an evaluation; none of labels.
inline ErrorRecord errors_of(const metrics::Evaluation& e) {
  if (!e.measures_values()) return {};
  return {.mae = e.errors.mae(), .rmse = e.errors.rmse(), .r2 = e.errors.r2()};
}

/// The device that computed. `kind`: cpu or cuda; `precision`: tf32, float32, float16 or bfloat16.
struct DeviceRecord {
  std::string kind = "cpu", name{}, precision = "float32";  ///< `name` is what the device calls itself
  long memory_bytes = 0;                                    ///< bytes of its memory
  bool operator==(const DeviceRecord&) const = default;
};

/// The record of the machine's processor.
inline DeviceRecord device_of(const Machine& machine) {
  return {.kind = "cpu", .name = machine.cpu, .precision = "float32", .memory_bytes = machine.ram_bytes};
}

/// The file of weights that the network began with, and the names of its tensors.
struct StartingWeights {
  std::string file{}, prefix{};          ///< file: empty if there was none; prefix: of the names in it
  std::vector<std::string> taken{};      ///< in both
  std::vector<std::string> missing{};    ///< in the network, but not in the file
  std::vector<std::string> left_over{};  ///< of the same kind of network, but not in this one
  std::vector<std::string> unused{};     ///< of other parts
  bool operator==(const StartingWeights&) const = default;
};

/// The validation of one head of a network with several. Below 0: not measured, as of heads that are only in training;
/// null in the file.
struct HeadRecord {
  std::string name;                 ///< of the head
  double loss = -1, accuracy = -1;  ///< as in metrics::Evaluation; accuracy: a fraction from 0 to 1
  double mae = -1, rmse = -1;       ///< of values: mean absolute error, root of the mean squared error
  bool operator==(const HeadRecord&) const = default;
};

/// The record of a head's evaluation.
inline HeadRecord head_of(const metrics::Evaluation& e) {
  const bool values = e.measures_values();
  return {e.head, e.loss, values ? -1 : e.accuracy, values ? e.errors.mae() : -1, values ? e.errors.rmse() : -1};
}

/// The contents of run.json.
struct RunRecord {
  std::string status, why;          ///< status: complete, interrupted, failed
  std::string task, network, hash;  ///< what it does, the network, NetworkHash::text()
  /// Number of parameters, multiply-adds per image, bytes of the arena, most bytes of the process.
  long parameters = 0, macs = 0, arena_bytes = 0, peak_rss_bytes = 0;
  int threads = 0, batch = 0, epochs = 0;  ///< number of threads, images per update, epochs begun
  long iterations = 0;                     ///< updates made
  long kept_iteration = 0;                 ///< as in Run
  Keep kept_by = Keep::last;               ///< meaningful if kept_iteration is not 0
  StartingWeights weights;                 ///< what the training began with
  struct {
    double load = 0, train = 0, validate = 0, total = 0, per_iteration = 0;  ///< seconds
  } seconds;                                                                 ///< what took how long
  double images_per_second = 0;                                              ///< in training
  std::uint64_t seed = 0;                                                    ///< of the model
  struct {
    std::string name;                                      ///< of the set
    int train = 0, validation = 0, test = 0, classes = 0;  ///< images of each part; number of classes
    long bytes = 0;                                        ///< of its files; 0: not recorded
  } dataset;                                               ///< the data
  struct {
    double train = -1, validation = -1, test = -1;  ///< fractions from 0 to 1; below 0: not measured, null in the file
  } accuracy;                                       ///< of each part
  DeviceRecord device;                              ///< what computed
  Machine machine;                                  ///< where it ran
  std::vector<training::Record> history;            ///< one per iteration
  std::vector<HeadRecord> heads{};                  ///< of a network with several, as Record::heads; empty: one
  core::Conditions conditions{};                    ///< what the result depends on; empty: not recorded
  graph::StepWork work{};                           ///< of a training step; no pieces: not recorded
  MemoryGrowth memory{};                            ///< how its memory grows
  std::vector<std::string> resumed_anyway;          ///< deviations despite which the training was resumed
  ErrorRecord errors{};                             ///< of values, as `metrics` are of label maps
  std::vector<metrics::MetricValue> measured{};     ///< TrainOptions::metrics, of the validation
  Metrics metrics;  ///< of the test set, or of the validation set if accuracy.test was not measured
  metrics::Confusion confusion = metrics::Confusion();  ///< of the same set; no classes: none
};

/// "complete", "interrupted" or "failed".
inline const char* status_name(training::Status status) {
  switch (status) {
    case training::Status::interrupted: return "interrupted";
    case training::Status::failed: return "failed";
    default: return "complete";
  }
}

/// Copies the results of a Run into the record.
inline void fill(RunRecord& record, const training::Run& run) {
  record.status = status_name(run.status);
  record.why = run.why;
  record.resumed_anyway = run.deviations;
  if (!run.conditions.empty()) record.conditions = run.conditions;
  record.epochs = run.epochs;
  record.iterations = run.iterations;
  record.kept_iteration = run.kept_iteration, record.kept_by = run.kept_by;
  record.heads.clear();
  for (const std::string& name : run.heads) record.heads.push_back({.name = name});
  for (std::size_t h = 0; h < run.validation.heads.size(); h++) {
    if (h == record.heads.size()) record.heads.emplace_back();
    record.heads[h] = head_of(run.validation.heads[h]);
  }
  if (run.validated && run.validation.heads.empty() && !run.heads.empty()) {  // one in inference
    record.heads[0] = head_of(run.validation);
    record.heads[0].name = run.heads[0];
  }
  record.seconds.train = run.train_seconds;
  record.seconds.validate = run.validation_seconds;
  record.seconds.per_iteration = run.iterations ? run.train_seconds / double(run.iterations) : 0;
  record.images_per_second = run.images_per_second();
  if (!run.measures_values) record.accuracy.train = run.train_accuracy;
  if (run.validated && !run.measures_values) record.accuracy.validation = run.validation.accuracy;
  if (run.validated) record.errors = errors_of(run.validation);
  if (run.validated) record.measured = run.validation.metrics;
  record.history = run.history;
}

namespace detail {

/// prefix: of the keys.
inline Json to_json(const ErrorRecord& e, const std::string& prefix) {
  return {{prefix + "mae", measured(e.mae)},
          {prefix + "rmse", measured(e.rmse)},
          {prefix + "r2", core::is_finite(e.r2) ? Json(e.r2) : Json(nullptr)}};
}

/// Only what was measured.
inline Json to_json(const training::HeadOfRecord& h) {
  Json out{{"loss", measured(h.loss)}};
  const auto add = [&](const char* key, const std::optional<double>& number) {
    if (number) out[key] = measured(*number);
  };
  add("train_accuracy", h.train_accuracy), add("validation_loss", h.validation_loss);
  add("validation_accuracy", h.validation_accuracy);
  add("validation_mae", h.validation_mae), add("validation_rmse", h.validation_rmse);
  return out;
}

/// One key for each, null where it is not finite.
inline Json to_json(const std::vector<metrics::MetricValue>& measured) {
  Json out = Json::object();
  for (const metrics::MetricValue& metric : measured)
    out[metric.name] = core::is_finite(metric.value) ? Json(metric.value) : Json(nullptr);
  return out;
}

inline Json to_json(const training::Record& r) {
  Json out{{"epoch", r.epoch},         {"iteration", r.iteration}, {"seconds", r.seconds},
           {"loss", measured(r.loss)}, {"rate", r.rate},           {"train_accuracy", r.train_accuracy}};
  if (r.validation_mae) {
    out["validation_loss"] = measured(r.validation_loss.value_or(-1));
    out.update(to_json(ErrorRecord{*r.validation_mae, r.validation_rmse.value_or(-1), r.validation_r2.value_or(0)},
                       "validation_"));
  } else if (r.validation_accuracy) {
    out["validation_loss"] = measured(r.validation_loss.value_or(-1));
    out["validation_accuracy"] = *r.validation_accuracy;
    out["validation_mean_accuracy"] = measured(r.validation_mean_accuracy.value_or(-1));
    out["validation_mean_iou"] = measured(r.validation_mean_iou.value_or(-1));
  }
  if (!r.metrics.empty()) out["metrics"] = to_json(r.metrics);
  for (const training::HeadOfRecord& head : r.heads) out["heads"].push_back(to_json(head));
  return out;
}

inline Json to_json(const StartingWeights& w) {
  return {{"file", w.file},       {"prefix", w.prefix},       {"taken", w.taken},
          {"missing", w.missing}, {"left_over", w.left_over}, {"unused", w.unused}};
}

/// The key of the history by which the model was kept: "validation_loss", or of a metric "metrics.f1".
inline std::string name_of(const Keep& keep) {
  return (is_measured_anyway(keep.by) ? "validation_" : "metrics.") + keep.by;
}

inline Json to_json(const Metrics& m) {
  Json out{{"global_accuracy", measured(m.global_accuracy)},
           {"mean_accuracy", measured(m.mean_accuracy)},
           {"mean_iou", measured(m.mean_iou)},
           {"weighted_iou", measured(m.weighted_iou)},
           {"mean_bf_score", measured(m.mean_bf_score)}};
  out["classes"] = Json::array();
  for (const ClassMetrics& c : m.classes)
    out["classes"].push_back(Json{{"name", c.name},
                                  {"accuracy", measured(c.accuracy)},
                                  {"iou", measured(c.iou)},
                                  {"mean_bf_score", measured(c.mean_bf_score)}});
  return out;
}

/// One row per true class.
inline Json to_json(const metrics::Confusion& confusion) {
  Json out = Json::array();
  for (int truth = 0; truth < confusion.classes; truth++) {
    out.push_back(Json::array());
    for (int predicted = 0; predicted < confusion.classes; predicted++)
      out.back().push_back(confusion.at(truth, predicted));
  }
  return out;
}

inline Json to_json(const Machine& m) {
  return {{"name", m.name},           {"cpu", m.cpu},           {"cores", m.cores},
          {"ram_bytes", m.ram_bytes}, {"compiler", m.compiler}, {"flags", m.flags}};
}

inline Json to_json(const RunRecord& r) {
  Json out{{"schema", run_schema}, {"status", r.status}};
  if (!r.why.empty()) out["why"] = r.why;
  if (!r.resumed_anyway.empty()) out["resumed_anyway"] = r.resumed_anyway;
  out.update(Json{{"task", r.task},
                  {"network", r.network},
                  {"hash", r.hash},
                  {"parameters", r.parameters},
                  {"macs", r.macs},
                  {"arena_bytes", r.arena_bytes},
                  {"peak_rss_bytes", r.peak_rss_bytes},
                  {"threads", r.threads},
                  {"batch", r.batch},
                  {"epochs", r.epochs},
                  {"iterations", r.iterations}});
  if (r.kept_iteration > 0) out["kept"] = {{"iteration", r.kept_iteration}, {"by", name_of(r.kept_by)}};
  if (r.weights != StartingWeights()) out["weights"] = to_json(r.weights);
  out["seconds"] = {{"load", r.seconds.load},
                    {"train", r.seconds.train},
                    {"validate", r.seconds.validate},
                    {"total", r.seconds.total},
                    {"per_iteration", r.seconds.per_iteration}};
  out["images_per_second"] = r.images_per_second;
  out["seed"] = r.seed;
  out["dataset"] = {{"name", r.dataset.name}, {"train", r.dataset.train},     {"validation", r.dataset.validation},
                    {"test", r.dataset.test}, {"classes", r.dataset.classes}, {"bytes", r.dataset.bytes}};
  out["accuracy"] = {{"train", measured(r.accuracy.train)},
                     {"validation", measured(r.accuracy.validation)},
                     {"test", measured(r.accuracy.test)}};
  if (r.errors.mae >= 0) out["errors"] = to_json(r.errors, "");
  if (!r.measured.empty()) out["validation_metrics"] = to_json(r.measured);
  if (r.metrics != Metrics()) out["metrics"] = to_json(r.metrics);
  if (r.confusion.classes > 0) out["confusion"] = to_json(r.confusion);
  out["device"] = {{"kind", r.device.kind},
                   {"name", r.device.name},
                   {"memory_bytes", r.device.memory_bytes},
                   {"precision", r.device.precision}};
  for (const HeadRecord& head : r.heads)
    out["heads"].push_back({{"name", head.name},
                            {"loss", measured(head.loss)},
                            {"accuracy", measured(head.accuracy)},
                            {"mae", measured(head.mae)},
                            {"rmse", measured(head.rmse)}});
  out["machine"] = to_json(r.machine);
  if (!r.conditions.empty()) out["conditions"] = to_json(r.conditions);
  if (r.work.count > 0) out["work"] = to_json(r.work);
  if (r.memory != MemoryGrowth()) out["memory"] = to_json(r.memory);
  out["history"] = Json::array();
  for (const training::Record& record : r.history) out["history"].push_back(to_json(record));
  return out;
}

inline Machine machine_from_json(const Json& in) {
  Machine m;
  read(m.name, in, "name"), read(m.cpu, in, "cpu"), read(m.compiler, in, "compiler");
  read(m.flags, in, "flags"), read(m.cores, in, "cores"), read(m.ram_bytes, in, "ram_bytes");
  return m;
}

inline StartingWeights weights_from_json(const Json& in) {
  StartingWeights w;
  read(w.file, in, "file"), read(w.prefix, in, "prefix"), read(w.taken, in, "taken"), read(w.missing, in, "missing");
  read(w.left_over, in, "left_over"), read(w.unused, in, "unused");
  return w;
}

inline void read_kept(RunRecord& r, const Json& in) {
  read(r.kept_iteration, in, "iteration");
  if (r.kept_iteration < 1 || r.kept_iteration > r.iterations)
    throw Unfit{core::sentence("the kept iteration is ", r.kept_iteration, ", which is out of range")};
  const std::string by = in.at("by").is_string() ? in.at("by").get<std::string>() : "";
  for (const char* section : {"validation_", "metrics."})
    if (by.starts_with(section)) r.kept_by = Keep::best(by.substr(std::string(section).size()));
  if (name_of(r.kept_by) != by) throw Unfit{"the kept iteration is the best by an unknown measure"};
}

inline Metrics metrics_from_json(const Json& in) {
  Metrics m{measured(in.at("global_accuracy")), measured(in.at("mean_accuracy")), measured(in.at("mean_iou")),
            measured(in.at("weighted_iou")),    measured(in.at("mean_bf_score")), {}};
  for (const Json& c : in.at("classes"))
    m.classes.push_back(
        {c.at("name"), measured(c.at("accuracy")), measured(c.at("iou")), measured(c.at("mean_bf_score"))});
  return m;
}

/// Allocates nothing before the table is known to be square. Throws Unfit if it is not, or a number is out of range.
inline metrics::Confusion confusion_from_json(const Json& in) {
  if (!in.is_array()) throw Unfit{"its confusion is not a table"};
  for (const Json& row : in)
    if (!row.is_array() || row.size() != in.size()) throw Unfit{"its confusion is not square"};
  metrics::Confusion out(int(in.size()));
  long total = 0;  // of all rows; bounds every partial sum
  for (int truth = 0; truth < out.classes; truth++)
    for (int predicted = 0; predicted < out.classes; predicted++) {
      long& count = out.at(truth, predicted);
      read_count(count, in.at(std::size_t(truth)).at(std::size_t(predicted)), "a number of its confusion");
      if (count > std::numeric_limits<long>::max() - total) throw Unfit{"the sum of its confusion is out of range"};
      total += count;
    }
  return out;
}

/// The errors with this prefix of their keys; those of a network whose output was not finite are null. Throws Unfit for
/// numbers that no evaluation gives.
inline ErrorRecord errors_from_json(const Json& in, const std::string& prefix) {
  constexpr double most = std::numeric_limits<double>::max();
  const Json& r2 = in.at(prefix + "r2");
  if (!r2.is_null() && !(r2.is_number() && r2.get<double>() <= 1)) throw Unfit{"an R2 is out of range"};
  return {measured(in.at(prefix + "mae"), most), measured(in.at(prefix + "rmse"), most),
          r2.is_null() ? 0 : r2.get<double>()};
}

/// Null is NaN. Throws Unfit for a name that no metric has, and for what is not a number.
inline std::vector<metrics::MetricValue> measured_from_json(const Json& in) {
  if (!in.is_object()) throw Unfit{"its metrics are not named numbers"};
  std::vector<metrics::MetricValue> out;
  for (const auto& [name, value] : in.items()) {
    if (name.empty() || name.size() > 100 || (!value.is_null() && !value.is_number()))
      throw Unfit{"a metric has no name or no number"};
    out.push_back({name, value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>()});
  }
  return out;
}

inline training::HeadOfRecord head_from_json(const Json& in) {
  constexpr double most = std::numeric_limits<double>::max();
  const auto number = [&](const char* key, double largest) {
    return if_measured(in.value(key, Json(nullptr)), largest);
  };
  return {.loss = measured(in.at("loss"), most),
          .train_accuracy = number("train_accuracy", 1),
          .validation_loss = number("validation_loss", most),
          .validation_accuracy = number("validation_accuracy", 1),
          .validation_mae = number("validation_mae", most),
          .validation_rmse = number("validation_rmse", most)};
}

/// Reads a record. Throws Unfit for values out of range, and nlohmann::json::exception for wrong types and missing
/// keys.
inline RunRecord from_json(const Json& in) {
  RunRecord r;
  read(r.status, in, "status"), r.why = in.value("why", "");
  r.resumed_anyway = in.value("resumed_anyway", std::vector<std::string>());
  read(r.task, in, "task"), read(r.network, in, "network"), read(r.hash, in, "hash");
  read(r.parameters, in, "parameters"), read(r.macs, in, "macs");
  read(r.arena_bytes, in, "arena_bytes"), read(r.peak_rss_bytes, in, "peak_rss_bytes");
  read(r.threads, in, "threads"), read(r.batch, in, "batch"), read(r.epochs, in, "epochs"),
      read(r.iterations, in, "iterations");
  if (in.contains("kept")) read_kept(r, in.at("kept"));
  if (in.contains("weights")) r.weights = weights_from_json(in.at("weights"));
  const Json& seconds = in.at("seconds");
  read_amount(r.seconds.load, seconds, "load"), read_amount(r.seconds.train, seconds, "train");
  read_amount(r.seconds.validate, seconds, "validate"), read_amount(r.seconds.total, seconds, "total");
  read_amount(r.seconds.per_iteration, seconds, "per_iteration");
  read_amount(r.images_per_second, in, "images_per_second"), read(r.seed, in, "seed");
  const Json& data = in.at("dataset");
  read(r.dataset.name, data, "name"), read(r.dataset.train, data, "train"),
      read(r.dataset.validation, data, "validation");
  read(r.dataset.test, data, "test"), read(r.dataset.classes, data, "classes");
  if (data.contains("bytes")) read(r.dataset.bytes, data, "bytes");
  const Json& accuracy = in.at("accuracy");
  r.accuracy = {measured(accuracy.at("train")), measured(accuracy.at("validation")), measured(accuracy.at("test"))};
  if (in.contains("errors")) r.errors = errors_from_json(in.at("errors"), "");
  if (in.contains("validation_metrics")) r.measured = measured_from_json(in.at("validation_metrics"));
  if (in.contains("metrics")) r.metrics = metrics_from_json(in.at("metrics"));
  if (in.contains("confusion")) r.confusion = confusion_from_json(in.at("confusion"));
  const Json& device = in.at("device");
  read(r.device.kind, device, "kind"), read(r.device.name, device, "name"),
      read(r.device.precision, device, "precision");
  read(r.device.memory_bytes, device, "memory_bytes");
  for (const Json& head : in.value("heads", Json::array())) {
    constexpr double most = std::numeric_limits<double>::max();
    HeadRecord& own = r.heads.emplace_back();
    read(own.name, head, "name");
    own.loss = measured(head.at("loss"), most), own.accuracy = measured(head.at("accuracy"));
    own.mae = measured(head.at("mae"), most), own.rmse = measured(head.at("rmse"), most);
  }
  r.machine = machine_from_json(in.at("machine"));
  if (in.contains("conditions")) r.conditions = conditions_from_json(in.at("conditions"));
  if (in.contains("work")) r.work = work_from_json(in.at("work"));
  if (in.contains("memory")) r.memory = growth_from_json(in.at("memory"));
  for (const Json& row : in.at("history")) {
    training::Record record;
    read(record.epoch, row, "epoch"), read(record.iteration, row, "iteration");
    read_amount(record.seconds, row, "seconds"), read_amount(record.rate, row, "rate");
    record.loss = measured(row.at("loss"), std::numeric_limits<double>::max());
    read(record.train_accuracy, row, "train_accuracy");
    if (row.contains("validation_mae")) {
      const ErrorRecord errors = errors_from_json(row, "validation_");
      if (errors.mae >= 0) record.validation_mae = errors.mae, record.validation_r2 = errors.r2;
      if (errors.rmse >= 0) record.validation_rmse = errors.rmse;
      record.validation_loss = if_measured(row.at("validation_loss"), std::numeric_limits<double>::max());
    } else if (row.contains("validation_accuracy")) {
      read(record.validation_accuracy.emplace(), row, "validation_accuracy");
      record.validation_mean_accuracy = if_measured(row.value("validation_mean_accuracy", Json(nullptr)));
      record.validation_mean_iou = if_measured(row.value("validation_mean_iou", Json(nullptr)));
      record.validation_loss = if_measured(row.at("validation_loss"), std::numeric_limits<double>::max());
    }
    if (row.contains("metrics")) record.metrics = measured_from_json(row.at("metrics"));
    const Json heads = row.value("heads", Json::array());
    if (!heads.empty() && heads.size() != r.heads.size())
      throw Unfit{core::sentence("a row of its history has ", heads.size(), " heads, but it lists ", r.heads.size())};
    for (const Json& head : heads) record.heads.push_back(head_from_json(head));
    r.history.push_back(std::move(record));
  }
  return r;
}

}  // namespace detail

/// Writes the record as JSON, atomically. Throws Error if that fails.
inline void write_run_record(const std::string& path, const RunRecord& record) {
  core::write_file(path, detail::to_json(record).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

/// Parses untrusted bytes; `name` is for error messages. Throws Error if they are not a valid record.
inline RunRecord parse_run_record(const core::Bytes& bytes, const std::string& name) {
  return detail::parse_file(
      bytes, name, {"record of a run", "run the program again", "give a run.json", {run_schema, first_run_schema}},
      [](const detail::Json& json) { return detail::from_json(json); });
}

/// Reads and parses a run.json. Throws Error if it cannot be read or is invalid.
inline RunRecord read_run_record(const std::string& path) { return parse_run_record(core::read_file(path), path); }

}  // namespace strata::report
