// SPDX-License-Identifier: MIT
// The exception that the library throws outside the hot paths: one sentence that says what was wrong, where, what was
// given and what to do.
#pragma once

#include <string.h>

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>

#include <strata/core/compile_once.hpp>
#include <strata/core/text/neutral_locale.hpp>
#include <strata/core/text/number_text.hpp>

namespace strata::core {

namespace detail {

/// A string, character or number to be joined into a sentence; strings are not copied.
struct Piece {
  enum { string, character, integer, real } kind;
  const char* data = nullptr;
  std::size_t size = 0;
  long long whole = 0;
  double fraction = 0;

  Piece(const char* s) : kind(string), data(s), size(std::char_traits<char>::length(s)) {}
  Piece(const std::string& s) : kind(string), data(s.data()), size(s.size()) {}
  Piece(char c) : kind(character), whole(c) {}
  Piece(int n) : kind(integer), whole(n) {}
  Piece(long n) : kind(integer), whole(n) {}
  Piece(long long n) : kind(integer), whole(n) {}
  Piece(unsigned n) : kind(integer), whole(n) {}
  Piece(unsigned long n) : kind(integer), whole(static_cast<long long>(n)) {}
  Piece(double x) : kind(real), fraction(x) {}
};

#if STRATA_HAS_BODIES

[[gnu::noinline]] STRATA_ONCE std::string join(std::initializer_list<Piece> pieces) {
  std::string out;
  for (const Piece& p : pieces) {
    switch (p.kind) {
      case Piece::string: out.append(p.data, p.size); break;
      case Piece::character: out += char(p.whole); break;
      case Piece::integer: out += core::decimal(p.whole); break;
      case Piece::real: out += core::general(p.fraction); break;
    }
  }
  return out;
}

#else

STRATA_ONCE std::string join(std::initializer_list<Piece> pieces);

#endif  // STRATA_HAS_BODIES

}  // namespace detail

/// Concatenates strings, characters and numbers.
template <class... Part>
[[gnu::cold]] std::string sentence(const Part&... part) {
  return detail::join({detail::Piece(part)...});
}

/// 64 bits as 16 hexadecimal digits.
STRATA_ONCE std::string hexadecimal(std::uint64_t value);

/// The system's message for a value of errno, in English.
STRATA_ONCE std::string reason(int error);

#if STRATA_HAS_BODIES

[[gnu::cold]] STRATA_ONCE std::string hexadecimal(std::uint64_t value) {
  char digits[16];
  return core::padded({digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr}, 16, '0');
}

[[gnu::cold]] STRATA_ONCE std::string reason(int error) { return ::strerror_l(error, NeutralLocale::neutral()); }

#endif  // STRATA_HAS_BODIES

/// A run-time error; its message is the concatenation of the parts.
class Error : public std::runtime_error {
 public:
  /// The parts are strings, characters and numbers.
  template <class... Part>
  [[gnu::cold]] explicit Error(const Part&... part) : std::runtime_error(detail::join({detail::Piece(part)...})) {}
};

}  // namespace strata::core

namespace strata {
using core::Error;
}  // namespace strata
