// SPDX-License-Identifier: MIT
// The lines of lists as text editors write them: UTF-8 with or without a byte-order mark, ended by LF, CRLF or CR.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/text/text.hpp>

namespace strata::data {

/// The text without leading and trailing blanks.
inline std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

/// The text for an error message: its beginning where it is long.
inline std::string excerpt(const std::string& text) {
  std::size_t size = 120;
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) size--;  // keeps characters whole
  return text.substr(0, size) + "...";
}

/// Whether the text is valid UTF-8. ASCII control characters are allowed, those from U+0080 to U+009F are not.
inline bool is_utf8(const std::string& text) {
  for (const char* at = text.c_str(); at < text.c_str() + text.size();) {
    const int size = core::is_control(*at) ? 1 : core::plain_character(at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

/// Iterates over the lines that are not blank. The text must outlive it.
class TextLines {
 public:
  /// `file` appears in error messages. Throws Error for UTF-16 and for text with a zero byte.
  TextLines(const std::string& text, const std::string& file) : text_(text) {
    if (text.compare(0, 2, "\xFF\xFE") == 0 || text.compare(0, 2, "\xFE\xFF") == 0)
      throw Error(file, ": is UTF-16; save it as UTF-8");
    if (const std::size_t zero = text.find('\0'); zero != std::string::npos)
      throw Error(file, ": byte ", zero,
                  " is zero, so it is not UTF-8 text (is it UTF-16, or binary?); save it as UTF-8");
    if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) at_ = 3;
  }

  /// Advances to the next line; false at the end.
  bool next() {
    while (at_ < text_.size()) {
      const std::size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
      line_ = trimmed(text_.substr(at_, end - at_));
      at_ = end + (text_.compare(end, 2, "\r\n") == 0 ? 2 : 1);
      number_++;
      if (!line_.empty()) return true;
    }
    return false;
  }
  const std::string& line() const { return line_; }  ///< without leading and trailing blanks
  int number() const { return number_; }             ///< from 1, counting blank lines too

 private:
  const std::string& text_;
  std::string line_;
  std::size_t at_ = 0;
  int number_ = 0;
};

/// The text of a file, for TextLines. Throws Error where it is larger than 64 MiB.
inline std::string read_text(const std::string& path) {
  constexpr std::size_t largest = std::size_t(1) << 26;
  const core::Bytes bytes = core::read_file(path);
  if (bytes.size() > largest)
    throw Error(path, ": holds ", bytes.size(), " bytes, too many for a list of names; give a list");
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace strata::data
