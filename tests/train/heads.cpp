// SPDX-License-Identifier: MIT
// Models with several sources and heads: prediction, training by several losses, evaluation, files, checkpoints, and
// what each refuses.
#include <strata/io/weights.hpp>
#include <strata/metrics/metric_names.hpp>
#include <strata/reference/reference.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <tuple>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

namespace train_heads {

using namespace strata;
using namespace strata::testing;

namespace {

using Net =
    Network<Inputs<Source<"picture", Image<4, 5, 2>>, Source<"tone", Image<1, 3, 1>>>, Conv<3, 6>, BatchNorm, ReLU,
            Tap<"early">, GlobalAvgPool, Concat<Identity, Sequential<From<"tone">, Flatten, Dense<4>>>, Dense<16>, ReLU,
            Outputs<Head<"class", Dense<3>, Softmax>, Head<"values", Dense<2>>,
                    OnlyInTraining<Head<"aux", From<"early">, GlobalAvgPool, Dense<3>, Softmax>>>>;

/// Samples whose class is how many of two channels are bright, and whose values depend on both sources.
struct Samples {
  std::vector<float> pictures, tones, values;
  std::vector<std::int32_t> classes;
  bool has_tones = true, has_targets = true;
  int tone_count = 0;

  explicit Samples(int count, std::uint64_t seed = 1) {
    core::Random random{seed};
    for (int i = 0; i < count; i++) {
      const bool first = random.below(2) == 0, second = random.below(2) == 0;
      for (int p = 0; p < 20; p++) {
        pictures.push_back(float(first) + 0.3f * random.uniform());
        pictures.push_back(float(second) + 0.3f * random.uniform());
      }
      float sum = 0;
      for (int t = 0; t < 3; t++) tones.push_back(100 + 20 * random.uniform()), sum += (tones.back() - 110) / 10;
      classes.push_back(first + second);
      values.push_back(float(first) - float(second));
      values.push_back(0.5f * sum);
    }
  }
  int count() const { return int(classes.size()); }
  Batch batch(const std::int32_t* index, int n) {
    more_images_ = {.floats = tones.data(), .index = index, .count = n - tone_count};
    more_labels_[0] = {.index = index, .floats = values.data()};
    more_labels_[1] = {.values = classes.data(), .index = index};
    return {{.floats = pictures.data(), .index = index, .count = n, .more = has_tones ? &more_images_ : nullptr},
            {.values = classes.data(), .index = index, .more = has_targets ? more_labels_ : nullptr}};
  }
  Images picture_view() const { return {.floats = pictures.data(), .count = count()}; }
  Images tone_view() const { return {.floats = tones.data(), .count = count()}; }

