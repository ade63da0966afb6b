// SPDX-License-Identifier: MIT
// Labels on their way to the device: bytes for up to 255 classes, where 255 is no class; ints for more. Floats travel
// as labels of four bytes, one for each value of the scores.
#pragma once

#include <strata/core/samples/views.hpp>
#include <strata/core/shape.hpp>
#include <strata/cuda/runtime/call.hpp>

#include <cstring>

namespace strata::cuda {

/// Bytes of a label on the device, for scores of this shape.
constexpr long label_bytes(Shape scores) { return scores.channels <= 255 ? 1 : 4; }

/// The shape of scores whose labels take the room of a float for each value of scores of shape `scores`.
constexpr Shape one_label_per_value(Shape scores) { return {scores.height, scores.width * scores.channels, 256}; }

/// Copies `count` labels from number `first` on, as labels of `bytes` bytes each.
inline void gather_labels(const Labels& labels, long first, long count, long bytes, unsigned char* to) {
  if (labels.floats) {
    std::memcpy(to, labels.floats + first, std::size_t(4 * count));
    return;
  }
  if (!labels.values) {
    std::memcpy(to, labels.bytes + first, std::size_t(count));
    return;
  }
  const std::int32_t* const values = labels.values + first;
  if (bytes == 4) std::memcpy(to, values, std::size_t(4 * count));
  else
    for (long i = 0; i < count; i++) to[i] = std::uint8_t(values[i] >= 0 && values[i] < 255 ? values[i] : 255);
}

inline DeviceLabels labels_on_device(const unsigned char* at, long bytes) {
  if (bytes == 1) return at;
  return reinterpret_cast<const std::int32_t*>(at);
}

}  // namespace strata::cuda
