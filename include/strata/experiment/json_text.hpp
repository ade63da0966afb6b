// SPDX-License-Identifier: MIT
// Pieces of JSON and of aligned tables as text.
#pragma once

#include <strata/core/shape.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/core/text/text.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace strata::experiment::detail {

/// A string in quotes, escaped.
inline std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\', out += c;
    else if (core::is_control(c))
      out += "\\u00", out += "0123456789abcdef"[(c >> 4) & 15], out += "0123456789abcdef"[c & 15];
    else out += c;
  }
  return out + "\"";
}

/// [rows, columns, channels]
inline std::string json_shape(Shape s) {
  return "[" + core::decimal(s.height) + ", " + core::decimal(s.width) + ", " + core::decimal(s.channels) + "]";
}

/// Cells of rows of `columns`, the first row a heading; from column `numbers` on, they are aligned to the right.
inline std::string aligned(const std::vector<std::string>& cells, std::size_t columns, std::size_t numbers) {
  std::vector<std::size_t> width(columns);
  for (std::size_t i = 0; i < cells.size(); i++) width[i % columns] = std::max(width[i % columns], cells[i].size());
  std::string out;
  for (std::size_t i = 0; i < cells.size(); i++) {
    const std::size_t column = i % columns;
    const std::string pad(width[column] - cells[i].size(), ' ');
    out += column >= numbers ? pad + cells[i] : cells[i] + pad;
    while (column + 1 == columns && !out.empty() && out.back() == ' ') out.pop_back();
    out += column + 1 < columns ? "  " : "\n";
  }
  return out;
}

}  // namespace strata::experiment::detail
