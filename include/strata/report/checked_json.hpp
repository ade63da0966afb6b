// SPDX-License-Identifier: MIT
// Parses untrusted JSON: checks it against limits before building a tree of values, in time that depends only on its
// length. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/text/neutral_locale.hpp>

namespace strata::report::detail {

using Json = nlohmann::ordered_json;

/// Thrown for a value that is not valid in a record.
struct Unfit {
  std::string what;
};

/// The handler for nlohmann::json::sax_parse; throws Unfit at the first value beyond the limits.
class JsonCheck : public nlohmann::json_sax<Json> {
 public:
  static constexpr std::size_t deepest = 8;
  static constexpr std::size_t most_keys = 100;  ///< an ordered object searches all of them at each insertion
  static constexpr std::size_t most_values = 10'000'000;

  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& text) override {
    std::vector<std::string>& keys = keys_.back();
    if (keys.size() == most_keys) throw Unfit{core::sentence("it has an object with more than ", most_keys, " keys")};
    if (std::find(keys.begin(), keys.end(), text) != keys.end()) throw Unfit{"it has an object with a duplicate key"};
    keys.push_back(text);
    return true;
  }
  /// Stops; the parse that builds the tree reports the error.
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool count() {
    if (++values_ > most_values) throw Unfit{core::sentence("it holds more than ", most_values, " values")};
    return true;
  }
  bool open() {
    if (keys_.size() == deepest) throw Unfit{core::sentence("it is nested deeper than ", deepest, " levels")};
    keys_.emplace_back();
    return count();
  }
  bool close() { return keys_.pop_back(), true; }

  std::vector<std::vector<std::string>> keys_;  ///< per open object or array
  std::size_t values_ = 0;
};

/// The value, or null if it is negative (not measured), NaN or infinite: JSON has neither of these.
inline Json measured(double value) { return value >= 0 && value < HUGE_VAL ? Json(value) : Json(nullptr); }
/// A number from 0 to `most`, or -1 for null (not measured). Throws Unfit for anything else.
inline double measured(const Json& value, double most = 1) {
  if (value.is_null()) return -1;
  if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= most))
    throw Unfit{core::sentence("a metric is ", value.is_number() ? value.dump() : std::string(value.type_name()),
                               ", which is out of range")};
  return value.get<double>();
}

/// The same, but empty for null.
inline std::optional<double> if_measured(const Json& value, double most = 1) {
  if (value.is_null()) return std::nullopt;
  return measured(value, most);
}

/// Reads a nonnegative integer that fits the type; throws Unfit otherwise.
template <std::integral Count>
void read_count(Count& target, const Json& value, const char* key) {
  if (!value.is_number_integer()) throw Unfit{core::sentence(key, " is not a whole number")};
  const bool fits = value.is_number_unsigned()
                        ? std::in_range<Count>(value.get<std::uint64_t>())
                        : value.get<std::int64_t>() >= 0 && std::in_range<Count>(value.get<std::int64_t>());
  if (!fits) throw Unfit{core::sentence(key, " is ", value.dump(), ", which is out of range")};
  target = value.get<Count>();
}

/// Sets target to in[key].
template <class Target>
void read(Target& target, const Json& in, const char* key) {
  const Json& value = in.at(key);
  if constexpr (std::integral<Target>) read_count(target, value, key);
  else value.get_to(target);
}

/// Sets target to in[key], a number from `least` to 1e18. Throws Unfit for any other value.
inline void read_amount(double& target, const Json& in, const char* key, double least = 0) {
  constexpr double most = 1e18;
  const Json& value = in.at(key);
  if (!value.is_number()) throw Unfit{core::sentence(key, " is ", value.type_name(), ", not a number")};
  if (!(value.get<double>() >= least && value.get<double>() <= most))
    throw Unfit{core::sentence(key, " is ", value.dump(), ", which is out of range")};
  target = value.get<double>();
}

/// Parses the bytes. Throws Unfit if they exceed the limits, and nlohmann::json::exception if they are not JSON.
inline Json parse_bounded(const core::Bytes& bytes) {
  JsonCheck check;
  Json::sax_parse(bytes, &check);
  return Json::parse(bytes);
}

/// A kind of file, for error messages.
struct FileKind {
  const char *noun, *redo, *give;    ///< "record of a run", "run the program again", "give a run.json"
  std::vector<std::string> schemas;  ///< that can be read, the newest first
};

/// Parses untrusted bytes and passes the JSON to read(), which throws Unfit, or nlohmann::json::exception, for what it
/// cannot take. Throws Error with `name` in all cases.
template <class Read>
auto parse_file(const core::Bytes& bytes, const std::string& name, const FileKind& kind, const Read& read) {
  const auto damaged = [&](const char* why) {
    return Error(name, ": is a damaged ", kind.noun, " (", why, "); ", kind.redo);
  };
  try {
    const core::NeutralLocale neutral;
    const Json json = parse_bounded(bytes);
    const std::string schema = json.is_object() ? json.value("schema", "") : "";
    if (std::find(kind.schemas.begin(), kind.schemas.end(), schema) == kind.schemas.end()) {
      std::string known;
      for (const std::string& s : kind.schemas) known += (known.empty() ? "" : " or ") + s;
      throw Error(name, ": is not a ", kind.noun, " (its schema is not ", known, "); ", kind.give);
    }
    return read(json);
  } catch (const nlohmann::json::exception& error) {
    throw damaged(error.what());
  } catch (const Unfit& unfit) {
    throw damaged(unfit.what.c_str());
  }
}

}  // namespace strata::report::detail
