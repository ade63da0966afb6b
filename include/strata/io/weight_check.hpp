// SPDX-License-Identifier: MIT
// The check of a weight file: outputs of the saved network for an input that is drawn from a seed. A program that loads
// the file can tell whether the network still computes the same. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/input_scaling.hpp>
#include <strata/core/random.hpp>
#include <strata/core/text/neutral_locale.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/io/safetensors.hpp>

namespace strata::io {

/// What a file records of a prediction. The input is recorded apart from the network's own scaling of it, so that a
/// wrong scaling shows.
struct WeightCheck {
  std::uint64_t seed = 1;      ///< of the input, and of the places of the outputs
  core::InputScaling input{};  ///< of the input's channels, one number each or one for all: drawn within two deviations
  std::uint64_t of = 0;        ///< how many outputs the network has, rows x columns x channels
  std::vector<float> outputs{};  ///< all, or one from each of 1,024 equal parts
};

/// Metadata key: the check, as JSON.
inline constexpr const char* check_key = "strata.check";

namespace detail {

inline constexpr std::size_t most_check_outputs = 1024;
inline constexpr std::size_t longest_check = 1 << 20;  ///< bytes of text; 1,024 outputs take 14 KB

/// Element i of the input: uniform within two deviations of the mean. The product of two floats is exact in a double,
/// so every machine draws the same bits.
inline float drawn_element(std::uint64_t seed, std::uint64_t i, float mean, float deviation) {
  return float_of_double(double(mean) + double(deviation) * double(4 * core::uniform(seed, i) - 2));
}

/// One image [H][W][C] of `size` elements. The input has one number or C numbers of each kind.
inline std::vector<float> drawn_image(std::uint64_t seed, long size, int channels, const core::InputScaling& input) {
  std::vector<float> out(static_cast<std::size_t>(size));
  const auto of = [channels](const std::vector<float>& numbers, std::size_t i) {
    return numbers[numbers.size() == 1 ? 0 : i % std::size_t(channels)];
  };
  for (std::size_t i = 0; i < out.size(); i++)
    out[i] = drawn_element(seed, i, of(input.mean, i), of(input.deviation, i));
  return out;
}

/// The input that a network with this scaling expects: around 0 in a channel that it multiplies by 0, and as wide as
/// the mean in one where it only subtracts that, which says nothing about the deviation.
inline core::InputScaling expected_input(core::InputScaling scaling) {
  for (std::size_t c = 0; c < scaling.mean.size(); c++) {
    float &mean = scaling.mean[c], &deviation = scaling.deviation[c];
    if (!core::is_finite(mean) || !core::is_finite(deviation)) mean = 0, deviation = 1;
    if (deviation == 1) deviation = std::max(1.f, std::abs(mean));
  }
  for (std::vector<float>* numbers : {&scaling.mean, &scaling.deviation})
    if (std::all_of(numbers->begin(), numbers->end(), [&](float x) { return x == numbers->front(); }))
      numbers->resize(1);
  return scaling;
}

/// Where output i of `count` is among `all`: drawn from the i-th of `count` equal parts, since equal steps might meet
/// the same channel each time.
inline std::size_t checked_place(std::uint64_t seed, std::size_t i, std::size_t count, std::size_t all) {
  const std::size_t first = i * all / count, end = (i + 1) * all / count;
  return first + std::size_t(core::upper_product(core::mix(~seed, i), end - first));
}

/// The outputs that a check records.
inline std::vector<float> checked(std::uint64_t seed, std::span<const float> all) {
  std::vector<float> out(std::min(all.size(), most_check_outputs));
  for (std::size_t i = 0; i < out.size(); i++) out[i] = all[checked_place(seed, i, out.size(), all.size())];
  return out;
}

inline std::string text_of(std::span<const float> numbers) {
  std::string out = "[";
  for (const float number : numbers) {
    char text[32];  // the shortest that reads back as the same float
    if (out.size() > 1) out += ',';
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
  }
  return out + ']';
}

/// The check as JSON. Empty if an output is not finite, since such a network computes nothing, or the text would be too
/// long for parse_check().
inline std::string text_of(const WeightCheck& check) {
  for (const float output : check.outputs)
    if (!core::is_finite(output)) return "";
  const std::string out =
      core::sentence("{\"seed\":", core::decimal(check.seed), ",\"mean\":", text_of(check.input.mean),
                     ",\"deviation\":", text_of(check.input.deviation), ",\"of\":", core::decimal(check.of),
                     ",\"outputs\":", text_of(check.outputs), "}");
  return out.size() > longest_check ? "" : out;
}

/// The check in a text of a file. Throws Error if it is not one; name: of the file.
inline WeightCheck parse_check(const std::string& text, const std::string& name) {
  const auto refuse = [&name](const std::string& what) {
    throw Error(name, ": its check (strata.check) ", what, "; load it without verify, or get the file again");
  };
  if (text.size() > longest_check) refuse("has more than a million bytes");
  const core::NeutralLocale neutral;
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) refuse("is not a JSON object");
  const auto whole = [&](const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_unsigned()) refuse(core::sentence("lacks the whole number ", key));
    return found->get<std::uint64_t>();
  };
  const auto list = [&](const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_array() || found->empty()) refuse(core::sentence("lacks the numbers ", key));
    std::vector<float> out;
    for (const nlohmann::json& entry : *found) {
      out.push_back(entry.is_number() ? float_of_double(entry.get<double>()) : HUGE_VALF);
      if (!core::is_finite(out.back())) refuse(core::sentence("holds something else than a number among its ", key));
    }
    return out;
  };
  WeightCheck out{whole("seed"), {list("mean"), list("deviation")}, whole("of"), list("outputs")};
  if (out.outputs.size() != std::min<std::uint64_t>(out.of, most_check_outputs))
    refuse("does not list the outputs that it counts");
  return out;
}

/// The largest difference of the outputs, relative to the largest of theirs; infinite if one is not a number.
inline double largest_difference(std::span<const float> ours, std::span<const float> theirs) {
  double most = 0, difference = 0;
  for (const float x : theirs) most = std::max(most, std::abs(double(x)));
  for (std::size_t i = 0; i < theirs.size(); i++) {
    if (!core::is_finite(ours[i])) return HUGE_VAL;
    difference = std::max(difference, std::abs(double(ours[i]) - double(theirs[i])));
  }
  return difference == 0 ? 0 : most == 0 ? HUGE_VAL : difference / most;
}

}  // namespace detail
}  // namespace strata::io
