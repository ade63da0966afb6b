// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <strata/spec/layers.hpp>
#include <strata/train/trainer.hpp>

#include "../support/digit_set.hpp"
#include "../support/model_numbers.hpp"
#include "../support/old_checkpoint.hpp"
#include "../support/refusal.hpp"
#include "../support/softmax_regression.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/tolerance.hpp"

namespace train_trainer {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::metrics;
using namespace strata::training;
using testing::numbers;
using testing::refuses;
using testing::relative_distance;
using testing::relative_error;
using Fake = testing::SoftmaxRegression;
using Net = Network<Image<28, 28, 1>, Dense<10>, Softmax>;
using Normed = Network<Image<28, 28, 1>, BatchNorm, Dense<10>, Softmax>;

namespace {

struct Data {
  Dataset train = testing::digit_set(200, 1), validation = testing::digit_set(50, 2);
};
const Data& sets() {
  static const Data sets;
  return sets;
}

/// A back end on a machine without free memory.
struct NoRoom : Fake {
  template <class Network>
  struct Training : Fake::Training<Network> {
    Training(int images, Workers& workers) : Fake::Training<Network>(images, workers) { throw std::bad_alloc(); }
  };
  template <class Network>
  struct Inference : Fake::Inference<Network> {
    Inference(int images, Workers& workers) : Fake::Inference<Network>(images, workers) { throw std::bad_alloc(); }
  };
};

}  // namespace

TEST_CASE("a training learns, validates and records") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  const Run run = train(model, sets(), {.epochs = 8, .batch = 32, .optimizer = Adam{.rate = 0.003}});
  CHECK(run.status == Status::complete);
  CHECK(run.history.size() == 8 * 7);
  CHECK(run.iterations == 56);
  CHECK(run.images == 8 * 200);
  CHECK(run.validated);
  CHECK(run.train_accuracy > 0.9);
  CHECK(run.validation.accuracy > 0.5);
  CHECK(run.history[6].validation_accuracy.has_value());
  const Record& between = run.history[5];
  CHECK(!(between.validation_loss || between.validation_accuracy || between.validation_mean_accuracy ||
          between.validation_mean_iou));
  CHECK(run.history.back().loss < run.history.front().loss);
  CHECK(evaluate(model, sets().validation).accuracy == run.validation.accuracy);
}

TEST_CASE("the last batch of an epoch is kept or dropped") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  Run run = train(model, sets().train, {.epochs = 2, .batch = 64});
  CHECK(run.iterations == 8);
  CHECK(run.images == 400);
  CHECK(!run.validated);
  run = train(model, sets().train, {.epochs = 2, .batch = 64, .partial = Partial::drop});
  CHECK(run.iterations == 6);
  CHECK(run.images == 384);
  run = train(model, sets().train, {.epochs = 2, .batch = 1000});
  CHECK(run.iterations == 2);
  CHECK(Fake::largest_batch == 200);
}

TEST_CASE("class weights affect the training and what it reports") {
  const std::vector<float> weights = {0, 2, 1, 1, 1, 1, 1, 1, 1, 1};
  using Reduction = Loss::Reduction;
  for (const Reduction reduction : {Reduction::mean, Reduction::weighted_mean}) {
    std::vector<std::vector<float>> ends;
    std::vector<double> losses;
    for (const int micro_batch : {0, 16}) {
      Model<Net, Fake> model{{.seed = 1, .threads = 1}};
      const Run run = train(model, sets(),
                            {.epochs = 2,
                             .batch = 64,
                             .micro_batch = micro_batch,
                             .optimizer = Sgd{.rate = 0.01},
                             .loss = {.reduction = reduction, .class_weights = weights}});
      ends.push_back(numbers(model));
      losses.push_back(run.history.back().loss);
      const Evaluation again =
          evaluate(model, sets().validation,
                   {.class_weights = weights, .divide_by_weights = reduction == Reduction::weighted_mean});
      CHECK(run.validation.loss == again.loss);
      CHECK(run.history.back().validation_mean_iou == again.confusion.mean_iou());
      CHECK(again.loss != evaluate(model, sets().validation).loss);
      CHECK(again.confusion.accuracy(0) < 0.5);  // nothing pulls toward a class without weight
    }
    // Sums in another order: some units in the last place, of the largest weight for the weights.
    CHECK(relative_error(losses[1], losses[0]) <= 1e-7);
    CHECK(relative_distance(ends[1].data(), ends[0].data(), long(ends[0].size())) <= 1e-6);
  }
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  CHECK(refuses(
      [&] {
        train(model, sets(), {.loss = {.class_weights = {1, 2}}});
      },
      "loss.class_weights has 2 weights, and the network has 10 classes"));
  CHECK(refuses(
      [&] {
        train(model, sets(), {.loss = {.class_weights = {1, 2, -1, 1, 1, 1, 1, 1, 1, 1}}});
      },
      "loss.class_weights[2] = -1; give 0 or a number from 1e-12 to 1e12"));
  CHECK(refuses([&] { train(model, sets(), {.loss = {.class_weights = std::vector<float>(10, 0.f)}}); },
                "all loss.class_weights are 0"));
}

