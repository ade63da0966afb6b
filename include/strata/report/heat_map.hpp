// SPDX-License-Identifier: MIT
// A confusion matrix as an SVG heat map: each row is divided by its sum, larger shares are darker, and rows and columns
// are labeled with names.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <strata/metrics/metrics.hpp>
#include <strata/report/chart.hpp>

namespace strata::report {

/// The heat map as an SVG element; rows are true classes, columns predicted ones. CSS classes: chart, heat, light.
inline std::string heat_map(const metrics::Confusion& confusion, const std::vector<std::string>& names,
                            const std::string& title) {
  using core::fixed, detail::Axes, graph::detail::escaped;
  constexpr int cell = 46, left = 112, top = 96;
  const int side = cell * confusion.classes, width = left + side + 36, height = top + side + 8;
  std::string out = "<svg class=\"chart heat\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                    std::to_string(width) + " " + std::to_string(height) + "\" role=\"img\" aria-label=\"" +
                    graph::detail::escaped(title) + "\">";
  for (int i = 0; i < confusion.classes; i++) {
    const std::string name = i < int(names.size()) ? names[std::size_t(i)] : std::to_string(i);
    const int middle = cell * i + cell / 2;
    out += Axes::label(left - 8, top + middle + 4, "end", name);
    out += "<text transform=\"translate(" + std::to_string(left + middle + 2) + " " + std::to_string(top - 8) +
           ") rotate(-45)\">" + graph::detail::escaped(name) + "</text>";
  }
  for (int t = 0; t < confusion.classes; t++) {
    const long all = confusion.of_class(t);
    for (int p = 0; p < confusion.classes; p++) {
      const double share = all ? double(confusion.at(t, p)) / double(all) : 0;
      const std::string x = std::to_string(left + cell * p), y = std::to_string(top + cell * t);
      // Mistakes are rare, so the opacity grows with the square root of the share.
      out += "<rect x=\"" + x + "\" y=\"" + y + "\" width=\"" + std::to_string(cell - 1) + "\" height=\"" +
             std::to_string(cell - 1) + "\" fill=\"" + (t == p ? first_color : second_color) + "\" fill-opacity=\"" +
             fixed(all ? std::clamp(0.04 + 0.96 * std::sqrt(share), 0., 1.) : 0., 3) + "\"/>";
      if (share < 0.0005) continue;
      out += "<text class=\"" + std::string(share > 0.3 ? "light" : "") + "\" text-anchor=\"middle\" x=\"" +
             std::to_string(left + cell * p + cell / 2) + "\" y=\"" + std::to_string(top + cell * t + cell / 2 + 4) +
             "\">" + fixed(100 * share, share < 0.0995 ? 1 : 0) + "</text>";
    }
  }
  return out + "</svg>\n";
}

}  // namespace strata::report
