// SPDX-License-Identifier: MIT
// A canonical description, hashed as it is written: words and numbers in an order that the writer fixes. It hashes
// their values, never the bytes of structs, enumerators or addresses, so hashes stored in files survive refactoring.
// Any change to what is mixed, or how, makes a new version of every hash.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

#include <strata/core/random.hpp>

namespace strata::core {

class Description {
 public:
  constexpr explicit Description(std::uint64_t begin = 0x57524954) : value_(begin) {}

  /// Hashes eight characters at a time, including the terminating 0.
  constexpr Description& word(const char* text) {
    for (bool ended = false; !ended;) {
      std::uint64_t eight = 0;
      for (int i = 0; i < 8 && !ended; i++) {
        eight |= std::uint64_t(static_cast<unsigned char>(*text)) << (8 * i);
        ended = *text++ == 0;
      }
      add(eight);
    }
    return *this;
  }
  template <std::integral Whole>
  constexpr Description& number(Whole value) {
    return add(std::uint64_t(std::int64_t(value)));
  }
  /// Hashes the bits; 0 and -0 are the same.
  constexpr Description& real(double value) { return add(value == 0 ? 0 : std::bit_cast<std::uint64_t>(value)); }

  constexpr std::uint64_t hash() const { return value_; }

 private:
  constexpr Description& add(std::uint64_t number) {
    value_ = mix(value_, number);
    return *this;
  }
  std::uint64_t value_;
};

}  // namespace strata::core
