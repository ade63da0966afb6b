// SPDX-License-Identifier: MIT
// The measurements of all nodes of a network as tables and as CSV.
#pragma once

#include <strata/benchmark/peaks.hpp>
#include <strata/benchmark/work.hpp>
#include <strata/report/table.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace strata::benchmarks {

/// A node's medians over the rounds, in seconds.
struct Row {
  int index = 0;
  std::string op{}, layer{};
  Work work{};
  double run = 0, pack = 0;
  double rival = 0;            ///< oneDNN's for the same convolution; 0: none
  std::string rival_kernel{};  ///< oneDNN's name of its implementation

  double seconds() const { return run + pack; }
};

/// The measurements of a subject.
struct Report {
  std::string title{}, rival{};  ///< rival: name and version; empty: none
  int images = 0, threads = 0, rounds = 0;
  Peaks peaks{};  ///< of this many threads, the best of the run
  double whole = 0, result = 0;
  std::vector<Row> rows{};

  /// Seconds of all nodes and the copy of the result.
  double all() const {
    double sum = result;
    for (const Row& row : rows) sum += row.seconds();
    return sum;
  }
};

namespace detail {

/// Time and work of one node, or of several.
struct Sums {
  std::string name{};
  int count = 0;
  double seconds = 0, pack = 0, effective = 0, actual = 0, bytes = 0, rival = 0, against_rival = 0;

  void add(const Row& row) {
    count++;
    seconds += row.seconds(), pack += row.pack;
    effective += row.work.effective, actual += row.work.actual, bytes += row.work.bytes;
    if (row.rival > 0) rival += row.rival, against_rival += row.seconds();
  }
};

/// GFLOP/s of multiply-adds.
inline std::string rate_text(double products, double seconds) {
  const double rate = 2e-9 * products / seconds;
  return core::fixed(rate, rate < 10 ? 1 : 0);
}

inline std::string percent(double share, int digits = 0) { return core::fixed(100 * share, digits) + "%"; }

/// The cells that nodes and sums have in common, after their own.
inline std::vector<report::Cell> row_of(std::vector<report::Cell> cells, const Sums& sums, const Report& report) {
  const double seconds = std::max(sums.seconds, 1e-12), memory = report.peaks.memory;
  const auto add = [&](bool has, std::string text) { cells.emplace_back(has ? std::move(text) : std::string()); };
  add(true, core::general(sums.seconds * 1e3, 4));
  add(true, percent(sums.seconds / report.all(), 1));
  add(sums.pack >= 1e-6, core::general(sums.pack * 1e3, 3));  // less is the clock's overhead
  add(sums.effective > 0, rate_text(sums.effective, seconds));
  add(sums.effective > 0, rate_text(sums.actual, seconds));
  add(sums.effective > 0, percent(2e-9 * sums.actual / seconds / report.peaks.gflops));
  add(sums.bytes > 0, sums.bytes < 1e8 ? core::general(sums.bytes * 1e-6, 3) : core::fixed(sums.bytes * 1e-6, 0));
  add(sums.bytes > 0, core::fixed(sums.bytes * 1e-9 / seconds, 1));
  add(sums.bytes > 0 && memory > 0, percent(sums.bytes * 1e-9 / seconds / memory));
  if (report.rival.empty()) return cells;
  add(sums.rival > 0, core::general(sums.rival * 1e3, 4));
  add(sums.rival > 0, core::fixed(sums.rival / std::max(sums.against_rival, 1e-12), 2) + "x");
  return cells;
}

/// A table with the columns of row_of after its own.
inline report::Table table_with(std::vector<report::Column> own, const Report& report) {
  report::Table table{.columns = std::move(own)};
  for (const char* title : {"ms", "share", "pack ms", "GF/s", "actual", "of peak", "MB", "GB/s", "of memory"})
    table.columns.push_back({title, title});
  if (report.rival.empty()) return table;
  table.columns.push_back({report.rival + " ms", "rival"});
  table.columns.push_back({"ours is", "ours"});
  return table;
}

/// One sum for all nodes with the same op and algorithm, the longest first.
inline std::vector<Sums> sums_by_op(const Report& report) {
  std::vector<Sums> sums;
  for (const Row& row : report.rows) {
    const std::string name = row.op + (row.work.algorithm.empty() ? "" : ", " + row.work.algorithm);
    auto at = std::find_if(sums.begin(), sums.end(), [&](const Sums& s) { return s.name == name; });
    if (at == sums.end()) at = sums.insert(sums.end(), Sums{name});
    at->add(row);
  }
  std::stable_sort(sums.begin(), sums.end(), [](const Sums& a, const Sums& b) { return a.seconds > b.seconds; });
  return sums;
}

inline report::Table nodes_table(const Report& report) {
  report::Table table = table_with({{"#", "node", true},
                                    {"op", "op", false},
                                    {"layer", "layer", false},
                                    {"shape", "shape", false},
                                    {"algorithm", "algorithm", false}},
                                   report);
  for (const Row& row : report.rows) {
    Sums one;
    one.add(row);
    table.rows.push_back(
        row_of({core::decimal(row.index), row.op, row.layer, row.work.shape, row.work.algorithm}, one, report));
  }
  if (report.result > 0)
    table.rows.push_back(row_of({"", "(copy of the result)", "", "", ""}, {.seconds = report.result}, report));
  return table;
}

inline report::Table sums_table(const Report& report) {
  report::Table table = table_with({{"op", "op", false}, {"nodes", "nodes", true}}, report);
  Sums total{"all"};
  for (const Sums& s : sums_by_op(report)) table.rows.push_back(row_of({s.name, core::decimal(s.count)}, s, report));
  for (const Row& row : report.rows) total.add(row);
  total.seconds += report.result;
  table.rows.push_back(row_of({total.name, core::decimal(total.count)}, total, report));
  return table;
}

}  // namespace detail