TEST_CASE("micro-batches sum to the batch") {
  Model<Net, Fake> whole{{.seed = 1, .threads = 1}}, parts{{.seed = 1, .threads = 1}};
  const TrainOptions options{.epochs = 2, .batch = 48, .optimizer = Sgd{.rate = 0.05}};
  TrainOptions micro = options;
  micro.micro_batch = 20;
  train(whole, sets().train, options);
  const Run run = train(parts, sets().train, micro);
  CHECK(Fake::largest_batch == 20);
  CHECK(run.iterations == 10);
  const std::vector<float> a = numbers(whole), b = numbers(parts);
  CHECK(relative_distance(b.data(), a.data(), long(a.size())) <= 1e-6);
}

TEST_CASE("the sum of the losses instead of their mean, and a scaled gradient") {
  Model<Net, Fake> mean{{.seed = 1, .threads = 1}}, sum{{.seed = 1, .threads = 1}}, scaled{{.seed = 1, .threads = 1}};
  const auto options = [](double rate, const Loss& loss) {
    return TrainOptions{.epochs = 1, .batch = 50, .optimizer = Sgd{.rate = rate}, .loss = loss};
  };
  train(mean, sets().train, options(0.05, {}));
  train(sum, sets().train, options(0.001, {.reduction = Loss::Reduction::sum}));
  train(scaled, sets().train, options(0.1, {.scale = 0.5}));
  const std::vector<float> expected = numbers(mean);
  CHECK(relative_distance(numbers(sum).data(), expected.data(), long(expected.size())) <= 1e-6);
  CHECK(relative_distance(numbers(scaled).data(), expected.data(), long(expected.size())) <= 1e-6);
}

TEST_CASE("orders: another every epoch, one for all, or as given") {
  struct Watched {
    const Dataset& set;
    std::vector<std::vector<std::int32_t>>& epochs;
    int count() const { return set.count(); }
    Batch batch(const std::int32_t* index, int n) const { return set.batch(index, n); }
    void begin_epoch(const std::int32_t* order, int n, std::uint64_t) { epochs.emplace_back(order, order + n); }
  };
  const auto orders = [](Shuffle shuffle, std::uint64_t of) {
    Model<Net, Fake> model{{.seed = of, .threads = 1}};
    std::vector<std::vector<std::int32_t>> epochs;
    Watched watched{sets().train, epochs};
    train(model, watched, {.epochs = 2, .batch = 100, .shuffle = shuffle});
    return epochs;
  };
  const auto every = orders(Shuffle::every_epoch, 1), once = orders(Shuffle::once, 1),
             never = orders(Shuffle::never, 1);
  CHECK(every[0] != every[1]);
  CHECK(once[0] == once[1]);
  CHECK(never[0][7] == 7);
  CHECK(once[0] != never[0]);
  CHECK(every == orders(Shuffle::every_epoch, 1));
  CHECK(every != orders(Shuffle::every_epoch, 2));
  std::vector<std::int32_t> sorted = every[0];
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted == never[0]);
}

TEST_CASE("a set is told whether the learner changes pictures") {
  struct Told {
    const Dataset& set;
    int& changes;
    int& epochs;
    int count() const { return set.count(); }
    Batch batch(const std::int32_t* index, int n) const { return set.batch(index, n); }
    void begin_epoch(const std::int32_t*, int, std::uint64_t, bool learner_transforms) {
      epochs++, changes += learner_transforms;
    }
  };
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  int changes = 0, epochs = 0;
  Told told{sets().train, changes, epochs};
  train(model, told, {.epochs = 2, .batch = 100, .statistics = Statistics::population});
  CHECK(epochs == 3);
  CHECK(changes == 0);
}

