// SPDX-License-Identifier: MIT
// The whole random change of a sample: where its pixels come from, its colors, and what is hidden. Images are [H][W][C]
// of bytes, or of floats from 0 (black) to 1.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <numbers>
#include <vector>

#include <strata/core/random.hpp>
#include <strata/core/samples/image_transform.hpp>
#include <strata/core/shape.hpp>
#include <strata/data/augment.hpp>
#include <strata/data/warp.hpp>

namespace strata::data {

/// A rectangle of pixels.
struct Rectangle {
  int top = 0, left = 0, height = 0, width = 0;
  bool operator==(const Rectangle&) const = default;
};

/// The change of one sample, in this order: the tones of `transform`, saturation and hue; the crop is resized to the
/// size of the image, `transform` moves it, it is rotated around its middle; at last comes the hole.
struct SampleChange {
  core::ImageTransform transform;  ///< which a GPU can apply too
  Rectangle crop;                  ///< of the stored image
  double angle = 0;                ///< radians, counterclockwise
  double saturation = 1;           ///< factor of the distance from gray
  double hue = 0;                  ///< turns of the color circle
  Rectangle hole{};                ///< clipped to the image; empty: none

  bool recolors() const { return saturation != 1 || hue != 0; }  ///< whether it needs red, green and blue
};

namespace detail {

/// The numbers of one option of one sample: no option affects another.
enum class Drawn : std::uint64_t { crop = 1, rotate, color, cutout, mixup };
inline core::Random stream_of(std::uint64_t seed, std::uint64_t sample, Drawn option) {
  return {core::mix(core::mix(seed, sample), ~std::uint64_t(option)), 0};
}

/// torchvision's RandomResizedCrop: the first of ten rectangles that lies in the image, else the largest in its middle
/// whose ratio is allowed.
inline Rectangle draw_crop(const Augmentation& a, int height, int width, core::Random random) {
  const auto within = [&](double low, double high) { return low + (high - low) * double(random.uniform()); };
  const double ratio_low = std::log(a.ratio_low), ratio_high = std::log(a.ratio_high);
  for (int attempt = 0; attempt < 10; attempt++) {
    const double area = double(height) * width * within(a.crop_low, a.crop_high);
    const double ratio = std::exp(within(ratio_low, ratio_high));
    const long w = std::lround(std::sqrt(area * ratio)), h = std::lround(std::sqrt(area / ratio));
    if (w < 1 || w > width || h < 1 || h > height) continue;
    const int top = int(random.below(std::uint64_t(height - h) + 1));
    return {top, int(random.below(std::uint64_t(width - w) + 1)), int(h), int(w)};
  }
  const double own = double(width) / height;
  const int h = own < a.ratio_low ? std::clamp(int(std::lround(width / a.ratio_low)), 1, height) : height;
  const int w = own > a.ratio_high ? std::clamp(int(std::lround(height * a.ratio_high)), 1, width) : width;
  return {(height - h) / 2, (width - w) / 2, h, w};
}

inline Rectangle draw_hole(int side, int height, int width, core::Random random) {
  const int top = int(random.below(std::uint64_t(height))) - side / 2;
  const int left = int(random.below(std::uint64_t(width))) - side / 2;
  const int first = std::max(top, 0), start = std::max(left, 0);
  return {first, start, std::min(top + side, height) - first, std::min(left + side, width) - start};
}

/// Colors from 0 to 1, red, green and blue, with the distances from gray times `saturation`.
inline void saturate(float* rgb, float saturation) {
  const float gray = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
  for (int c = 0; c < 3; c++) rgb[c] = std::clamp(gray + saturation * (rgb[c] - gray), 0.f, 1.f);
}
/// The same with the hue moved by this many sixths of a turn, from -3 to 3.
inline void turn_hue(float* rgb, float sixths) {
  const float most = std::max(std::max(rgb[0], rgb[1]), rgb[2]), least = std::min(std::min(rgb[0], rgb[1]), rgb[2]);
  const float chroma = most - least;
  if (chroma <= 0) return;
  // The hue in sixths of a turn from red, and from it each channel: most - chroma clamp(min(k, 4 - k), 0, 1), where k
  // is the hue + 5, 3, 1 within a turn.
  float hue = most == rgb[0]   ? (rgb[1] - rgb[2]) / chroma
              : most == rgb[1] ? (rgb[2] - rgb[0]) / chroma + 2
                               : (rgb[0] - rgb[1]) / chroma + 4;
  hue += sixths;
  hue += hue < 0 ? 6.f : hue >= 6 ? -6.f : 0.f;
  for (int c = 0; c < 3; c++) {
    float k = hue + float(5 - 2 * c);
    k = k >= 6 ? k - 6 : k;
    rgb[c] = most - chroma * std::clamp(std::min(k, 4 - k), 0.f, 1.f);
  }
}

inline void change_tones(const core::ImageTransform& t, long numbers, std::uint8_t* image) {
  std::uint8_t tones[256];
  core::fill_tones(t, tones);
  for (long i = 0; i < numbers; i++) image[i] = tones[image[i]];
}
inline void change_tones(const core::ImageTransform& t, long numbers, float* image) {
  const float gain = float(t.gain), middle = 128 / 255.f, offset = middle + float(t.offset / 255);
  for (long i = 0; i < numbers; i++) image[i] = std::clamp(gain * (image[i] - middle) + offset, 0.f, 1.f);
}

}  // namespace detail

/// Draws the change of sample number `sample` in the epoch of `seed`, for images of height x width, without mixup. It
/// depends on nothing else.
inline SampleChange draw_change(const Augmentation& a, int height, int width, std::uint64_t seed,
                                std::uint64_t sample) {
  using detail::Drawn, detail::stream_of;
  const auto within = [](core::Random& random, double most) { return most * (2 * double(random.uniform()) - 1); };
  SampleChange out{.transform = draw_transform(a, height, width, seed, sample), .crop = {0, 0, height, width}};
  if (a.crops()) out.crop = detail::draw_crop(a, height, width, stream_of(seed, sample, Drawn::crop));
  core::Random turn = stream_of(seed, sample, Drawn::rotate), color = stream_of(seed, sample, Drawn::color);
  out.angle = within(turn, a.rotate) * std::numbers::pi / 180;
  out.saturation = 1 + within(color, a.saturation);
  out.hue = within(color, a.hue);
  if (a.cutout > 0) out.hole = detail::draw_hole(a.cutout, height, width, stream_of(seed, sample, Drawn::cutout));
  return out;
}

/// Where the pixels of a changed image of height x width come from.
inline Warp warp_of(const SampleChange& change, int height, int width) {
  const core::ImageTransform& t = change.transform;
  const double sine = std::sin(change.angle), cosine = std::cos(change.angle), middle_y = height / 2.0,
               middle_x = width / 2.0;
  return Warp::through([&](double y, double x) {
    const double from_y = y - middle_y, from_x = x - middle_x;
    y = middle_y + cosine * from_y + sine * from_x, x = middle_x - sine * from_y + cosine * from_x;
    if (t.reflected) x = width - x;
    y = (y - t.down + t.top) / t.scale, x = (x - t.right + t.left) / t.scale;
    return std::array<double, 2>{change.crop.top + y * change.crop.height / height,
                                 change.crop.left + x * change.crop.width / width};
  });
}

namespace detail {

/// Changes the colors of an image [H][W][C]; of three channels, with a saturation or a hue.
template <class Pixel>
void change_colors(const SampleChange& change, Shape shape, Pixel* image) {
  if (change.transform.tones()) change_tones(change.transform, shape.size(), image);
  if (!change.recolors()) return;
  constexpr bool floats = std::same_as<Pixel, float>;
  constexpr float white = floats ? 1 : 255;
  const float saturation = float(change.saturation), sixths = float(6 * change.hue);
  for (long p = 0; p < shape.pixels(); p++, image += 3) {
    float rgb[3];
    for (int c = 0; c < 3; c++) rgb[c] = float(image[c]) * (1 / white);
    if (saturation != 1) saturate(rgb, saturation);
    if (sixths != 0) turn_hue(rgb, sixths);
    for (int c = 0; c < 3; c++) image[c] = Pixel(floats ? rgb[c] : rgb[c] * white + 0.5f);
  }
}

}  // namespace detail

/// Applies a change to an image [H][W][C] of bytes or floats; the result has the same shape. What is out of view or
/// hidden shows `outside` in its first four channels, and 0 in the others. `scratch` holds an image in between, and
/// keeps its memory. With a saturation or a hue the image has three channels.
template <class Pixel>
void apply_change(const SampleChange& change, Shape shape, const std::array<Pixel, 4>& outside, const Pixel* image,
                  Pixel* changed, std::vector<Pixel>& scratch) {
  if (change.transform.tones() || change.recolors()) {
    scratch.assign(image, image + shape.size());
    detail::change_colors(change, shape, scratch.data());
    image = scratch.data();
  }
  const Warp warp = warp_of(change, shape.height, shape.width);
  if (warp.is_none()) std::copy_n(image, shape.size(), changed);
  else warp_image(warp, shape, image, outside, Pixel(0), changed);
  const Rectangle& hole = change.hole;
  for (int y = hole.top; y < hole.top + hole.height; y++)
    for (int x = hole.left; x < hole.left + hole.width; x++)
      for (int c = 0; c < shape.channels; c++)
        changed[(long(y) * shape.width + x) * shape.channels + c] = c < 4 ? outside[std::size_t(c)] : Pixel(0);
}

}  // namespace strata::data
