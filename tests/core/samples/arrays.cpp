// SPDX-License-Identifier: MIT
#include <strata/core/samples/arrays.hpp>
#include <strata/data/copied.hpp>
#include <strata/xtensor.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <xtensor/xview.hpp>

#include "../../support/refusal.hpp"

using strata::ArrayImages;
using strata::Shape;

TEST_CASE("a row-major array is viewed, not copied") {
  xt::xtensor<float, 4> array = xt::arange<float>(2 * 3 * 4 * 2).reshape({2, 3, 4, 2});
  const ArrayImages images(array, Shape{3, 4, 2});
  CHECK_FALSE(images.is_copy());
  CHECK(images.view().floats == array.data());
  CHECK(images.view().count == 2);

  xt::xtensor<unsigned char, 3> gray = xt::zeros<unsigned char>({5, 3, 4});
  CHECK(ArrayImages(gray, Shape{3, 4, 1}).view().bytes == gray.data());
}

TEST_CASE("another layout is copied into row-major order") {
  xt::xtensor<float, 4, xt::layout_type::column_major> array({2, 3, 4, 2});
  for (int n = 0; n < 2; n++)
    for (int y = 0; y < 3; y++)
      for (int x = 0; x < 4; x++)
        for (int c = 0; c < 2; c++) array(n, y, x, c) = float(((n * 3 + y) * 4 + x) * 2 + c);
  const ArrayImages images(array, Shape{3, 4, 2});
  CHECK(images.is_copy());
  for (int i = 0; i < 48; i++) CHECK(images.view().floats[i] == float(i));

  const auto other = std::make_unique<ArrayImages>(images);  // has numbers of its own
  CHECK(other->view().floats != images.view().floats);
  CHECK(other->view().floats[47] == 47);
}

TEST_CASE("signals need no dimension of rows") {
  xt::xtensor<float, 3> signals = xt::arange<float>(2 * 5 * 3).reshape({2, 5, 3});
  CHECK(ArrayImages(signals, Shape{1, 5, 3}).view().floats == signals.data());
  CHECK_THROWS_AS(ArrayImages(signals, Shape{5, 3, 2}), strata::Error);
  CHECK_THROWS_AS(ArrayImages(signals, Shape{1, 3, 5}), strata::Error);
  CHECK(ArrayImages(signals, Shape{5, 3, 1}).view().count == 2);  // gray images, as ever
  xt::xtensor<float, 2> single = xt::arange<float>(2 * 5).reshape({2, 5});
  CHECK(ArrayImages(single, Shape{1, 5, 1}).view().floats == single.data());

  const ArrayImages turned(xt::xtensor<float, 3, xt::layout_type::column_major>(signals), Shape{1, 5, 3});
  CHECK(turned.is_copy());
  for (int i = 0; i < 30; i++) CHECK(turned.view().floats[i] == float(i));
}

TEST_CASE("a wrong shape is refused in one sentence") {
  xt::xtensor<float, 4> array = xt::zeros<float>({2, 1, 28, 28});
  CHECK_THROWS_WITH_AS(
      ArrayImages(array, Shape{28, 28, 1}),
      "the array of images is 2 x 1 x 28 x 28, but the network takes N x 28 x 28 x 1 (images, rows, columns, "
      "channels); transpose or reshape it",
      strata::Error);
}

TEST_CASE("results are views and maps of classes") {
  const float scores[2 * 2 * 3] = {0, 2, 1, 5, 4, 3, 0, 0, 9, 1, 1, 0};
  const auto view = strata::as_xtensor(scores, 2, Shape{1, 2, 3});
  CHECK(view(1, 0, 0, 2) == 9);
  CHECK(view.data() == scores);
  const auto classes = strata::metrics::most_probable(scores, 2, Shape{1, 2, 3});
  CHECK(classes(0, 0, 0) == 1);
  CHECK(classes(0, 0, 1) == 0);
  CHECK(classes(1, 0, 0) == 2);
  CHECK(classes(1, 0, 1) == 0);
}

