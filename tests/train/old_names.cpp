// SPDX-License-Identifier: MIT
// The names of the last release, which compile with a warning for one more.
#include <doctest/doctest.h>

#include <strata/data/camvid.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/label_png.hpp>
#include <strata/models/resnet18_weights.hpp>
#include <strata/strata.hpp>
#include <strata/train/initialise.hpp>
#include <strata/train/normalisation.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::models;
using namespace strata::training;

static_assert(std::is_same_v<Normalisation, Normalization> && std::is_same_v<Initialise, Initialize>);
static_assert(std::is_same_v<Colour, Color> && std::is_same_v<LabelledPicture, LabeledPicture> &&
              std::is_same_v<LabelCoding::ColourLabel, LabelCoding::ColorLabel>);
static_assert(std::is_same_v<Scale<Identity, Sigmoid>, Multiply<Identity, Sigmoid>>);
static_assert(StoredAs::colour == StoredAs::color && LabelCoding::Kind::colour == LabelCoding::Kind::color);

TEST_CASE("old functions do what the new ones do") {
  using Net = Network<Image<4, 4, 3>, Dense<2>, Softmax>;
  Model<Net> old_names(seed{1}, threads{1}), new_names{{.seed = 1, .threads = 1}};
  old_names.initialise(seed{2}, Initialise::he), new_names.initialize(2, Initialize::he);
  imagenet_normalisation(old_names), imagenet_normalization(new_names);
  CHECK(std::ranges::equal(old_names.parameters(), new_names.parameters()));
  CHECK(std::ranges::equal(old_names.buffers(), new_names.buffers()));
  old_names.initialize(seed{3}), new_names.initialize(3);
  CHECK(std::ranges::equal(old_names.parameters(), new_names.parameters()));
  CHECK(camvid::colour_coding().colors.size() == camvid::color_coding().colors.size());
}

TEST_CASE("a model is made from a seed, threads and workers as from its options") {
  using Net = Network<Image<4, 4, 3>, Dense<2>, Softmax>;
  const auto same = [](const Model<Net>& a, const Model<Net>& b) {
    return a.seed() == b.seed() && a.workers().count() == b.workers().count() &&
           std::ranges::equal(a.parameters(), b.parameters());
  };
  Workers workers(2);
  CHECK(same(Model<Net>(seed{3}), Model<Net>{{.seed = 3}}));
  CHECK(same(Model<Net>(seed{3}, threads{2}, Initialize::he),
             Model<Net>{{.seed = 3, .threads = 2, .initialize = Initialize::he}}));
  CHECK(same(Model<Net>(workers), Model<Net>{{.workers = &workers}}));
  CHECK(same(Model<Net>(workers, seed{3}, Initialize::he),
             Model<Net>{{.seed = 3, .initialize = Initialize::he, .workers = &workers}}));
}

TEST_CASE("the numbers of a model convert to pointers to them") {
  Model<Network<Image<4, 4, 3>, Dense<2>, Softmax>> model{{.threads = 1}};
  float* parameters = model.parameters();
  const float* buffers = std::as_const(model).buffers();
  CHECK(parameters == model.parameters().data());
  CHECK(buffers == model.buffers().data());
  CHECK(model.parameters().size() == std::size_t(model.parameter_floats));
  CHECK(model.buffers().size() == std::size_t(model.buffer_floats));
}

TEST_CASE("pointers predict and weigh as spans do") {
  using Net = Network<Image<4, 4, 3>, Dense<2>, Softmax>;
  const Model<Net> model{{.threads = 1}};
  const std::vector<float> pixels(5 * 48, 0.5f);
  const std::vector<std::int32_t> labels = {0, 1, 1, 0, 1};
  const Images images{.floats = pixels.data(), .count = 5};
  std::vector<float> result(10);
  model.predict(images, result.data());
  CHECK(std::ranges::equal(result, model.predict(images)));
  const Dataset set({4, 4, 3}, std::vector<std::uint8_t>(5 * 48, 100), labels);
  const std::vector<float> weights = {3, 1};
  const double weighted = evaluate(model, set, {.class_weights = weights}).loss;
  const double mean = evaluate(model, set, {.class_weights = weights, .divide_by_weights = true}).loss;
  CHECK(evaluate(model, set, weights.data()).loss == weighted);
  CHECK(evaluate(model, set, weights.data(), true).loss == mean);
  CHECK(evaluate(model, set, nullptr).loss == evaluate(model, set).loss);
  CHECK(weighted != mean);
}
