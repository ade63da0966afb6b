// SPDX-License-Identifier: MIT
// The training loop with a learner that takes batches ahead, runs ahead of the loop, and computes a share of each
// batch.
#include <strata/train/loop.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"

#include <functional>
#include <limits>
#include <thread>

using namespace strata;
using namespace strata::core;
using namespace strata::training;

namespace {

/// What the loop did, in order: "s 4" a batch of 4 is staged, "l 3" update 3 is launched, "f 3" it is finished, "i 3"
/// it is recorded, "v" a validation.
using Story = std::vector<std::string>;

struct Told {
  Story story;
  std::mutex mutex;
  void add(const std::string& what) {
    const std::lock_guard held(mutex);
    story.push_back(what);
  }
  bool decides = true;                                    ///< otherwise another process does
  std::function<bool()> decision = [] { return false; };  ///< of the other process
  long at(const std::string& what) const { return std::find(story.begin(), story.end(), what) - story.begin(); }
};

/// A learner without a device: update k has the loss `losses[k]`, or 1.
class Ahead final : public Learner {
 public:
  Ahead(Told& told, Share of_ten, std::vector<double> losses)
      : told_(told), of_ten_(of_ten), losses_(std::move(losses)) {}

  bool stages_ahead() const override { return true; }
  bool runs_ahead() const override { return true; }
  bool takes_byte_labels() const override { return true; }
  Share share(int images) const override { return {of_ten_.first * images / 10, of_ten_.count * images / 10}; }
  void stage(const Images& images, const Labels&) override { told_.add("s " + std::to_string(images.count)); }
  void launch(const StepOptions&) override { told_.add("launch"); }
  StepResult finish() override { return {1, 1, 0, 1}; }
  void scale_gradients(double) override {}
  Updated update(double) override {
    told_.add("update");
    return Updated::yes;
  }
  void launch_update(const StepOptions&, double, double, bool stop) override {
    told_.add("l " + std::to_string(++launched_));
    if (stop && stop_ == 0) stop_ = launched_;
  }
  StepAndUpdate finish_update() override {
    told_.add("f " + std::to_string(++finished_));
    const std::size_t k = std::size_t(finished_);
    return {{k < losses_.size() ? losses_[k] : 1, 1, 0, 1}, Updated::yes, stop_ > 0 && finished_ >= stop_};
  }
  void average(double) override { told_.add("a " + std::to_string(launched_)); }
  bool keeps_files() const override { return told_.decides; }
  bool any(bool here) override { return told_.decides ? here : told_.decision(); }
  Floats& state() override { return state_; }
  Standing standing() const override { return {.steps = finished_}; }
  void restore(const Standing&) override {}

 private:
  Told& told_;
  Share of_ten_;
  std::vector<double> losses_;
  long launched_ = 0, finished_ = 0, stop_ = 0;
  Floats state_;
};

class Fixture final : public training::detail::Trainee {
 public:
  Fixture(Told& told, int count, Share of_ten = {0, 10}, std::vector<double> losses = {})
      : told_(told), of_ten_(of_ten), losses_(std::move(losses)) {
    samples = count, classes = 2;
  }
  std::vector<std::int32_t> announced, given;  ///< in the first epoch
  bool fails = false, in_background = true, byte_labels = true;

  std::unique_ptr<Learner> learner(const Lesson&) override { return std::make_unique<Ahead>(told_, of_ten_, losses_); }
  void survey(bool) override {}
  void fit_input() override {}
  void fill_outside() override {}
  Conditions conditions() override { return {}; }
  void begin_epoch(const std::int32_t* order, int count, std::uint64_t, bool) override {
    if (announced.empty()) announced.assign(order, order + count);
  }
  Batch batch(const std::int32_t* index, int count, bool bytes) override {
    if (given.size() < announced.size()) given.insert(given.end(), index, index + count);
    byte_labels = byte_labels && bytes;
    if (calls_++ > 0) in_background = in_background && std::this_thread::get_id() != main_;
    if (fails && calls_ == 3) throw Error("the file is gone");
    return {{.floats = nullptr, .count = count}, {}};
  }
  std::vector<double> accuracies{};  ///< of the validations; after the last one nothing is measured
  metrics::Evaluation validate() override {
    told_.add("v");
    metrics::Evaluation out;
    if (validation_ < accuracies.size()) out.loss = 1, out.counted = 1, out.accuracy = accuracies[validation_++];
    return out;
  }

 private:
  Told& told_;
  Share of_ten_;
  std::vector<double> losses_;
  std::thread::id main_ = std::this_thread::get_id();
  long calls_ = 0;
  std::size_t validation_ = 0;
};

TrainOptions options_of(Told& told, int epochs, int batch) {
  TrainOptions options{.epochs = epochs, .batch = batch};
  options.observer = {&told, [](void* host, const Progress& progress) {
                        if (progress.event == Event::iteration)
                          static_cast<Told*>(host)->add("i " + std::to_string(progress.run.iterations));
                      }};
  return options;
}

}  // namespace