TEST_CASE("two arrays are a set") {
  xt::xtensor<unsigned char, 4> images = xt::zeros<unsigned char>({3, 1, 2, 1});
  images(2, 0, 1, 0) = 7;
  const xt::xtensor<std::int32_t, 1> labels = {4, 5, -1};
  const xt::xtensor<unsigned char, 1> bytes = {4, 5, 6};
  const strata::ArraySet set(images, labels, Shape{1, 2, 1}), copied(images, bytes, Shape{1, 2, 1});
  CHECK(set.count() == 3);
  const std::int32_t index[] = {2, 0};
  const strata::Batch batch = set.batch(index, 2);
  CHECK(batch.images.count == 2);
  CHECK(batch.images.bytes == images.data());
  CHECK(batch.images.row(0) == 2);
  CHECK(batch.labels.values == labels.data());
  CHECK(batch.labels.values[batch.labels.row(1)] == 4);
  CHECK(copied.batch(index, 2).labels.values[2] == 6);

  const xt::xtensor<long, 1> wide = {-7, 5, 4294967296};
  CHECK(strata::testing::refuses(
      [&] {
        strata::ArraySet(images, wide, Shape{1, 2, 1});
      },
      "label 0 of image 2 is 4294967296", "not a class"));

  const xt::xtensor<int, 3> maps = xt::ones<int>({3, 1, 2});
  CHECK(strata::ArraySet(images, maps, Shape{1, 2, 1}, 2).batch(nullptr, 3).labels.values == maps.data());
  const xt::xtensor<int, 1> two = {1, 2};
  CHECK(strata::testing::refuses(
      [&] {
        strata::ArraySet(images, two, Shape{1, 2, 1});
      },
      "labels is 2 for 3 images", "1 label per image"));
  CHECK(strata::testing::refuses([&] { strata::ArraySet(images, labels, Shape{1, 2, 1}, 2); }, "2 labels per image"));
}

TEST_CASE("targets are an array of floats") {
  const xt::xtensor<float, 4> images = xt::zeros<float>({3, 2, 2, 1});
  xt::xtensor<float, 2> targets = xt::zeros<float>({3, 2});
  targets(2, 1) = 5;
  const strata::ArraySet set(images, targets, {2, 2, 1}, 2);
  const std::int32_t index[] = {2};
  const strata::Batch batch = set.batch(index, 1);
  CHECK(batch.labels.values == nullptr);
  CHECK(batch.labels.floats[batch.labels.row(0) * 2 + 1] == 5);
  CHECK(batch.labels.per_image == 2);
  CHECK(strata::testing::refuses(
      [&] {
        strata::ArraySet(images, targets, {2, 2, 1});
      },
      "is 3 x 2 for 3 images; give 1 label per image"));
}

TEST_CASE("labels and targets of any layout, type and view are those of the array") {
  const xt::xtensor<float, 4> images = xt::zeros<float>({3, 2, 2, 1});
  xt::xtensor<short, 3, xt::layout_type::column_major> maps({3, 2, 2});
  xt::xtensor<float, 2, xt::layout_type::column_major> soft({3, 4});
  xt::xtensor<float, 2> wide = xt::zeros<float>({3, 8});
  for (int n = 0; n < 3; n++)
    for (int k = 0; k < 4; k++) {
      maps(n, k / 2, k % 2) = short(4 * n + k - 1);
      soft(n, k) = wide(n, 2 * k + 1) = float(4 * n + k) / 100;
    }
  const strata::ArraySet by_pixel(images, maps, {2, 2, 1}, 4), by_class(images, soft, {2, 2, 1}, 4);
  const auto every_second = xt::view(wide, xt::all(), xt::range(1, 8, 2));
  const strata::ArraySet viewed(images, every_second, {2, 2, 1}, 4);
  const auto bools = xt::xtensor<bool, 1>{true, false, true};
  const strata::ArraySet yes_or_no(images, bools, {2, 2, 1});
  CHECK(yes_or_no.batch(nullptr, 3).labels.values[2] == 1);
  for (int i = 0; i < 12; i++) {
    CHECK(by_pixel.batch(nullptr, 3).labels.values[i] == i - 1);
    CHECK(by_class.batch(nullptr, 3).labels.floats[i] == float(i) / 100);
    CHECK(viewed.batch(nullptr, 3).labels.floats[i] == float(i) / 100);
  }
}

TEST_CASE("a copy of arrays is a Dataset, which can be split and augmented") {
  xt::xtensor<unsigned char, 4> images = xt::zeros<unsigned char>({300, 1, 2, 1});
  xt::xtensor<float, 2> targets = xt::zeros<float>({300, 2});
  xt::xtensor<int, 1> labels = xt::arange<int>(300);
  for (int i = 0; i < 300; i++) images(i, 0, 1, 0) = (unsigned char)(i % 256), targets(i, 1) = float(i);
  const strata::ArraySet with_targets(images, targets, {1, 2, 1}, 2), with_labels(images, labels, {1, 2, 1});
  const strata::Dataset a = strata::data::copied(with_targets, {1, 2, 1}),
                        b = strata::data::copied(with_labels, {1, 2, 1}).part(290, 10);
  CHECK(a.count() == 300);
  CHECK(a.bytes(299)[1] == 299 % 256);
  CHECK(a.targets(299)[1] == 299);
  CHECK(b.label(9) == 299);
  CHECK(b.bytes(9)[1] == 299 % 256);
}
