// SPDX-License-Identifier: MIT
// What a training finds out about its samples and its model before it changes anything.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <strata/core/samples/arrays.hpp>
#include <strata/data/dataset.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/trainer.hpp>

#include "../support/model_numbers.hpp"
#include "../support/refusal.hpp"
#include "../support/softmax_regression.hpp"

namespace train_survey {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using testing::numbers;
using testing::refuses;
using Fake = testing::SoftmaxRegression;
using Net = Network<Image<2, 3, 2>, BatchNorm, Dense<3>, Softmax>;

namespace {

constexpr Shape shape{2, 3, 2};

Dataset floats(int count, int broken = -1, float number = 0, std::int32_t label = 0) {
  std::vector<float> x(std::size_t(count) * 12);
  std::vector<std::int32_t> y(std::size_t(count), 0);
  Random random{1, 0};
  for (float& v : x) v = random.uniform();
  for (int i = 0; i < count; i++) y[std::size_t(i)] = i % 3;
  if (broken >= 0) x[std::size_t(broken) * 12 + 9] = number, y[std::size_t(broken)] = label;
  return Dataset(shape, std::move(x), std::move(y));
}

/// Hands out copies, as a set that reads files does.
struct Copies {
  const Dataset set;
  std::vector<float> x{};
  std::vector<std::int32_t> y{};

  int count() const { return set.count(); }
  Batch batch(const std::int32_t* index, int n) {
    x.clear(), y.clear();
    for (int i = 0; i < n; i++) {
      x.insert(x.end(), set.floats(index[i]), set.floats(index[i]) + 12);
      y.push_back(set.label(index[i]));
    }
    return {{.floats = x.data(), .count = n}, {y.data(), nullptr}};
  }
};

TrainOptions options(Normalization input = Normalization::zscore) { return {.epochs = 2, .batch = 4, .input = input}; }

}  // namespace

TEST_CASE("NaN and infinity are named with their sample, and the model stays as it was") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  const std::vector<float> before = numbers(model);
  using enum Normalization;
  for (const Normalization input : {keep, none, zerocenter, zscore, unit}) {
    CHECK(refuses(
        [&] { train(model, floats(12, 2, NAN), options(input)); },
        "train: sample 2 holds NaN (row 1, column 1, channel 1); give finite numbers, or leave the sample out"));
    CHECK(refuses([&] { train(model, floats(12, 11, -INFINITY), options(input)); }, "sample 11 holds -infinity"));
    struct {
      Dataset train = floats(12), validation = floats(5, 3, INFINITY);
    } data;
    CHECK(refuses([&] { train(model, data, options(input)); }, "train: the validation set: sample 3 holds infinity"));
  }
  Copies copies{floats(12, 5, NAN)};
  CHECK(refuses([&] { train(model, copies, options()); }, "train: sample 5 holds NaN"));
  CHECK(refuses([&] { evaluate(model, floats(12, 7, NAN)); }, "evaluate: sample 7 holds NaN"));
  CHECK(numbers(model) == before);
  CHECK(refuses([&] { train(model, copies, options(none)); }, "train: sample 5 holds NaN"));
  for (const float x : numbers(model)) REQUIRE(std::isfinite(x));  // the batches before it were good
}

TEST_CASE("labels without a class are named before anything is changed") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  const std::vector<float> before = numbers(model);
  CHECK(refuses([&] { train(model, floats(12, 10, 0, 3), options(Normalization::none)); },
                "train: sample 10 has the label 3", "3 classes"));
  Copies copies{floats(12, 10, 0, 3)};
  CHECK(refuses([&] { train(model, copies, options()); }, "train: sample 10 has the label 3"));
  CHECK(numbers(model) == before);
}

TEST_CASE("labels that are all ignored, or weigh nothing") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  const std::vector<float> before = numbers(model);
  const Dataset ignored(shape, std::vector<float>(60, 0.5f), std::vector<std::int32_t>(5, -1));
  const Dataset of_one_class(shape, std::vector<float>(60, 0.5f), std::vector<std::int32_t>(5, 2));
  TrainOptions weightless = options(Normalization::none);
  weightless.loss.class_weights = {1, 1, 0};
  CHECK(refuses([&] { train(model, ignored, options()); }, "all labels of the training set are below 0",
                "give labels of 0 or more"));
  CHECK(refuses([&] { train(model, of_one_class, weightless); },
                "all labels of the training set belong to classes with weight 0"));
  struct {
    Dataset train, validation;
  } data{floats(12), ignored};
  CHECK(refuses([&] { train(model, data, options()); }, "all labels of the validation set are below 0"));
  CHECK(numbers(model) == before);
  struct {
    Copies train;
  } files{{ignored}}, class_files{{of_one_class}};
  Run run = train(model, files.train, options(Normalization::none));
  CHECK(run.status == Status::failed);
  CHECK(run.epochs == 1);
  CHECK(run.why.find("all labels of the first epoch are below 0") == 0);
  run = train(model, class_files.train, weightless);
  CHECK(run.status == Status::failed);
  CHECK(run.why.find("all labels of the first epoch belong to classes with weight 0") == 0);
}

TEST_CASE("a validation without labels ends no training") {
  struct {
    Dataset train = floats(12);
    Copies validation{Dataset(shape, std::vector<float>(24, 0.5f), {-1, -1})};
  } data;
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  const Run run = train(model, data, {.epochs = 5, .batch = 4, .validation = {.patience = 1}});
  CHECK(run.status == Status::complete);
  CHECK(run.epochs == 5);
}

TEST_CASE("a model without numbers is not trained") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  model.tensors()[2].data[4] = NAN;
  CHECK(refuses([&] { train(model, floats(12), options()); },
                "train: the tensor '1.weight' of the model holds NaN; initialize"));
  model.initialize(1);
  model.tensors().back().data[0] = INFINITY;
  CHECK(refuses([&] { train(model, floats(12), options()); }, "'0.running_var' of the model holds infinity"));
  model.initialize(1);
  CHECK(train(model, floats(12), options()).status == Status::complete);
}

TEST_CASE("a loss that is NaN before the first update is not blamed on the learning rate") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  Fake::steps = 0, Fake::poison = 0;
  const Run run = train(model, floats(12), options());
  Fake::poison = -1;
  CHECK(run.status == Status::failed);
  CHECK(run.why ==
        "the loss became NaN at iteration 1 of 6 (epoch 1); no update was made yet: scale the values of the images, "
        "or the initial values of the model");
}

TEST_CASE("labels that are bytes are checked like ints, and 255 is ignored") {
  const std::uint8_t labels[] = {0, 2, 255, 1, 3, 0};
  const Labels given{.bytes = labels};
  training::detail::check_labels(given, nullptr, 2, 2, 3, "train");
  CHECK(refuses([&] { training::detail::check_labels(given, nullptr, 3, 2, 3, "train"); },
                "train: sample 2 has the label 3, but the network has 3 classes"));
}

}  // namespace train_survey
