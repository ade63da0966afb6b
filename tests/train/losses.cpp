// SPDX-License-Identifier: MIT
// Trainings on floats: what a loss refuses, what records and checkpoints keep, and the errors that an evaluation
// measures.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <strata/core/random.hpp>
#include <strata/data/dataset.hpp>
#include <strata/metrics/metric_names.hpp>
#include <strata/reference/reference.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/sgd.hpp>
#include <strata/train/trainer.hpp>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

namespace train_losses {

using namespace strata;
using namespace strata::training;
using data::Dataset;
using testing::refuses;

using Line = Network<Image<1, 4, 1>, Dense<2>>;
using Yes = Network<Image<1, 4, 1>, Dense<2>, Sigmoid>;
using Classes = Network<Image<1, 4, 1>, Dense<2>, Softmax>;

namespace {

constexpr Shape shape{1, 4, 1};
constexpr float missing = std::numeric_limits<float>::quiet_NaN();

struct Values {
  Dataset train, validation;
};

/// Targets that are sums of the pixels.
Dataset sums(int count, std::uint64_t seed, float last = 0) {
  core::Random random{seed, 0};
  std::vector<float> x(std::size_t(4 * count)), t;
  for (float& v : x) v = random.uniform();
  for (int i = 0; i < count; i++) {
    const float* const own = x.data() + 4 * i;
    t.insert(t.end(), {own[0] + own[1], own[2] - own[3]});
  }
  t.back() += last;
  return Dataset(shape, x, t, 2);
}

Dataset labels(int count) {
  return Dataset(shape, std::vector<float>(std::size_t(4 * count), 0.5f),
                 std::vector<std::int32_t>(std::size_t(count), 1));
}

TrainOptions options(const Loss& loss, int epochs = 3) {
  return {.epochs = epochs, .batch = 8, .optimizer = Sgd{.rate = 0.1}, .loss = loss};
}

template <class Net>
bool says(const Loss& loss, const Dataset& data, const char* what) {
  return refuses(
      [&] {
        Model<Net, Reference> model;
        train(model, data, options(loss));
      },
      what);
}

}  // namespace

TEST_CASE("a loss that does not fit the network or the data is one sentence") {
  CHECK(says<Line>({}, labels(9), "does not end in Softmax or PixelSoftmax, so there is no loss by default"));
  CHECK(
      says<Classes>(MeanSquaredError{}, sums(9, 1), "MeanSquaredError compares the network's output with its targets"));
  CHECK(says<Yes>(CrossEntropy{}, labels(9),
                  "CrossEntropy takes the output as logarithms, but the network ends in Sigmoid"));
  CHECK(says<Line>(Huber{}, labels(9), "Huber compares the output with floats, but the samples have labels"));
  CHECK(says<Line>(BinaryCrossEntropy{}, sums(9, 1), "has the target -0.225"));
  CHECK(says<Line>(MeanSquaredError{}, sums(9, 1, HUGE_VALF), "sample 8 has the target inf"));
  const Dataset single(shape, std::vector<float>(8, 0.5f), std::vector<float>{1, 2}, 1);
  CHECK(says<Line>(MeanSquaredError{}, single,
                   "the samples have 1 floats each, but the network's output is 1 x 1 x 2; give 2 for each image"));
  CHECK(says<Classes>(CrossEntropy{.smoothing = 1.5}, labels(9),
                      "CrossEntropy::smoothing = 1.5; give a number from 0 to 1"));
  CHECK(says<Line>(Huber{.delta = 0}, sums(9, 1), "Huber::delta = 0; give"));
  CHECK(says<Line>(Focal{.balance = 2}, sums(9, 1), "Focal::balance = 2; give"));
  CHECK(says<Line>(Focal{.focusing = -1}, sums(9, 1), "Focal::focusing = -1; give"));
  CHECK(says<Line>(Dice{.smooth = -1}, sums(9, 1), "Dice::smooth = -1; give"));
  CHECK(says<Line>(BinaryCrossEntropy{.positive_weights = {1}}, sums(9, 1), "loss.positive_weights has 1 weights"));
  CHECK(says<Line>(MeanSquaredError{.class_weights = {0, 0}}, sums(9, 1), "all loss.class_weights are 0"));
  CHECK(refuses(
      [&] {
        Model<Line, Reference> model;
        TrainOptions o = options(MeanSquaredError{});
        o.keep = Keep::best_mean_iou;
        train(model, Values{sums(9, 1), sums(5, 2)}, o);
      },
      "the targets are floats, which have no IoU"));
}

TEST_CASE("a training on floats learns, and records the errors of its validations") {
  Model<Line, Reference> model;
  const Values data{sums(64, 1), sums(32, 2)};
  const Run run = train(model, data, options(MeanSquaredError{}, 60));
  CHECK(run.status == Status::complete);
  CHECK(run.measures_values);
  const Record& last = run.history.back();
  REQUIRE(last.validation_rmse);
  CHECK(*last.validation_rmse < 0.05);
  CHECK(*last.validation_mae <= *last.validation_rmse);
  CHECK(*last.validation_r2 > 0.9);
  CHECK(*last.validation_loss == doctest::Approx(*last.validation_rmse * *last.validation_rmse).epsilon(1e-4));
  CHECK(!last.validation_accuracy);
  CHECK(!run.history[0].validation_loss);
  const metrics::Evaluation e = evaluate(model, data.validation);
  CHECK(e.loss == doctest::Approx(*last.validation_loss));
  CHECK(e.counted == 64);
  CHECK(e.errors.r2() == doctest::Approx(*last.validation_r2));
}

TEST_CASE("values of NaN are left out") {
  std::vector<float> x(16, 0.5f), t{1, missing, 2, 4, missing, missing, 3, 4};
  const Dataset data(shape, x, t, 2);
  Model<Line, Reference> model;
  for (float& p : model.parameters()) p = 0;
  model.parameters()[8] = 1, model.parameters()[9] = 2;  // the biases
  const metrics::Evaluation e = evaluate(model, data, {.loss = MeanAbsoluteError{}});
  CHECK(e.counted == 5);
  CHECK(e.loss == doctest::Approx((0 + 1 + 2 + 2 + 2) / 5.));
  CHECK(e.errors.mae() == doctest::Approx(7 / 5.));
  CHECK(e.errors.rmse() == doctest::Approx(std::sqrt(13 / 5.)));
  CHECK(e.errors.r2() == doctest::Approx(1 - 5 / 2.));  // only the first channel's targets differ
  const Dataset none(shape, std::vector<float>(4, 0.5f), std::vector<float>{missing, missing}, 2);
  CHECK(says<Line>(MeanSquaredError{}, none, "the training set"));
}

TEST_CASE("a training on floats resumes from its checkpoint bit for bit, and only with the same loss") {
  const testing::TemporaryFolder folder;
  const Values data{sums(40, 1), sums(16, 2)};
  TrainOptions o = options(Huber{.delta = 0.2}, 4);
  o.keep = Keep::best_loss;
  Model<Line, Reference> whole, parts;
  const Run expected = train(whole, data, o);
  o.checkpoints.path = folder.path() + "/values";
  o.epochs = 2;
  train(parts, data, o);
  o.epochs = 4, o.checkpoints.resume = Resume::yes;
  TrainOptions other = o;
  other.loss = Huber{.delta = 0.3};
  CHECK(refuses([&] { train(parts, data, other); }, "loss.numbers 0.2,0"));
  const Run run = train(parts, data, o);
  REQUIRE(run.history.size() == expected.history.size());
  for (std::size_t i = 0; i < run.history.size(); i++) {
    CHECK(run.history[i].loss == expected.history[i].loss);
    CHECK(run.history[i].validation_loss == expected.history[i].validation_loss);
    CHECK(run.history[i].validation_mae == expected.history[i].validation_mae);
    CHECK(run.history[i].validation_r2 == expected.history[i].validation_r2);
  }
  for (int i = 0; i < Model<Line, Reference>::parameter_floats; i++)
    CHECK(parts.parameters()[std::size_t(i)] == whole.parameters()[std::size_t(i)]);
}

TEST_CASE("metrics of values, decisions and probabilities of classes") {
  const Dataset values = sums(24, 3);
  std::vector<float> x, yes, shares;
  core::Random random{5, 0};
  for (int i = 0; i < 4 * 24; i++) x.push_back(random.uniform());
  for (int i = 0; i < 2 * 24; i++) yes.push_back(float(random.below(2)));
  for (int i = 0; i < 24; i++) shares.push_back(random.uniform()), shares.push_back(1 - shares.back());
  const Dataset decisions(shape, x, yes, 2), distributions(shape, x, shares, 2);
  using namespace metrics;
  const std::vector<Metric> of_decisions{precision(), recall(1), f1(), auc(), mae(), rmse()};

  Model<Line, Reference> line;
  Model<Yes, Reference> sigmoid;
  Model<Classes, Reference> softmax;
  std::copy(line.parameters().begin(), line.parameters().end(), sigmoid.parameters().begin());
  std::copy(line.parameters().begin(), line.parameters().end(), softmax.parameters().begin());
  const Evaluation e = evaluate(line, values, {.loss = MeanSquaredError{}, .metrics = {mae(), rmse()}});
  REQUIRE(e.metrics.size() == 2);
  CHECK(e.metrics[0] == MetricValue{"mae", e.errors.mae()});
  CHECK(e.metrics[1] == MetricValue{"rmse", e.errors.rmse()});
  CHECK(refuses([&] { evaluate(line, values, {.loss = MeanSquaredError{}, .metrics = {f1()}}); },
                "evaluate: the metric 'f1' measures classes with labels or decisions with targets from 0 to 1, but the "
                "outputs are values; leave it out, or give another"));

  // Logarithms of odds and probabilities are the same decisions.
  const Evaluation logits = evaluate(line, decisions, {.loss = BinaryCrossEntropy{}, .metrics = of_decisions}),
                   probabilities =
                       evaluate(sigmoid, decisions, {.loss = BinaryCrossEntropy{}, .metrics = of_decisions});
  const core::Floats p = sigmoid.predict(decisions.images());
  double absolute = 0;
  for (std::size_t i = 0; i < yes.size(); i++) absolute += std::abs(double(p[i]) - double(yes[i]));
  CHECK(probabilities.metrics[4].value == doctest::Approx(absolute / double(yes.size())));
  for (std::size_t m = 0; m < of_decisions.size(); m++)
    CHECK(logits.metrics[m].value == doctest::Approx(probabilities.metrics[m].value).epsilon(1e-6));
  CHECK(probabilities.metrics[2].value > 0);

  const auto mistake = [](const Scored& set) {
    double most = 0;
    for (long i = 0; i < set.pixels * set.channels; i++)
      most = std::max(most, std::abs(double(set.outputs[i]) - double(set.targets[i])));
    return set.are == OutputKind::distributions ? most : -1;
  };
  const std::vector<Metric> of_shares{mae(), own("largest", Better::lower, mistake)};
  const Evaluation after = evaluate(softmax, distributions, of_shares),
                   before = evaluate(line, distributions, {.loss = CrossEntropy{}, .metrics = of_shares});
  CHECK(after.metrics[1].value > after.metrics[0].value);
  for (std::size_t m = 0; m < 2; m++)
    CHECK(before.metrics[m].value == doctest::Approx(after.metrics[m].value).epsilon(1e-6));

  // A training on values that keeps by a metric of its own.
  TrainOptions o = options(MeanSquaredError{});
  o.metrics = {own("width", Better::lower, mistake, OutputKind::values), rmse()}, o.keep = Keep::best("rmse");
  const Run run = train(line, Values{sums(40, 1), sums(16, 2)}, o);
  CHECK(run.kept_by.by == "rmse");
  for (const Record& r : run.history)
    if (r.validation_rmse) CHECK(r.metrics[1].value == *r.validation_rmse);
  o.metrics = {top(1)}, o.keep = Keep::best_loss;
  CHECK(refuses(
      [&] {
        train(line, Values{sums(40, 1), sums(16, 2)}, o);
      },
      "train: the metric 'top1' measures classes"));
  o.metrics.clear(), o.keep = Keep::best_accuracy;
  CHECK(refuses([&] { train(line, Values{sums(40, 1), sums(16, 2)}, o); }, "train: keep is by 'accuracy'"));
}

TEST_CASE("decisions have an accuracy") {
  std::vector<float> x, t;
  core::Random random{3, 0};
  for (int i = 0; i < 64; i++) {
    for (int k = 0; k < 4; k++) x.push_back(random.uniform());
    t.insert(t.end(), {x[x.size() - 4] > 0.5f ? 1.f : 0.f, x.back() > x[x.size() - 2] ? 1.f : 0.f});
  }
  const Dataset data(shape, x, t, 2);
  Model<Line, Reference> logits;
  Model<Yes, Reference> probabilities;
  const Run run = train(logits, data, options(BinaryCrossEntropy{}, 100));
  train(probabilities, data, options(BinaryCrossEntropy{}, 100));
  CHECK(!run.measures_values);
  CHECK(run.train_accuracy > 0.9);
  const metrics::Evaluation e = evaluate(logits, data, {.loss = BinaryCrossEntropy{}});
  CHECK(e.accuracy > 0.9);
  CHECK(!e.measures_values());
  CHECK(evaluate(probabilities, data, {.loss = BinaryCrossEntropy{}}).loss == doctest::Approx(e.loss).epsilon(1e-4));
}

TEST_CASE("an autoencoder's targets are its images") {
  const Dataset floats = sums(3, 1).with_images_as_targets();
  CHECK(floats.targets(2) == floats.floats(2));
  const Dataset bytes =
      Dataset(shape, std::vector<std::uint8_t>{0, 255, 51, 102}, std::vector<std::int32_t>{0}).with_images_as_targets();
  CHECK(bytes.targets(0)[1] == 1);
  CHECK(bytes.targets(0)[2] == 0.2f);
  CHECK(bytes.batch(nullptr, 1).labels.floats == bytes.targets(0));
}

}  // namespace train_losses