TEST_CASE("a set is told what the input makes 0, before its first epoch and after a resume") {
  struct Told {
    const Dataset& set;
    std::vector<Outside>& colors;
    int& epochs;
    int count() const { return set.count(); }
    Batch batch(const std::int32_t* index, int n) const { return set.batch(index, n); }
    void fill_outside(const Outside& color) {
      CHECK(epochs == 0);
      colors.push_back(color);
    }
    void begin_epoch(const std::int32_t*, int, std::uint64_t) { epochs++; }
  };
  const auto told = [](Model<Net, Fake>& model, const TrainOptions& options) {
    std::vector<Outside> colors;
    int epochs = 0;
    Told set{sets().train, colors, epochs};
    train(model, set, options);
    REQUIRE(colors.size() == 1);
    CHECK(epochs == options.epochs - (options.checkpoints.resume == Resume::yes));
    return int(colors[0][0]);
  };
  double mean = 0;
  for (int i = 0; i < 200 * 784; i++) mean += double(sets().train.bytes(0)[i]) / (200 * 784);
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  CHECK(told(model, {.epochs = 1, .batch = 100, .input = Normalization::unit}) == 0);
  CHECK(told(model, {.epochs = 1, .batch = 100, .input = Normalization::zerocenter}) == int(std::lround(mean)));
  testing::TemporaryFolder folder;
  TrainOptions options{
      .epochs = 1, .batch = 100, .input = Normalization::zscore, .checkpoints = {.path = folder / "c"}};
  CHECK(told(model, options) == int(std::lround(mean)));
  options.epochs = 2, options.checkpoints.resume = Resume::yes;
  Model<Net, Fake> resumed{{.seed = 1, .threads = 1}};
  CHECK(told(resumed, options) == int(std::lround(mean)));
  model.input_scaling({.mean = {200}, .deviation = {100}});
  CHECK(told(model, {.epochs = 1, .batch = 100, .input = Normalization::keep}) == 200);
}

TEST_CASE("validation every so many iterations, and patience") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  Run run = train(model, sets(), {.epochs = 2, .batch = 32, .validation = {.every = 4}});
  std::vector<long> validated;
  for (const Record& r : run.history)
    if (r.validation_accuracy) validated.push_back(r.iteration);
  CHECK(validated == std::vector<long>{4, 8, 12, 14});
  run =
      train(model, sets(), {.epochs = 500, .batch = 32, .optimizer = Sgd{.rate = 2.0}, .validation = {.patience = 3}});
  CHECK(run.status == Status::early);
  CHECK(run.why.find("3 times in a row") != std::string::npos);
  CHECK(run.epochs < 500);
}

TEST_CASE("a validation loss that stays the same is no improvement: patience counts it") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  const Run run =
      train(model, sets(), {.epochs = 20, .batch = 32, .optimizer = Sgd{.rate = 1e-30}, .validation = {.patience = 3}});
  CHECK(run.status == Status::early);
  CHECK(run.epochs == 4);
}

TEST_CASE("a loss that is NaN ends the training and keeps the checkpoint") {
  testing::TemporaryFolder folder;
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  Fake::steps = 0, Fake::poison = 9;
  const Run run = train(model, sets().train, {.epochs = 4, .batch = 50, .checkpoints = {.path = folder / "c"}});
  Fake::poison = -1;
  CHECK(run.status == Status::failed);
  CHECK(run.iterations == 9);
  CHECK(run.why.find("iteration 10 of 16 (epoch 3)") != std::string::npos);
  CHECK(run.why.find("the checkpoint of iteration 8 is kept") != std::string::npos);
  for (float p : numbers(model)) REQUIRE(std::isfinite(p));
}

TEST_CASE("stopped anywhere and resumed: every bit as if never stopped") {
  for (const Shuffle shuffle : {Shuffle::every_epoch, Shuffle::once})
    for (const int stop_at : {1, 6, 7, 10}) {
      testing::TemporaryFolder folder;
      std::atomic<bool> stop{false};
      auto watch = [&](const Progress& p) { stop = stop || p.run.iterations == stop_at; };
      TrainOptions options{.epochs = 3,
                           .batch = 32,
                           .optimizer = Adam{.rate = cosine(0.01)},
                           .shuffle = shuffle,
                           .validation = {.every = 5},
                           .statistics = Statistics::population,
                           .checkpoints = {.path = folder / "c"}};
      Model<Normed, Fake> whole{{.seed = 1, .threads = 1}}, parts{{.seed = 1, .threads = 1}};
      const Run expected = train(whole, sets(), options);
      options.observer = observe(watch), options.stop = &stop;
      std::filesystem::remove(folder / "c");
      const Run stopped = train(parts, sets(), options);
      CHECK(stopped.status == Status::interrupted);
      CHECK(stopped.iterations == stop_at);
      options.observer = {}, options.stop = nullptr, options.checkpoints.resume = Resume::yes;
      Model<Normed, Fake> resumed{{.seed = 1, .threads = 1}};
      const Run run = train(resumed, sets(), options);
      CHECK(run.status == Status::complete);
      CHECK(numbers(resumed) == numbers(whole));
      CHECK(run.history.size() == expected.history.size());
      CHECK(run.validation.loss == expected.validation.loss);
    }
}

