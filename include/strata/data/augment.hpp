// SPDX-License-Identifier: MIT
// Random changes of an image, applied to its labels as well. They depend only on the seed of the epoch and the number
// of the sample, not on threads or order.
#pragma once

#include <cstdint>

#include <strata/core/error.hpp>
#include <strata/core/random.hpp>
#include <strata/core/samples/image_transform.hpp>
#include <strata/data/resample.hpp>

namespace strata::data {

/// Which random changes are drawn, and how large they may be.
struct Augmentation {
  bool reflect = false;                  ///< left and right are swapped, with probability 1/2
  int translate = 0;                     ///< pixels: uniform in [-translate, translate], on each axis
  double scale_low = 1, scale_high = 1;  ///< factor, uniform in between; random position, same image size
  double brightness = 0;                 ///< fraction of 255, added: uniform in [-brightness, brightness]
  double contrast = 0;                   ///< factor around 128: uniform in [1 - contrast, 1 + contrast]

  /// Whether sizes change.
  bool scales() const { return scale_low != 1 || scale_high != 1; }
  bool shows_outside() const { return translate > 0 || scale_low < 1; }  ///< whether it may show areas out of view
  /// Whether anything changes.
  bool any() const { return reflect || translate > 0 || scales() || brightness > 0 || contrast > 0; }
};

/// Throws Error where an option is out of range.
inline void check_augmentation(const Augmentation& a) {
  if (a.translate < 0) throw Error("Augmentation: translate is ", a.translate, "; give a number of pixels, 0 for none");
  if (!(a.scale_low > 0.01 && a.scale_low <= a.scale_high && a.scale_high <= 100))
    throw Error("Augmentation: scale_low is ", a.scale_low, " and scale_high ", a.scale_high,
                "; give 0.01 < scale_low <= scale_high <= 100, 1 and 1 for none");
  if (!(a.brightness >= 0 && a.brightness <= 1))
    throw Error("Augmentation: brightness is ", a.brightness, "; give 0 to 1");
  if (!(a.contrast >= 0 && a.contrast <= 1)) throw Error("Augmentation: contrast is ", a.contrast, "; give 0 to 1");
}

/// Draws the change of sample number `sample` in the epoch of `seed`, for images of height x width.
inline core::ImageTransform draw_transform(const Augmentation& a, int height, int width, std::uint64_t seed,
                                           std::uint64_t sample) {
  core::Random random{core::mix(seed, sample), 0};
  const auto within = [&](double low, double high) { return low + (high - low) * double(random.uniform()); };
  const auto moved = [&] { return int(long(random.below(2 * std::uint64_t(a.translate) + 1)) - a.translate); };
  core::ImageTransform out;
  // Every number is drawn, used or not, so that one option does not affect the others.
  out.reflected = random.uniform() < 0.5f && a.reflect;
  out.right = moved(), out.down = moved();
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
