// SPDX-License-Identifier: MIT
// Random changes of an image, applied to its labels as well. They depend only on the seed of the epoch and the number
// of the sample, not on threads or order.
#pragma once

#include <cstdint>

#include <strata/core/condition.hpp>
#include <strata/core/error.hpp>
#include <strata/core/random.hpp>
#include <strata/core/samples/image_transform.hpp>
#include <strata/data/resample.hpp>

namespace strata::data {

/// Which random changes are drawn, and how large they may be. A GPU applies the first six itself
/// (core/samples/image_transform.hpp); a set with any of the others applies all of them on the CPU.
struct Augmentation {
  bool reflect = false;                  ///< left and right are swapped, with probability 1/2
  int translate = 0;                     ///< pixels: uniform in [-translate, translate], on each axis: a random crop of
                                         ///< the image padded by so many
  double scale_low = 1, scale_high = 1;  ///< factor, uniform in between; random position, same image size
  double brightness = 0;                 ///< fraction of 255, added: uniform in [-brightness, brightness]
  double contrast = 0;                   ///< factor around 128: uniform in [1 - contrast, 1 + contrast]

  double crop_low = 1, crop_high = 1;  ///< part of the area that a random crop keeps, from 0.001 to 1, uniform in
                                       ///< between; it is resized to the size of the image
  double ratio_low = 0.75, ratio_high = 4 / 3.0;  ///< width / height of that crop, its logarithm uniform in between
  double rotate = 0;      ///< degrees around the middle, from 0 to 180: uniform in [-rotate, rotate]
  double saturation = 0;  ///< factor of the distance from gray: uniform in [1 - saturation, 1 + saturation]
  double hue = 0;         ///< turns of the color circle, from 0 to 1/2: uniform in [-hue, hue]
  int cutout = 0;    ///< side in pixels of a square, centered on a random pixel, that is hidden (arXiv 1708.04552);
                     ///< labels of pixels stay
  double mixup = 0;  ///< alpha of Beta(alpha, alpha), the share of the image itself in a mixture with another one
                     ///< and of its targets in theirs (arXiv 1710.09412)