TEST_CASE("an update is launched before the loss of the one before is read") {
  Told told;
  Fixture fixture(told, 50);
  const Run run = training::detail::run_training(fixture, options_of(told, 1, 10));
  CHECK(run.status == Status::complete);
  CHECK(run.iterations == 5);
  for (int k = 1; k < 5; k++) {
    const std::string number = std::to_string(k), next = std::to_string(k + 1);
    CHECK(told.at("l " + next) < told.at("f " + number));
    CHECK(told.at("f " + number) < told.at("i " + number));
    if (k < 4) CHECK(told.at("i " + number) < told.at("l " + std::to_string(k + 2)));
  }
  CHECK(told.at("i 5") < long(told.story.size()));
  CHECK(fixture.in_background);
  CHECK(fixture.byte_labels);
}

TEST_CASE("all updates are known before an epoch ends or the model is validated") {
  Told told;
  Fixture fixture(told, 50);
  fixture.validates = true;
  TrainOptions options = options_of(told, 2, 10);
  options.validation.every = 3;
  CHECK(training::detail::run_training(fixture, options).iterations == 10);
  const auto before = [&](const std::string& a, const std::string& b) { CHECK(told.at(a) < told.at(b)); };
  before("i 3", "v"), before("v", "l 4");
  before("i 5", "l 6");
}

TEST_CASE("a model joins the average before the next update, and the average is complete when it is validated") {
  Told told;
  Fixture fixture(told, 50);
  fixture.validates = true;
  TrainOptions options = options_of(told, 2, 10);
  options.average = ExponentialAverage{.every = 2};
  CHECK(training::detail::run_training(fixture, options).averaged == 5);
  const auto before = [&](const std::string& a, const std::string& b) { CHECK(told.at(a) < told.at(b)); };
  before("l 2", "a 2"), before("a 2", "l 3"), before("a 4", "f 4"), before("a 4", "v"), before("a 10", "f 10");
  CHECK(told.at("a 3") == long(told.story.size()));
}

TEST_CASE("plateaus lower the rate of the update after the validation, as the process that keeps the files decides") {
  const auto rates = [](Told& told, std::vector<double> accuracies) {
    Fixture fixture(told, 20);
    fixture.validates = true, fixture.accuracies = std::move(accuracies);
    TrainOptions options = options_of(told, 5, 10);
    options.optimizer = Sgd{.rate = 1};
    options.plateau = Plateau{.factor = 0.5, .patience = 0, .by = "accuracy"};
    std::vector<double> out;
    for (const Record& r : training::detail::run_training(fixture, options).history) out.push_back(r.rate);
    return out;
  };
  Told decides;
  CHECK(rates(decides, {0.5, 0.6, 0.6, 0.7, 0.7}) == std::vector<double>{1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5});
  Told unmeasured;  // counts as no improvement
  CHECK(rates(unmeasured, {0.5}) == std::vector<double>{1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125});
  Told follows;
  follows.decides = false;
  follows.decision = [validation = 0]() mutable { return ++validation == 1; };
  CHECK(rates(follows, {0.5, 0.6, 0.6, 0.7, 0.7}) == std::vector<double>{1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5});
}

TEST_CASE("a loss that is not a number is reported for the update that has it, although the next one was launched") {
  Told told;
  Fixture fixture(told, 80, {0, 10}, {1, 1, 1, 1, std::numeric_limits<double>::quiet_NaN()});
  const Run run = training::detail::run_training(fixture, options_of(told, 2, 10));
  CHECK(run.status == Status::failed);
  CHECK(run.iterations == 3);
  CHECK(run.why.starts_with("the loss became NaN at iteration 4 of 16"));
  CHECK(told.at("l 5") < told.at("f 4"));
  CHECK(told.at("l 6") == long(told.story.size()));
}

TEST_CASE("a request to stop ends after the updates that are launched") {
  Told told;
  Fixture fixture(told, 80);
  std::atomic<bool> stop{true};
  TrainOptions options = options_of(told, 2, 10);
  options.stop = &stop;
  const Run run = training::detail::run_training(fixture, options);
  CHECK(run.status == Status::interrupted);
  CHECK(run.iterations == 2);  // the second was launched before the first, which asked, was known
}

TEST_CASE("a process is asked for its share of each batch, and no other sample") {
  Told told;
  Fixture fixture(told, 45, {5, 5});
  TrainOptions options = options_of(told, 1, 10);
  options.shuffle = Shuffle::never;
  CHECK(training::detail::run_training(fixture, options).iterations == 5);
  const std::vector<std::int32_t> own{5,  6,  7,  8,  9,  15, 16, 17, 18, 19, 25,
                                      26, 27, 28, 29, 35, 36, 37, 38, 39, 42, 43};
  CHECK(fixture.announced == own);
  CHECK(fixture.given == own);
}

TEST_CASE("a sample that cannot be read ends the training, whichever thread reads it") {
  Told told;
  Fixture fixture(told, 50);
  fixture.fails = true;
  CHECK(
      testing::refuses([&] { training::detail::run_training(fixture, options_of(told, 1, 10)); }, "the file is gone"));
}

TEST_CASE("micro-batches are summed, and then known, before the update") {
  Told told;
  Fixture fixture(told, 40);
  TrainOptions options = options_of(told, 1, 20);
  options.micro_batch = 10;
  CHECK(training::detail::run_training(fixture, options).iterations == 2);
  CHECK(told.at("l 1") == long(told.story.size()));
  CHECK(std::count(told.story.begin(), told.story.end(), "launch") == 4);
  CHECK(std::count(told.story.begin(), told.story.end(), "update") == 2);
}
