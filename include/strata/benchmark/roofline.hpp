// SPDX-License-Identifier: MIT
// The page of a roofline: a self-contained HTML file with the plot, the roofs, and the kernels as a table. Needs
// strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <strata/benchmark/roofline_plot.hpp>
#include <strata/report/page.hpp>
#include <strata/report/table.hpp>

namespace strata::benchmarks {

namespace detail {

/// The least seconds under the roof that a point names; 0: the roof is not known.
inline double least_seconds(const Peaks& peaks, const Point& p) {
  if (p.roof == "FMA") return peaks.gflops > 0 ? 1e-9 * p.flops / peaks.gflops : 0;
  for (const Level level : levels)
    if (p.roof == benchmarks::name(level))
      return bandwidth(peaks, level) > 0 ? 1e-9 * p.bytes / bandwidth(peaks, level) : 0;
  return 0;
}

/// A number with at most `digits` significant digits, or "-" if it is not above 0.
inline report::Cell amount(double value, int digits = 3) {
  if (!(value > 0) || !core::is_finite(value)) return "-";
  const int before = int(std::floor(std::log10(value))) + 1;
  return {core::fixed(value, std::clamp(digits - before, 0, 6)), core::shortest(value)};
}

/// The points, those that take the longest first.
inline report::Table point_table(const Peaks& peaks, std::vector<Point> points) {
  report::Table out{.title = "Kernels"};
  out.note =
      "Share: the least time under the roof, divided by the time. Bytes are those that a kernel has to read and write at least, "
      "from the fastest level that holds them.";
  out.columns = {{"kernel", "kernel", false}, {"ms", "milliseconds"},           {"of time", "share_of_time"},
                 {"GFLOP/s", "gflops"},       {"GB/s", "gigabytes_per_second"}, {"ops/byte", "intensity"},
                 {"roof", "roof", false},     {"share", "share_of_roof"}};
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.seconds > b.seconds; });
  double all = 0;
  for (const Point& p : points) all += p.seconds > 0 && core::is_finite(p.seconds) ? p.seconds : 0;
  for (const Point& p : points) {
    const double least = least_seconds(peaks, p);
    const auto percent = [](double share) {
      return share > 0 && core::is_finite(share)
                 ? report::Cell(core::fixed(100 * share, 1) + " %", core::shortest(share))
                 : report::Cell("-");
    };
    out.rows.push_back({p.name, amount(1e3 * p.seconds, 4), percent(all > 0 ? p.seconds / all : 0), amount(p.gflops()),
                        amount(p.bandwidth()), amount(p.intensity()), p.roof.empty() ? "-" : p.roof,
                        percent(p.seconds > 0 ? least / p.seconds : 0)});
  }
  return out;
}

/// The roofs with their colors.
inline std::string roof_key(const Peaks& peaks) {
  std::string out = "<p class=\"key roofline\">";
  const auto add = [&](const char* name, double rate, const char* unit) {
    if (!(rate > 0)) return;
    out += std::string("<span><span class=\"swatch ") + color_class(name) + "\"></span>" + name + " " +
           amount(rate).text + " " + unit + "</span> ";
  };
  add("FMA", peaks.gflops, "GFLOP/s");
  for (const Level level : levels) add(benchmarks::name(level), bandwidth(peaks, level), "GB/s");
  return out + "</p>\n";
}

inline constexpr const char* roofline_page_style = R"(
main{max-width:1500px}
.sides{display:grid;grid-template-columns:minmax(0,1fr);gap:24px;align-items:start}
@media(min-width:1200px){.sides{grid-template-columns:minmax(0,5fr) minmax(0,6fr)}.sides .plot{position:sticky;top:16px}}
.sides h2{margin-top:0}.key span{white-space:nowrap}.key>span{margin-right:18px}
.sides td:first-child{white-space:normal;overflow-wrap:anywhere;min-width:180px}
@media(max-width:520px){.sides td:first-child{min-width:130px}}
)";

}  // namespace detail

/// The page as an HTML document. `machine`: what was measured, and on what; plain text. Texts are escaped.
inline std::string roofline_page(const std::string& title, const std::string& machine, const Peaks& peaks,
                                 const std::vector<Point>& points) {
  report::RunRecord complete;  // the head of a page warns of a run that is not
  complete.status = "complete";
  const std::string style = std::string(roofline_style) + detail::roofline_page_style;
  std::string out =
      report::detail::page_head(core::printable(title), core::printable(machine), complete, style.c_str());
  out +=
      "<p>Each kernel lies below the roofs: no program is faster than the multiply-adds of the machine (FMA), nor than the "
      "level of the caches, or the memory, that its data come from. A kernel has the color of the lowest roof over it, and "
      "an area that grows with its time.</p>\n";
  out += detail::roof_key(peaks) + "<div class=\"sides\"><div class=\"plot\">" + roofline_svg(title, peaks, points) +
         "</div><div>" + report::html_of(detail::point_table(peaks, points)) + "</div></div>\n";
  return out + "</main></body></html>\n";
}

}  // namespace strata::benchmarks
