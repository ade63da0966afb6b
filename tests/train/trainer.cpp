// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <strata/spec/layers.hpp>
#include <strata/train/trainer.hpp>

#include "../support/digit_set.hpp"
#include "../support/softmax_regression.hpp"

using namespace strata;
using Fake = testing::SoftmaxRegression;
using Net = Network<Image<28, 28, 1>, Dense<10>, Softmax>;
using Normed = Network<Image<28, 28, 1>, BatchNorm, Dense<10>, Softmax>;

namespace {

struct Data {
  Dataset train = testing::digit_set(200, 1), validation = testing::digit_set(50, 2);
};
const Data& data() {
  static const Data sets;
  return sets;
}

template <class M>
std::vector<float> numbers(const M& model) {
  std::vector<float> out(model.parameters(), model.parameters() + M::parameter_floats);
  out.insert(out.end(), model.buffers(), model.buffers() + M::buffer_floats);
  return out;
}

}  // namespace

TEST_CASE("a training learns, validates and records") {
  Model<Net, Fake> model(seed{1}, threads{1});
  const Run run = train(model, data(), {.epochs = 8, .batch = 32, .optimizer = Adam{.rate = 0.003}});
  CHECK(run.status == Status::complete);
  CHECK(run.history.size() == 8 * 7);
  CHECK(run.iterations == 56);
  CHECK(run.images == 8 * 200);
  CHECK(run.validated);
  CHECK(run.train_accuracy > 0.9);
  CHECK(run.validation.accuracy > 0.5);
  CHECK(run.history[6].validation_accuracy >= 0);
  CHECK(run.history[5].validation_accuracy == -1);
  CHECK(run.history.back().loss < run.history.front().loss);
  CHECK(evaluate(model, data().validation).accuracy == run.validation.accuracy);
}