  /// Whether sizes change.
  bool scales() const { return scale_low != 1 || scale_high != 1; }
  bool crops() const { return crop_low < 1; }  ///< whether a part of the image is enlarged to all of it
  /// Whether it may show areas out of view, or hide some.
  bool shows_outside() const { return translate > 0 || scale_low < 1 || rotate > 0 || cutout > 0; }
  /// Whether images move, and their labels with them.
  bool moves() const { return reflect || translate > 0 || scales() || crops() || rotate > 0; }
  bool colors() const { return saturation > 0 || hue > 0; }  ///< whether it needs red, green and blue
  /// Whether anything changes that core::ImageTransform cannot express.
  bool only_on_cpu() const { return crops() || rotate > 0 || colors() || cutout > 0 || mixup > 0; }
  /// Whether anything changes.
  bool any() const { return moves() || brightness > 0 || contrast > 0 || only_on_cpu(); }
};

/// Throws Error where an option is out of range.
inline void check_augmentation(const Augmentation& a) {
  if (a.translate < 0) throw Error("Augmentation: translate is ", a.translate, "; give a number of pixels, 0 for none");
  if (!(a.scale_low > 0.01 && a.scale_low <= a.scale_high && a.scale_high <= 100))
    throw Error("Augmentation: scale_low is ", a.scale_low, " and scale_high ", a.scale_high,
                "; give 0.01 < scale_low <= scale_high <= 100, 1 and 1 for none");
  if (!(a.crop_low >= 0.001 && a.crop_low <= a.crop_high && a.crop_high <= 1))
    throw Error("Augmentation: crop_low is ", a.crop_low, " and crop_high ", a.crop_high,
                "; give 0.001 <= crop_low <= crop_high <= 1, 1 and 1 for none");
  if (!(a.ratio_low >= 0.01 && a.ratio_low <= a.ratio_high && a.ratio_high <= 100))
    throw Error("Augmentation: ratio_low is ", a.ratio_low, " and ratio_high ", a.ratio_high,
                "; give 0.01 <= ratio_low <= ratio_high <= 100");
  const auto check = [](const char* name, double value, double most) {
    if (!(value >= 0 && value <= most)) throw Error("Augmentation: ", name, " is ", value, "; give 0 to ", most);
  };
  check("brightness", a.brightness, 1), check("contrast", a.contrast, 1), check("rotate", a.rotate, 180);
  check("saturation", a.saturation, 1), check("hue", a.hue, 0.5), check("mixup", a.mixup, 100);
  if (a.cutout < 0 || a.cutout > 1 << 20)
    throw Error("Augmentation: cutout is ", a.cutout, "; give the side of a square in pixels, 0 for none");
}

/// The options as conditions of a training. Those that only a CPU applies are listed where they are used, so that
/// checkpoints from before there were any agree.
inline core::Conditions conditions_of(const Augmentation& a) {
  const auto& [reflect, translate, scale_low, scale_high, brightness, contrast, crop_low, crop_high, ratio_low,
               ratio_high, rotate, saturation, hue, cutout, mixup] = a;
  core::Conditions out;
  out.add("reflect", reflect), out.add("translate", translate);
  out.add("scale_low", scale_low), out.add("scale_high", scale_high);
  out.add("brightness", brightness), out.add("contrast", contrast);
  if (a.crops()) {
    out.add("crop_low", crop_low), out.add("crop_high", crop_high);
    out.add("ratio_low", ratio_low), out.add("ratio_high", ratio_high);
  }
  if (rotate > 0) out.add("rotate", rotate);
  if (saturation > 0) out.add("saturation", saturation);
  if (hue > 0) out.add("hue", hue);
  if (cutout > 0) out.add("cutout", cutout);
  if (mixup > 0) out.add("mixup", mixup);
  if (a.shows_outside()) out.add("outside", "the color that the input makes 0");
  return out;
}

/// Draws what a GPU can apply of the change of sample number `sample` in the epoch of `seed`, for images of
/// height x width. An image of one row is translated along it only.
inline core::ImageTransform draw_transform(const Augmentation& a, int height, int width, std::uint64_t seed,
                                           std::uint64_t sample) {
  core::Random random{core::mix(seed, sample), 0};
  const auto within = [&](double low, double high) { return low + (high - low) * double(random.uniform()); };
  const auto moved = [&] { return int(long(random.below(2 * std::uint64_t(a.translate) + 1)) - a.translate); };
  core::ImageTransform out;
  // Every number is drawn, used or not, so that one option does not affect the others.
  out.reflected = random.uniform() < 0.5f && a.reflect;
  out.right = moved(), out.down = moved();
  if (height == 1) out.down = 0;
  out.scale = within(a.scale_low, a.scale_high);
  out.top = within(0, (out.scale - 1) * height), out.left = within(0, (out.scale - 1) * width);
  out.offset = 255 * within(-a.brightness, a.brightness);
  out.gain = within(1 - a.contrast, 1 + a.contrast);
  return out;
}

/// Applies a change to an image [H][W][3] and its labels [H][W]; the results have the same shapes. Out of view the
/// image is change.outside and the label void.
inline void apply_transform(const core::ImageTransform& change, int height, int width, const std::uint8_t* image,
                            const std::uint8_t* labels, std::uint8_t* changed_image, std::uint8_t* changed_labels) {
  Sources rows(std::size_t(height), 0), columns(std::size_t(width), 0);
  core::fill_sources(change, height, width, rows.data(), columns.data());
  std::uint8_t tones[256];
  if (change.tones()) core::fill_tones(change, tones);
  resample_image(rows, columns, width, image, change.tones() ? tones : nullptr, changed_image, change.outside);
  resample_labels(rows, columns, width, labels, changed_labels);
}

}  // namespace strata::data
