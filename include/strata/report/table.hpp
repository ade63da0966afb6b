// SPDX-License-Identifier: MIT
// A table in four formats: text, CSV, Markdown and HTML. Text from outside is made harmless in each.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/text/number_text.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/core/text/terminal.hpp>
#include <strata/graph/diagram.hpp>
#include <strata/report/csv_field.hpp>

namespace strata::report {

/// A cell of a table.
struct Cell {
  std::string text;     ///< for people; "-": not measured, empty in CSV
  std::string value{};  ///< for programs, in CSV; empty: the text

  Cell() = default;  ///< empty
  /// The text, and the value if it is another.
  Cell(std::string shown, std::string exact = {}) : text(std::move(shown)), value(std::move(exact)) {}
  /// The text, which is the value.
  Cell(const char* shown) : text(shown) {}
};

/// A column of a table.
struct Column {
  std::string title;    ///< for people
  std::string key;      ///< in CSV
  bool number = true;   ///< aligned to the right
  std::string group{};  ///< a title above those of all neighbors with the same one
};

/// A table with its title and a note.
struct Table {
  std::string title{}, note{};            ///< title: may be empty; note: a sentence below the table
  std::vector<Column> columns{};          ///< from left to right
  std::vector<std::vector<Cell>> rows{};  ///< each as long as `columns`
};

namespace detail {

/// Columns [first, end) with one group.
struct ColumnGroup {
  std::size_t first = 0, end = 0;
  std::string title;
};

/// The groups of all columns; empty if no column has one.
inline std::vector<ColumnGroup> groups_of(const std::vector<Column>& columns) {
  std::vector<ColumnGroup> out;
  bool any = false;
  for (std::size_t c = 0; c < columns.size(); c++) {
    any = any || !columns[c].group.empty();
    if (out.empty() || columns[c].group != out.back().title) out.push_back({c, c, columns[c].group});
    out.back().end = c + 1;
  }
  return any ? out : std::vector<ColumnGroup>();
}

/// The title with its group.
inline std::string full_title(const Column& column) {
  return column.group.empty() ? column.title : column.group + ": " + column.title;
}

inline std::string markdown_cell(const std::string& text) {
  std::string out;
  for (const char c : core::printable(text)) {
    if (std::string("|\\`*_[]<>").find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace detail

/// The title, the columns, two spaces apart, and the note.
inline std::string text_of(const Table& table) {
  std::vector<int> widths;
  for (std::size_t c = 0; c < table.columns.size(); c++) {
    widths.push_back(core::columns_of(core::printable(table.columns[c].title)));
    for (const auto& row : table.rows)
      widths.back() = std::max(widths.back(), core::columns_of(core::printable(row[c].text)));
  }
  const std::vector<detail::ColumnGroup> groups = detail::groups_of(table.columns);
  const auto width_of = [&](const detail::ColumnGroup& group) {
    int width = 2 * int(group.end - group.first - 1);
    for (std::size_t c = group.first; c < group.end; c++) width += widths[c];
    return width;
  };
  for (const detail::ColumnGroup& group : groups)  // a long title widens the last column below it
    widths[group.end - 1] += std::max(0, core::columns_of(core::printable(group.title)) - width_of(group));
  const auto line = [&](const auto& text_in) {
    std::string out;
    for (std::size_t c = 0; c < table.columns.size(); c++) {
      const std::string text = core::printable(text_in(c));
      const std::string gap(std::size_t(widths[c] - core::columns_of(text)), ' ');
      out += (c ? "  " : "") + (table.columns[c].number ? gap + text : text + gap);
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out + "\n";
  };
  std::string out = table.title.empty() ? "" : core::printable(table.title) + "\n\n", above;
  for (const detail::ColumnGroup& group : groups) {
    const std::string title = core::printable(group.title);
    above +=
        (above.empty() ? "" : "  ") + std::string(std::size_t(width_of(group) - core::columns_of(title)), ' ') + title;
  }
  if (!groups.empty()) out += above + "\n";
  out += line([&](std::size_t c) { return table.columns[c].title; });
  for (const auto& row : table.rows) out += line([&](std::size_t c) { return row[c].text; });
  return table.note.empty() ? out : out + "\n" + core::printable(table.note) + "\n";
}

/// A line of keys and one line per row.
inline std::string csv_of(const Table& table) {
  std::string out;
  const auto line = [&](const auto& field) {
    for (std::size_t c = 0; c < table.columns.size(); c++) out += (c ? "," : "") + field(c);
    out += "\n";
  };
  line([&](std::size_t c) { return detail::csv_field(table.columns[c].key, false); });
  for (const auto& row : table.rows)
    line([&](std::size_t c) {
      const std::string& shown = row[c].value.empty() ? row[c].text : row[c].value;
      return shown == "-" ? std::string() : detail::csv_field(shown, table.columns[c].number);
    });
  return out;
}

/// A heading, the columns with lines between them, and the note.
inline std::string markdown_of(const Table& table) {
  std::string out = (table.title.empty() ? "" : "### " + detail::markdown_cell(table.title) + "\n\n") + "|";
  for (const Column& column : table.columns) out += " " + detail::markdown_cell(detail::full_title(column)) + " |";
  out += "\n|";
  for (const Column& column : table.columns) out += column.number ? " ---: |" : " --- |";
  for (const auto& row : table.rows) {
    out += "\n|";
    for (const Cell& cell : row) out += " " + detail::markdown_cell(cell.text) + " |";
  }
  out += "\n";
  return table.note.empty() ? out : out + "\n" + detail::markdown_cell(table.note) + "\n";
}

/// Elements for a page with detail::page_style (page.hpp).
inline std::string html_of(const Table& table) {
  const auto cells = [&](const char* element, const auto& text_in) {
    std::string out;
    for (std::size_t c = 0; c < table.columns.size(); c++)
      out += std::string("<") + element + (table.columns[c].number ? " class=\"n\">" : ">") +
             graph::detail::escaped(core::printable(text_in(c))) + "</" + element + ">";
    return out;
  };
  std::string above;
  for (const detail::ColumnGroup& group : detail::groups_of(table.columns))
    above += "<th class=\"n\" colspan=\"" + std::to_string(group.end - group.first) + "\">" +
             graph::detail::escaped(core::printable(group.title)) + "</th>";
  if (!above.empty()) above = "<tr>" + above + "</tr>\n";
  const std::string title = graph::detail::escaped(core::printable(table.title));
  std::string out = (title.empty() ? "" : "<h2>" + title + "</h2>\n") + "<div class=\"wide\"><table>" + above + "<tr>" +
                    cells("th", [&](std::size_t c) { return table.columns[c].title; }) + "</tr>\n";
  for (const auto& row : table.rows)
    out += "<tr>" + cells("td", [&](std::size_t c) { return row[c].text; }) + "</tr>\n";
  out += "</table></div>\n";
  if (!table.note.empty())
    out +=
        "<p class=\"soft\" style=\"margin-top:8px\">" + graph::detail::escaped(core::printable(table.note)) + "</p>\n";
  return out;
}

}  // namespace strata::report
