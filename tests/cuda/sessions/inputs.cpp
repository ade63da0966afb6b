// SPDX-License-Identifier: MIT
// Batches on the device that stands in for a GPU: as given, or augmented.
#include <strata/cuda/sessions/inputs.hpp>
#include <strata/data/augment.hpp>

#include "../../support/cuda/library.hpp"
#include "../../support/cuda/recording_runtime.hpp"

#include <doctest/doctest.h>
#include <strata/core/random.hpp>

namespace cuda_sessions_inputs {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::testing;

namespace {

constexpr Shape picture{7, 5, 3}, scores{7, 5, 4};
constexpr int pictures = 6, pixels = picture.pixels();
constexpr long size = picture.size();

struct Numbers {
  std::vector<std::uint8_t> images;
  std::vector<std::int32_t> labels;
  bool operator==(const Numbers&) const = default;
};

Numbers memory() {
  Numbers out;
  Random random{8, 0};
  for (long i = 0; i < pictures * size; i++) out.images.push_back(std::uint8_t(random.below(256)));
  for (int i = 0; i < pictures * pixels; i++) out.labels.push_back(std::int32_t(random.below(5)) - 1);
  return out;
}

/// The images and labels that a program on the device would read.
Numbers taken(cuda::Inputs& inputs, int count) {
  const cuda::Device device = cuda::Device::current();
  CHECK(inputs.take(count));
  const cuda::PinnedMemory images(count * size), labels(count * pixels);
  cuda::copy_to_host(images.data(), inputs.images(), count * size, device.stream());
  cuda::copy_to_host(labels.data(), inputs.labels().bytes, count * pixels, device.stream());
  cuda::synchronize(device.stream());
  Numbers out{{images.data(), images.data() + count * size}, {}};
  for (int i = 0; i < count * pixels; i++) out.labels.push_back(labels.data()[i] == void_label ? -1 : labels.data()[i]);
  return out;
}

/// The same on the host.
Numbers expected(const Images& images, const Labels& labels) {
  Numbers out;
  for (int i = 0; i < images.count; i++) {
    const std::uint8_t* const image = images.bytes + images.row(i) * size;
    const std::int32_t* const values = labels.values + labels.row(i) * pixels;
    std::vector<std::uint8_t> coded(values, values + pixels), changed_image(image, image + size),
        changed(coded);  // -1: 255, void_label
    if (images.transforms)
      apply_transform(images.transforms[i], picture.height, picture.width, image, coded.data(), changed_image.data(),
                      changed.data());
    out.images.insert(out.images.end(), changed_image.begin(), changed_image.end());
    for (const std::uint8_t label : changed) out.labels.push_back(label == void_label ? -1 : label);
  }
  return out;
}

}  // namespace

TEST_CASE("batches with and without changes take turns, each staged after the other") {
  device::begin({.order = device::Order::shuffled, .seed = 3});
  {
    const Numbers given = memory();
    const Augmentation all{
        .reflect = true, .translate = 2, .scale_low = 0.6, .scale_high = 1.5, .brightness = 0.2, .contrast = 0.2};
    std::vector<ImageTransform> transforms;
    for (std::uint64_t i = 0; i < 4; i++) {
      transforms.push_back(draw_transform(all, picture.height, picture.width, 2, i));
      transforms.back().outside = {std::uint8_t(100 + i), 116, 104};
    }
    const std::int32_t index[] = {5, 0, 3, 3}, others[] = {1, 2, 0, 4};
    const auto images = [&](int count, const ImageTransform* of) {
      return Images{.bytes = given.images.data(), .index = index, .count = count, .transforms = of};
    };
    const Labels labels{given.labels.data(), others};
    const Images batches[] = {images(4, transforms.data()), images(3, nullptr), images(2, transforms.data() + 2),
                              images(4, transforms.data()), images(1, nullptr)};
    cuda::Inputs inputs(cuda::Device::current(), 4, picture, scores);
    CHECK(inputs.applies_transforms());
    inputs.stage(batches[0], &labels);
    for (std::size_t i = 0; i < std::size(batches); i++) {
      if (i + 1 < std::size(batches)) inputs.stage(batches[i + 1], &labels);
      CHECK(taken(inputs, batches[i].count) == expected(batches[i], labels));
    }
    CHECK(device::log().ran.at("augment_batch") == 3);
  }
  for (const std::string& what : device::log().violations) FAIL_CHECK(what);
}

TEST_CASE("changes are applied only where pictures have a label for each pixel") {
  const cuda::Device device = cuda::Device::current();
  CHECK(!cuda::Inputs(device, 1, picture, {}).applies_transforms());
  CHECK(!cuda::Inputs(device, 1, picture, {1, 1, 4}).applies_transforms());
  CHECK(!cuda::Inputs(device, 1, picture, {5, 7, 4}).applies_transforms());
  const Numbers given = memory();
  const ImageTransform moved{.right = 2};
  const Images images{.bytes = given.images.data(), .count = 1, .transforms = &moved};
  cuda::Inputs without(device, 1, picture, {});
  without.stage(images, nullptr);
  CHECK(without.take(1));
  const cuda::PinnedMemory read(size);
  cuda::copy_to_host(read.data(), without.images(), size, device.stream());
  cuda::synchronize(device.stream());
  CHECK(std::equal(read.data(), read.data() + size, given.images.data()));
  for (const std::string& what : device::log().violations) FAIL_CHECK(what);
}

TEST_CASE("labels are bytes on the device, given as ints or as bytes, unless there are more than 255 classes") {
  auto&& device = cuda::Device::current();
  const Numbers given = memory();
  std::vector<std::uint8_t> bytes(given.labels.begin(), given.labels.end());  // -1: 255
  std::vector<std::int32_t> ints = given.labels;
  ints[3] = 255, bytes[3] = 255;  // no class of these
  ints[4] = 1000, bytes[4] = 255;
  const std::int32_t index[] = {0, 3};
  const Images images{.bytes = given.images.data(), .index = index, .count = 2};
  const auto copied = [&](const void* from, long size) {
    const cuda::PinnedMemory read(size);
    cuda::copy_to_host(read.data(), from, size, device.stream());
    cuda::synchronize(device.stream());
    return std::vector<std::uint8_t>(read.data(), read.data() + size);
  };
  for (const Labels& labels :
       {Labels{.values = ints.data(), .index = index}, Labels{.index = index, .bytes = bytes.data()}}) {
    cuda::Inputs inputs(device, 2, picture, {7, 5, 255});
    inputs.stage(images, &labels);
    inputs.take(2);
    REQUIRE(inputs.labels().bytes != nullptr);
    const std::vector<std::uint8_t> read = copied(inputs.labels().bytes, 2 * pixels);
    CHECK(std::equal(read.begin(), read.begin() + pixels, bytes.begin()));
    CHECK(std::equal(read.begin() + pixels, read.end(), bytes.begin() + 3 * pixels));
  }
  cuda::Inputs inputs(device, 2, picture, {7, 5, 256});
  const Labels labels{.values = ints.data(), .index = index};
  inputs.stage(images, &labels);
  inputs.take(2);
  REQUIRE(inputs.labels().values != nullptr);
  const std::vector<std::uint8_t> read = copied(inputs.labels().values, 4 * pixels);
  CHECK(std::memcmp(read.data(), ints.data(), read.size()) == 0);
  for (const std::string& what : device::log().violations) FAIL_CHECK(what);
}

}  // namespace cuda_sessions_inputs
