// SPDX-License-Identifier: MIT
// A result as JSON, and back from untrusted JSON. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <strata/core/finite.hpp>
#include <strata/experiment/result.hpp>
#include <strata/report/checked_json.hpp>

#include <concepts>
#include <iterator>
#include <limits>
#include <utility>

namespace strata::experiment {

namespace detail {

using report::detail::Json;
using report::detail::Unfit;

/// Calls visit(key, field) for each field of a result except its outcome. JSON and its reader share the list.
template <class R, class Visit>
void visit_fields(R& r, const Visit& visit) {
  auto& [candidate, stage, outcome, why, program, data, seed, epochs, limit, trained_epochs, score, has_test,
         test_score, loss, seconds, images_per_second, latency, arena_bytes, training_bytes, peak_bytes, code_bytes] =
      r;
  (void)outcome;
  visit("candidate", candidate), visit("stage", stage), visit("why", why), visit("program", program);
  visit("data", data), visit("seed", seed), visit("epochs", epochs), visit("limit_seconds", limit);
  visit("trained_epochs", trained_epochs), visit("score", score), visit("has_test", has_test);
  visit("test_score", test_score), visit("loss", loss), visit("seconds", seconds);
  visit("images_per_second", images_per_second), visit("latency_seconds", latency);
  visit("arena_bytes", arena_bytes), visit("training_bytes", training_bytes), visit("peak_bytes", peak_bytes);
  visit("code_bytes", code_bytes);
}

inline void read_field(const Json& value, const char* key, std::string& field) {
  if (!value.is_string()) throw Unfit{core::sentence(key, " is not a text")};
  field = value.get<std::string>();
  if (field.size() > 4000) throw Unfit{core::sentence(key, " has more than 4000 characters")};
}
inline void read_field(const Json& value, const char* key, bool& field) {
  if (!value.is_boolean()) throw Unfit{core::sentence(key, " is neither true nor false")};
  field = value.get<bool>();
}
inline void read_field(const Json& value, const char* key, double& field) {
  if (!value.is_number() || !core::is_finite(value.get<double>()))
    throw Unfit{core::sentence(key, " is not a finite number")};
  field = value.get<double>();
}
template <std::integral Count>
void read_field(const Json& value, const char* key, Count& field) {
  const bool fits =
      value.is_number_integer() &&
      (value.is_number_unsigned() ? std::in_range<Count>(value.get<std::uint64_t>())
                                  : std::in_range<Count>(value.get<std::int64_t>()) && value.get<std::int64_t>() >= 0);
  if (!fits) throw Unfit{core::sentence(key, " is not a number in its range")};
  field = value.get<Count>();
}

}  // namespace detail

/// The result as a JSON object.
inline detail::Json to_json(const Result& result) {
  detail::Json out;
  out["outcome"] = outcome_names[int(result.outcome)];
  detail::visit_fields(result, [&](const char* key, const auto& field) { out[key] = field; });
  return out;
}

/// Reads a result. Throws Unfit for values out of range, and nlohmann::json::exception for missing keys.
inline Result result_from_json(const detail::Json& in) {
  Result out;
  const detail::Json& outcome = in.at("outcome");
  int found = -1;
  for (int i = 0; i < int(std::size(outcome_names)); i++)
    if (outcome == outcome_names[i]) found = i;
  if (found < 0) throw detail::Unfit{"its outcome is unknown"};
  out.outcome = Outcome(found);
  detail::visit_fields(out, [&](const char* key, auto& field) { detail::read_field(in.at(key), key, field); });
  return out;
}

}  // namespace strata::experiment
