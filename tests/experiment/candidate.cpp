// SPDX-License-Identifier: MIT
// What a candidate's program does with an order: it trains, scores and measures. The task classifies pixels.
#include <strata/experiment/candidate_main.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include "../support/temporary_folder.hpp"

namespace experiment_candidate {

using namespace strata;
using namespace strata::experiment;
using namespace strata::testing;

namespace {

/// Maps of 4 x 4 pixels, each brighter than the middle or not.
struct Maps {
  static constexpr int images = 32, pixels = 16;
  std::vector<float> values;
  std::vector<std::int32_t> labels;
  std::vector<float> drawn = std::vector<float>(images * pixels);
  std::vector<std::int32_t> drawn_labels = std::vector<std::int32_t>(images * pixels);

  explicit Maps(std::uint64_t seed) {
    core::Random random{seed, 0};
    for (int i = 0; i < images * pixels; i++) {
      values.push_back(2 * random.uniform() - 1);
      labels.push_back(values.back() > 0);
    }
  }
  int count() const { return images; }
  Batch batch(const std::int32_t* index, int n) {
    for (int i = 0; i < n; i++) {
      std::copy_n(values.begin() + index[i] * pixels, pixels, drawn.begin() + i * pixels);
      std::copy_n(labels.begin() + index[i] * pixels, pixels, drawn_labels.begin() + i * pixels);
    }
    return {.images = {.floats = drawn.data(), .count = n}, .labels = {.values = drawn_labels.data()}};
  }
};

struct MapData {
  Maps train{1}, validation{2}, test{3};
};

using Pixels = Network<Image<4, 4, 1>, Conv<1, 4>, ReLU, Conv<1, 2>, PixelSoftmax>;

struct Task {
  static constexpr const char* score_name = "mean IoU";
  static MapData data() { return {}; }
  static TrainOptions options() { return {.batch = 8, .optimizer = Adam{.rate = 0.05}}; }
  static double score(const metrics::Evaluation& e) { return e.confusion.mean_iou(); }
};

/// Pairs of numbers with the sign and the value of their sum, for a network with two sources and two heads.
struct Pairs {
  std::vector<float> x, y, sums;
  std::vector<std::int32_t> signs;
  Images of_y;
  Labels of_sums;

  explicit Pairs(std::uint64_t seed) {
    core::Random random{seed, 0};
    for (int i = 0; i < 64; i++) {
      x.push_back(2 * random.uniform() - 1), y.push_back(2 * random.uniform() - 1);
      sums.push_back(x.back() + y.back()), signs.push_back(sums.back() > 0);
    }
  }
  int count() const { return int(x.size()); }
  Batch batch(const std::int32_t* index, int n) {
    of_y = {.floats = y.data(), .index = index, .count = n};
    of_sums = {.index = index, .floats = sums.data()};
    return {{.floats = x.data(), .index = index, .count = n, .more = &of_y},
            {.values = signs.data(), .index = index, .more = &of_sums}};
  }
};
using Added = Network<Inputs<Source<"x", Image<1, 1, 1>>, Source<"y", Image<1, 1, 1>>>, Concat<Identity, From<"y">>,
                      Outputs<Head<"sign", Dense<2>, Softmax>, Head<"sum", Dense<1>>>>;

struct PairTask {
  static auto data() {
    struct {
      Pairs train{1}, validation{2};
    } data;
    return data;
  }
  static TrainOptions options() {
    return {.batch = 8, .optimizer = Adam{.rate = 0.05}, .losses = {CrossEntropy{}, MeanSquaredError{.scale = 0.25}}};
  }
  static double score(const metrics::Evaluation& e) { return e.heads[1].errors.r2(); }
};

/// The result of the candidate's program for these words; its exit status goes to `status`.
template <class Task = Task, class Net = Pixels>
Result result_of(std::vector<std::string> words, int& status) {
  const TemporaryFolder folder;
  words.insert(words.begin(), "candidate");
  words.insert(words.end(), {"--result", folder / "result.json"});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  status = run_candidate<Task, Net>(int(argv.size()), argv.data());
  return status == 0 ? result_from_json(experiment::detail::Json::parse(read(folder / "result.json"))) : Result{};
}

}  // namespace

TEST_CASE("a task of pixels, scored by its own measure on the validation set, and in the final on the test set") {
  int status = -1;
  const Result r = result_of({"--seed", "3", "--epochs", "20", "--stage", "final"}, status);
  REQUIRE(status == 0);
  CHECK(r.outcome == Outcome::trained);
  CHECK(r.why == "");
  CHECK(r.trained_epochs == 20);
  CHECK(r.score > 0.8);
  CHECK(r.score < 1.0001);
  CHECK(r.has_test);
  CHECK(r.test_score > 0.8);
  CHECK(r.test_score != r.score);
  CHECK(r.latency > 0);
  CHECK(r.arena_bytes == arena_bytes<Pixels>(1));
  int again = -1;
  const Result same = result_of({"--seed", "3", "--epochs", "20"}, again);
  CHECK(same.score == r.score);
  CHECK(!same.has_test);
}

TEST_CASE("seconds instead of epochs: as many epochs as fit, and never more than those asked for") {
  int status = -1;
  const Result r = result_of({"--epochs", "0", "--limit", "0.2"}, status);
  REQUIRE(status == 0);
  CHECK(r.outcome == Outcome::trained);
  CHECK(r.trained_epochs >= 2);  // an epoch is four batches of 8 x 16 pixels
  CHECK(r.limit == 0.2);
  CHECK(r.epochs == 0);
  const Result capped = result_of({"--epochs", "2", "--limit", "5"}, status);
  CHECK(capped.trained_epochs == 2);
}

TEST_CASE("a network with several sources and heads is scored by what its task says of them") {
  int status = -1;
  const Result r = result_of<PairTask, Added>({"--seed", "3", "--epochs", "20"}, status);
  REQUIRE(status == 0);
  CHECK(r.outcome == Outcome::trained);
  CHECK(r.score > 0.95);
  CHECK(r.latency > 0);
  Model<Added> model{{.seed = 3, .threads = 1}};
  auto data = PairTask::data();
  TrainOptions options = PairTask::options();
  options.epochs = 20;
  const training::Run run = train(model, data, options);
  CHECK(r.loss == run.validation.loss);  // the sum of both, each times its scale
  CHECK(r.score == run.validation.heads[1].errors.r2());
}

TEST_CASE("words that are not an order end with status 1") {
  int status = -1;
  result_of({"--epoch", "3"}, status);
  CHECK(status == 1);
  result_of({"--epochs", "many"}, status);
  CHECK(status == 1);
}

}  // namespace experiment_candidate
