// SPDX-License-Identifier: MIT
// Images augmented by the device's kernel, against data/augment.hpp.
#include <strata/data/augment.hpp>

#include "../../support/cuda/kernel_check.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;

namespace {

using Numbers = std::vector<std::uint8_t>;

/// A batch of images, and their labels as a set stores them: 255 is void.
struct Pictures {
  Shape shape;
  Numbers images, labels;
  Pictures(Shape s, int batch, std::uint64_t seed) : shape(s) {
    Random random{seed, 0};
    for (long i = 0; i < batch * s.size(); i++) images.push_back(std::uint8_t(random.below(256)));
    for (long i = 0; i < long(batch) * s.pixels(); i++)
      labels.push_back(random.below(9) == 0 ? void_label : std::uint8_t(random.below(30)));
  }
};

/// Labels as a batch stores them: -1 is void.
std::vector<std::int32_t> counted(const Numbers& labels) {
  std::vector<std::int32_t> out;
  for (const std::uint8_t label : labels) out.push_back(label == void_label ? -1 : label);
  return out;
}

void compare(Shape shape, const std::vector<ImageTransform>& transforms) {
  const int batch = int(transforms.size());
  const Pictures given(shape, batch, 5);
  Numbers expected_images(given.images.size()), expected_labels(given.labels.size());
  for (int i = 0; i < batch; i++)
    apply_transform(transforms[std::size_t(i)], shape.height, shape.width, given.images.data() + i * shape.size(),
                    given.labels.data() + long(i) * shape.pixels(), expected_images.data() + i * shape.size(),
                    expected_labels.data() + long(i) * shape.pixels());
  std::vector<std::int32_t> recipes(std::size_t(batch * cuda::transform_recipe_bytes(shape) / 4));
  auto* const bytes = reinterpret_cast<unsigned char*>(recipes.data());
  for (int i = 0; i < batch; i++)
    cuda::write_transform_recipe(transforms[std::size_t(i)], shape, bytes + i * cuda::transform_recipe_bytes(shape));
  const std::vector<std::int32_t> labels = counted(given.labels);
  Numbers images_out(given.images.size() + 1, 77);
  std::vector<std::int32_t> labels_out(labels.size() + 1, 77);
  cuda::run_augment_batch({.batch = batch,
                           .shape = shape,
                           .recipes = bytes,
                           .images = given.images.data(),
                           .labels = labels.data(),
                           .changed_images = images_out.data(),
                           .changed_labels = labels_out.data()});
  CHECK(images_out.back() == 77);
  CHECK(labels_out.back() == 77);
  images_out.pop_back(), labels_out.pop_back();
  CHECK(images_out == expected_images);
  CHECK(labels_out == counted(expected_labels));
}

constexpr Shape shapes[] = {{1, 1, 3}, {9, 13, 3}, {24, 16, 3}, {1, 31, 3}, {17, 2, 3}};

}  // namespace

TEST_CASE("each change by itself, bit for bit") {
  for (const Shape shape : shapes)
    compare(shape, {{},
                    {.reflected = true},
                    {.down = 3, .right = -1},
                    {.down = -100},
                    {.scale = 1.37, .top = 0.4, .left = 2.2},
                    {.scale = 2.5},
                    {.scale = 0.6, .top = -1.5, .left = -2},
                    {.scale = 0.05},
                    {.offset = 31.4},
                    {.offset = -200},
                    {.down = 2, .right = 1, .gain = 0.7, .outside = {124, 116, 104}},
                    {.scale = 0.6, .top = -1.5, .left = -2, .outside = {1, 0, 255}},
                    {.gain = 1.3},
                    {.gain = 0.5}});
}

TEST_CASE("what an augmentation draws, bit for bit") {
  const Augmentation all{
      .reflect = true, .translate = 4, .scale_low = 0.5, .scale_high = 2, .brightness = 0.3, .contrast = 0.4};
  for (const Shape shape : shapes) {
    std::vector<ImageTransform> transforms;
    for (std::uint64_t i = 0; i < 60; i++) {
      transforms.push_back(draw_transform(all, shape.height, shape.width, 11, i));
      transforms.back().outside = {std::uint8_t(4 * i), 116, std::uint8_t(255 - i)};
    }
    compare(shape, transforms);
  }
}

TEST_CASE("out of view each channel has its own number, or 0 where the change has none") {
  for (const int channels : {1, 2, 4, 6}) {
    const Shape shape{1, 2, channels};
    std::vector<std::int32_t> recipe(std::size_t(cuda::transform_recipe_bytes(shape) / 4));
    auto* const bytes = reinterpret_cast<unsigned char*>(recipe.data());
    cuda::write_transform_recipe({.right = 1, .outside = {11, 12, 13, 14}}, shape, bytes);
    const Numbers image(std::size_t(shape.size()), 9);
    const std::vector<std::int32_t> labels{5, 6};
    Numbers changed(image.size(), 77);
    std::vector<std::int32_t> changed_labels(2, 77);
    cuda::run_augment_batch({.batch = 1,
                             .shape = shape,
                             .recipes = bytes,
                             .images = image.data(),
                             .labels = labels.data(),
                             .changed_images = changed.data(),
                             .changed_labels = changed_labels.data()});
    for (int c = 0; c < channels; c++) {
      CHECK(changed[std::size_t(c)] == (c < 4 ? 11 + c : 0));
      CHECK(changed[std::size_t(channels + c)] == 9);
    }
    CHECK(changed_labels == std::vector<std::int32_t>{-1, 5});
  }
}
