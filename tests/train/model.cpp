// SPDX-License-Identifier: MIT
// One model in several threads, as its documentation allows; in a forked child; and where threads cannot be started.
#include <strata/data/dataset.hpp>
#include <strata/data/read_ahead.hpp>
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <span>
#include <string>
#include <thread>

#include "../support/child.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

namespace train_model {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::metrics;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Network<Image<8, 8, 1>, Conv<3, 4>, BatchNorm, ReLU, MaxPool<2>, Dense<3>, Softmax>;

Dataset noise(int count) {
  Random random{1, 0};
  std::vector<std::uint8_t> bytes(std::size_t(count) * 64);
  std::vector<std::int32_t> labels;
  for (auto& byte : bytes) byte = std::uint8_t(random.below(256));
  for (int i = 0; i < count; i++) labels.push_back(std::int32_t(random.below(3)));
  return Dataset({8, 8, 1}, std::move(bytes), std::move(labels));
}

const Dataset& sets() {
  static const Dataset set = noise(96);
  return set;
}

/// The predictions for the first n images of the set.
std::vector<float> predicted(const Model<Net>& model, int n) {
  std::vector<float> out(std::size_t(n) * 3);
  model.predict(sets().part(0, n).images(), out);
  return out;
}

const TrainOptions some{.epochs = 2, .batch = 32, .optimizer = Adam{.rate = 0.01}};

std::vector<float> numbers(const Model<Net>& model) { return {model.parameters().begin(), model.parameters().end()}; }

std::vector<float> trained(std::uint64_t s) {
  Model<Net> model{{.seed = s, .threads = 1}};
  train(model, sets(), some);
  return numbers(model);
}

/// A set whose batches are made by threads ahead of the training.
struct Ahead {
  ReadAhead<int> samples;
  int batches = 0;

  int count() const { return sets().count(); }
  Batch batch(const std::int32_t* index, int n) {
    samples.start(2, 1, 1, [](int number, int& item) { item = number; });
    samples.wait();
    batches++;
    return sets().batch(index, n);
  }
};

}  // namespace