/// The measured peaks as words: "FMA peak 100 GF/s; L1 400, L2 200, L3 100, memory 20 GB/s".
inline std::string peaks_text(const Peaks& peaks) {
  std::string rates;
  const auto add = [&](const char* name, double rate) {
    if (rate > 0) rates += (rates.empty() ? "" : ", ") + core::sentence(name, " ") + core::general(rate, 3);
  };
  add("L1", peaks.l1), add("L2", peaks.l2), add("L3", peaks.l3), add("memory", peaks.memory);
  return "FMA peak " + core::fixed(peaks.gflops, 0) + " GF/s; " + rates + " GB/s";
}

/// The nodes and their sums by op and algorithm, as text or as Markdown.
inline std::string print(const Report& report, bool markdown) {
  const std::string title = core::sentence(report.title, ", batch ", report.images, ", ", report.threads, " thread",
                                           report.threads == 1 ? "" : "s", ", median of ", report.rounds);
  const std::string machine = "step " + core::general(report.whole * 1e3, 4) + " ms, its nodes " +
                              core::general(report.all() * 1e3, 4) + " ms; " + peaks_text(report.peaks);
  const report::Table nodes = detail::nodes_table(report), sums = detail::sums_table(report);
  if (!markdown) return title + "\n" + machine + "\n\n" + report::text_of(nodes) + "\n" + report::text_of(sums);
  return "### " + title + "\n\n" + machine + "\n\n" + report::markdown_of(sums) +
         "\n<details><summary>every node</summary>\n\n" + report::markdown_of(nodes) + "\n</details>\n";
}

/// One line per node, in seconds, operations and bytes.
inline std::string csv_of(const Report& report) {
  report::Table table;
  for (const char* key : {"node", "op", "layer", "shape", "algorithm"}) table.columns.push_back({key, key, false});
  for (const char* key : {"run_seconds", "pack_seconds", "effective_flop", "actual_flop", "least_bytes", "peak_gflops",
                          "memory_gbytes", "rival_seconds"})
    table.columns.push_back({key, key});
  table.columns.push_back({"rival_kernel", "rival_kernel", false});
  for (const Row& row : report.rows) {
    std::vector<report::Cell> cells{core::decimal(row.index), row.op, row.layer, row.work.shape, row.work.algorithm};
    for (const double value : {row.run, row.pack, 2 * row.work.effective, 2 * row.work.actual, row.work.bytes,
                               report.peaks.gflops, report.peaks.memory, row.rival})
      cells.emplace_back(core::general(value, 9));
    cells.emplace_back(row.rival_kernel);
    table.rows.push_back(std::move(cells));
  }
  return report::csv_of(table);
}

}  // namespace strata::benchmarks
