// SPDX-License-Identifier: MIT
// Strings at compile time.
#pragma once

namespace strata {

/// A string literal as a template argument: Tap<"low">.
template <int N>
struct FixedString {
  char text[N]{};

  constexpr FixedString() = default;
  constexpr FixedString(const char (&literal)[N]) {
    for (int i = 0; i < N; i++) text[i] = literal[i];
  }
  constexpr int size() const { return N - 1; }
  constexpr bool operator==(const FixedString&) const = default;
};

constexpr bool same_text(const char* a, const char* b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/// A sentence under construction: cut at its capacity, always ended by 0.
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
  /// Up to six significant decimals, without trailing zeros.
  constexpr Text& operator<<(double value) {
    if (value < 0) return *this << '-' << -value;
    const long whole = long(value);
    *this << whole;
    long millionths = long((value - double(whole)) * 1e6 + 0.5);
    if (millionths == 0) return *this;
    *this << '.';
    for (long digit = 100000; digit > 0 && millionths > 0; digit /= 10) {
      *this << char('0' + millionths / digit);
      millionths %= digit;
    }
    return *this;
  }
  /// Copies at most Room - 1 characters.
  template <int Room>
  constexpr void copy_to(char (&target)[Room]) const {
    int i = 0;
    for (; i < size && i < Room - 1; i++) target[i] = text[i];
    target[i] = 0;
  }
};

}  // namespace strata