 private:
  Images more_images_;
  Labels more_labels_[2];
};

TrainOptions options_of(int epochs) {
  return {.epochs = epochs,
          .batch = 32,
          .optimizer = Adam{.rate = 0.02},
          .losses = {CrossEntropy{}, MeanSquaredError{.scale = 0.5}, CrossEntropy{.scale = 0.3}}};
}

}  // namespace

TEST_CASE("predictions of several sources and heads, in parts and one after another") {
  Model<Net> model{{.seed = 3, .threads = 2}};
  model.evaluation_batch(20);
  model.input_scaling<"tone">({.mean = {110}, .deviation = {5}});
  CHECK(model.input_scaling<"tone">().mean[0] == doctest::Approx(110));
  CHECK(model.input_scaling().mean[0] == 0);
  const Samples samples(50);
  const Images pictures = samples.picture_view(), tones = samples.tone_view();
  std::vector<float> classes(50 * 3), values(50 * 2), both(50 * 5);
  model.predict({pictures, tones}, {classes, values});
  Images all = pictures;
  all.more = &tones;
  model.predict(all, both);
  CHECK(std::equal(classes.begin(), classes.end(), both.begin()));
  CHECK(std::equal(values.begin(), values.end(), both.begin() + 150));
  const auto results = model.predict({pictures, tones});
  REQUIRE(results.size() == 2);
  CHECK(std::equal(values.begin(), values.end(), results[1].begin(), results[1].end()));
  std::vector<float> one(5);
  for (int i : {0, 21, 49}) {  // by the program for single images
    const std::int32_t index[] = {i};
    Images tone = tones, picture = pictures;
    tone.index = picture.index = index, tone.count = picture.count = 1;
    picture.more = &tone;
    model.predict(picture, one);
    for (int c = 0; c < 3; c++) CHECK(one[std::size_t(c)] == doctest::Approx(classes[std::size_t(3 * i + c)]));
    for (int v = 0; v < 2; v++) CHECK(one[std::size_t(3 + v)] == doctest::Approx(values[std::size_t(2 * i + v)]));
  }

  CHECK(refuses([&] { model.predict(pictures, both); },
                "images of one source were given, but the network has 2; give those of the others"));
  CHECK(refuses([&] { model.predict({pictures}); }, "images of 1 sources were given, but the network has 2"));
  Images fewer = tones;
  fewer.count = 49;
  CHECK(refuses(
      [&] {
        model.predict({pictures, fewer});
      },
      "49 images were given for the source 'tone', but 50 for 'picture'; give as many of each"));
  CHECK(refuses(
      [&] {
        model.predict({pictures, tones}, {classes});
      },
      "1 results were given, but the network has 2 heads; give one for each"));
  CHECK(refuses(
      [&] {
        model.predict({pictures, tones}, {values, classes});
      },
      "the result of the head 'class' has 100 floats, but 50 images need 150; give a span of 150"));
  CHECK(refuses([&] { model.predict(all, classes); }, "150 floats, but 50 images need 250 for 2 heads"));
}

TEST_CASE("every head learns, each by its own loss, and each source is normalized") {
  struct {
    Samples train{512}, validation{128, 2};
  } data;
  Model<Net> model{{.seed = 1, .threads = 2}};
  const training::Run run = train(model, data, options_of(30));
  REQUIRE(run.status == training::Status::complete);
  REQUIRE(run.validation.heads.size() == 2);
  const metrics::Evaluation &classes = run.validation.heads[0], &values = run.validation.heads[1];
  CHECK(classes.head == "class");
  CHECK(values.head == "values");
  CHECK(classes.accuracy > 0.97);
  CHECK(run.validation.accuracy == classes.accuracy);
  CHECK(classes.confusion.total() == 128);
  CHECK(values.measures_values());
  CHECK(values.errors.rmse() < 0.3);
  CHECK(values.loss == doctest::Approx(values.errors.rmse() * values.errors.rmse()));
  CHECK(run.validation.loss == doctest::Approx(classes.loss + 0.5 * values.loss));
  CHECK(model.input_scaling<"tone">().mean[0] == doctest::Approx(110).epsilon(0.01));
  CHECK(model.input_scaling<"picture">().deviation.size() == 2);
  CHECK(run.history.back().loss < 0.3 * run.history.front().loss);
  CHECK(run.heads == std::vector<std::string>{"class", "values", "aux"});
  const training::Record& last = run.history.back();
  REQUIRE(last.heads.size() == 3);
  CHECK(last.loss == doctest::Approx(last.heads[0].loss + 0.5 * last.heads[1].loss + 0.3 * last.heads[2].loss));
  CHECK(last.heads[0].train_accuracy == last.train_accuracy);
  CHECK(last.heads[0].validation_loss == classes.loss);
  CHECK(last.heads[0].validation_accuracy == classes.accuracy);
  CHECK(!last.heads[0].validation_rmse);
  CHECK(!last.heads[1].train_accuracy);
  CHECK(last.heads[1].validation_mae == values.errors.mae());
  CHECK(last.heads[1].validation_rmse == values.errors.rmse());
  CHECK(last.heads[2].train_accuracy > 0.9);
  CHECK(!last.heads[2].validation_loss);
  const auto again = evaluate(model, data.validation);  // losses by what heads and targets are
  CHECK(again.heads[0].loss == classes.loss);
  CHECK(again.heads[1].loss == values.loss);
  CHECK(again.loss == doctest::Approx(classes.loss + values.loss));
}

TEST_CASE("the record of an update is the sum of all losses, each times its scale") {
  Samples samples(32);
  Model<Net> model{{.seed = 1, .threads = 1}};
  TrainOptions options = options_of(1);
  options.optimizer = Adam{.rate = 1e-9};
  options.shuffle = training::Shuffle::never;
  const training::Run run = train(model, samples, options);
  core::Workers one(1);
  reference::Training<Net> oracle(32, one);
  core::Floats parameters(model.parameters().begin(), model.parameters().end()),
      buffers(model.buffers().begin(), model.buffers().end()), gradients(parameters.size());
  std::vector<core::LossTerm> terms(3);
  terms[1].function = &core::squared_loss;
  core::StepResult more[2];
  const Batch batch = samples.batch(nullptr, 32);
  const core::StepResult first = oracle.step(parameters.data(), buffers.data(), batch.images, batch.labels,
                                             gradients.data(), {.losses = terms, .more = more});
  const double expected = first.loss / 32 + 0.5 * more[0].loss / 64 + 0.3 * more[1].loss / 32;
  CHECK(run.history.back().loss == doctest::Approx(expected).epsilon(1e-3));
}

TEST_CASE("metrics measure the first head, or the one that they name") {
  struct {
    Samples train{64}, validation{16, 2};
  } samples;
  Model<Net> model{{.seed = 1, .threads = 1}};
  TrainOptions options = options_of(2);
  options.metrics = {metrics::f1(), metrics::mae().of("values"), metrics::top(2).of("class")};
  options.keep = training::Keep::best("values.mae");
  const training::Run run = train(model, samples, options);
  REQUIRE(run.kept_iteration > 0);
  const training::Record& kept = run.history[std::size_t(run.kept_iteration - 1)];
  REQUIRE(kept.metrics.size() == 3);
  CHECK(kept.metrics[1].name == "values.mae");
  CHECK(kept.metrics[1].value == *kept.heads[1].validation_mae);
  CHECK(kept.metrics[2].value >= *kept.heads[0].validation_accuracy);
  const metrics::Evaluation again = evaluate(model, samples.validation, options.metrics);
  CHECK(again.metrics[1] == kept.metrics[1]);
  CHECK(again.metrics[0].value > 0);
  for (const auto& [metric, part] :
       {std::pair{metrics::f1().of("aux"), "the head 'aux', which inference does not have"},
        std::pair{metrics::f1().of("values"), "but the outputs are values"},
        std::pair{metrics::mae(), "but the outputs are classes with labels"}}) {
    options.metrics = {metric}, options.keep = training::Keep::last;
    CHECK(refuses([&] { train(model, samples, options); }, part));
  }
}

TEST_CASE("files and checkpoints hold all heads") {
  const TemporaryFolder folder;
  struct {
    Samples train{64}, validation{16, 2};
  } samples;
  Model<Net> model{{.seed = 1, .threads = 2}};
  TrainOptions options = options_of(4);
  options.checkpoints.path = folder / "checkpoint";
  options.keep = training::Keep::best_loss;
  options.average = training::ExponentialAverage{.decay = 0.5};
  const training::Run whole = train(model, samples, options);
  save(model, folder / "weights.safetensors");
  Model<Net> loaded{{.seed = 9, .threads = 1}};
  load(loaded, folder / "weights.safetensors", {.verify = 1e-4f});
  CHECK(std::equal(loaded.parameters().begin(), loaded.parameters().end(), model.parameters().begin()));
  CHECK(std::equal(loaded.buffers().begin(), loaded.buffers().end(), model.buffers().begin()));

  Model<Net> stopped{{.seed = 1, .threads = 1}};
  std::atomic<bool> stop = false;
  const auto watch = [&](const training::Progress& progress) {
    stop = progress.run.iterations >= 0 && progress.record && progress.record->iteration >= 3;
  };
  TrainOptions first = options_of(4);
  first.checkpoints.path = folder / "other";
  first.observer = observe(watch);
  first.stop = &stop;
  first.keep = options.keep, first.average = options.average;
  CHECK(train(stopped, samples, first).status == training::Status::interrupted);
  Model<Net> resumed{{.seed = 1, .threads = 2}};
  TrainOptions rest = options_of(4);
  rest.checkpoints = {.path = folder / "other", .resume = training::Resume::yes};
  rest.keep = options.keep, rest.average = options.average;
  const training::Run run = train(resumed, samples, rest);
  CHECK(run.status == training::Status::complete);
  REQUIRE(run.history.size() == whole.history.size());
  for (std::size_t i = 0; i < run.history.size(); i++) {
    REQUIRE(run.history[i].heads.size() == 3);
    for (std::size_t h = 0; h < 3; h++) {
      const training::HeadOfRecord &a = run.history[i].heads[h], &b = whole.history[i].heads[h];
      CHECK(std::tie(a.loss, a.train_accuracy, a.validation_loss, a.validation_accuracy, a.validation_rmse) ==
            std::tie(b.loss, b.train_accuracy, b.validation_loss, b.validation_accuracy, b.validation_rmse));
      CHECK(a.validation_mae == b.validation_mae);
    }
  }
  CHECK(std::equal(resumed.parameters().begin(), resumed.parameters().end(), model.parameters().begin()));
  rest.losses[1] = Huber{};
  CHECK(refuses([&] { train(resumed, samples, rest); }, "losses[1]"));
}

TEST_CASE("what does not fit the heads is one sentence, and the model stays as it was") {
  Samples samples(64);
  Model<Net> model{{.seed = 1, .threads = 1}};
  const core::Floats before(model.parameters().begin(), model.parameters().end());
  const auto refused = [&](const auto& change, auto... part) {
    TrainOptions options = options_of(1);
    Samples given = samples;
    change(options, given);
    return refuses([&] { train(model, given, options); }, part...);
  };
  CHECK(refused([](TrainOptions& o, Samples&) { o.losses.pop_back(); },
                "2 losses were given, but the network has 3 heads; give one for each, in the order of Outputs"));
  CHECK(refused([](TrainOptions& o, Samples&) { o.losses.clear(); },
                "train: head 'values': the network does not end in Softmax or PixelSoftmax"));
  CHECK(
      refused([](TrainOptions& o, Samples&) { o.losses[0] = MeanSquaredError{}; }, "head 'class'", "MeanSquaredError"));
  CHECK(refused([](TrainOptions& o, Samples&) { o.loss = MeanSquaredError{}; },
                "loss is for networks with one output, but this one has 3 heads; give losses"));
  CHECK(refused([](TrainOptions&, Samples& s) { s.has_targets = false; },
                "labels of one head were given, but the network has 3"));
  CHECK(refused([](TrainOptions&, Samples& s) { s.has_tones = false; },
                "images of one source were given, but the network has 2"));
  CHECK(refused([](TrainOptions&, Samples& s) { s.tone_count = 1; }, "images were given for the source 'tone'"));
  CHECK(refused([](TrainOptions&, Samples& s) { s.tones[7] = NAN; }, "sample 2 holds NaN"));
  CHECK(refused([](TrainOptions&, Samples& s) { s.values[7] = INFINITY; }, "head 'values': sample 3 has the target"));
  CHECK(refused([](TrainOptions&, Samples& s) { s.classes[5] = 7; }, "head 'class': sample 5 has the label 7"));
  CHECK(std::equal(before.begin(), before.end(), model.parameters().begin()));

  using Single = Network<Image<4, 5, 2>, Dense<3>, Softmax>;
  Model<Single> single;
  CHECK(refuses([&] { train(single, samples, {.losses = {CrossEntropy{}}}); },
                "losses are for networks with several heads, but this one has one output; give its loss"));
}

}  // namespace train_heads
