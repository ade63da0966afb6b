// SPDX-License-Identifier: MIT
// Points as SVG: a logarithmic x axis for costs, a linear y axis, the Pareto front as a line, error bars, and the name
// of each point as its tooltip.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <strata/report/chart.hpp>

namespace strata::report {

struct ScatterPoint {
  double x = 0, y = 0;   ///< x > 0
  double deviation = 0;  ///< of y; 0: no error bar
  std::string name{};
  bool front = false;  ///< on the line
  std::string color = first_color;
  bool large = false;  ///< drawn larger, and over the others
};

struct Scatter {
  std::string title, x_title;
  bool percent = false;  ///< y as a percentage
  std::vector<ScatterPoint> points{};
};

namespace detail {

/// Maps a scatter's values to SVG coordinates. Points far below the others are drawn at the lower edge.
class ScatterAxes {
 public:
  static constexpr int width = 640, height = 320, left = 66, right = 20, top = 34, bottom = 42;

  explicit ScatterAxes(const Scatter& scatter) : scatter_(scatter) {
    std::vector<double> values;
    for (const ScatterPoint& p : scatter.points) {
      if (!(p.x > 0) || !core::is_finite(p.x) || !core::is_finite(p.y)) continue;
      const double x = std::log10(p.x);
      if (values.empty()) x0_ = x1_ = x;
      x0_ = std::min(x0_, x), x1_ = std::max(x1_, x);
      values.push_back(p.y);
    }
    if (values.empty()) return;
    std::sort(values.begin(), values.end());
    const double most = values.back(), middle = values[values.size() / 2];
    y0_ = std::max(values.front(), most - 4 * (most - middle) - (most == middle ? 1e300 : 0)), y1_ = most;
    const double room = y1_ > y0_ ? 0.08 * (y1_ - y0_) : std::max(1e-3, std::abs(y1_) * 0.05);
    y0_ -= room, y1_ += room;
    const double side = std::max(0.04, 0.05 * (x1_ - x0_));
    x0_ -= side, x1_ += side;
    any_ = true;
  }

  bool any() const { return any_; }
  bool below(double y) const { return y < y0_; }
  double x(double value) const { return left + (std::log10(value) - x0_) / (x1_ - x0_) * (width - left - right); }
  double y(double value) const {
    const double clamped = std::clamp(value, y0_, y1_);
    return height - bottom - (clamped - y0_) / (y1_ - y0_) * (height - top - bottom);
  }
  std::string grid() const {
    std::string out;
    double last = -100;
    for (const double v : x_ticks()) {
      if (x(v) - last < 44) continue;
      last = x(v);
      out += "<line class=\"grid\" x1=\"" + core::fixed(x(v), 1) + "\" x2=\"" + core::fixed(x(v), 1) + "\" y1=\"" +
             core::general(top) + "\" y2=\"" + core::general(height - bottom) + "\"/>";
      out += Axes::label(x(v), height - bottom + 18, "middle", short_number(v));
    }
    const double step = round_step(y1_ - y0_, 5);
    for (double v = std::ceil(y0_ / step) * step; v <= y1_ + step * 1e-6; v += step) {
      out += "<line class=\"grid\" x1=\"" + core::general(left) + "\" x2=\"" + core::general(width - right) +
             "\" y1=\"" + core::fixed(y(v), 1) + "\" y2=\"" + core::fixed(y(v), 1) + "\"/>";
      out += Axes::label(left - 8, y(v) + 4, "end",
                         scatter_.percent ? core::general(100 * v, 4) + " %" : core::general(v, 4));
    }
    return out + Axes::label((left + width - right) / 2., height - 6, "middle", scatter_.x_title);
  }
  /// 1500 as "1.5k".
  static std::string short_number(double v) {
    const char* const unit = v >= 1e9 ? "G" : v >= 1e6 ? "M" : v >= 1e3 ? "k" : "";
    return core::general(v / (v >= 1e9 ? 1e9 : v >= 1e6 ? 1e6 : v >= 1e3 ? 1e3 : 1), 4) + unit;
  }

 private:
  std::vector<double> x_ticks() const {
    std::vector<double> out;
    const bool fine = x1_ - x0_ < 0.7;
    for (int power = int(std::floor(x0_)); power <= int(std::ceil(x1_)); power++)
      for (const double lead : {1., 1.2, 1.5, 2., 2.5, 3., 4., 5., 6., 7., 8., 9.}) {
        const double v = lead * std::pow(10., power), at = std::log10(v);
        if ((fine || lead == 1 || lead == 2 || lead == 5) && at >= x0_ && at <= x1_) out.push_back(v);
      }
    return out;
  }

  const Scatter& scatter_;
  bool any_ = false;
  double x0_ = 0, x1_ = 1, y0_ = 0, y1_ = 1;
};

inline std::string dot(const ScatterAxes& axes, const ScatterPoint& p) {
  const std::string x = core::fixed(axes.x(p.x), 1), y = core::fixed(axes.y(p.y), 1);
  std::string out;
  if (p.deviation > 0 && !axes.below(p.y))
    out += "<line stroke=\"" + p.color + "\" stroke-opacity=\"0.5\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" +
           core::fixed(axes.y(p.y - p.deviation), 1) + "\" y2=\"" + core::fixed(axes.y(p.y + p.deviation), 1) + "\"/>";
  const std::string fill = axes.below(p.y) ? "fill=\"none\" stroke=\"" + p.color + "\"" : "fill=\"" + p.color + "\"";
  return out + "<circle r=\"" + (p.large ? "6" : "3.5") + "\" cx=\"" + x + "\" cy=\"" + y + "\" " + fill +
         " fill-opacity=\"0.8\"><title>" + graph::detail::escaped(p.name) + "</title></circle>";
}

}  // namespace detail

/// The scatter plot as an SVG element with the classes of a chart (chart.hpp).
inline std::string svg(const Scatter& scatter) {
  using detail::Axes, detail::ScatterAxes;
  const ScatterAxes axes(scatter);
  std::string out = "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                    core::general(ScatterAxes::width) + " " + core::general(ScatterAxes::height) +
                    "\" role=\"img\" aria-label=\"" + graph::detail::escaped(scatter.title) + "\">";
  out += "<text class=\"title\" x=\"" + core::general(ScatterAxes::left) + "\" y=\"18\">" +
         graph::detail::escaped(scatter.title) + "</text>";
  if (!axes.any())
    return out + Axes::label(ScatterAxes::width / 2., ScatterAxes::height / 2., "middle", "nothing was measured") +
           "</svg>\n";
  out += axes.grid();
  std::vector<const ScatterPoint*> points;
  for (const ScatterPoint& p : scatter.points)
    if (p.x > 0 && core::is_finite(p.x) && core::is_finite(p.y)) points.push_back(&p);
  std::stable_sort(points.begin(), points.end(), [](auto* a, auto* b) { return a->large < b->large; });
  std::vector<const ScatterPoint*> front;
  for (const ScatterPoint* p : points)
    if (p->front) front.push_back(p);
  std::sort(front.begin(), front.end(), [](auto* a, auto* b) { return a->x < b->x; });
  std::string line;
  for (const ScatterPoint* p : front) line += core::fixed(axes.x(p->x), 1) + "," + core::fixed(axes.y(p->y), 1) + " ";
  out += std::string("<polyline fill=\"none\" stroke=\"") + second_color +
         "\" stroke-width=\"1.5\" stroke-linejoin=\"round\" points=\"" + line + "\"/>";
  for (const ScatterPoint* p : points) out += detail::dot(axes, *p);
  return out + "</svg>\n";
}

}  // namespace strata::report
