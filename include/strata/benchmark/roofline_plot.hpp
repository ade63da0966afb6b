// SPDX-License-Identifier: MIT
// A roofline (Williams, Waterman, Patterson, 2009) as SVG: operations per second against operations per byte, both on
// logarithmic scales, below the roofs of the machine.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <strata/benchmark/peaks.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/report/chart.hpp>

namespace strata::benchmarks {

/// A measured kernel, or a whole network.
struct Point {
  std::string name;    ///< plain text
  double flops = 0;    ///< number of operations, a multiply-add counts as two
  double bytes = 0;    ///< bytes that it has to read and write at least
  double seconds = 0;  ///< that it takes
  std::string roof{};  ///< the lowest roof over it: "FMA", "L1", "L2", "L3" or "memory"

  /// GFLOP/s; 0: it was not measured.
  double gflops() const { return seconds > 0 ? 1e-9 * flops / seconds : 0; }
  /// GB/s; 0: it was not measured.
  double bandwidth() const { return seconds > 0 ? 1e-9 * bytes / seconds : 0; }
  /// Operations per byte; 0: there are no bytes.
  double intensity() const { return bytes > 0 ? flops / bytes : 0; }
};

namespace detail {

/// The CSS class of a roof, which gives its color.
inline const char* color_class(const std::string& roof) {
  for (const Level level : levels)
    if (roof == benchmarks::name(level))
      return level == Level::l1 ? "l1" : level == Level::l2 ? "l2" : level == Level::l3 ? "l3" : "memory";
  return roof == "FMA" ? "fma" : "none";
}

/// Whether a point has a place on logarithmic scales.
inline bool drawable(const Point& p) {
  const auto positive = [](double value) { return value > 0 && core::is_finite(value); };
  return positive(p.gflops()) && positive(p.intensity());
}

/// Maps operations per byte and GFLOP/s to SVG coordinates.
class RooflineAxes {
 public:
  static constexpr int width = 640, height = 460, left = 62, right = 16, top = 34, bottom = 46;

  RooflineAxes(const Peaks& peaks, const std::vector<Point>& points) {
    double low_x = 0.5, high_x = 32, low_y = HUGE_VAL, high_y = 0;
    for (const Point& p : points) {
      if (!drawable(p)) continue;
      low_x = std::min(low_x, p.intensity()), high_x = std::max(high_x, p.intensity());
      low_y = std::min(low_y, p.gflops()), high_y = std::max(high_y, p.gflops());
    }
    if (peaks.gflops > 0 && core::is_finite(peaks.gflops))
      low_y = std::min(low_y, peaks.gflops / 100), high_y = std::max(high_y, peaks.gflops);
    for (const Level level : levels) {  // every roof begins left of where it meets that of the arithmetic
      const double meets = bandwidth(peaks, level) > 0 ? peaks.gflops / bandwidth(peaks, level) : 0;
      if (meets > 1e-6 && meets < 1e6) low_x = std::min(low_x, meets / 2), high_x = std::max(high_x, 2 * meets);
    }
    if (!(high_y > 0)) low_y = 1, high_y = 100;
    // No more than twelve powers of ten, so that an absurd point does not squeeze all others.
    x0_ = std::log10(low_x) - 0.15, x1_ = std::min(std::log10(high_x) + 0.15, x0_ + 12);
    y1_ = std::log10(high_y) + 0.2, y0_ = std::max(std::log10(low_y) - 0.2, y1_ - 12);
  }

  double x(double value) const { return along(value, x0_, x1_, left, width - right); }
  double y(double value) const { return along(value, y0_, y1_, height - bottom, top); }
  double least_x() const { return std::pow(10., x0_); }
  double most_x() const { return std::pow(10., x1_); }
  double least_y() const { return std::pow(10., y0_); }

  std::string grid() const {
    using core::fixed;
    std::string out;
    for (const double v : ticks(x0_, x1_)) {
      out += line(x(v), top, x(v), height - bottom, "grid");
      out += report::detail::Axes::label(std::round(x(v)), height - bottom + 18, "middle", core::general(v, 3));
    }
    for (const double v : ticks(y0_, y1_)) {
      out += line(left, y(v), width - right, y(v), "grid");
      out += report::detail::Axes::label(left - 8, std::round(y(v)) + 4, "end", core::general(v, 3));
    }
    return out + report::detail::Axes::label((left + width - right) / 2., height - 8, "middle", "operations per byte");
  }

  static std::string line(double x1, double y1, double x2, double y2, const char* classes) {
    using core::fixed;
    return std::string("<line class=\"") + classes + "\" x1=\"" + fixed(x1, 1) + "\" y1=\"" + fixed(y1, 1) +
           "\" x2=\"" + fixed(x2, 1) + "\" y2=\"" + fixed(y2, 1) + "\"/>";
  }

 private:
  static double along(double value, double low, double high, double first, double last) {
    return first + (std::clamp(std::log10(value), low, high) - low) / (high - low) * (last - first);
  }
  /// Powers of ten, and over few of them 2 and 5 times these.
  static std::vector<double> ticks(double low, double high) {
    std::vector<double> out;
    for (int power = int(std::floor(low)); power <= int(std::ceil(high)); power++)
      for (const double lead : {1., 2., 5.}) {
        const double v = lead * std::pow(10., power);
        if ((lead == 1 || high - low < 2.5) && std::log10(v) > low && std::log10(v) < high) out.push_back(v);
      }
    return out;
  }

