// SPDX-License-Identifier: MIT
// What the library throws outside the hot paths: one sentence that says what was wrong, where, what was given and what
// to do.
#pragma once

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace strata {

namespace detail {

inline void append(std::string& out, const std::string& part) { out += part; }
inline void append(std::string& out, const char* part) { out += part; }
inline void append(std::string& out, char part) { out += part; }
template <class Number>
  requires std::is_arithmetic_v<Number>
void append(std::string& out, Number value) {
  if constexpr (std::is_integral_v<Number>) {
    out += std::to_string(value);
  } else {
    char digits[40];
    std::snprintf(digits, sizeof digits, "%g", double(value));
    out += digits;
  }
}

}  // namespace detail

/// The parts in a row: strings, characters and numbers.
template <class... Part>
std::string sentence(const Part&... part) {
  std::string out;
  (detail::append(out, part), ...);
  return out;
}

/// 64 bits as 16 hexadecimal digits.
inline std::string hexadecimal(std::uint64_t value) {
  char digits[20];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value));
  return digits;
}

/// A refusal at run time.
class Error : public std::runtime_error {
 public:
  template <class... Part>
  explicit Error(const Part&... part) : std::runtime_error(sentence(part...)) {}
};

}  // namespace strata
