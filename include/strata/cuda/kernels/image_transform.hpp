// SPDX-License-Identifier: MIT
// Images and their labels changed by the formulas of core/samples/image_transform.hpp, bit for bit as on the host. An
// item is a pixel of the changed batch; the recipe of its image says which pixels it reads and how values change.
#pragma once

#include <strata/cuda/kernels/grid.hpp>
#include <strata/cuda/kernels/own_kernels.hpp>

namespace strata::cuda::kernels {

/// Label: of bytes, where -1 becomes 255, or of ints.
template <class Label>
struct AugmentPixel {
  Grid<1> pixels;
  const unsigned char* recipes;
  const std::uint8_t* images;
  const Label* labels;
  std::uint8_t* changed_images;
  Label* changed_labels;
  int channels;
  long recipe_bytes;

  explicit AugmentPixel(const AugmentBatch& c)
      : pixels({c.shape.height, c.shape.width, 1}),
        recipes(c.recipes),
        images(c.images),
        labels(static_cast<const Label*>(c.labels)),
        changed_images(c.changed_images),
        changed_labels(static_cast<Label*>(c.changed_labels)),
        channels(c.shape.channels),
        recipe_bytes(transform_recipe_bytes(c.shape)) {}

  STRATA_DEVICE void operator()(long i) const {
    const Place place = pixels(i);
    const int tables = pixels.height + pixels.width;
    const unsigned char* const recipe = recipes + place.image * recipe_bytes;
    const auto* const sources = reinterpret_cast<const std::int32_t*>(recipe);
    const std::int32_t row = sources[place.row], column = sources[pixels.height + place.column];
    const unsigned char* const tones = recipe + 4L * tables;
    std::uint8_t* const changed = changed_images + i * channels;
    if (row < 0 || column < 0) {
      for (int c = 0; c < channels; c++) changed[c] = c < int(sizeof(core::Outside)) ? tones[256 + c] : 0;
      changed_labels[i] = Label(-1);
      return;
    }
    const core::Between y = core::between(row), x = core::between(column);
    const auto pixel = [&](int from_row, int from_column) {
      return images + pixels.at(place.image, from_row, from_column, 0) * channels;
    };
    const std::uint8_t *const first = pixel(y.first, x.first), *const right_of = pixel(y.first, x.next);
    const std::uint8_t *const below = pixel(y.next, x.first), *const right_below = pixel(y.next, x.next);
    for (int c = 0; c < channels; c++)
      changed[c] = tones[core::bilinear(first[c], right_of[c], below[c], right_below[c], x.share, y.share)];
    changed_labels[i] = labels[pixels.at(place.image, core::nearest(row), core::nearest(column), 0)];
  }
};

}  // namespace strata::cuda::kernels