  double x0_ = 0, x1_ = 1, y0_ = 0, y1_ = 1;
};

/// The roof of a level, up to that of the arithmetic, with its name; `labels` is the number of those before it, which
/// are above.
inline std::string slope(const RooflineAxes& axes, const Peaks& peaks, Level level, int labels) {
  const double rate = bandwidth(peaks, level);
  if (!(rate > 0) || !core::is_finite(rate)) return "";
  const double end = peaks.gflops > 0 ? std::min(axes.most_x(), peaks.gflops / rate) : axes.most_x();
  const double begin = std::max(axes.least_x(), axes.least_y() / rate);
  if (!(begin < end)) return "";
  const std::string classes = std::string("roof ") + color_class(benchmarks::name(level));
  // The names stand at different heights, for levels that are nearly as fast as each other.
  const double share = 0.12 + 0.2 * labels, at = begin * std::pow(end / begin, std::min(share, 0.9));
  const std::string x = core::fixed(axes.x(at), 1), y = core::fixed(axes.y(at * rate), 1);
  const double run = axes.x(end) - axes.x(begin), rise = axes.y(begin * rate) - axes.y(end * rate);
  return RooflineAxes::line(axes.x(begin), axes.y(begin * rate), axes.x(end), axes.y(end * rate), classes.c_str()) +
         "<text class=\"name " + color_class(benchmarks::name(level)) +
         "\" text-anchor=\"middle\" transform=\"translate(" + x + " " + y + ") rotate(" +
         core::fixed(-std::atan2(rise, run) * 57.29577951308232, 1) + ")\" dy=\"-5\">" + benchmarks::name(level) +
         "</text>";
}

/// The text that a page shows over a point.
inline std::string tooltip(const Point& p) {
  return core::printable(p.name) + ": " + core::general(p.gflops(), 4) + " GFLOP/s, " +
         core::general(p.intensity(), 3) + " operations per byte, " + core::general(1e3 * p.seconds, 4) + " ms, " +
         p.roof;
}

}  // namespace detail

/// CSS for svg(), in addition to that of a report's page: a color for each roof, for light and dark pages.
inline constexpr const char* roofline_style = R"(
.roofline{--fma:#c2410c;--l1:#7c3aed;--l2:#2563eb;--l3:#0d9488;--memory:#64748b;--none:#94a3b8}
@media(prefers-color-scheme:dark){.roofline{--fma:#fb923c;--l1:#b794f6;--l2:#7aa7ff;--l3:#4fd1c5;--memory:#a5b1c2;--none:#64748b}}
.fma{--own:var(--fma)}.l1{--own:var(--l1)}.l2{--own:var(--l2)}.l3{--own:var(--l3)}.memory{--own:var(--memory)}.none{--own:var(--none)}
.roof{stroke:var(--own);stroke-width:1.8;fill:none}
.chart .name{fill:var(--own);font-weight:600}
.point{fill:var(--own);fill-opacity:.55;stroke:var(--own)}
.swatch{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px;background:var(--own)}
)";

/// The plot as an SVG element with the classes of a chart (report/chart.hpp) and of roofline_style. A point's area
/// grows with its time; one without operations, or without bytes, has no place on it.
inline std::string roofline_svg(const std::string& title, const Peaks& peaks, const std::vector<Point>& points) {
  using detail::RooflineAxes;
  const RooflineAxes axes(peaks, points);
  std::string out = "<svg class=\"chart roofline\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                    core::general(RooflineAxes::width) + " " + core::general(RooflineAxes::height) +
                    "\" role=\"img\" aria-label=\"" + graph::detail::escaped(core::printable(title)) + "\">";
  out += "<text class=\"title\" x=\"" + core::general(RooflineAxes::left - 50) + "\" y=\"18\">GFLOP/s</text>" +
         axes.grid();
  int labels = 0;
  for (const Level level : levels) {
    const std::string roof = detail::slope(axes, peaks, level, labels);
    labels += !roof.empty();
    out += roof;
  }
  if (peaks.gflops > 0 && core::is_finite(peaks.gflops)) {
    double fastest = 0;
    for (const Level level : levels) fastest = std::max(fastest, bandwidth(peaks, level));
    const double y = axes.y(peaks.gflops), end = RooflineAxes::width - RooflineAxes::right;
    out += RooflineAxes::line(axes.x(fastest > 0 ? peaks.gflops / fastest : axes.least_x()), y, end, y, "roof fma");
    out += "<text class=\"name fma\" text-anchor=\"end\" x=\"" + core::fixed(end - 4, 1) + "\" y=\"" +
           core::fixed(y - 5, 1) + "\">FMA</text>";
  }
  double longest = 0;
  std::vector<const Point*> drawn;
  for (const Point& p : points)
    if (detail::drawable(p)) longest = std::max(longest, p.seconds), drawn.push_back(&p);
  std::stable_sort(drawn.begin(), drawn.end(), [](auto* a, auto* b) { return a->seconds > b->seconds; });
  for (const Point* p : drawn)
    out += std::string("<circle class=\"point ") + detail::color_class(p->roof) + "\" r=\"" +
           core::fixed(2.5 + 6 * std::sqrt(p->seconds / longest), 1) + "\" cx=\"" +
           core::fixed(axes.x(p->intensity()), 1) + "\" cy=\"" + core::fixed(axes.y(p->gflops()), 1) + "\"><title>" +
           graph::detail::escaped(detail::tooltip(*p)) + "</title></circle>";
  if (drawn.empty())
    out += report::detail::Axes::label(RooflineAxes::width / 2., RooflineAxes::height / 2., "middle",
                                       "nothing was measured");
  return out + "</svg>\n";
}

}  // namespace strata::benchmarks