TEST_CASE("resuming without a checkpoint") {
  testing::TemporaryFolder folder;
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  TrainOptions options{.epochs = 1, .batch = 50, .checkpoints = {.path = folder / "c", .resume = Resume::yes}};
  CHECK(refuses([&] { train(model, sets().train, options); }, folder / "c"));
  options.checkpoints.resume = Resume::if_present;
  CHECK(train(model, sets().train, options).iterations == 4);
  options.epochs = 2;
  const Run more = train(model, sets().train, options);
  CHECK(more.iterations == 8);
  CHECK(more.history.front().iteration == 1);
}

namespace {

/// A user's optimizer that does not describe its numbers.
struct Descent {
  Schedule rate = 0.01;
  double drag = 0;
  static constexpr const char* name = "descent";
  static constexpr int slots = 0;
  static constexpr bool layerwise = false;
  void direction(const Update&, long n, const float* w, float* g, float* const*) const {
    for (long i = 0; i < n; i++) g[i] += float(drag) * w[i];
  }
};

/// A user's set that provides only samples.
struct Bare {
  const Dataset& set;
  int count() const { return set.count(); }
  Batch batch(const std::int32_t* index, int n) const { return set.batch(index, n); }
};

}  // namespace

TEST_CASE("a training that would not continue as it began is refused by the setting that differs; others resume") {
  testing::TemporaryFolder folder;
  TrainOptions options{.epochs = 2, .batch = 50, .optimizer = Sgd{.rate = 0.01}, .checkpoints = {.path = folder / "c"}};
  options.checkpoints.conditions = {{"--flavor", "plain"}};
  const auto copy = [](const Data& from) { return from; };
  {
    Model<Net, Fake> model{{.seed = 1, .threads = 1}};
    train(model, sets(), options);
  }
  const auto says = [&](auto change, const char* part, std::uint64_t of = 1) {
    TrainOptions other = options;
    Data given = copy(sets());
    other.epochs = 3, other.checkpoints.resume = Resume::yes;
    change(other, given);
    Model<Net, Fake> model{{.seed = of, .threads = 1}};
    const std::vector<float> before = numbers(model);
    return refuses([&] { train(model, given, other); }, "was written with", part,
                   "resume regardless with Resume::anyway") &&
           numbers(model) == before;
  };
  CHECK(says(
      [](TrainOptions& o, Data&) {
        o.checkpoints.conditions = {{"--flavor", "odd"}}, o.batch = 25;
      },
      "--flavor plain, and this training has odd"));
  CHECK(says([](TrainOptions&, Data&) {}, "seed 1, and this training has 2", 2));
  CHECK(says([](TrainOptions& o, Data&) { o.batch = 25; }, "batch 50, and this training has 25"));
  CHECK(says([](TrainOptions& o, Data&) { o.micro_batch = 25; }, "micro_batch 50, and this training has 25"));
  CHECK(says([](TrainOptions& o, Data&) { o.optimizer = Adam{}; }, "optimizer sgd, and this training has adam"));
  CHECK(says([](TrainOptions& o, Data&) { o.optimizer = Sgd{.rate = 0.02}; },
             "optimizer.rate.first 0.01, and this training has 0.02"));
  CHECK(says([](TrainOptions& o, Data&) { o.optimizer = Sgd{.rate = cosine(0.01)}; }, "optimizer.rate constant"));
  CHECK(says([](TrainOptions& o, Data&) { o.optimizer = Sgd{.rate = constant(0.01).warm_up(2)}; },
             "optimizer.rate.warm_up 0"));
  CHECK(
      says([](TrainOptions& o, Data&) { o.optimizer = Sgd{.rate = 0.01, .momentum = 0.8}; }, "optimizer.momentum 0.9"));
  CHECK(says([](TrainOptions& o, Data&) { o.optimizer = Sgd{.rate = 0.01, .l2 = 1e-4}; }, "optimizer.l2 0"));
  CHECK(says([](TrainOptions& o, Data&) { o.optimizer = Sgd{.rate = 0.01, .form = Form::matlab}; },
             "optimizer.form torch"));
  CHECK(says([](TrainOptions& o, Data&) { o.loss.scale = 2; }, "loss.scale 1"));
  CHECK(says([](TrainOptions& o, Data&) { o.loss.class_weights.assign(10, 0.5f); }, "loss.class_weights none"));
  CHECK(says([](TrainOptions& o, Data&) { o.loss.reduction = Loss::Reduction::sum; }, "loss.reduction mean"));
  CHECK(says([](TrainOptions& o, Data&) { o.clip.norm = 1; }, "clip.norm inf"));
  CHECK(says([](TrainOptions& o, Data&) { o.shuffle = Shuffle::once; }, "shuffle every_epoch"));
  CHECK(says([](TrainOptions& o, Data&) { o.partial = Partial::drop; }, "partial keep"));
  CHECK(says([](TrainOptions& o, Data&) { o.validation.patience = 9; }, "validation.patience 0"));
  CHECK(says([](TrainOptions& o, Data&) { o.statistics = Statistics::population; }, "statistics moving"));
  CHECK(says([](TrainOptions& o, Data&) { o.input = Normalization::unit; }, "input zscore"));
  CHECK(says([](TrainOptions&, Data& d) { d.train = testing::digit_set(200, 3); }, "training pixels of digest"));
  CHECK(says([](TrainOptions&, Data& d) { d.train = d.train.part(0, 199); }, "training samples 200"));
  CHECK(says([](TrainOptions&, Data& d) { d.validation = testing::digit_set(50, 3); }, "validation pixels of digest"));
  const Bytes whole = read_file(folder / "c");
  for (const char* part :
       {"compiler", "instruction set", "back end", "devices"}) {  // as another build would have written it
    std::vector<Bytes> items = testing::items_of(whole);
    std::string words(items[testing::conditions_item].begin(), items[testing::conditions_item].end());
    const std::size_t at = words.find(part);
    REQUIRE(at != std::string::npos);
    words[at + std::strlen(part) + 1] = 'Z';
    items[testing::conditions_item].assign(words.begin(), words.end());
    write_file(folder / "c", testing::put_together('4', items));
    CHECK(says([](TrainOptions&, Data&) {}, (std::string(part) + " Z").c_str()));
  }
  write_file(folder / "c", whole);
  options.epochs = 3, options.checkpoints.resume = Resume::yes;
  Model<Net, Fake> model{{.seed = 1, .threads = 2}};
  CHECK(train(model, sets(), options).iterations == 12);
}

