// SPDX-License-Identifier: MIT
// The times in a result file of Google Benchmark (--benchmark_out). Its bytes are untrusted. Needs strata::safetensors
// (nlohmann-json).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <strata/core/files/file.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/report/checked_json.hpp>

namespace strata::benchmarks {

/// A benchmark's case, with the time of each repetition.
struct Case {
  std::string name;               ///< "Digits/inference/batch:8/threads:2"
  std::vector<double> seconds{};  ///< per iteration, of the wall clock, > 0; one for each repetition
  std::string error{};            ///< why it failed; empty: it did not
};

/// The cases of a run of a benchmark program.
struct Samples {
  std::string file;                                            ///< for messages
  std::vector<Case> cases{};                                   ///< each name once, in the file's order
  std::vector<std::pair<std::string, std::string>> context{};  ///< what the file says of the machine and the program
};

namespace detail {

using report::detail::Json;
using report::detail::Unfit;

inline constexpr std::size_t longest_name = 1000;

/// The bytes with null for each NaN and Infinity, which Google Benchmark writes for user counters and their aggregates,
/// although JSON has neither. Texts stay as they are.
inline core::Bytes without_nan(const core::Bytes& bytes) {
  constexpr std::string_view words[] = {"NaN", "-NaN", "Infinity", "-Infinity"}, null = "null";
  core::Bytes out;
  out.reserve(bytes.size());
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  bool in_text = false;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t length = 0;  // of such a word
    if (!in_text && (all[i] == 'N' || all[i] == 'I' || all[i] == '-'))
      for (const std::string_view word : words)
        if (all.substr(i).starts_with(word)) length = word.size();
    if (length > 0) {
      out.insert(out.end(), null.begin(), null.end());
      i += length;
      continue;
    }
    if (in_text && all[i] == '\\' && i + 1 < all.size()) out.push_back(bytes[i++]);
    else if (all[i] == '"') in_text = !in_text;
    out.push_back(bytes[i++]);
  }
  return out;
}

/// The text of a member; empty if there is none.
inline std::string text_member(const Json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end()) return "";
  if (!at->is_string()) throw Unfit{core::sentence(key, " is ", at->type_name(), ", not a text")};
  return at->get<std::string>();
}

/// Whether a member is true.
inline bool is_set(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_boolean() && at->get<bool>();
}

inline double seconds_of(const Json& entry) {
  const std::string unit = text_member(entry, "time_unit");
  const double one = unit == "ns" ? 1e-9 : unit == "us" ? 1e-6 : unit == "ms" ? 1e-3 : unit == "s" ? 1 : 0;
  if (one == 0) throw Unfit{"its time_unit is none of ns, us, ms and s"};
  double time = 0;
  report::detail::read_amount(time, entry, "real_time");
  return time * one;
}

/// Adds an entry of "benchmarks" to the cases; `known` are the places of their names.
inline void add_entry(Samples& samples, std::unordered_map<std::string, std::size_t>& known, const Json& entry) {
  if (!entry.is_object()) throw Unfit{"it is not an object"};
  const std::string kind = text_member(entry, "run_type");
  if (kind == "aggregate" || is_set(entry, "skipped")) return;
  if (!kind.empty() && kind != "iteration") throw Unfit{"its run_type is neither iteration nor aggregate"};
  std::string name = text_member(entry, "run_name");
  if (name.empty()) name = text_member(entry, "name");
  if (name.empty()) throw Unfit{"it has no name"};
  if (name.size() > longest_name) throw Unfit{core::sentence("its name has more than ", longest_name, " characters")};
  const auto [at, is_new] = known.emplace(name, samples.cases.size());
  if (is_new) samples.cases.push_back({.name = name});
  Case& one = samples.cases[at->second];
  if (is_set(entry, "error_occurred")) {
    one.error = text_member(entry, "error_message");
    if (one.error.empty()) one.error = "without a message";
    return;
  }
  const double seconds = seconds_of(entry);
  if (seconds > 0) one.seconds.push_back(seconds);
  else one.error = "its time is 0";
}

/// The members of "context" that are texts or numbers.
inline void add_context(Samples& samples, const Json& context) {
  if (!context.is_object()) throw Unfit{"its context is not an object"};
  for (const auto& [key, value] : context.items()) {
    if (value.is_string()) samples.context.emplace_back(key, value.get<std::string>());
    else if (value.is_number() || value.is_boolean()) samples.context.emplace_back(key, value.dump());
  }
}

}  // namespace detail

/// Parses untrusted bytes; `name` is for error messages. Throws Error if they are not a result file.
inline Samples parse_samples(const core::Bytes& bytes, const std::string& name) {
  const auto refused = [&](const std::string& why) {
    return Error(core::printable(name), ": is not a result file of a benchmark (", why,
                 "); give a file that the program wrote with --benchmark_out=FILE and --benchmark_out_format=json");
  };
  std::string place;
  try {
    const core::NeutralLocale neutral;
    const detail::Json json = report::detail::parse_bounded(detail::without_nan(bytes));
    if (!json.is_object() || !json.contains("benchmarks") || !json["benchmarks"].is_array())
      throw detail::Unfit{"it has no list \"benchmarks\""};
    Samples out{.file = name};
    if (json.contains("context")) detail::add_context(out, json["context"]);
    std::unordered_map<std::string, std::size_t> known;
    int entry = 0;
    for (const detail::Json& benchmark : json["benchmarks"]) {
      place = core::sentence("benchmark ", ++entry, ": ");
      detail::add_entry(out, known, benchmark);
    }
    return out;
  } catch (const nlohmann::json::exception& error) {
    throw refused(core::printable(place + error.what()));
  } catch (const detail::Unfit& unfit) {
    throw refused(core::printable(place + unfit.what));
  }
}

/// Reads and parses a file. Throws Error if it cannot be read or is not a result file.
inline Samples read_samples(const std::string& path) { return parse_samples(core::read_file(path), path); }

/// Reads several runs of one program, given as names of files with commas between them. A name with a comma is taken
/// for a single file if there is one. Throws Error as read_samples does.
inline std::vector<Samples> read_runs(const std::string& list) {
  if (core::file_exists(list)) return {read_samples(list)};
  std::vector<Samples> out;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    out.push_back(read_samples(list.substr(begin, end - begin)));
    begin = end + 1;
  }
  return out;
}

}  // namespace strata::benchmarks
