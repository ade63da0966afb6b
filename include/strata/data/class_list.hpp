// SPDX-License-Identifier: MIT
// The names of the classes and the colours they are drawn in, in the order of their indices.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/text.hpp>

namespace strata {

using Colour = std::array<std::uint8_t, 3>;  ///< red, green, blue

struct ClassEntry {
  std::string name;
  Colour colour{};
};
using ClassList = std::vector<ClassEntry>;

inline constexpr int most_classes = 255;  ///< labels are kept as bytes, of which 255 is void

/// Void, Unlabelled, Unlabeled, Ignore: pixels that are not counted; no class of the network.
inline bool names_void(const std::string& name) {
  std::string small = name;
  for (char& c : small) c = lower(c);
  return small == "void" || small == "unlabelled" || small == "unlabeled" || small == "ignore";
}

/// Lines "R G B name" with R, G, B in 0 ... 255; empty lines and those that begin with # are passed over. `file` is for the
/// sentences.
inline ClassList parse_class_list(const std::string& text, const std::string& file) {
  ClassList out;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end == std::string::npos ? text.size() : end + 1;
    number++;
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == ','; };
    std::size_t i = 0;
    const auto pass_blanks = [&] {
      while (i < line.size() && blank(line[i])) i++;
    };
    pass_blanks();
    if (i == line.size() || line[i] == '#') continue;
    ClassEntry entry;
    bool good = true;
    for (std::uint8_t& part : entry.colour) {
      int value = -1;
      for (; i < line.size() && line[i] >= '0' && line[i] <= '9' && value < 256; i++)
        value = (value < 0 ? 0 : value) * 10 + (line[i] - '0');
      good = good && value >= 0 && value < 256 && i < line.size() && blank(line[i]);
      part = std::uint8_t(value);
      pass_blanks();
    }
    std::size_t last = line.size();
    while (last > i && blank(line[last - 1])) last--;
    entry.name = line.substr(i, last - i);
    if (!good || entry.name.empty())
      throw Error(file, ": line ", number, " is no class; write \"R G B name\" with three numbers from 0 to 255");
    for (const ClassEntry& other : out)
      if (other.name == entry.name || other.colour == entry.colour)
        throw Error(file, ": line ", number, " has the ", other.name == entry.name ? "name" : "colour",
                    " of an earlier class (", other.name, "); give each its own");
    out.push_back(entry);
    if (int(out.size()) > most_classes + 1)
      throw Error(file, ": names more than ", most_classes, " classes; that is as many as an 8-bit label can tell apart");
  }
  if (out.empty()) throw Error(file, ": names no class; write a line \"R G B name\" for each");
  return out;
}

inline ClassList read_class_list(const std::string& path) {
  const Bytes bytes = read_file(path);
  return parse_class_list(std::string(bytes.begin(), bytes.end()), path);
}

/// Refuses a list that a network of `classes` classes cannot be trained or judged on. `name` is the data's.
inline void check_class_count(const ClassList& list, int classes, const std::string& name) {
  if (int(list.size()) != classes)
    throw Error(name, ": has ", list.size(), " classes, but this program's network is compiled for ", classes,
                "; build it with -DSTRATA_STREET_CLASSES=", list.size());
}

}  // namespace strata
