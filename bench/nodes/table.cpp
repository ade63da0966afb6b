// SPDX-License-Identifier: MIT
#include "table.hpp"

#include <strata/core/error.hpp>

#include <algorithm>
#include <cstdio>

#include "cells.hpp"

namespace strata::bench {

namespace {

/// Time and work of one node, or of some.
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

const std::vector<std::string> measured_titles = {"ms", "share", "pack ms", "GF/s", "actual", "of peak", "MB", "GB/s", "of memory"};

/// The columns that nodes and sums have in common.
void append(std::vector<std::string>& cells, const Sums& sums, const Report& report, double all) {
  const double seconds = std::max(sums.seconds, 1e-12);
  cells.push_back(spelled("%.4g", sums.seconds * 1e3));
  cells.push_back(spelled("%.1f%%", 100 * sums.seconds / all));
  cells.push_back(sums.pack > 0 ? spelled("%.3g", sums.pack * 1e3) : "");
  cells.push_back(sums.effective > 0 ? spelled("%.0f", 2e-9 * sums.effective / seconds) : "");
  cells.push_back(sums.effective > 0 ? spelled("%.0f", 2e-9 * sums.actual / seconds) : "");
  cells.push_back(sums.effective > 0 ? spelled("%.0f%%", 2e-7 * sums.actual / seconds / report.peak) : "");
  cells.push_back(sums.bytes > 0 ? spelled("%.3g", sums.bytes * 1e-6) : "");
  cells.push_back(sums.bytes > 0 ? spelled("%.1f", sums.bytes * 1e-9 / seconds) : "");
  cells.push_back(sums.bytes > 0 ? spelled("%.0f%%", sums.bytes * 1e-7 / seconds / report.bandwidth.best()) : "");
  if (report.rival.empty()) return;
  cells.push_back(sums.rival > 0 ? spelled("%.4g", sums.rival * 1e3) : "");
  cells.push_back(sums.rival > 0 ? spelled("%.2fx", sums.rival / sums.against_rival) : "");
}

Cells table(std::vector<std::string> titles, const Report& report) {
  const int numbers = int(titles.size());
  titles.insert(titles.end(), measured_titles.begin(), measured_titles.end());
  if (!report.rival.empty()) titles.insert(titles.end(), {report.rival + " ms", "ours is"});
  return {int(titles.size()), numbers, std::move(titles)};
}

double all_of(const Report& report) {
  double all = report.result;
  for (const Row& row : report.rows) all += row.seconds();
  return all;
}

/// One line of all nodes with the same op and algorithm, the longest first.
std::vector<Sums> sums_by_op(const Report& report) {
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

}  // namespace

std::string print(const Report& report, bool markdown) {
  const double all = all_of(report);
  const std::string title = sentence(report.title, ", batch ", report.images, ", ", report.threads, " thread",
                                     report.threads == 1 ? "" : "s", ", median of ", report.rounds);
  const std::string machine = spelled("step %.4g ms, its nodes %.4g ms; ", report.whole * 1e3, all * 1e3) +
                              spelled("FMA peak %.0f GF/s; ", report.peak) +
                              spelled("memory: read %.1f, triad %.1f GB/s", report.bandwidth.read, report.bandwidth.triad);

  Cells nodes = table({"#", "op", "layer", "shape", "algorithm"}, report);
  for (const Row& row : report.rows) {
    nodes.cells.insert(nodes.cells.end(), {std::to_string(row.index), row.op, row.layer, row.work.shape, row.work.algorithm});
    Sums one;
    one.add(row);
    append(nodes.cells, one, report, all);
  }
  if (report.result > 0) {
    nodes.cells.insert(nodes.cells.end(), {"", "(copy of the result)", "", "", ""});
    append(nodes.cells, {.seconds = report.result}, report, all);
  }

  Cells sums = table({"op", "nodes"}, report);
  Sums total{"all"};
  for (const Sums& s : sums_by_op(report)) {
    sums.cells.insert(sums.cells.end(), {s.name, std::to_string(s.count)});
    append(sums.cells, s, report, all);
  }
  for (const Row& row : report.rows) total.add(row);
  total.seconds += report.result;
  sums.cells.insert(sums.cells.end(), {total.name, std::to_string(total.count)});
  append(sums.cells, total, report, all);

  if (!markdown) return title + "\n" + machine + "\n\n" + nodes.print(false) + "\n" + sums.print(false);
  return "### " + title + "\n\n" + machine + "\n\n" + sums.print(true) + "\n<details><summary>every node</summary>\n\n" + nodes.print(true) +
         "\n</details>\n";
}

void write_csv(const Report& report, const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (!file) throw Error(path, ": cannot be written; choose another place with --csv");
  std::fprintf(file, "node,op,layer,shape,algorithm,run_seconds,pack_seconds,effective_flop,actual_flop,least_bytes,peak_gflops,"
                     "memory_gbytes,rival_seconds,rival_kernel\n");
  for (const Row& row : report.rows)
    std::fprintf(file, "%d,%s,%s,%s,\"%s\",%.9g,%.9g,%.9g,%.9g,%.9g,%.5g,%.5g,%.9g,\"%s\"\n", row.index, row.op.c_str(), row.layer.c_str(),
                 row.work.shape.c_str(), row.work.algorithm.c_str(), row.run, row.pack, 2 * row.work.effective, 2 * row.work.actual,
                 row.work.bytes, report.peak, report.bandwidth.best(), row.rival, row.rival_kernel.c_str());
  if (std::fclose(file) != 0) throw Error(path, ": cannot be written to its end; is the disk full?");
}

}  // namespace strata::bench
