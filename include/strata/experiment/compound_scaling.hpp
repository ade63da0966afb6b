// SPDX-License-Identifier: MIT
// Compound scaling: one number enlarges a network's width, depth and resolution together (Tan and Le 2019,
// "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", equation 3).
#pragma once

namespace strata::experiment {

/// `base` times `factor`, rounded to a multiple of `multiple`, which is the smallest result. Rounding takes away at
/// most a tenth.
constexpr int scaled(int base, double factor, int multiple = 8) {
  const double exact = base * factor;
  int rounded = int(exact + multiple / 2.) / multiple * multiple;
  if (rounded < multiple) rounded = multiple;
  return rounded < 0.9 * exact ? rounded + multiple : rounded;
}

/// The growth of each dimension from one scale to the next. With the defaults a network costs twice the multiply-adds:
/// depth * width^2 * resolution^2 is about 2.
struct CompoundScaling {
  double width = 1.1;        ///< factor of the channels, > 0
  double depth = 1.2;        ///< factor of the repetitions of a block, > 0
  double resolution = 1.15;  ///< factor of the rows and columns, > 0

  /// Channels at a scale, of `base` at scale 0.
  constexpr int channels(int base, int scale, int multiple = 8) const {
    return scaled(base, power(width, scale), multiple);
  }
  /// Repetitions of a block at a scale, rounded up.
  constexpr int repetitions(int base, int scale) const {
    const double exact = base * power(depth, scale);
    return int(exact) < exact ? int(exact) + 1 : int(exact);
  }
  /// Rows or columns of the image at a scale.
  constexpr int pixels(int base, int scale, int multiple = 8) const {
    return scaled(base, power(resolution, scale), multiple);
  }

 private:
  static constexpr double power(double base, int exponent) {
    double result = 1;
    for (int i = 0; i < exponent; i++) result *= base;
    for (int i = 0; i > exponent; i--) result /= base;
    return result;
  }
};

}  // namespace strata::experiment
