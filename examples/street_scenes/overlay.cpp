// SPDX-License-Identifier: MIT
#include "overlay.hpp"

#include <strata/data/png.hpp>

namespace street_scenes {

namespace {

/// Means of 2 x 2 pixels.
std::vector<std::uint8_t> halved(const std::uint8_t* picture, int height, int width) {
  std::vector<std::uint8_t> out;
  for (int y = 0; y + 1 < height; y += 2)
    for (int x = 0; x + 1 < width; x += 2)
      for (int c = 0; c < 3; c++) {
        const std::uint8_t* const p = picture + (long(y) * width + x) * 3 + c;
        out.push_back(std::uint8_t((p[0] + p[3] + p[width * 3] + p[width * 3 + 3] + 2) / 4));
      }
  return out;
}

/// [H][W][4]: red where the prediction is wrong, black where the truth is void, transparent elsewhere.
std::vector<std::uint8_t> mistakes(const std::int32_t* truth, const std::int32_t* predicted, long pixels) {
  std::vector<std::uint8_t> out(std::size_t(pixels) * 4, 0);
  for (long i = 0; i < pixels; i++) {
    if (truth[i] == predicted[i]) continue;
    if (truth[i] >= 0)
      out[std::size_t(i) * 4] = 230, out[std::size_t(i) * 4 + 1] = 30, out[std::size_t(i) * 4 + 2] = 30;
    out[std::size_t(i) * 4 + 3] = 255;
  }
  return out;
}

}  // namespace

std::vector<std::uint8_t> colored(const std::int32_t* labels, long pixels, const strata::data::ClassList& classes) {
  std::vector<std::uint8_t> out(std::size_t(pixels) * 3, 0);
  for (long i = 0; i < pixels; i++)
    for (std::size_t c = 0; labels[i] >= 0 && c < 3; c++)
      out[std::size_t(i) * 3 + c] = classes[std::size_t(labels[i])].color[c];
  return out;
}

std::vector<std::uint8_t> overlaid(const std::uint8_t* picture, const std::int32_t* labels, long pixels,
                                   const strata::data::ClassList& classes) {
  std::vector<std::uint8_t> out = colored(labels, pixels, classes);
  for (std::size_t i = 0; i < out.size(); i++) out[i] = std::uint8_t((6 * out[i] + 4 * picture[i] + 5) / 10);
  return out;
}

strata::report::ScenePlate plate(const std::uint8_t* picture, const std::int32_t* truth, const std::int32_t* predicted,
                                 strata::Shape shape, const strata::data::ClassList& classes) {
  constexpr int widest = 640;  // width of the photo, which dominates the size of a report
  const int height = shape.height, width = shape.width;
  const long pixels = shape.pixels();
  strata::report::ScenePlate out{.caption = "", .height = height, .width = width};
  out.photo = width > widest
                  ? strata::data::encode_png(halved(picture, height, width).data(), {height / 2, width / 2, 3})
                  : strata::data::encode_png(picture, {height, width, 3});
  out.truth = strata::data::encode_png(colored(truth, pixels, classes).data(), {height, width, 3});
  out.prediction = strata::data::encode_png(colored(predicted, pixels, classes).data(), {height, width, 3});
  out.errors = strata::data::encode_png(mistakes(truth, predicted, pixels).data(), {height, width, 4});
  return out;
}

}  // namespace street_scenes