TEST_CASE("a user's own optimizer, schedule and set are compared by what they do") {
  testing::TemporaryFolder folder;
  const auto run = [&](double drag, double (*rate)(const Moment&), const Dataset& set, Resume resume) {
    Bare bare{set};
    Model<Net, Fake> model{{.seed = 1, .threads = 1}};
    train(model, bare,
          {.epochs = resume == Resume::no ? 1 : 2,
           .batch = 50,
           .optimizer = Descent{.rate = Schedule(rate), .drag = drag},
           .checkpoints = {.path = folder / "c", .resume = resume}});
  };
  const auto slow = [](const Moment&) { return 0.01; };
  const auto slower = [](const Moment& m) { return m.iteration < 2 ? 0.01 : 0.005; };
  const auto follows = [](const Moment& m) { return 0.01 / m.epochs; };
  run(0, slow, sets().train, Resume::no);
  CHECK(refuses([&] { run(0.5, slow, sets().train, Resume::yes); }, "optimizer's directions"));
  CHECK(refuses([&] { run(0, slower, sets().train, Resume::yes); }, "a learning rate in iteration 3 of"));
  CHECK(refuses([&] { run(0, slow, testing::digit_set(200, 5), Resume::yes); }, "training pixels of digest"));
  run(0, slow, sets().train, Resume::yes);
  run(0, follows, sets().train, Resume::no);
  CHECK(refuses([&] { run(0, follows, sets().train, Resume::yes); },
                "follows the number of epochs, 1, and this training has 2"));
}

TEST_CASE("more epochs if the rates allow it; with fewer there is nothing to do") {
  testing::TemporaryFolder folder;
  const auto run = [&](const Schedule& rate, int epochs, Resume resume) {
    Model<Net, Fake> model{{.seed = 1, .threads = 1}};
    return train(model, sets(),
                 {.epochs = epochs,
                  .batch = 50,
                  .optimizer = Adam{.rate = rate},
                  .checkpoints = {.path = folder / "c", .resume = resume}});
  };
  for (const Schedule& rate : {constant(0.01), piecewise(0.01, 0.5, 1), constant(0.01).warm_up_epochs(1.5)}) {
    run(rate, 2, Resume::no);
    CHECK(run(rate, 4, Resume::yes).iterations == 16);
  }
  for (const Schedule& rate : {cosine(0.01), linear(0.01), polynomial(0.01)}) {
    run(rate, 2, Resume::no);
    CHECK(refuses([&] { run(rate, 4, Resume::yes); },
                  "a learning rate that follows the number of epochs, 2, and this training has 4"));
    const Run again = run(rate, 2, Resume::yes);  // its end is recomputed, in case a program lost it
    CHECK(again.iterations == 8);
    CHECK(again.validated);
    CHECK(!again.nothing_to_do);
    const Run done = run(rate, 1, Resume::yes);
    CHECK(done.nothing_to_do);
    CHECK(done.status == Status::complete);
    CHECK(done.iterations == 8);
    CHECK(done.why.find("there is nothing to do: " + folder / "c" + " is from iteration 8, and 1 epoch has 4") !=
          std::string::npos);
  }
}

