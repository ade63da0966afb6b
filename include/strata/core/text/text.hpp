// SPDX-License-Identifier: MIT
// Compile-time strings.
#pragma once

#include <cstddef>

namespace strata::core {

/// Wraps a string literal as a template argument: Tap<"low">.
template <std::size_t N>
struct FixedString {
  char text[N]{};

  constexpr FixedString() = default;
  constexpr FixedString(const char (&literal)[N]) {
    for (std::size_t i = 0; i < N; i++) text[i] = literal[i];
  }
  constexpr int size() const { return int(N) - 1; }
  constexpr bool operator==(const FixedString&) const = default;
};

constexpr bool same_text(const char* a, const char* b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/// Whether the byte is an ASCII control character, which a terminal obeys.
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// The length in bytes of the UTF-8 character at the start of `s`, 1 to 4; 0 if there is none or it is
/// a control character.
constexpr int plain_character(const char* s) {
  const auto byte = [s](int i) { return static_cast<unsigned char>(s[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return is_control(s[0]) ? 0 : 1;
  const int size = first >= 0xC2 && first < 0xE0   ? 2
                   : first >= 0xE0 && first < 0xF0 ? 3
                   : first >= 0xF0 && first < 0xF5 ? 4
                                                   : 0;
  for (int i = 1; i < size; i++)
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool no_character = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  const bool control = first == 0xC2 && byte(1) < 0xA0;  // C1
  return overlong || no_character || control ? 0 : size;
}

/// Whether a name is safe in files and on terminals: UTF-8 without control characters, parts joined by single dots. The
/// empty name is.
constexpr bool is_plain_name(const char* name) {
  if (!*name) return true;
  for (bool begins = true; *name;) {
    if (*name == '.' && (begins || name[1] == 0)) return false;
    begins = *name == '.';
    const int size = plain_character(name);
    if (size == 0) return false;
    name += size;
  }
  return true;
}

/// Converts A to Z to a to z in every locale; other bytes stay as they are.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

/// A string builder for messages: truncates at its capacity; always terminated by 0.
struct Text {
  static constexpr int capacity = 400;
  char text[capacity + 1]{};
  int size = 0;

  constexpr Text() = default;
  constexpr explicit Text(const char* start) { *this << start; }
  constexpr Text& operator<<(char c) {
    if (size < capacity) text[size++] = c;
    return *this;
  }
  constexpr Text& operator<<(const char* s) {
    while (*s) *this << *s++;
    return *this;
  }
  constexpr Text& operator<<(const Text& other) { return *this << other.text; }
  constexpr Text& operator<<(long value) {
    if (value < 0) return *this << '-' << -value;
    if (value > 9) *this << value / 10;
    return *this << char('0' + value % 10);
  }
  constexpr Text& operator<<(int value) { return *this << long(value); }
  /// Up to six digits after the point, without trailing zeros.
  constexpr Text& operator<<(double value) {
    if (value < 0) return *this << '-' << -value;
    long whole = long(value), millionths = long((value - double(whole)) * 1e6 + 0.5);
    if (millionths == 1'000'000) whole++, millionths = 0;
    *this << whole;
    if (millionths == 0) return *this;
    *this << '.';
    for (long digit = 100000; digit > 0 && millionths > 0; digit /= 10) {
      *this << char('0' + millionths / digit);
      millionths %= digit;
    }
    return *this;
  }
  /// Copies at most Room - 1 characters, and terminates them by 0.
  template <std::size_t Room>
  constexpr void copy_to(char (&target)[Room]) const {
    int i = 0;
    for (; i < size && i < int(Room) - 1; i++) target[i] = text[i];
    target[i] = 0;
  }
};

/// The text that Make{}() returns, as a template argument.
template <class Make>
consteval auto fixed_text(Make) {
  constexpr Text text = Make{}();
  FixedString<std::size_t(text.size + 1)> result;
  for (int i = 0; i < text.size; i++) result.text[i] = text.text[i];
  return result;
}

}  // namespace strata::core
