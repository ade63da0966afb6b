// SPDX-License-Identifier: MIT
// Tables on standard output.
#pragma once

#include <string>
#include <vector>

#include <strata/report/table.hpp>

#include "../shared/choices.hpp"
#include "../shared/say.hpp"

namespace compare_runs {

inline const shared::Words formats{"text", "csv", "markdown"};

inline std::string in_format(const strata::report::Table& table, const std::string& format) {
  return format == "csv" ? csv_of(table) : format == "markdown" ? markdown_of(table) : text_of(table);
}

/// Tables one after another, with an empty line between two. Their text is printable already.
inline std::string in_format(const std::vector<strata::report::Table>& tables, const std::string& format) {
  std::string out;
  for (const strata::report::Table& table : tables) out += (out.empty() ? "" : "\n") + in_format(table, format);
  return out;
}

}  // namespace compare_runs
