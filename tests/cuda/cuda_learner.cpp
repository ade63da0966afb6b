// SPDX-License-Identifier: MIT
// Updates that run ahead of the host: part of the captured step, known one step late, and the same bit for bit.
#include <strata/cuda.hpp>

#include "../support/cuda/library.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/digit_set.hpp"

namespace cuda_cuda_learner {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Network<Image<28, 28, 1>, Conv<3, 4>, BatchNorm, ReLU, MaxPool<4>, Dense<10>, Softmax>;
using Small = Network<Image<4, 4, 1>, Conv<3, 8>, Conv<3, 8>, Dense<3>, Softmax>;
using Plain = CudaWith<Fp32>;

/// 24 samples for Small; sample `huge`, if there is one, overflows where the input is scaled up.
Dataset small_set(int huge) {
  Random random{5, 0};
  std::vector<float> images(24 * 16);
  std::vector<std::int32_t> labels(24);
  for (float& x : images) x = random.uniform() - 0.5f;
  for (std::int32_t& label : labels) label = std::int32_t(random.below(3));
  for (int i = 0; huge >= 0 && i < 16; i++) images[std::size_t(huge * 16 + i)] = 3e38f;
  return Dataset({4, 4, 1}, std::move(images), std::move(labels));
}

TrainOptions small_options() {
  TrainOptions options{.epochs = 1, .batch = 4, .optimizer = Adam{.rate = 0.01}};
  options.shuffle = Shuffle::never, options.input = Normalization::keep;
  return options;
}

/// Promises what it may not keep.
struct Promising {
  Dataset set;
  int below = 3;

  int count() const { return set.count(); }
  Batch batch(const std::int32_t* index, int n) const { return set.batch(index, n); }
  int labels_below() const { return below; }
};

template <class Model>
std::vector<float> numbers(const Model& model) {
  return {model.parameters().begin(), model.parameters().end()};
}

}  // namespace

TEST_CASE("a step and its update are one graph, which the host launches without waiting for the device") {
  Dataset set = digit_set(96, 10);
  Model<Net, Plain> model{{.seed = 1, .threads = 1}};
  TrainOptions options{.epochs = 1, .batch = 8, .optimizer = Adam{.rate = 1e-3}, .clip = {.norm = 1}};
  std::vector<device::Log> logs;
  auto watch = [&](const Progress& p) {
    if (p.event == Event::iteration) logs.push_back(device::logged());
  };
  options.observer = observe(watch);
  CHECK(train(model, set, options).status == Status::complete);
  REQUIRE(logs.size() == 12);
  const device::Log &early = logs[3], &late = logs[9];  // six updates later
  const auto more = [&](const std::string& call) {
    const auto count = [&](const device::Log& log) { return log.calls.count(call) ? log.calls.at(call) : 0; };
    return count(late) - count(early);
  };
  CHECK(late.graph_launches - early.graph_launches == 6);
  CHECK(late.captures == early.captures);
  CHECK(late.launches - early.launches == 6);  // of the kernel that chooses the numbers of a step
  CHECK(late.ran.at("update") > early.ran.at("update"));
  CHECK(more("cudaStreamSynchronize") == 0);
  CHECK(more("cudaMalloc") == 0);
  check_no_violation();
}

TEST_CASE("a loss that overflows is that of its update, and leaves the parameters as they were before") {
  for (const double norm : {HUGE_VAL, 1.}) {
    TrainOptions options = small_options();
    options.clip.norm = norm;
    Model<Small, Plain> failed{{.seed = 2, .threads = 1}}, before{{.seed = 2, .threads = 1}};
    Dataset set = small_set(9), first = small_set(-1).part(0, 8);
    failed.input_scaling({.mean = {0}, .deviation = {1e-3}}), before.input_scaling({.mean = {0}, .deviation = {1e-3}});
    const Run run = train(failed, set, options);
    CHECK(run.status == Status::failed);
    CHECK(run.iterations == 2);
    CHECK(run.why.find("at iteration 3 of 6") != std::string::npos);
    CHECK(train(before, first, options).status == Status::complete);
    CHECK(numbers(failed) == numbers(before));
  }
}

TEST_CASE("a batch without labels changes nothing, and Adam counts only what was made") {
  std::vector<float> images(24 * 16, 0.25f);
  std::vector<std::int32_t> labels(24, 1), fewer(16, 1);
  for (int i = 8; i < 16; i++) labels[std::size_t(i)] = -1;
  Dataset set({4, 4, 1}, images, labels), counted({4, 4, 1}, std::vector<float>(16 * 16, 0.25f), fewer);
  TrainOptions options = small_options();
  Model<Small, Plain> with{{.seed = 2, .threads = 1}}, without{{.seed = 2, .threads = 1}};
  CHECK(train(with, set, options).iterations == 6);
  CHECK(train(without, counted, options).iterations == 4);
  CHECK(numbers(with) == numbers(without));
}

TEST_CASE("ahead or in turn, in fp16, with updates that are skipped: the same bits") {
  using Half = CudaWith<Fp16>;
  Dataset set = digit_set(64, 10);
  TrainOptions options{.epochs = 6, .batch = 16, .optimizer = Adam{.rate = 5e-3}};
  options.shuffle = Shuffle::never, options.input = Normalization::keep;
  options.loss.reduction = Loss::Reduction::sum;
  options.loss.class_weights.assign(10, 4.f);  // the first updates are out of range
  Model<Net, Half> ahead{{.seed = 3, .threads = 1}}, in_turn{{.seed = 3, .threads = 1}};
  CHECK(train(ahead, set, options).status == Status::complete);

  const auto learner = learner_of(in_turn, 16, options.optimizer);
  learner->put();
  long skipped = 0;
  for (int update = 0; update < 24; update++) {
    std::vector<std::int32_t> index;
    for (int i = 0; i < 16; i++) index.push_back(update % 4 * 16 + i);
    const Batch batch = set.batch(index.data(), 16);
    learner->stage(batch.images, batch.labels);
    StepOptions step;
    step.loss_scale = 1, step.class_weights = options.loss.class_weights.data();
    learner->launch(step);
    CHECK(learner->finish().counted == 16);
    skipped += learner->update(5e-3) == Updated::skipped;
  }
  learner->fetch();
  CHECK(skipped >= 1);
  CHECK(skipped < 12);
  CHECK(numbers(ahead) == numbers(in_turn));
  check_no_violation();
}

TEST_CASE("labels are not checked batch by batch where a set promises that all are classes; others are ignored") {
  std::vector<float> images(24 * 16, 0.25f);
  std::vector<std::int32_t> labels(24, 1);
  labels[13] = 7;
  Promising set{Dataset({4, 4, 1}, images, labels)};
  Model<Small, Plain> model{{.seed = 2, .threads = 1}};
  CHECK(train(model, set, small_options()).status == Status::complete);
  CHECK(evaluate(model, set).counted == 23);
  set.below = 8;
  CHECK_THROWS_WITH(train(model, set, small_options()), doctest::Contains("sample 13 has the label 7"));
  CHECK_THROWS_WITH(evaluate(model, set), doctest::Contains("sample 13 has the label 7"));
}

}  // namespace cuda_cuda_learner
