// SPDX-License-Identifier: MIT
// Tables of labels: a row for each image, its file and then a class, words, or numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/class_names.hpp>
#include <strata/core/error.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/core/text/text.hpp>
#include <strata/data/csv.hpp>
#include <strata/data/free_memory.hpp>

namespace strata::data {

/// What follows the file in each row.
enum class CsvTargets {
  automatic,  ///< classes, names or values where each row has one field more, values or tags otherwise: see the others
  classes,    ///< the number of a class, from 0; a negative one is ignored
  names,      ///< the name of a class; the classes are the names, sorted
  values,     ///< one or more numbers, for networks with as many outputs; an empty field counts for nothing
  tags  ///< any number of names, in fields of their own or separated by blanks or |: 1 for each of them, 0 for the
        ///< others
};

/// Whether the first row names the columns.
enum class CsvHeader {
  automatic,  ///< where it names the first column file, image, id or alike, or has words where the second has numbers
  yes,        ///< it names the columns
  no          ///< it names an image
};

/// How a table of labels is read.
struct CsvFormat {
  CsvTargets targets = CsvTargets::automatic;  ///< what follows the file
  CsvHeader header = CsvHeader::automatic;     ///< whether the first row names the columns
  char separator = 0;                          ///< between fields; 0: the comma, semicolon or tab that comes first
};

/// The files of a table, with labels or targets.
struct LabelTable {
  std::vector<std::string> files;    ///< as they are spelled
  std::vector<std::int32_t> labels;  ///< [files]; of classes and names
  std::vector<float> targets;        ///< [files][targets_per_file]; of values and tags
  long targets_per_file = 0;         ///< 0: the table has labels
  int classes = 0;                   ///< one more than the highest label; of values and tags, targets_per_file
  std::vector<std::string> names;    ///< of the classes or targets; empty: unnamed
};

namespace detail {

inline constexpr int most_csv_names = 4096;     ///< of classes or tags
inline constexpr int most_csv_label = 1 << 20;  ///< and of columns

inline bool is_number(const std::string& field) { return core::number_in<double>(field).has_value(); }
inline bool is_integer(const std::string& field) { return core::number_in<long>(field).has_value(); }

/// Whether a word is what the column of files is called.
inline bool names_files(std::string word) {
  for (char& c : word) c = core::lower(c);
  for (const char* name : {"file", "filename", "file_name", "filepath", "path", "image", "images", "image_id",
                           "imageid", "image_name", "imagename", "img", "id", "name"})
    if (word == name) return true;
  return false;
}

/// Calls see(tag) for the tags of a row: a field each or, if the rows have no more than two, words of the second.
template <class See>
void for_each_tag(const std::vector<std::string>& fields, std::size_t columns, See&& see) {
  constexpr const char* gaps = " \t|";
  for (std::size_t f = 1; columns > 2 && f < fields.size(); f++)
    if (!fields[f].empty()) see(fields[f]);
  if (columns > 2 || fields.size() < 2) return;
  for (std::size_t at = fields[1].find_first_not_of(gaps); at != std::string::npos;) {
    const std::size_t end = std::min(fields[1].find_first_of(gaps, at), fields[1].size());
    see(fields[1].substr(at, end - at));
    at = fields[1].find_first_not_of(gaps, end);
  }
}

inline void sort_names(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}
inline int number_of_name(const std::vector<std::string>& sorted, const std::string& name) {
  return int(std::lower_bound(sorted.begin(), sorted.end(), name) - sorted.begin());
}

/// What one pass over a table finds out: its kind, header and names.
struct TableSurvey {
  CsvTargets targets;
  bool header = false;
  std::vector<std::string> titles, names;
  std::size_t rows = 0, columns = 0;
};

inline TableSurvey survey_table(const std::string& text, const std::string& file, const CsvFormat& format) {
  TableSurvey out;
  out.targets = format.targets;
  std::vector<std::string> first;
  bool numbers = true, integers = true, ragged = false, first_numbers = true;
  for (CsvRows rows(text, file, format.separator); rows.next(); out.rows++) {
    const std::vector<std::string>& fields = rows.fields();
    bool own_numbers = true, own_integers = true, some = false;
    for (std::size_t f = 1; f < fields.size(); f++) {
      const bool number = is_number(fields[f]);
      some = some || number;
      own_numbers = own_numbers && (number || fields[f].empty());
      own_integers = own_integers && is_integer(fields[f]);
    }
    if (out.rows == 0) {
      first = fields, first_numbers = own_numbers;
      integers = own_integers, numbers = own_numbers;
      out.columns = fields.size();
      continue;
    }
    if (out.rows == 1) {
      out.header =
          format.header == CsvHeader::yes ||
          (format.header == CsvHeader::automatic && (names_files(first[0]) || (own_numbers && some && !first_numbers)));
      if (out.header) integers = numbers = true, out.columns = fields.size();
    }
    ragged = ragged || fields.size() != out.columns;
    out.columns = std::max(out.columns, fields.size());
    numbers = numbers && own_numbers, integers = integers && own_integers;
  }
  if (out.rows == 1)
    out.header = format.header == CsvHeader::yes || (format.header == CsvHeader::automatic && names_files(first[0]));
  if (out.header) out.rows--, out.titles = first;
  if (out.rows == 0)
    throw Error(file, ": has no row with a file and its label; write one line \"file,label\" for each");
  if (out.targets == CsvTargets::automatic) {
    const bool one = out.columns == 2 && !ragged;
    out.targets = one && integers      ? CsvTargets::classes
                  : numbers && !ragged ? CsvTargets::values
                  : one                ? CsvTargets::names
                                       : CsvTargets::tags;
  }
  return out;
}

}  // namespace detail

/// Parses a table of labels. `file` appears in error messages; throws Error where a row lacks a label or has one of
/// another kind.
inline LabelTable parse_label_table(const std::string& text, const std::string& file, const CsvFormat& format = {}) {
  detail::TableSurvey survey = detail::survey_table(text, file, format);
  const CsvTargets kind = survey.targets;
  LabelTable out;
  const auto rows_of = [&](auto&& see) {
    CsvRows rows(text, file, format.separator);
    if (survey.header) rows.next();
    while (rows.next()) see(rows, rows.fields());
  };
  if (kind == CsvTargets::names || kind == CsvTargets::tags) {
    rows_of([&](const CsvRows& rows, const std::vector<std::string>& fields) {
      if (kind == CsvTargets::tags)
        detail::for_each_tag(fields, survey.columns, [&](const std::string& tag) { out.names.push_back(tag); });
      else if (fields.size() > 1 && !fields[1].empty()) out.names.push_back(fields[1]);
      if (out.names.size() > 4 * detail::most_csv_names) detail::sort_names(out.names);
      if (out.names.size() > 2 * detail::most_csv_names)
        throw Error(file, ": line ", rows.number(), ": there are more than ", detail::most_csv_names,
                    " names so far; give a table with a class in each row");
    });
    detail::sort_names(out.names);
    if (int(out.names.size()) > detail::most_csv_names)
      throw Error(file, ": names ", out.names.size(), " classes; give at most ", detail::most_csv_names);
    if (out.names.empty()) throw Error(file, ": no row names a class; write one line \"file,label\" for each");
    core::check_class_names(out.names, int(out.names.size()), file);
    out.classes = int(out.names.size());
  }
  if (kind == CsvTargets::values) {
    if (survey.columns < 2 || survey.columns > std::size_t(detail::most_csv_label))
      throw Error(file, ": has ", survey.columns, " columns; give a file and at least one number in each row");
    out.classes = int(survey.columns) - 1;
    if (survey.titles.size() == survey.columns) out.names.assign(survey.titles.begin() + 1, survey.titles.end());
  }
  if (kind == CsvTargets::values || kind == CsvTargets::tags) {
    out.targets_per_file = out.classes;
    require_memory(survey.rows * std::size_t(out.classes) * sizeof(float), file, "its targets need");
  }
  rows_of([&](const CsvRows& rows, const std::vector<std::string>& fields) {
    const auto refuse = [&](const std::string& what) { throw Error(file, ": line ", rows.number(), ' ', what); };
    if (fields[0].empty()) refuse("names no file; write one line \"file,label\" for each image");
    out.files.push_back(fields[0]);
    if (kind == CsvTargets::tags) {
      out.targets.resize(out.targets.size() + std::size_t(out.classes), 0.f);
      float* const own = out.targets.data() + out.targets.size() - std::size_t(out.classes);
      detail::for_each_tag(fields, survey.columns,
                           [&](const std::string& word) { own[detail::number_of_name(out.names, word)] = 1; });
      return;
    }
    const std::size_t wanted = kind == CsvTargets::values ? survey.columns : 2;
    if (fields.size() != wanted)
      refuse(core::sentence("has ", fields.size(), fields.size() == 1 ? " field" : " fields", " where ", wanted,
                            " are wanted; give as many in each row"));
    if (kind == CsvTargets::names) {
      if (fields[1].empty()) refuse("names no class; give one");
      out.labels.push_back(detail::number_of_name(out.names, fields[1]));
    } else if (kind == CsvTargets::classes) {
      const std::optional<long> label = core::number_in<long>(fields[1]);
      if (!label || *label < std::numeric_limits<std::int32_t>::min() || *label >= detail::most_csv_label)
        refuse("has the label " + excerpt(fields[1]) + ", which is not the number of a class; give one from 0");
      out.labels.push_back(std::int32_t(*label));
      out.classes = std::max(out.classes, int(*label) + 1);
    } else {
      for (std::size_t f = 1; f < fields.size(); f++) {
        const std::optional<float> value = core::number_in<float>(fields[f]);
        if (!value && !fields[f].empty()) refuse("has " + excerpt(fields[f]) + ", which is not a number; give numbers");
        out.targets.push_back(value ? *value : std::numeric_limits<float>::quiet_NaN());
      }
    }
  });
  return out;
}

}  // namespace strata::data
