// SPDX-License-Identifier: MIT
// Parses untrusted JSON: checks it against limits before building a tree of values, in time that depends only on its
// length. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>

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

/// Parses the bytes. Throws Unfit if they exceed the limits, and nlohmann::json::exception if they are not JSON.
inline Json parse_bounded(const core::Bytes& bytes) {
  JsonCheck check;
  Json::sax_parse(bytes, &check);
  return Json::parse(bytes);
}

}  // namespace strata::report::detail
