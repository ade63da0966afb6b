// SPDX-License-Identifier: MIT
// Images overlaid with their labels: the truth, the prediction, and where the two differ. Each photo is embedded once;
// the overlays refer to it.
#pragma once

#include <string>
#include <vector>

#include <strata/core/files/file.hpp>
#include <strata/data/class_list.hpp>
#include <strata/report/page.hpp>

namespace strata::report {

/// One scene, as PNG files of the same size, except that the photo may be smaller.
struct ScenePlate {
  std::string caption;                ///< plain text
  int height = 0, width = 0;          ///< rows and columns of pixels
  core::Bytes photo{};                ///< the image
  core::Bytes truth{}, prediction{};  ///< in the classes' colors
  core::Bytes errors{};               ///< transparent where the prediction is correct
};

namespace detail {

inline constexpr const char* scene_style = R"(
.scene{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:10px;margin:0 0 6px}
.scene svg{width:100%;height:auto;display:block;border-radius:4px;margin-bottom:6px}
.scene .label{image-rendering:pixelated}.gray{filter:grayscale(1) brightness(.9)}
.legend{display:flex;flex-wrap:wrap;gap:6px 16px;margin:0 0 16px;padding:0;list-style:none;font-size:13px}
.chip{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:6px;vertical-align:-1px;box-shadow:0 0 0 1px var(--line)}
)";

inline std::string chip(const data::Color& color) {
  return "<span class=\"chip\" style=\"background:rgb(" + std::to_string(color[0]) + "," + std::to_string(color[1]) +
         "," + std::to_string(color[2]) + ")\"></span>";
}

inline std::string legend(const data::ClassList& classes) {
  std::string out = "<ul class=\"legend\">";
  for (const data::ClassEntry& entry : classes)
    out += "<li>" + chip(entry.color) + graph::detail::escaped(entry.name) + "</li>";
  out += "<li>" + chip({0, 0, 0}) + "void, not counted</li>";
  return out + "<li>" + chip({230, 30, 30}) + "misclassified</li></ul>\n";
}

inline std::string picture_data(const core::Bytes& png) { return "data:image/png;base64," + base64(png); }

inline std::string scene_plate(const ScenePlate& plate, int number) {
  const std::string box = " viewBox=\"0 0 " + std::to_string(plate.width) + " " + std::to_string(plate.height) + "\"";
  const std::string size =
      " width=\"" + std::to_string(plate.width) + "\" height=\"" + std::to_string(plate.height) + "\"";
  const std::string id = "photo" + std::to_string(number);
  const auto panel = [&](const char* what, const std::string& inside) {
    return "<figure><svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"" +
           graph::detail::escaped(plate.caption + ", " + what) + "\"" + box + ">" + inside + "</svg>" + what +
           "</figure>\n";
  };
  const auto over = [&](const core::Bytes& png, const char* opacity, const char* under) {
    return "<use href=\"#" + id + "\" class=\"" + under + "\"/><image class=\"label\"" + size + " opacity=\"" +
           opacity + "\" href=\"" + picture_data(png) + "\"/>";
  };
  std::string out = "<p class=\"soft\">" + graph::detail::escaped(plate.caption) + "</p><div class=\"scene\">\n";
  out += panel("image", "<image id=\"" + id + "\"" + size + " href=\"" + picture_data(plate.photo) + "\"/>");
  out += panel("truth", over(plate.truth, "0.7", ""));
  out += panel("prediction", over(plate.prediction, "0.7", ""));
  out += panel("errors", over(plate.errors, "0.8", "gray"));
  return out + "</div>\n";
}

}  // namespace detail

/// The scenes as HTML, after a legend of the classes.
inline std::string scene_plates(const std::vector<ScenePlate>& plates, const data::ClassList& classes) {
  std::string out = detail::legend(classes);
  for (std::size_t i = 0; i < plates.size(); i++) out += detail::scene_plate(plates[i], int(i));
  return out;
}

}  // namespace strata::report