TEST_CASE("threads take turns to predict and evaluate with one model, and read its numbers") {
  for (const int count : {1, 2}) {
    CAPTURE(count);
    Model<Net> model{{.seed = 3, .threads = count}};
    train(model, sets(), some);
    const int sizes[] = {1, 5, 40, 96};  // a batch larger than all before needs a new program
    std::vector<std::vector<float>> alone;
    for (const int n : sizes) {
      Model<Net> other{{.seed = 3, .threads = 1}};
      train(other, sets(), some);
      alone.push_back(predicted(other, n));
    }
    const double accuracy = evaluate(model, sets()).accuracy;
    const std::vector<float> before = numbers(model);
    std::atomic<int> wrong{0};
    {
      std::vector<std::jthread> all;
      for (int t = 0; t < 4; t++)
        all.emplace_back([&, t] {
          for (int round = 0; round < 10; round++) {
            const int k = (t + round) % 4;
            wrong += predicted(model, sizes[k]) != alone[std::size_t(k)];
            wrong += model.predict(sets().part(0, sizes[k]).images())[0] != alone[std::size_t(k)][0];
            wrong += evaluate(model, sets()).accuracy != accuracy;
            wrong += numbers(model) != before;
            wrong += std::as_const(model).buffers().empty();
            wrong += model.seed() != 3 || model.hash().text() != network_hash<Net>.text() ||
                     model.evaluation_batch() < 1 || model.workers().count() != count;
          }
        });
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("threads predict, evaluate, save and read one const model at once, without a lock of their own") {
  TemporaryFolder folder;
  const Model<Net> model = [] {
    Model<Net> trained{{.seed = 3, .threads = 2}};
    train(trained, sets(), some);
    return trained;
  }();
  save(model, folder / "alone");
  const std::string file = testing::read(folder / "alone");
  const std::vector<float> scores = predicted(model, 96), held = numbers(model);
  const double loss = evaluate(model, sets()).loss;
  const std::vector<ConstNamedTensor> tensors = model.tensors();
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> all;
    for (int t = 0; t < 4; t++)
      all.emplace_back([&, t] {
        const std::string own = folder / std::to_string(t);
        for (int round = 0; round < 8; round++) switch ((t + round) % 4) {
            case 0: wrong += predicted(model, 96) != scores; break;
            case 1: wrong += evaluate(model, sets()).loss != loss; break;
            case 2: save(model, own), wrong += testing::read(own) != file; break;
            default:
              wrong +=
                  numbers(model) != held || model.tensors()[2].data != tensors[2].data || model.workers().count() != 2;
          }
      });
  }
  CHECK(wrong == 0);
}

TEST_CASE("a result of another size is refused, and nothing is written") {
  const Model<Net> model{{.threads = 1}};
  std::vector<float> scores(16, -1);
  const Images five = sets().part(0, 5).images();
  CHECK(refusal([&] { model.predict(five, std::span(scores).first(14)); }) ==
        "predict: the result has 14 floats, but 5 images need 15, 1 x 1 x 3 each; give a span of 15");
  CHECK(refusal([&] { model.predict(five, scores); }) ==
        "predict: the result has 16 floats, but 5 images need 15, 1 x 1 x 3 each; give a span of 15");
  CHECK(refuses([&] { model.predict({.bytes = five.bytes, .count = -1}, scores); },
                "predict: -1 images were given; give 0 or more"));
  CHECK(scores == std::vector<float>(16, -1));
  model.predict({}, {});
  float three[3];
  model.predict(sets().part(0, 1).images(), three);
  CHECK(three[0] == predicted(model, 1)[0]);
}

TEST_CASE("the scaling of the input is set by mean and deviation, and is part of the next prediction") {
  Model<Net> model{{.seed = 3, .threads = 1}};
  CHECK(model.input_scaling().mean == std::vector<float>{0});
  CHECK(model.input_scaling().deviation == std::vector<float>{1});
  predicted(model, 1);
  model.input_scaling({.mean = {100}, .deviation = {50}});
  CHECK(model.buffers()[0] == 0.02f);
  CHECK(model.buffers()[1] == -2);
  std::vector<float> image;
  for (int i = 0; i < 64; i++) image.push_back((float(sets().bytes(0)[i]) - 100) / 50);
  const std::vector<float> scaled = predicted(model, 1);
  model.input_scaling({.mean = {0}, .deviation = {1}});
  const auto plain = model.predict({.floats = image.data(), .count = 1});
  for (int c = 0; c < 3; c++) CHECK(scaled[std::size_t(c)] == doctest::Approx(plain[std::size_t(c)]).epsilon(1e-5));
  CHECK(refuses(
      [&] {
        model.input_scaling({.mean = {0, 0}, .deviation = {1}});
      },
      "input_scaling: 2 numbers were given"));
  CHECK(predicted(model, 1) != scaled);
}

TEST_CASE("a training sets the scaling of the input, unless it is told to keep it") {
  Model<Net> model{{.seed = 3, .threads = 1}};
  model.input_scaling({.mean = {100}, .deviation = {50}});
  TrainOptions options = some;
  options.input = Normalization::keep;
  train(model, sets(), options);
  CHECK(model.input_scaling().mean[0] == 100);
  options.input = Normalization::unit;
  train(model, sets(), options);
  CHECK(model.input_scaling().mean[0] == 0);
  CHECK(double(model.input_scaling().deviation[0]) == doctest::Approx(255).epsilon(1e-7));
  train(model, sets(), some);
  double mean = 0;
  for (int i = 0; i < 96 * 64; i++) mean += double(sets().bytes(0)[i]) / (96 * 64);
  CHECK(double(model.input_scaling().mean[0]) == doctest::Approx(mean).epsilon(1e-5));
}

TEST_CASE("classes have names, one each, which neither training nor a new start changes") {
  Model<Net> model{{.seed = 3, .threads = 1}};
  CHECK(model.classes().empty());
  model.classes({"sky", "road", "tree"});
  train(model, sets(), some);
  model.initialize(4);
  CHECK(Model<Net>(std::move(model)).classes() == std::vector<std::string>{"sky", "road", "tree"});
  Model<Net> other{{.seed = 3, .threads = 1}};
  other.classes({"a", "b", "c"});
  CHECK(refusal([&] {
          other.classes({"a", "b"});
        }) == "Model::classes: 2 names were given, but the network has 3 classes; name each, or none");
  CHECK(other.classes()[2] == "c");
  other.classes({});
  CHECK(other.classes().empty());
}

TEST_CASE("a model predicts with other numbers for once, and is the same afterwards") {
  Model<Net> model{{.seed = 3, .threads = 1}}, other{{.seed = 4, .threads = 1}};
  other.input_scaling({.mean = {100}, .deviation = {50}});
  for (Model<Net>* each : {&model, &other}) each->evaluation_batch(16);  // several batches
  const std::vector<float> before = predicted(model, 40), held = numbers(model);
  std::vector<float> given(40 * 3);
  const Images images = sets().part(0, 40).images();
  for (int round = 0; round < 2; round++) {
    std::as_const(model).predict_with(other.parameters(), other.buffers(), images, given);
    CHECK(given == predicted(other, 40));
    CHECK(numbers(model) == held);
    CHECK(predicted(model, 40) == before);
  }
  CHECK(refuses([&] { model.predict_with(other.parameters().first(5), other.buffers(), images, given); },
                "predict_with: 5 parameters and ", "; give those of this network"));
  CHECK(refuses([&] { model.predict_with(other.parameters(), other.buffers(), images, std::span(given).first(9)); },
                "predict: the result has 9 floats"));
}

TEST_CASE("class weights that are not one per class are refused") {
  const Model<Net> model{{.threads = 1}};
  const std::vector<float> weights = {1, 2, 1, 1};
  CHECK(refusal([&] { evaluate(model, sets(), {.class_weights = weights}); }) ==
        "evaluate: 4 class weights were given, but the network has 3 classes; give one weight per class, or none");
  const std::span<const float> right = std::span(weights).first(3);
  const Evaluation sum = evaluate(model, sets(), {.class_weights = right});
  const Evaluation mean = evaluate(model, sets(), {.class_weights = right, .divide_by_weights = true});
  CHECK(sum.loss * double(sum.counted) == doctest::Approx(mean.loss * mean.weight));
  CHECK(evaluate(model, sets(), {}).loss == evaluate(model, sets()).loss);
}

TEST_CASE("models that share workers are trained at once and get the same numbers as alone") {
  const std::vector<float> expected[] = {trained(1), trained(2), trained(3)};
  Workers workers(2);
  std::vector<float> given[3];
  {
    std::vector<std::jthread> all;
    for (int t = 0; t < 3; t++)
      all.emplace_back([&, t] {
        Model<Net> model{{.seed = std::uint64_t(t + 1), .workers = &workers}};
        train(model, sets(), some);
        given[t] = numbers(model);
      });
  }
  for (int t = 0; t < 3; t++) CHECK(given[t] == expected[t]);
}

TEST_CASE("a model without options has seed 1 and all cores; workers and threads exclude each other") {
  Model<Net> model;
  CHECK(model.seed() == 1);
  CHECK(model.workers().count() == available_cores());
  CHECK(numbers(model) == numbers(Model<Net>{{.seed = 1, .threads = 1}}));
  CHECK(numbers(model) != numbers(Model<Net>{{.threads = 1, .initialize = Initialize::he}}));
  Workers workers(2);
  CHECK(&Model<Net>{{.workers = &workers}}.workers() == &workers);
  CHECK(refusal([&] { Model<Net>{{.threads = 3, .workers = &workers}}; }) ==
        "Model: 3 threads were asked for, and workers were given, which have 2; give one of the two");
}

TEST_CASE("a forked child predicts, trains and destroys the model; the parent goes on") {
  for (const int count : {1, 2, 3}) {
    CAPTURE(count);
    std::optional<Model<Net>> model(std::in_place, ModelOptions{.seed = 3, .threads = count});
    train(*model, sets(), some);
    const std::vector<float> before = predicted(*model, 96);
    CHECK(in_child([&] {
            if (predicted(*model, 96) != before) return 1;
            model->initialize(7);
            train(*model, sets(), some);
            if (numbers(*model) != trained(7)) return 2;
            return model.reset(), 0;
          }) == 0);
    CHECK(in_child([&] { return model.reset(), 0; }) == 0);
    CHECK(in_child([&] {
            const ThreadLimit limit(0);
            return predicted(*model, 96) == before ? 0 : 1;
          }) == 0);
    CHECK(predicted(*model, 96) == before);
  }
}

TEST_CASE("a child of a process that is predicting predicts too") {
  Model<Net> model{{.seed = 3, .threads = 2}};
  const std::vector<float> right = predicted(model, 96);
  std::jthread other([&](const std::stop_token& stop) {
    for (int n = 1; !stop.stop_requested(); n = n % 96 + 1) predicted(model, n);
  });
  for (int i = 0; i < 20; i++) CHECK(in_child([&] { return predicted(model, 96) == right ? 0 : 1; }) == 0);
}

TEST_CASE("the n-th thread of a training cannot be started: one sentence for every n, and then the same numbers") {
  const std::vector<float> expected = trained(1);
  Ahead unlimited;
  Model<Net> model{{.seed = 1, .threads = 1}};
  train(model, unlimited, some);
  const int of_pool = 2, of_batches = 2 * unlimited.batches;
  CHECK(unlimited.batches >= 6);
  for (int started = 0; started <= of_pool + of_batches; started++) {
    CAPTURE(started);
    const ThreadLimit limit(started);
    Ahead set;
    const std::string why = refusal([&] {
      Model<Net> model{{.seed = 1, .threads = 3}};
      train(model, set, some);
      CHECK(numbers(model) == expected);
    });
    if (started < of_pool) {
      CHECK(why == thread_refused(started + 2, 3, "which computes", "ask for fewer threads"));
    } else if (started < of_pool + of_batches) {
      CHECK(why ==
            thread_refused((started - of_pool) % 2 + 1, 2, "which reads samples ahead", "ask for fewer threads"));
      CHECK(set.batches == (started - of_pool) / 2);
    } else {
      CHECK(why == "");
      CHECK(set.batches == unlimited.batches);
    }
  }
}

}  // namespace train_model
