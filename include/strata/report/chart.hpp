// SPDX-License-Identifier: MIT
// Curves as SVG: axes with round ticks, a legend, and no more points than a page can show.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/finite.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/graph/diagram.hpp>

namespace strata::report {

inline constexpr const char *first_color = "#3b82c4", *second_color = "#d9772b";

struct Series {
  std::string name, color;
  std::vector<std::pair<double, double>> points{};  ///< x ascending; points whose y is not finite are left out
  bool dashed = false;
};

struct Chart {
  std::string title, x_title;
  bool percent = false;      ///< y in [0, 1], shown as a percentage
  bool logarithmic = false;  ///< logarithmic y axis; y > 0
  bool doubling = false;     ///< x axis on which every doubling is as long; x > 0
  bool tenfold = false;      ///< x axis on which every factor of ten is as long; x > 0
  std::vector<Series> series{};
};

namespace detail {

using core::fixed, core::general;

/// Averages neighboring points, so that at most `room` are left.
inline std::vector<std::pair<double, double>> thinned(const std::vector<std::pair<double, double>>& points,
                                                      std::size_t room) {
  std::vector<std::pair<double, double>> out;
  const std::size_t step = points.size() / room + 1;
  for (std::size_t i = 0; i < points.size(); i += step) {
    double x = 0, y = 0, count = 0;
    for (std::size_t k = i; k < points.size() && k < i + step; k++) {
      if (!core::is_finite(points[k].second)) continue;
      x += points[k].first, y += points[k].second, count++;
    }
    if (count > 0) out.emplace_back(x / count, y / count);
  }
  return out;
}

/// A step of 1, 2 or 5 times a power of ten, about `count` of which span the range.
inline double round_step(double range, int count) {
  const double raw = range / count, power = std::pow(10., std::floor(std::log10(raw)));
  const double lead = raw / power;
  return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
}

/// The multiples of the step from `first` to `last`; few even where the step is too small to change a number.
inline std::vector<double> ticks(double first, double last, double step) {
  std::vector<double> out;
  const double begin = std::ceil(first / step) * step;
  for (int i = 0; i < 20 && begin + i * step <= last + step * 1e-6; i++) out.push_back(begin + i * step);
  return out;
}

/// Maps a chart's values to SVG coordinates.
class Axes {
 public:
  static constexpr int width = 640, height = 300, left = 66, right = 16, top = 34, bottom = 42;

  explicit Axes(const Chart& chart, const std::vector<std::vector<std::pair<double, double>>>& curves) : chart_(chart) {
    for (const auto& curve : curves)
      for (const auto& [x, y] : curve) {
        const double u = along(x), v = scaled(y);
        if (!any_) x0_ = x1_ = u, y0_ = y1_ = v;
        any_ = true;
        x0_ = std::min(x0_, u), x1_ = std::max(x1_, u), y0_ = std::min(y0_, v), y1_ = std::max(y1_, v);
      }
    if (chart.percent && !chart.logarithmic) y1_ = std::max(y1_, 1.);
    if (!(x1_ > x0_)) x1_ = x0_ + 1;
    if (!(y1_ > y0_)) {  // a single value: centered
      const double half = chart.logarithmic || y0_ == 0 ? 0.5 : std::abs(y0_) / 2;
      y0_ -= half, y1_ += half;
    }
  }

  bool any() const { return any_; }
  double scaled(double y) const { return chart_.logarithmic ? std::log10(std::max(y, 1e-9)) : y; }
  double along(double x) const {
    return chart_.doubling ? std::log2(std::max(x, 1e-9)) : chart_.tenfold ? std::log10(std::max(x, 1e-30)) : x;
  }
  double x(double value) const { return left + (along(value) - x0_) / (x1_ - x0_) * (width - left - right); }
  double y(double value) const {
    return height - bottom - (scaled(value) - y0_) / (y1_ - y0_) * (height - top - bottom);
  }

