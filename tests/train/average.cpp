// SPDX-License-Identifier: MIT
// TrainOptions::average: what the average is, that it is what is validated, kept and returned, that the training goes
// on without it, and that no interruption changes a bit.
#include <strata/train/average.hpp>

#include <doctest/doctest.h>

#include <map>

#include <strata/spec/layers.hpp>
#include <strata/train/trainer.hpp>

#include "../support/digit_set.hpp"
#include "../support/model_numbers.hpp"
#include "../support/refusal.hpp"
#include "../support/softmax_regression.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/tolerance.hpp"

namespace train_average {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using testing::numbers;
using testing::refuses;

namespace {

using Normed = Network<Image<28, 28, 1>, BatchNorm, Dense<10>, Softmax>;
using Subject = Model<Normed, testing::SoftmaxRegression>;

struct AveragedData {
  Dataset train = testing::digit_set(100, 1), validation = testing::digit_set(50, 2);
};
const AveragedData& averaged_sets() {
  static const AveragedData sets;
  return sets;
}

/// 4 updates per epoch, in 16 updates; a validation after every second one.
TrainOptions averaging(const Average& average, const std::string& checkpoint = "") {
  return {.epochs = 4,
          .batch = 25,
          .micro_batch = 10,
          .optimizer = Sgd{.rate = 0.5},
          .validation = {.every = 2},
          .average = average,
          .statistics = average.kind == Average::Kind::equal ? Statistics::population : Statistics::moving,
          .checkpoints = {.path = checkpoint}};
}

Subject fresh() { return Subject{{.seed = 1, .threads = 1}}; }

/// Trains until `iteration`, after which a stop is asked for.
Run train_until(long iteration, Subject& model, TrainOptions options) {
  std::atomic<bool> stop{false};
  auto watch = [&](const Progress& p) { stop = stop || p.run.iterations == iteration; };
  options.observer = observe(watch), options.stop = &stop;
  return train(model, averaged_sets(), options);
}

/// The model after each of these iterations, without an average.
std::vector<std::vector<float>> models_after(const std::vector<long>& iterations) {
  static std::map<long, std::vector<float>> known;
  std::vector<std::vector<float>> out;
  for (const long iteration : iterations) {
    std::vector<float>& model_after = known[iteration];
    if (model_after.empty()) {
      Subject model = fresh();
      train_until(iteration, model, averaging({}));
      model_after = numbers(model);
    }
    out.push_back(model_after);
  }
  return out;
}

/// Whether the first `count` numbers of the model are the sum of `models` by these weights.
bool is_sum(const std::vector<float>& model, long count, const std::vector<std::vector<float>>& models,
            const std::vector<double>& weights) {
  std::vector<double> ours, theirs;
  for (std::size_t i = 0; i < std::size_t(count); i++) {
    double sum = 0;
    for (std::size_t m = 0; m < models.size(); m++) sum += weights[m] * double(models[m][i]);
    ours.push_back(double(model[i])), theirs.push_back(sum);
  }
  return testing::relative_distance(ours.data(), theirs.data(), count) <= 1e-6;
}

const std::vector<Average> all_kinds = {
    ExponentialAverage{}, ExponentialAverage{.decay = 0.5, .warms_up = false, .from_epoch = 2, .every = 3},
    EqualAverage{}, EqualAverage{.from_epoch = 2, .every = 3}};

}  // namespace

TEST_CASE("an exponential average of parameters and buffers") {
  Subject model = fresh();
  const Run run = train(model, averaged_sets(), averaging(ExponentialAverage{.decay = 0.6, .from_epoch = 3}));
  CHECK(run.averaged == 8);
  std::vector<double> weights = {1};
  for (int n = 2; n <= 8; n++) {
    const double decay = std::min(0.6, n / (n + 9.));
    for (double& weight : weights) weight *= decay;
    weights.push_back(1 - decay);
  }
  const auto models = models_after({9, 10, 11, 12, 13, 14, 15, 16});
  CHECK(is_sum(numbers(model), long(models[0].size()), models, weights));

  Subject plain = fresh();
  CHECK(train(plain, averaged_sets(),
              averaging(ExponentialAverage{.decay = 0.75, .warms_up = false, .from_epoch = 2, .every = 5}))
            .averaged == 3);  // updates 5, 10, 15
  CHECK(is_sum(numbers(plain), long(models[0].size()), models_after({5, 10, 15}), {0.5625, 0.1875, 0.25}));
}

TEST_CASE("an equal average of parameters, whose statistics are those of the training set") {
  for (const auto& [average, iterations] :
       {std::pair(EqualAverage{.from_epoch = 2}, std::vector<long>{8, 12, 16}),
        std::pair(EqualAverage{.from_epoch = 2, .every = 3}, std::vector<long>{6, 9, 12, 15})}) {
    Subject model = fresh(), last = fresh();
    CHECK(train(model, averaged_sets(), averaging(average)).averaged == long(iterations.size()));
    CHECK(is_sum(numbers(model), Subject::parameter_floats, models_after(iterations),
                 std::vector<double>(iterations.size(), 1 / double(iterations.size()))));
    TrainOptions options = averaging({});
    options.statistics = Statistics::population;
    train(last, averaged_sets(), options);
    CHECK(std::ranges::equal(model.buffers(), last.buffers()));  // of this back end: the means of the images
  }
}

TEST_CASE("the average is what is validated, and the training goes on without it") {
  Subject without = fresh();
  const Run alone = train(without, averaged_sets(), averaging({}));
  CHECK(alone.averaged == 0);
  for (const Average& average : all_kinds) {
    Subject model = fresh();
    const Run run = train(model, averaged_sets(), averaging(average));
    REQUIRE(run.history.size() == 16);
    for (std::size_t i = 0; i < 16; i++) CHECK(run.history[i].loss == alone.history[i].loss);
    CHECK(run.history[1].validation_loss.has_value());
    if (average.from_epoch == 2) CHECK(run.history[3].validation_loss == alone.history[3].validation_loss);
    CHECK(run.history[15].validation_loss != alone.history[15].validation_loss);
    CHECK(run.history[15].validation_loss == evaluate(model, averaged_sets().validation).loss);
    CHECK(run.validation.loss == evaluate(model, averaged_sets().validation).loss);
    CHECK(numbers(model) != numbers(without));
  }
}

TEST_CASE("stopped anywhere and resumed: the same average, the same model") {
  for (const Average& average : all_kinds)
    for (const Keep& keep : {Keep::last, Keep::best_loss}) {
      testing::TemporaryFolder folder;
      TrainOptions options = averaging(average, folder / "c");
      options.keep = keep;
      Subject whole = fresh();
      const Run expected = train(whole, averaged_sets(), options);
      const Bytes last = read_file(folder / "c");
      for (const long stop_at : {3L, 6L, 8L, 11L, 15L}) {
        Subject stopped = fresh(), resumed = fresh();
        CHECK(train_until(stop_at, stopped, options).status == Status::interrupted);
        CHECK(numbers(stopped) == models_after({stop_at})[0]);  // the model, not the average
        TrainOptions on = options;
        on.checkpoints.resume = Resume::yes;
        const Run run = train(resumed, averaged_sets(), on);
        CHECK(run.status == Status::complete);
        CHECK(run.averaged == expected.averaged);
        CHECK(run.kept_iteration == expected.kept_iteration);
        CHECK(run.validation.loss == expected.validation.loss);
        CHECK(numbers(resumed) == numbers(whole));
        Subject again = fresh();  // its end is recomputed
        train(again, averaged_sets(), on);
        CHECK(numbers(again) == numbers(whole));
        on.epochs = 3;  // nothing is left to do
        Subject fewer = fresh();
        CHECK(train(fewer, averaged_sets(), on).nothing_to_do);
        if (keep == Keep::last) CHECK(numbers(fewer) == numbers(whole));
      }
      CHECK(read_file(folder / "c").size() == last.size());
    }
}

TEST_CASE("an observer that fails while the average is shown leaves the model") {
  for (const Average& average : all_kinds) {
    Subject model = fresh();
    TrainOptions options = averaging(average);
    auto fail = [](const Progress& p) {
      if (p.event == Event::validation && p.run.iterations == 10) throw Error("the disk is full");
    };
    options.observer = observe(fail);
    CHECK(refuses([&] { train(model, averaged_sets(), options); }, "the disk is full"));
    CHECK(numbers(model) == models_after({10})[0]);
  }
}

TEST_CASE("the best average is kept") {
  TrainOptions options = averaging(ExponentialAverage{.decay = 0.5});
  options.optimizer = Sgd{.rate = 2.0}, options.keep = Keep::best_loss;
  Subject model = fresh(), until = fresh();
  const Run run = train(model, averaged_sets(), options);
  REQUIRE(run.kept_iteration < 16);
  CHECK(run.averaged == run.kept_iteration);
  CHECK(run.history[std::size_t(run.kept_iteration - 1)].validation_loss ==
        evaluate(model, averaged_sets().validation).loss);
}

TEST_CASE("a checkpoint without the average, or with another, is refused, or the average begins where it is resumed") {
  testing::TemporaryFolder folder;
  const auto resume = [&](const Average& average, Resume how, Subject& model) {
    TrainOptions options = averaging(average, folder / "c");
    options.statistics = Statistics::population, options.checkpoints.resume = how;
    return train(model, averaged_sets(), options);
  };
  TrainOptions options = averaging({}, folder / "c");
  options.statistics = Statistics::population;
  Subject stopped = fresh(), model = fresh(), other = fresh();
  train_until(8, stopped, options);
  const Bytes none = read_file(folder / "c");
  CHECK(none[7] == '4');
  CHECK(refuses([&] { resume(ExponentialAverage{}, Resume::yes, model); },
                "was written without average, and this training has exponential"));
  CHECK(resume(EqualAverage{.every = 2}, Resume::anyway, model).averaged == 4);  // 10, 12, 14, 16
  CHECK(is_sum(numbers(model), Subject::parameter_floats, models_after({10, 12, 14, 16}), {0.25, 0.25, 0.25, 0.25}));
  const Bytes equal = read_file(folder / "c");
  CHECK(equal[7] == 'D');
  CHECK(refuses([&] { resume({}, Resume::yes, model); }, "was written with average equal, and this training has none"));
  CHECK(resume({}, Resume::anyway, model).averaged == 0);
  write_file(folder / "c", equal);
  CHECK(resume(ExponentialAverage{}, Resume::anyway, other).averaged == 0);  // no update is left
  CHECK(numbers(other) == numbers(model));
}

TEST_CASE("an average of no models, or one whose statistics would not fit") {
  Subject model = fresh();
  const std::vector<float> before = numbers(model);
  const auto says = [&](const Average& average, const char* part, const char* more = "") {
    return refuses([&] { train(model, averaged_sets(), averaging(average)); }, part, more);
  };
  for (const double decay : {-0.1, 1., 2., double(NAN), HUGE_VAL})
    CHECK(says(ExponentialAverage{.decay = decay}, "train: average.decay is ", "; give a number from 0 to below 1"));
  for (const int epoch : {-1, 0, 5}) {
    CHECK(says(ExponentialAverage{.from_epoch = epoch}, "train: average.from_epoch = ", "from 1 to 4"));
    CHECK(says(EqualAverage{.from_epoch = epoch}, "train: average.from_epoch = ", "from 1 to 4"));
  }
  CHECK(says(ExponentialAverage{.every = 0}, "average.every = 0; give a number of updates, 1 or more"));
  CHECK(says(EqualAverage{.every = -1}, "average.every = -1; give a number of updates, or 0"));
  CHECK(says(EqualAverage{.from_epoch = 4, .every = 20}, "from epoch 4 on there are only 4 updates"));
  CHECK(says(ExponentialAverage{.every = std::numeric_limits<long>::max()}, "there are only 16 updates"));
  TrainOptions options = averaging(EqualAverage{});
  options.statistics = Statistics::moving;
  CHECK(refuses([&] { train(model, averaged_sets(), options); }, "the moving statistics of batch norm do not fit",
                "give statistics = Statistics::population"));
  CHECK(refuses([&] { learner_of(model, 1, Sgd{})->average(0.5); }, "learner: its lesson has no average"));
  CHECK(numbers(model) == before);
}

TEST_CASE("the number of threads changes no bit of an average") {
  const auto averaged = [](int threads) {
    Workers workers(threads);
    Random random{3, 0};
    std::vector<float> average(300'001), now(average.size());
    for (std::size_t i = 0; i < now.size(); i++) average[i] = random.uniform(), now[i] = random.uniform();
    training::detail::move_average(workers, average.data(), now.data(), long(now.size()), 0.1);
    return average;
  };
  CHECK(averaged(1) == averaged(3));
}

}  // namespace train_average
