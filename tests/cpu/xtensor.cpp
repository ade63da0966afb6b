// SPDX-License-Identifier: MIT
// xtensor arrays in, xtensor arrays out: training, scores, classes.
#include <strata/strata.hpp>
#include <strata/xtensor.hpp>

#include <doctest/doctest.h>
#include <xtensor/xview.hpp>

#include "../support/digit_set.hpp"
#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::data;
using Net = Network<Image<28, 28, 1>, Conv<3, 2, Stride<4>>, ReLU, Dense<10>, Softmax>;

namespace {

/// A type whose functions have the names of strata's.
struct Oracle {
  int asked = 0;
};
template <class Array>
int predict(Oracle& oracle, const Array&) {
  return ++oracle.asked;
}
template <class Question>
int classify(const Oracle& oracle, const Question&) {
  return oracle.asked;
}

}  // namespace

TEST_CASE("predict and classify leave the functions of other types alone") {
  Oracle oracle;
  const xt::xtensor<float, 4> images = xt::xtensor<float, 4>::from_shape({1, 1, 2, 2});
  CHECK(predict(oracle, images) == 1);
  CHECK(classify(oracle, images) == 1);
}

TEST_CASE("a model learns from arrays and answers with arrays") {
  const Dataset drawings = testing::digit_set(120, 1);
  xt::xtensor<unsigned char, 4> images(std::array<std::size_t, 4>{120, 28, 28, 1});
  xt::xtensor<int, 1> labels(std::array<std::size_t, 1>{120});
  std::copy_n(drawings.bytes(0), images.size(), images.data());
  for (int i = 0; i < 120; i++) labels(i) = drawings.label(i);

  Model<Net> model{{.seed = 1, .threads = 1}};
  train(model, ArraySet(images, labels, Model<Net>::input),
        {.epochs = 30, .batch = 40, .optimizer = Adam{.rate = 0.01}});
  const Model<Net>& learned = model;
  const xt::xtensor<int, 3> classes = classify(learned, images);
  const xt::xtensor<float, 4> scores = predict(learned, images);
  CHECK(classes.shape()[0] == 120);
  CHECK(scores.shape()[3] == 10);
  int right = 0;
  for (int i = 0; i < 120; i++) {
    right += classes(i, 0, 0) == labels(i);
    float sum = 0;
    for (int c = 0; c < 10; c++) sum += scores(i, 0, 0, c);
    CHECK(double(sum) == doctest::Approx(1));
  }
  CHECK(right > 100);
  CHECK(model.predict({.bytes = images.data(), .count = 120})[13] == scores(1, 0, 0, 3));
  CHECK(testing::refuses(
      [&] {
        predict(model, xt::xtensor<float, 4>::from_shape({1, 1, 28, 28}));
      },
      "1 x 1 x 28 x 28", "N x 28 x 28 x 1"));
}

TEST_CASE("a view of some images shows those images and their labels") {
  const Dataset drawings = testing::digit_set(6, 1);
  xt::xtensor<float, 4> images(std::array<std::size_t, 4>{6, 28, 28, 1});
  xt::xtensor<std::int32_t, 1> labels(std::array<std::size_t, 1>{6});
  for (int i = 0; i < 6; i++) {
    labels(i) = drawings.label(i);
    for (long p = 0; p < 784; p++) images.data()[i * 784 + p] = float(drawings.bytes(i)[p]);
  }
  const auto some = xt::view(images, xt::range(2, 4));
  const auto every_other = xt::view(images, xt::range(1, 6, 2));
  const auto their_labels = xt::view(labels, xt::range(2, 4));
  const ArrayImages pair(some, Net::input), thinned(every_other, Net::input);
  CHECK(pair.view().count == 2);
  CHECK(thinned.view().count == 3);
  for (long p = 0; p < 784; p++) {
    REQUIRE(pair.view().floats[784 + p] == images.data()[3 * 784 + p]);
    REQUIRE(thinned.view().floats[784 + p] == images.data()[3 * 784 + p]);
  }
  const ArraySet set(some, their_labels, Net::input);
  const std::int32_t order[] = {1};
  const Batch batch = set.batch(order, 1);
  CHECK(batch.labels.values[batch.labels.row(0)] == labels(3));
}
