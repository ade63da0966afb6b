// SPDX-License-Identifier: MIT
// What a norm within an image reads for each channel of a pixel: two numbers of its group, and its scale and shift.
#pragma once

#include <strata/cpu/nhwc/shared.hpp>

namespace strata::cpu::nhwc {

#if STRATA_HAS_BODIES

/// Two numbers of each group, at a pixel or of the map, as one per channel.
class GroupNumbers {
 public:
  /// `memory`: two lines of channels. numbers: of the image, a node's value of 2 G channels.
  GroupNumbers(const Node& node, const float* numbers, float* memory)
      : first(memory),
        second(memory + whole_lines(node.in.channels)),
        numbers_(numbers),
        groups_(node.groups),
        channels_(node.in.channels / node.groups),
        width_(node.in.width),
        pixels_(normalizes_pixels(node)) {}

  /// Makes them those of a pixel; rows are visited from their first pixel on.
  void at(long pixel) {
    if (pixels_ || pixel % width_ == 0) spread(numbers_ + (pixels_ ? pixel * 2 * groups_ : 0));
  }
  void spread(const float* from) {
    for (int g = 0; g < groups_; g++) {
      std::fill_n(first + long(g) * channels_, channels_, from[g]);
      std::fill_n(second + long(g) * channels_, channels_, from[groups_ + g]);
    }
  }

  float *const first, *const second;

 private:
  const float* numbers_;
  int groups_, channels_, width_;
  bool pixels_;
};

/// Scale and shift of each element, or 1 and 0.
struct ScaleAndShift {
  const float *scale, *shift;
  long step;  ///< from pixel to pixel

  /// `memory`: two lines of channels.
  ScaleAndShift(const Call& call, float* memory) {
    const Node& node = *call.node;
    const long line = whole_lines(node.in.channels);
    scale = call.packed, shift = call.packed + shared_floats(node);
    step = node.share == Share::element ? node.in.channels : 0;
    if (node.weights >= 0) return;
    std::fill_n(memory, line, 1.f), std::fill_n(memory + line, line, 0.f);
    scale = memory, shift = memory + line, step = 0;
  }
};

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
