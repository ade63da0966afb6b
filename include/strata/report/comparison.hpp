// SPDX-License-Identifier: MIT
// Runs of one training on several machines. Batch size, device, precision and threads may differ; any other difference
// of data, network or options is an error that names it, unless it was allowed.
#pragma once

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/condition.hpp>
#include <strata/core/digest.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/core/text/terminal.hpp>
#include <strata/report/run_record.hpp>
#include <strata/report/update_times.hpp>

namespace strata::report {

/// A record with the name of its run, and the folder of the runs that it belongs to.
struct NamedRun {
  std::string name, folder;  ///< as reports show them
  RunRecord record;          ///< its record
};

/// A run in a comparison.
struct ComparedRun {
  std::string name, folder;  ///< as in NamedRun
  RunRecord record;          ///< its record
  UpdateTimes times;         ///< of its updates, in seconds
  int setup = 0;             ///< its index in Comparison::setups, >= 0
};

/// Runs that may be compared.
struct Comparison {
  std::vector<ComparedRun> runs;     ///< by setup, then by batch size
  std::vector<std::string> setups;   ///< names of what differs besides the batch size: "AMD EPYC, 2 threads"
  std::vector<std::string> allowed;  ///< fields that differ and may
  std::vector<std::string> notes;    ///< sentences about what could not be compared
};

namespace detail {

/// Text of a record for tables: at most 60 characters.
inline std::string short_text(const std::string& text) {
  const std::string harmless = core::printable(text);
  const std::string_view cut = core::cut_to(harmless, 60);
  return cut.size() < harmless.size() ? std::string(cut) + "..." : harmless;
}

/// Whether the run measured a few updates on a part of the data as large as these need.
inline bool measures_updates(const RunRecord& r) {
  return r.epochs == 1 && r.dataset.validation == 0 && r.dataset.test == 0 &&
         r.dataset.train == double(r.iterations) * r.batch;
}

/// Conditions that follow from the machine, from the batch size, or from a field of the record.
inline bool may_differ(const std::string& condition) {
  static const std::set<std::string> names{"compiler",
                                           "instruction set",
                                           "back end",
                                           "devices",
                                           "--device",
                                           "--precision",
                                           "a GPU called",
                                           "--batch",
                                           "batch",
                                           "--micro-batch",
                                           "micro_batch",
                                           "--seed",
                                           "seed",
                                           "loss.scale",
                                           "training samples",
                                           "validation samples",
                                           "optimizer's directions"};
  return names.count(condition) > 0;
}

/// The version of a network's hash: "2" of "2-1990873e7488e568"; the first has none.
inline std::string hash_version(const std::string& hash) {
  const std::size_t end = hash.find('-');
  return end == std::string::npos ? "" : hash.substr(0, end);
}

/// Whether a condition identifies the data.
inline bool is_of_data(const std::string& condition) { return condition.ends_with(" of digest"); }

/// An option of a program, "--rate", by the name that --allow takes: "rate".
inline std::string option_name(const std::string& condition) {
  return condition.substr(condition.starts_with("--") ? 2 : 0);
}

/// What must agree between runs, by the names that --allow takes.
inline core::Conditions fields_of(const RunRecord& r) {
  core::Conditions out;
  out.add("task", r.task), out.add("network", r.network), out.add("hash", r.hash);
  out.add("parameters", std::to_string(r.parameters)), out.add("macs", std::to_string(r.macs));
  out.add("dataset", r.dataset.name), out.add("classes", r.dataset.classes);
  const bool measures = measures_updates(r);
  const auto images = [&](int count) { return measures ? std::string("those of the updates") : std::to_string(count); };
  out.add("training-images", images(r.dataset.train));
  out.add("validation-images", std::to_string(r.dataset.validation)),
      out.add("test-images", std::to_string(r.dataset.test));
  out.add("status",
          r.status == "complete" && r.why.empty() ? "complete" : r.status + (r.why.empty() ? "" : ", " + r.why));
  out.add("epochs", r.epochs), out.add("seed", std::to_string(r.seed));
  out.add("kept", r.kept_iteration > 0 ? name_of(r.kept_by) : "last");
  out.add("weights", r.weights.file.empty() ? "none" : r.weights.file.substr(r.weights.file.rfind('/') + 1));
  const std::string* const parts = r.conditions.find("--micro-batch");
  out.add("micro-batch", !parts || *parts == std::to_string(r.batch) ? "the whole batch" : *parts);
  core::Digest data;
  bool identified = false;
  for (const core::Condition& c : r.conditions) {
    if (is_of_data(c.name)) data.add(c.name), data.add(c.value), identified = true;
    else if (!may_differ(c.name)) out.add(option_name(c.name), c.value);
  }
  if (identified) out.add("data", "digest " + data.text());
  return out;
}

inline double highest_rate(const RunRecord& r) {
  double highest = 0;
  for (const training::Record& record : r.history) highest = std::max(highest, record.rate);
  return highest;
}

/// The fields that differ between two records. Hashes of two versions say nothing. The seed decides which images train,
/// and a program's options all others, so where those differ, what follows from them is left out. Where either record
/// lacks conditions, the learning rates stand in for them: a schedule by updates may reach a peak that is a few percent
/// lower.
inline std::vector<core::Disagreement> differences(const RunRecord& first, const RunRecord& other) {
  const bool both = !first.conditions.empty() && !other.conditions.empty();
  std::vector<core::Disagreement> out = core::disagreements(fields_of(first), fields_of(other), !both);
  const auto differs = [&](const auto& holds) { return std::any_of(out.begin(), out.end(), holds); };
  const auto is_option = [&](const core::Disagreement& d) {
    return first.conditions.find("--" + d.name) || other.conditions.find("--" + d.name);
  };
  const bool other_seed = differs([](const core::Disagreement&d) { return d.name == "seed"; }),
             other_option = differs(is_option);
  const bool other_network = first.network != other.network;
  std::erase_if(out, [&](const core::Disagreement& d) {
    if (d.name == "hash" && hash_version(d.before) != hash_version(d.after)) return true;
    if (other_network && (d.name == "hash" || d.name == "parameters" || d.name == "macs")) return true;
    const bool of_trainer = first.conditions.find(d.name) || other.conditions.find(d.name);
    return (other_seed && d.name == "data") || (other_option && of_trainer && !is_option(d));
  });
  const double a = highest_rate(first), b = highest_rate(other);
  if (!both && a > 0 && b > 0 && std::abs(std::log(a / b)) > 0.1)
    out.push_back({"rate", core::general(a), core::general(b)});
  return out;
}

/// Throws Error if the record differs in fields that are not allowed, and adds the others to `differing`.
inline void require_comparable(const NamedRun& first, const NamedRun& other, const std::vector<std::string>& allowed,
                               std::vector<std::string>& differing) {
  std::string all, allow;
  for (const core::Disagreement& d : differences(first.record, other.record)) {
    if (std::find(allowed.begin(), allowed.end(), d.name) != allowed.end()) {
      if (std::find(differing.begin(), differing.end(), d.name) == differing.end()) differing.push_back(d.name);
      continue;
    }
    const auto shown = [](const std::string& value) { return value.empty() ? std::string("none") : short_text(value); };
    all += (all.empty() ? "" : ", ") + d.name + " (" + shown(d.after) + ", there " + shown(d.before) + ")";
    allow += " --allow " + (d.name.find(' ') == std::string::npos ? d.name : "\"" + d.name + "\"");
  }
  if (!all.empty())
    throw Error(other.name, ": differs from ", first.name, " in ", all,
                "; compare runs that differ in batch size, device, precision and threads alone, or add", allow);
}

/// "AMD EPYC, 2 threads", "Tesla V100, tf32"
inline std::string device_words(const RunRecord& r) {
  if (r.device.kind != "cpu") return short_text(r.device.name) + ", " + short_text(r.device.precision);
  return short_text(r.device.name) + ", " + std::to_string(r.threads) + (r.threads == 1 ? " thread" : " threads");
}

/// The value of a field; "none" without one.
inline std::string field_value(const RunRecord& r, const std::string& field) {
  const core::Conditions all = fields_of(r);
  if (const std::string* const value = all.find(field)) return short_text(*value);
  return field == "rate" ? core::general(highest_rate(r)) : "none";
}

/// Names the setups by device, precision and threads; by what was allowed to differ, if it does; and by folder where
/// that does not tell them apart.
inline void name_setups(Comparison& comparison) {
  struct Key {
    std::string words, folder;
    bool operator==(const Key&) const = default;
  };
  std::vector<Key> keys;
  for (ComparedRun& run : comparison.runs) {
    Key key{device_words(run.record), run.folder};
    for (const std::string& field : comparison.allowed)
      key.words += ", " + field + " " + field_value(run.record, field);
    const auto found = std::find(keys.begin(), keys.end(), key);
    run.setup = int(found - keys.begin());
    if (found == keys.end()) keys.push_back(std::move(key));
  }
  for (const Key& key : keys) {
    const auto same =
        std::count_if(keys.begin(), keys.end(), [&](const Key& other) { return other.words == key.words; });
    comparison.setups.push_back(same > 1 ? key.words + " (" + short_text(key.folder) + ")" : key.words);
  }
}

}  // namespace detail

/// Throws Error if there is no run, or if one differs from the first in a field that is not allowed.
inline Comparison compare(const std::vector<NamedRun>& runs, const std::vector<std::string>& allowed = {}) {
  if (runs.empty()) throw Error("there is no run to compare; give files run.json, or folders that hold some");
  Comparison out;
  for (const NamedRun& run : runs) {
    if (run.record.batch < 1)
      throw Error(run.name, ": its batch size is ", run.record.batch, "; give the record of a training");
    detail::require_comparable(runs.front(), run, allowed, out.allowed);
    out.runs.push_back({run.name, run.folder, run.record, update_times(run.record), 0});
  }
  const auto unknown =
      std::count_if(runs.begin(), runs.end(), [](const NamedRun& run) { return run.record.conditions.empty(); });
  if (unknown > 0)
    out.notes.push_back(core::sentence(
        unknown == long(runs.size()) ? std::string("The records") : core::sentence(long(unknown), " of the records"),
        " state no options and no digests of the data, as an earlier version wrote them: of these, only numbers of images, epochs and learning rates were compared."));
  detail::name_setups(out);
  std::stable_sort(out.runs.begin(), out.runs.end(), [](const ComparedRun& a, const ComparedRun& b) {
    return std::pair(a.setup, a.record.batch) < std::pair(b.setup, b.record.batch);
  });
  return out;
}

/// The run of that name, or the only one whose name ends with it. Throws Error if there is none, or several.
inline const ComparedRun& run_named(const Comparison& comparison, const std::string& name) {
  const ComparedRun* found = nullptr;
  int count = 0;
  for (const ComparedRun& run : comparison.runs) {
    if (run.name == name) return run;
    if (run.name.size() > name.size() && run.name.ends_with("/" + name)) found = &run, count++;
  }
  if (count == 1) return *found;
  throw Error("--relative-to ", name, ": ",
              count ? core::sentence(count, " runs have this name") : std::string("no run has this name"),
              "; give the name of one as the table shows it: ", comparison.runs.front().name);
}

}  // namespace strata::report