TEST_CASE("resumed anyway: the run says what differed, and so do those that resume from it") {
  testing::TemporaryFolder folder;
  const auto run = [&](double rate, int epochs, Resume resume) {
    Model<Net, Fake> model{{.seed = 1, .threads = 1}};
    return train(model, sets(),
                 {.epochs = epochs,
                  .batch = 50,
                  .optimizer = Sgd{.rate = rate},
                  .checkpoints = {.path = folder / "c", .resume = resume}});
  };
  CHECK(run(0.01, 1, Resume::no).deviations.empty());
  CHECK(run(0.01, 2, Resume::anyway).deviations.empty());  // nothing differs
  const std::vector<std::string> deviations = run(0.02, 3, Resume::anyway).deviations;
  REQUIRE(!deviations.empty());
  CHECK(deviations[0] == "from iteration 8 on: written with optimizer.rate.first 0.01, and this training has 0.02");
  CHECK(run(0.02, 4, Resume::yes).deviations == deviations);
  CHECK(refuses([&] { run(0.01, 5, Resume::yes); }, "optimizer.rate.first 0.02, and this training has 0.01"));
}

TEST_CASE("statistics of the whole training set at the end") {
  Model<Normed, Fake> moving{{.seed = 1, .threads = 1}}, population{{.seed = 1, .threads = 1}};
  TrainOptions options{.epochs = 1, .batch = 64, .optimizer = Sgd{.rate = 1e-6}, .input = Normalization::unit};
  train(moving, sets().train, options);
  options.statistics = Statistics::population;
  train(population, sets().train, options);
  double mean = 0;
  for (int i = 0; i < 200; i++)
    for (int p = 0; p < 784; p++) mean += sets().train.bytes(i)[p] / 255. / (200 * 784);
  CHECK(relative_error(population.buffers()[2], mean) <= 1e-6);
  CHECK(double(moving.buffers()[2]) < 0.5 * mean);
}

