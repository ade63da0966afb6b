// SPDX-License-Identifier: MIT
// Tables as spreadsheets write them (RFC 4180): one row per line, fields between commas, semicolons or tabs, in quotes
// where they contain any of these; UTF-8 with or without a byte-order mark, lines ended by LF, CRLF or CR.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/data/text_lines.hpp>

namespace strata::data {

/// Iterates over the rows that are not blank. The text must outlive it.
class CsvRows {
 public:
  /// separator: 0: the comma, semicolon or tab that comes first in the text. `file` appears in error messages. Throws
  /// Error for UTF-16 and for text that is not UTF-8 or has a zero byte.
  CsvRows(const std::string& text, const std::string& file, char separator = 0)
      : text_(text), file_(file), separator_(separator) {
    (void)TextLines(text, file);
    if (!is_utf8(text)) throw Error(file, ": is not UTF-8; save it as UTF-8");
    if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) at_ = 3;
    bool quoted = false;
    for (std::size_t i = at_; i < text.size() && separator_ == 0; i++) {
      quoted ^= text[i] == '"';
      if (!quoted && (text[i] == ',' || text[i] == ';' || text[i] == '\t')) separator_ = text[i];
    }
    if (separator_ == 0) separator_ = ',';
  }

  /// Advances to the next row; false at the end. Throws Error where a quote does not end, or text follows it.
  bool next() {
    while (at_ < text_.size()) {
      read_row();
      if (fields_.size() > 1 || !fields_[0].empty()) return true;
    }
    return false;
  }
  const std::vector<std::string>& fields() const { return fields_; }  ///< at least one; blanks around them are left out
  int number() const { return number_; }                              ///< of the line that the row begins in, from 1

 private:
  bool ends_line(std::size_t at) const { return at >= text_.size() || text_[at] == '\n' || text_[at] == '\r'; }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t') && text_[at_] != separator_) at_++;
  }

  void read_row() {
    number_ = line_;
    fields_.clear();
    for (;;) {
      skip_blanks();
      fields_.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted_field() : plain_field());
      if (ends_line(at_)) break;
      at_++;  // the separator
    }
    at_ += text_.compare(at_, 2, "\r\n") == 0 ? 2u : 1u;
    line_++;
  }
  std::string plain_field() {
    const std::size_t start = at_;
    while (!ends_line(at_) && text_[at_] != separator_) at_++;
    return trimmed(text_.substr(start, at_ - start));
  }
  std::string quoted_field() {
    std::string out;
    for (at_++;; at_++) {
      const std::size_t end = text_.find('"', at_);
      if (end == std::string::npos)
        throw Error(file_, ": line ", number_,
                    " has a quote that does not end; close it, or double a quote in a field");
      out.append(text_, at_, end - at_);
      at_ = end + 1;
      if (at_ >= text_.size() || text_[at_] != '"') break;
      out += '"';
    }
    for (const char c : out) line_ += c == '\n';
    skip_blanks();
    if (!ends_line(at_) && text_[at_] != separator_)
      throw Error(file_, ": line ", number_, " has text after a quoted field; double a quote in a field");
    return out;
  }

  const std::string& text_;
  const std::string file_;
  char separator_;
  std::vector<std::string> fields_;
  std::size_t at_ = 0;
  int number_ = 0, line_ = 1;
};

}  // namespace strata::data
