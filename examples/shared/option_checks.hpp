// SPDX-License-Identifier: MIT
// What an option of a command line may be. A check returns why it may not, in one sentence; empty: it may.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <strata/core/text/number_text.hpp>

#include "choices.hpp"

namespace shared {

using Check = std::function<std::string(const std::string&)>;

/// A validator of words that does not appear in --help.
inline Check one_of_words(shared::Words choices) {
  return [choices = std::move(choices)](const std::string& given) { return one_of(choices, given); };
}

/// A validator of numbers that does not appear in --help.
template <class Number>
Check between(Number least, Number most) {
  return [=](const std::string& given) -> std::string {
    const std::optional<Number> value = strata::core::number_in<Number>(given);
    if (value && *value >= least && *value <= most) return "";
    const auto spelled = [](Number x) -> std::string {
      if constexpr (std::is_integral_v<Number>) return std::to_string(x);
      else return strata::core::general(x, 10);
    };
    return "'" + given + "' is not a " + (std::is_integral_v<Number> ? "whole " : "") + "number from " +
           spelled(least) + " to " + spelled(most);
  };
}

}  // namespace shared