TEST_CASE("invalid options and data") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  const std::vector<float> before = numbers(model);
  const auto says = [&](const TrainOptions& options, const char* part) {
    return refuses([&] { train(model, sets().train, options); }, part);
  };
  CHECK(says({.epochs = 0}, "epochs = 0"));
  CHECK(says({.epochs = 2'000'000'000}, "epochs = "));
  CHECK(says({.batch = 0}, "batch = 0"));
  CHECK(says({.batch = 16, .micro_batch = -1}, "micro_batch = -1"));
  CHECK(says({.batch = 1000, .partial = Partial::drop}, "partial batches are dropped"));
  CHECK(says({.epochs = 2'000'000'000}, "give 1 to 100000000"));
  CHECK(says({.optimizer = Adam{.rate = -1}}, "the learning rate is -1; give a number from 1e-30 to 1000000"));
  CHECK(says({.clip = {.norm = 0}}, "clip.norm = 0; give a number from 1e-30"));
  CHECK(says({.clip = {.value = NAN}}, "clip.value = nan"));
  CHECK(says({.clip = {.norm = -HUGE_VAL}}, "clip.norm = -inf"));
  CHECK(says({.loss = {.scale = 0}}, "loss.scale"));
  CHECK(says({.validation = {.patience = 1}}, "patience needs a validation set"));
  CHECK(says({.checkpoints = {.resume = Resume::yes}}, "no checkpoint to resume from"));
  CHECK(numbers(model) == before);
  const Dataset wrong({28, 28, 1}, std::vector<std::uint8_t>(784), {10});
  CHECK(refuses([&] { train(model, wrong, {.epochs = 1}); }, "label 10", "10 classes"));
  CHECK(refuses([&] { evaluate(model, wrong); }, "label 10"));
  CHECK(refuses([&] { train(model, sets().train.part(0, 0), {.epochs = 1}); }, "training set is empty"));
}

TEST_CASE("extreme numbers end in an error or in a finite model") {
  using Set = void (*)(TrainOptions&, double);
  const Set options[] = {[](TrainOptions& o, double x) { o.optimizer = Sgd{.rate = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Adam{.rate = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Lamb{.rate = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Sgd{.rate = 0.01, .momentum = x}; },
                         [](TrainOptions& o, double x) {
                           o.optimizer =
                               Sgd{.rate = 0.01, .momentum = 0.5, .nesterov = true, .l2 = x, .form = Form::matlab};
                         },
                         [](TrainOptions& o, double x) { o.optimizer = Sgd{.rate = 0.01, .decay = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Adam{.beta1 = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Adam{.beta2 = x, .form = Form::matlab}; },
                         [](TrainOptions& o, double x) { o.optimizer = Adam{.epsilon = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Adam{.l2 = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = AdamW{.decay = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Lamb{.epsilon = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = RMSprop{.alpha = x, .centered = true}; },
                         [](TrainOptions& o, double x) { o.optimizer = RMSprop{.epsilon = x, .l2 = 0.1}; },
                         [](TrainOptions& o, double x) { o.optimizer = RMSprop{.momentum = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Adagrad{.rate_decay = x, .decay = 0.1}; },
                         [](TrainOptions& o, double x) { o.optimizer = Adagrad{.initial = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Adagrad{.epsilon = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Lion{.rate = x, .decay = 0.1}; },
                         [](TrainOptions& o, double x) { o.optimizer = Lion{.beta1 = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Lion{.beta2 = x}; },
                         [](TrainOptions& o, double x) { o.optimizer = Sgd{.rate = piecewise(0.01, x, 1)}; },
                         [](TrainOptions& o, double x) { o.optimizer = Sgd{.rate = cosine(0.01, x)}; },
                         [](TrainOptions& o, double x) { o.optimizer = Sgd{.rate = linear(0.01, x)}; },
                         [](TrainOptions& o, double x) { o.optimizer = Sgd{.rate = polynomial(0.01, x)}; },
                         [](TrainOptions& o, double x) { o.optimizer = Sgd{.rate = constant(0.01).warm_up_epochs(x)}; },
                         [](TrainOptions& o, double x) { o.clip.norm = x; },
                         [](TrainOptions& o, double x) { o.clip.value = x; },
                         [](TrainOptions& o, double x) { o.loss.scale = x; },
                         [](TrainOptions& o, double x) { o.loss.class_weights.assign(10, float(x)); },
                         [](TrainOptions& o, double x) {
                           o.loss.class_weights.assign(10, 1.f), o.loss.class_weights[3] = float(x);
                           o.loss.reduction = Loss::Reduction::weighted_mean;
                         }};
  const Dataset few = sets().train.part(0, 20);
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  for (std::size_t k = 0; k < std::size(options); k++)
    for (const double x : {1e308, 1e30, 1e12, 1e6, 1., 1e-12, 1e-30, 1e-320, 0., -1e-30, -1., -1e30, double(NAN),
                           double(INFINITY), -double(INFINITY)}) {
      TrainOptions o{.epochs = 2, .batch = 8, .optimizer = Sgd{.rate = 0.01}};
      options[k](o, x);
      model.initialize(1);
      const std::vector<float> before = numbers(model);
      Run run;
      const std::string said = testing::refusal([&] { run = train(model, few, o); });
      INFO(k, " at ", x, ": ", said, run.why);
      if (!said.empty()) {
        CHECK(said.find("; give ") != std::string::npos);
        CHECK(said.find("positive") == std::string::npos);
        CHECK(numbers(model) == before);
      } else if (run.status == Status::complete) {
        const std::vector<float> after = numbers(model);
        CHECK(std::all_of(after.begin(), after.end(), [](float p) { return std::isfinite(p); }));
      } else {
        CHECK(!run.why.empty());
      }
      if (std::isnan(x) || x < 0) CHECK(!said.empty());
    }
}

TEST_CASE("extreme integers") {
  constexpr int most = std::numeric_limits<int>::max(), least = std::numeric_limits<int>::min();
  const auto trained = [](const TrainOptions& options) {
    Model<Net, Fake> model{{.seed = 1, .threads = 1}};
    const Run run = train(model, sets(), options);
    CHECK(run.status == Status::complete);
    return numbers(model);
  };
  const Optimizer sgd = Sgd{.rate = 0.01};
  const std::vector<float> whole = trained({.epochs = 2, .batch = 200, .optimizer = sgd});
  CHECK(trained({.epochs = 2, .batch = most, .optimizer = sgd}) == whole);
  CHECK(trained({.epochs = 2, .batch = most, .micro_batch = most, .optimizer = sgd}) == whole);
  CHECK(trained({.epochs = 2, .batch = 200, .micro_batch = most, .optimizer = sgd}) == whole);
  CHECK(trained({.epochs = 2, .batch = most, .optimizer = sgd, .validation = {.every = most, .patience = most}}) ==
        whole);
  CHECK(trained({.epochs = 2, .batch = most, .optimizer = Sgd{.rate = piecewise(0.01, 0.5, most)}}) == whole);
  CHECK(trained({.epochs = 2, .batch = most, .micro_batch = 70, .optimizer = sgd, .statistics = Statistics::population})
            .size() == whole.size());
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  const auto says = [&](const TrainOptions& options, const char* part) {
    return refuses([&] { train(model, sets(), options); }, part);
  };
  for (const int x : {0, -1, least}) {
    CHECK(says({.epochs = x}, "give 1 to 100000000"));
    CHECK(says({.batch = x}, "1 or more"));
    CHECK(says({.optimizer = Sgd{.rate = piecewise(0.01, 0.5, x)}}, "give 1 or more"));
    CHECK(refuses([&] { learner_of(model, x, sgd); }, "give 1 or more"));
    if (x == 0) continue;
    CHECK(says({.micro_batch = x}, "micro_batch = "));
    CHECK(says({.validation = {.every = x}}, "validation.every = "));
    CHECK(says({.validation = {.patience = x}}, "validation.patience = "));
    CHECK(says({.checkpoints = {.every_epochs = x}}, "checkpoints.every_epochs = "));
    CHECK(says({.checkpoints = {.every_iterations = x}}, "checkpoints.every_iterations = "));
    CHECK(says({.optimizer = Sgd{.rate = constant(0.01).warm_up(x)}}, "the warm-up takes "));
    CHECK(refuses([&] { model.predict({.bytes = sets().train.bytes(0), .count = x}); }, "give 0 or more"));
  }
  CHECK(says({.epochs = most}, "epochs = 2147483647; give 1 to 100000000"));
  CHECK(says({.batch = most, .partial = Partial::drop},
             "a batch of 2147483647 images is larger than the training set of 200"));
  model.evaluation_batch(most);
  CHECK(evaluate(model, sets().validation).counted == 50);
}

TEST_CASE("more images at once than there is memory for") {
  Model<Net, NoRoom> model{{.seed = 1, .threads = 1}};
  CHECK(refuses([&] { train(model, sets(), {.batch = 150}); },
                "train: there is not enough memory for 150 images at once; give a smaller batch"));
  CHECK(refuses([&] { evaluate(model, sets().validation); },
                "predict: there is not enough memory for 50 images at once; set a smaller evaluation_batch"));
}

TEST_CASE("a schedule that returns invalid rates") {
  Model<Net, Fake> model{{.seed = 1, .threads = 1}};
  const auto why = [&](const Schedule& rate) {
    const Run run = train(model, sets().train, {.epochs = 4, .batch = 100, .optimizer = Sgd{.rate = rate}});
    CHECK(run.status == Status::failed);
    CHECK(run.iterations == 4);
    for (float p : numbers(model)) REQUIRE(std::isfinite(p));
    return run.why;
  };
  CHECK(
      why(Schedule(+[](const Moment& m) { return m.iteration < 4 ? 0.01 : double(NAN); })) ==
      "the learning rate became nan at iteration 5 of 8 (epoch 3); give a schedule whose rates are finite and 0 or more");
  CHECK(why(Schedule(+[](const Moment& m) { return m.iteration < 4 ? 0.01 : -1.; })).find("became -1 ") !=
        std::string::npos);
  CHECK(refuses(
      [&] {
        train(model, sets().train,
              {.optimizer = Sgd{.rate = Schedule(static_cast<double (*)(const Moment&)>(nullptr))}});
      },
      "null pointer"));
}

TEST_CASE("MATLAB's defaults") {
  const TrainOptions o = matlab_defaults(matlab_adam());
  CHECK(o.epochs == 30);
  CHECK(o.batch == 128);
  CHECK(o.shuffle == Shuffle::once);
  CHECK(o.partial == Partial::drop);
  CHECK(o.validation.every == 50);
  CHECK(o.statistics == Statistics::population);
  CHECK(o.input == Normalization::zerocenter);
  CHECK(o.optimizer.rate.rate() == 0.001);
  CHECK(matlab_sgdm().l2 == 1e-4);
  CHECK(matlab_sgdm().momentum == 0.9);
  CHECK(matlab_rmsprop().alpha == 0.9);
  CHECK(matlab_rmsprop().l2 == 1e-4);
}

}  // namespace train_trainer