  std::string grid() const {
    std::string out;
    const bool powers = chart_.doubling || chart_.tenfold;
    const double step = powers ? std::ceil((x1_ - x0_) / 8) : round_step(x1_ - x0_, 6);
    for (const double v : ticks(x0_, x1_, step)) {
      const double at = chart_.doubling ? std::exp2(v) : chart_.tenfold ? std::pow(10., v) : v;
      const bool at_edge = powers && x(at) > width - right - 16;
      out += label(x(at), height - bottom + 18, at_edge ? "end" : "middle", general(at));
    }
    for (double v : y_ticks()) {
      out += "<line class=\"grid\" x1=\"" + general(left) + "\" x2=\"" + general(width - right) + "\" y1=\"" +
             general(y(v)) + "\" y2=\"" + general(y(v)) + "\"/>";
      out += label(left - 8, y(v) + 4, "end", chart_.percent ? general(100 * v) + " %" : general(v));
    }
    return out + label((left + width - right) / 2., height - 6, "middle", chart_.x_title);
  }

  static std::string label(double x, double y, const char* anchor, const std::string& text) {
    return "<text x=\"" + general(x) + "\" y=\"" + general(y) + "\" text-anchor=\"" + anchor + "\">" +
           graph::detail::escaped(text) + "</text>";
  }

 private:
  std::vector<double> y_ticks() const {
    std::vector<double> out;
    if (chart_.logarithmic) {
      const bool fine = y1_ - y0_ < 2.5;
      for (int power = int(std::floor(y0_)); power <= int(std::ceil(y1_)); power++)
        for (double lead : {1., 2., 5.}) {
          const double v = lead * std::pow(10., power);
          if ((fine || lead == 1) && scaled(v) >= y0_ && scaled(v) <= y1_) out.push_back(v);
        }
      return out;
    }
    return ticks(y0_, y1_, round_step(y1_ - y0_, 5));
  }

  const Chart& chart_;
  bool any_ = false;
  double x0_ = 0, x1_ = 1, y0_ = 0, y1_ = 1;
};

}  // namespace detail

/// The chart as an SVG element. CSS classes: chart, title, grid; the page's style sets its width and text color.
inline std::string svg(const Chart& chart) {
  using core::fixed, core::general;
  using detail::Axes;
  std::vector<std::vector<std::pair<double, double>>> curves;
  for (const Series& series : chart.series) curves.push_back(detail::thinned(series.points, 400));
  const Axes axes(chart, curves);
  std::string out = "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + general(Axes::width) +
                    " " + general(Axes::height) + "\" role=\"img\" aria-label=\"" +
                    graph::detail::escaped(chart.title) + "\">";
  out += "<text class=\"title\" x=\"" + general(Axes::left) + "\" y=\"18\">" + graph::detail::escaped(chart.title) +
         "</text>";
  if (!axes.any())
    return out + Axes::label(Axes::width / 2., Axes::height / 2., "middle", "nothing was recorded") + "</svg>\n";
  out += axes.grid();
  double legend = Axes::width - Axes::right;
  for (std::size_t s = curves.size(); s-- > 0;) {
    if (curves[s].empty()) continue;
    const Series& series = chart.series[s];
    std::string points;
    for (const auto& [x, y] : curves[s]) points += fixed(axes.x(x), 1) + "," + fixed(axes.y(y), 1) + " ";
    out += "<polyline fill=\"none\" stroke=\"" + series.color + "\" stroke-width=\"1.8\" stroke-linejoin=\"round\"" +
           (series.dashed ? " stroke-dasharray=\"6 4\"" : "") + " points=\"" + points + "\"/>";
    if (curves[s].size() == 1)
      out += "<circle r=\"3\" cx=\"" + fixed(axes.x(curves[s][0].first), 1) + "\" cy=\"" +
             fixed(axes.y(curves[s][0].second), 1) + "\" fill=\"" + series.color + "\"/>";
    if (series.name.empty()) continue;
    legend -= 9.8 * double(series.name.size());  // room for the larger font of a narrow page
    out += Axes::label(legend, 18, "start", series.name);
    out += "<rect x=\"" + general(legend - 18) + "\" y=\"9\" width=\"12\" height=\"10\" rx=\"2\" fill=\"" +
           series.color + "\"/>";
    legend -= 32;
  }
  return out + "</svg>\n";
}

}  // namespace strata::report
