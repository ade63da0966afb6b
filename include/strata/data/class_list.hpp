// SPDX-License-Identifier: MIT
// The names and colors of the classes, in the order of their indices.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/text/text.hpp>
#include <strata/data/text_lines.hpp>

namespace strata::data {

using Color = std::array<std::uint8_t, 3>;  ///< red, green, blue
/// @deprecated Write Color.
using Colour [[deprecated("strata: Colour is now Color")]] = Color;

/// A class.
struct ClassEntry {
  std::string name;  ///< UTF-8
  Color color{};     ///< in label images and pictures of labels
};
/// Classes in the order of their indices.
using ClassList = std::vector<ClassEntry>;

inline constexpr int most_classes = 255;  ///< labels are bytes, and 255 is void

/// Whether a name (Void, Unlabelled, Unlabeled, Ignore, in any case) marks pixels that are not counted, not a class.
inline bool names_void(const std::string& name) {
  std::string small = name;
  for (char& c : small) c = core::lower(c);
  return small == "void" || small == "unlabelled" || small == "unlabeled" || small == "ignore";
}

namespace detail {

/// Appends a class. Throws Error where an earlier class has its name or color, or there are too many classes.
inline void add_class(ClassList& list, const ClassEntry& entry, const TextLines& lines, const std::string& file) {
  if (!is_utf8(entry.name)) throw Error(file, ": line ", lines.number(), " is not UTF-8; save the file as UTF-8");
  for (const ClassEntry& other : list)
    if (other.name == entry.name || other.color == entry.color)
      throw Error(file, ": line ", lines.number(), " has the ", other.name == entry.name ? "name" : "color",
                  " of an earlier class (", excerpt(other.name), "); give each its own");
  list.push_back(entry);
  if (int(list.size()) > most_classes + 1)
    throw Error(file, ": names more than ", most_classes,
                " classes, the most that an 8-bit label can distinguish; merge some");
}

/// The value of a number from 0 to 255; -1 for any other word.
inline int color_part(const std::string& word) {
  int value = word.empty() ? -1 : 0;
  for (const char c : word) {
    if (c < '0' || c > '9' || value > 255) return -1;
    value = 10 * value + (c - '0');
  }
  return value > 255 ? -1 : value;
}

/// A distinct color for class `number`, from 0: the color map of PASCAL VOC (Everingham et al. 2010) without black.
inline Color numbered_color(int number) {
  Color out{};
  number++;
  for (int bit = 7; bit >= 0; bit--, number >>= 3)
    for (int part = 0; part < 3; part++) out[std::size_t(part)] |= std::uint8_t((number >> part & 1) << bit);
  return out;
}

}  // namespace detail

/// Parses lines "R G B name" with R, G, B in 0 ... 255; empty lines and lines that begin with # are skipped. `file`
/// appears in error messages; throws Error where a line is malformed.
inline ClassList parse_class_list(const std::string& text, const std::string& file) {
  constexpr const char* blanks = " \t,";
  ClassList out;
  for (TextLines lines(text, file); lines.next();) {
    const std::string& line = lines.line();
    std::size_t at = line.find_first_not_of(blanks);
    if (at == std::string::npos || line[at] == '#') continue;
    ClassEntry entry;
    bool good = true;
    for (std::uint8_t& part : entry.color) {
      const std::size_t end = std::min(line.find_first_of(blanks, at), line.size());
      const int value = detail::color_part(line.substr(at, end - at));
      good = good && value >= 0;
      part = std::uint8_t(value);
      at = std::min(line.find_first_not_of(blanks, end), line.size());
    }
    entry.name = line.substr(at, line.find_last_not_of(blanks) + 1 - at);
    if (!good || entry.name.empty())
      throw Error(file, ": line ", lines.number(),
                  " is not a class; write \"R G B name\" with three numbers from 0 to 255");
    detail::add_class(out, entry, lines, file);
  }
  if (out.empty()) throw Error(file, ": names no class; write a line \"R G B name\" for each");
  return out;
}

/// Parses lines "name,r,g,b" after an optional header line, as in Kaggle's class_dict.csv; the name may be quoted.
/// Throws Error where a line is malformed.
inline ClassList parse_class_dict(const std::string& text, const std::string& file) {
  ClassList out;
  bool first = true;
  for (TextLines lines(text, file); lines.next(); first = false) {
    std::string name = lines.line();
    int parts[3];
    std::string title;  // initials of the last three columns: "rgb" in the header
    for (int i = 2; i >= 0; i--) {
      const std::size_t comma = std::min(name.find_last_of(",;\t"), name.size());
      const std::string word = trimmed(name.substr(std::min(comma + 1, name.size())));
      parts[i] = comma == name.size() ? -1 : detail::color_part(word);
      title.insert(title.begin(), word.empty() ? ' ' : core::lower(word[0]));
      name = name.substr(0, comma);
    }
    if (first && title == "rgb" && parts[0] < 0) continue;
    name = trimmed(name);
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = trimmed(name.substr(1, name.size() - 2));
    if (name.empty() || parts[0] < 0 || parts[1] < 0 || parts[2] < 0)
      throw Error(file, ": line ", lines.number(),
                  " is not a class; write \"name,r,g,b\" with three numbers from 0 to 255");
    detail::add_class(out, {name, {std::uint8_t(parts[0]), std::uint8_t(parts[1]), std::uint8_t(parts[2])}}, lines,
                      file);
  }
  if (out.empty()) throw Error(file, ": names no class; write a line \"name,r,g,b\" for each");
  return out;
}

/// Parses one name per line, as in fast.ai's codes.txt; colors are generated. Lines that begin with # are skipped.
/// Throws Error where a name is not UTF-8 or occurs twice.
inline ClassList parse_class_names(const std::string& text, const std::string& file) {
  ClassList out;
  for (TextLines lines(text, file); lines.next();)
    if (lines.line()[0] != '#')
      detail::add_class(out, {lines.line(), detail::numbered_color(int(out.size()))}, lines, file);
  if (out.empty()) throw Error(file, ": names no class; write one name per line");
  return out;
}

/// Reads and parses a file: see parse_class_list(), parse_class_dict() and parse_class_names(). Throws Error.
inline ClassList read_class_list(const std::string& path) { return parse_class_list(read_text(path), path); }
/// Throws Error, as parse_class_dict().
inline ClassList read_class_dict(const std::string& path) { return parse_class_dict(read_text(path), path); }
/// Throws Error, as parse_class_names().
inline ClassList read_class_names(const std::string& path) { return parse_class_names(read_text(path), path); }

/// Throws Error where the list does not have `classes` classes, the number of the network. `name`: that of the data.
inline void check_class_count(const ClassList& list, int classes, const std::string& name) {
  if (int(list.size()) != classes)
    throw Error(name, ": has ", list.size(), " classes, but this program's network is compiled for ", classes,
                "; build it with -DSTRATA_STREET_CLASSES=", list.size());
}

}  // namespace strata::data
