// SPDX-License-Identifier: MIT
#include "picture.hpp"

#include <algorithm>
#include <cmath>

#include <strata/data/image_file.hpp>

namespace digits {

namespace {

/// Makes the ink white on black: an image with a bright edge has dark ink and is inverted.
void make_ink_white(strata::data::Picture& picture) {
  const int h = picture.shape.height, w = picture.shape.width;
  long sum = 0, count = 0;
  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++)
      if (y == 0 || x == 0 || y == h - 1 || x == w - 1) sum += picture.bytes[std::size_t(y) * w + x], count++;
  if (sum > 127 * count)
    for (std::uint8_t& byte : picture.bytes) byte = std::uint8_t(255 - byte);
}

/// Rows [top, bottom) and columns [left, right) that contain ink.
struct Box {
  int top, left, bottom, right;
};

Box ink_of(const strata::data::Picture& picture, int threshold) {
  Box box{picture.shape.height, picture.shape.width, 0, 0};
  for (int y = 0; y < picture.shape.height; y++)
    for (int x = 0; x < picture.shape.width; x++) {
      if (picture.bytes[std::size_t(y) * picture.shape.width + x] < threshold) continue;
      box.top = std::min(box.top, y), box.bottom = std::max(box.bottom, y + 1);
      box.left = std::min(box.left, x), box.right = std::max(box.right, x + 1);
    }
  return box;
}

/// Mean of the image over rows [y0, y1) and columns [x0, x1), whose bounds may be fractions of pixels.
double mean(const strata::data::Picture& picture, double y0, double y1, double x0, double x1) {
  double sum = 0, area = 0;
  for (int y = int(y0); y < std::min(int(std::ceil(y1)), picture.shape.height); y++)
    for (int x = int(x0); x < std::min(int(std::ceil(x1)), picture.shape.width); x++) {
      const double part =
          (std::min(y1, y + 1.) - std::max(y0, double(y))) * (std::min(x1, x + 1.) - std::max(x0, double(x)));
      sum += part * picture.bytes[std::size_t(y) * picture.shape.width + x];
      area += part;
    }
  return area > 0 ? sum / area : 0;
}

}  // namespace

strata::data::Picture read_drawing(const std::string& path) {
  const strata::core::Bytes file = strata::core::read_file(path);
  if (strata::data::picture_format(file) == strata::data::PictureFormat::png)
    return strata::data::parse_png(file, 1, path);
  const strata::data::Picture colors = strata::data::parse_picture(file, path);
  strata::data::Picture gray{{colors.shape.height, colors.shape.width, 1},
                             std::vector<std::uint8_t>(colors.bytes.size() / 3)};
  for (std::size_t i = 0; i < gray.bytes.size(); i++) {  // luma of Rec. 601 in 256ths; gray values do not change
    const std::uint8_t* const rgb = colors.bytes.data() + 3 * i;
    gray.bytes[i] = std::uint8_t((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2] + 128) / 256);
  }
  return gray;
}

std::vector<std::uint8_t> as_digit(const strata::data::Picture& original, const std::string& name) {
  strata::data::Picture picture = original;
  make_ink_white(picture);
  const int brightest = *std::max_element(picture.bytes.begin(), picture.bytes.end());
  if (brightest < 32) throw strata::Error(name, ": is empty; give a picture of a digit");
  if (picture.shape.height == picture_size && picture.shape.width == picture_size) return picture.bytes;

  const Box box = ink_of(picture, std::max(1, brightest / 4));
  const int h = box.bottom - box.top, w = box.right - box.left;
  const double scale = 20. / std::max(h, w);
  const int rows = std::max(1, int(std::lround(h * scale))), columns = std::max(1, int(std::lround(w * scale)));
  std::vector<double> ink(std::size_t(rows * columns));
  double mass = 0, mass_y = 0, mass_x = 0;
  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++) {
      double& value = ink[std::size_t(y * columns + x)];
      value = mean(picture, box.top + double(y) * h / rows, box.top + double(y + 1) * h / rows,
                   box.left + double(x) * w / columns, box.left + double(x + 1) * w / columns);
      mass += value, mass_y += value * (y + 0.5), mass_x += value * (x + 0.5);
    }
  const int top = std::clamp(int(std::lround(14 - mass_y / mass)), 0, picture_size - rows);
  const int left = std::clamp(int(std::lround(14 - mass_x / mass)), 0, picture_size - columns);
  std::vector<std::uint8_t> out(std::size_t(picture_size * picture_size), 0);
  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++)
      out[std::size_t((top + y) * picture_size + left + x)] =
          std::uint8_t(std::lround(ink[std::size_t(y * columns + x)]));
  return out;
}

}  // namespace digits
