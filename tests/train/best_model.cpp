// SPDX-License-Identifier: MIT
// TrainOptions::keep: which model a training ends with, and that no interruption changes it.
#include <doctest/doctest.h>

#include <limits>
#include <optional>

#include <strata/spec/layers.hpp>
#include <strata/train/trainer.hpp>

#include "../support/digit_set.hpp"
#include "../support/model_numbers.hpp"
#include "../support/old_checkpoint.hpp"
#include "../support/refusal.hpp"
#include "../support/softmax_regression.hpp"
#include "../support/temporary_folder.hpp"

namespace train_best_model {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::metrics;
using namespace strata::training;
using testing::numbers;
using testing::refuses;
using Fake = testing::SoftmaxRegression;
using Normed = Network<Image<28, 28, 1>, BatchNorm, Dense<10>, Softmax>;
using Subject = Model<Normed, Fake>;

namespace {

struct Data {
  Dataset train = testing::digit_set(100, 1), validation = testing::digit_set(50, 2);
};
const Data& sets() {
  static const Data sets;
  return sets;
}

/// Steps so large that validations go up and down: 4 updates per epoch, a validation after every second one.
TrainOptions erratic(Keep keep, const std::string& checkpoint = "", int epochs = 4) {
  return {.epochs = epochs,
          .batch = 25,
          .optimizer = Sgd{.rate = 2.0},
          .validation = {.every = 2},
          .keep = keep,
          .checkpoints = {.path = checkpoint}};
}

/// The iteration with the best validation, the first where several are equal.
long best_of(const std::vector<Record>& history, Keep keep, long after = 0) {
  const Record* best = nullptr;
  const auto beats = [&](const Record& a, const Record& b) {
    return keep == Keep::best_loss ? a.validation_loss < b.validation_loss
                                   : a.validation_mean_iou > b.validation_mean_iou;
  };
  for (const Record& r : history)
    if (r.iteration > after && r.validation_accuracy && (!best || beats(r, *best))) best = &r;
  return best ? best->iteration : 0;
}

/// A training that is stopped after `iteration`.
struct Stopped {
  Subject model{{.seed = 1, .threads = 1}};
  Run run;
  Stopped(TrainOptions options, long iteration) {
    std::atomic<bool> stop{false};
    auto watch = [&](const Progress& p) { stop = stop || p.run.iterations == iteration; };
    options.observer = observe(watch), options.stop = &stop;
    run = train(model, sets(), options);
  }
};

}  // namespace

TEST_CASE("a training ends with the model of its best validation, every bit of it") {
  for (const Keep keep : {Keep::best_loss, Keep::best_mean_iou}) {
    Subject model{{.seed = 1, .threads = 1}};
    const Run run = train(model, sets(), erratic(keep));
    CHECK(run.status == Status::complete);
    CHECK(run.iterations == 16);
    const long best = best_of(run.history, keep);
    REQUIRE(best < 16);  // else the test would show nothing
    CHECK(run.kept_iteration == best);
    CHECK(run.kept_by == keep);
    const Record& record = run.history[std::size_t(best - 1)];
    const Evaluation again = evaluate(model, sets().validation);
    CHECK(again.loss == record.validation_loss);
    CHECK(again.confusion.mean_iou() == record.validation_mean_iou);
    CHECK(run.validated);
    CHECK(run.validation.loss == again.loss);
    CHECK(run.validation.confusion.counts == again.confusion.counts);
    CHECK(numbers(model) == numbers(Stopped(erratic(Keep::last), best).model));
  }
  Subject last{{.seed = 1, .threads = 1}};
  const Run run = train(last, sets(), erratic(Keep::last));
  CHECK(run.kept_iteration == 0);
  CHECK(evaluate(last, sets().validation).loss == run.history.back().validation_loss);
}

TEST_CASE("where the last validation is the best, the last model is kept and its iteration named") {
  Subject kept{{.seed = 1, .threads = 1}}, last{{.seed = 1, .threads = 1}};
  TrainOptions options{
      .epochs = 3, .batch = 25, .optimizer = Sgd{.rate = 1e-4}, .validation = {.every = 1000}, .keep = Keep::best_loss};
  const Run run = train(kept, sets(), options);  // validated only at the end
  options.keep = Keep::last;
  train(last, sets(), options);
  CHECK(run.kept_iteration == 12);
  CHECK(run.iterations == 12);
  CHECK(numbers(kept) == numbers(last));
}

TEST_CASE("strictly better wins; NaN and what was not measured never do") {
  const auto record = [](double loss, double iou, std::optional<double> accuracy = 0.5) {
    Record r;
    r.validation_loss = loss, r.validation_mean_iou = iou, r.validation_accuracy = accuracy;
    return r;
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const Record best = record(1, 0.5);
  CHECK(training::detail::is_better(Keep::best_loss, record(0.9, 0.4), best));
  CHECK(!training::detail::is_better(Keep::best_mean_iou, record(0.9, 0.4), best));
  CHECK(training::detail::is_better(Keep::best_mean_iou, record(1.1, 0.6), best));
  for (const Keep keep : {Keep::best_loss, Keep::best_mean_iou}) {
    CHECK(!training::detail::is_better(keep, best, best));
    for (const Record& none : {record(nan, nan), record(HUGE_VAL, HUGE_VAL), record(-HUGE_VAL, HUGE_VAL),
                               record(0.9, 0.9, std::nullopt), Record()}) {
      CHECK(!training::detail::has_measure(keep, none));
      CHECK(!training::detail::is_better(keep, none, best));
    }
  }
  CHECK(!training::detail::has_measure(Keep::last, best));
}

TEST_CASE("stopped anywhere and resumed: the same model is kept, whether the best validation was before or after") {
  for (const Keep keep : {Keep::best_loss, Keep::best_mean_iou})
    for (const Statistics statistics : {Statistics::moving, Statistics::population}) {
      testing::TemporaryFolder folder;
      TrainOptions options = erratic(keep, folder / "c");
      options.statistics = statistics;
      Subject whole{{.seed = 1, .threads = 1}};
      const Run expected = train(whole, sets(), options);
      REQUIRE(expected.kept_iteration > 1);
      REQUIRE(expected.kept_iteration < 15);
      for (const long stop_at :
           {1L, expected.kept_iteration - 1, expected.kept_iteration, expected.kept_iteration + 1, 15L}) {
        const Stopped stopped(options, stop_at);
        CHECK(stopped.run.status == Status::interrupted);
        CHECK(stopped.run.kept_iteration == 0);
        CHECK(numbers(stopped.model) == numbers(Stopped(erratic(Keep::last), stop_at).model));  // not the best one
        CHECK(read_file(folder / "c")[7] == (stop_at < 2 ? '4' : '5'));
        TrainOptions on = options;
        on.checkpoints.resume = Resume::yes;
        Subject resumed{{.seed = 1, .threads = 1}};
        const Run run = train(resumed, sets(), on);
        CHECK(run.status == Status::complete);
        CHECK(run.kept_iteration == expected.kept_iteration);
        CHECK(run.validation.loss == expected.validation.loss);
        CHECK(run.validation.confusion.counts == expected.validation.confusion.counts);
        CHECK(numbers(resumed) == numbers(whole));
        Subject again{{.seed = 1, .threads = 1}};  // its end is recomputed
        CHECK(train(again, sets(), on).kept_iteration == expected.kept_iteration);
        CHECK(numbers(again) == numbers(whole));
      }
    }
}

TEST_CASE("the best so far competes where more epochs are asked for, and is the model where fewer are") {
  for (const Keep keep : {Keep::best_loss, Keep::best_mean_iou}) {
    testing::TemporaryFolder folder;
    Subject whole{{.seed = 1, .threads = 1}}, first{{.seed = 1, .threads = 1}}, more{{.seed = 1, .threads = 1}},
        fewer{{.seed = 1, .threads = 1}};
    const Run expected = train(whole, sets(), erratic(keep, "", 8));
    train(first, sets(), erratic(keep, folder / "c", 3));
    TrainOptions options = erratic(keep, folder / "c", 8);
    options.checkpoints.resume = Resume::yes;
    const Run run = train(more, sets(), options);
    CHECK(run.kept_iteration == expected.kept_iteration);
    CHECK(numbers(more) == numbers(whole));
    options.epochs = 1;
    const Run nothing = train(fewer, sets(), options);
    CHECK(nothing.nothing_to_do);
    CHECK(nothing.kept_iteration == expected.kept_iteration);
    CHECK(numbers(fewer) == numbers(whole));
  }
}

TEST_CASE("statistics of the whole training set are those of the model that is kept") {
  TrainOptions options = erratic(Keep::best_loss);
  Subject moving{{.seed = 1, .threads = 1}}, population{{.seed = 1, .threads = 1}};
  const Run run = train(moving, sets(), options);
  options.statistics = Statistics::population;
  CHECK(train(population, sets(), options).kept_iteration == run.kept_iteration);
  CHECK(std::ranges::equal(moving.parameters(), population.parameters()));
  CHECK(numbers(moving) != numbers(population));

  Subject ended{{.seed = 1, .threads = 1}}, kept{{.seed = 1, .threads = 1}};
  options.batch = 100, options.epochs = 12, options.validation.every = 1;  // one update per epoch
  options.epochs = int(train(kept, sets(), options).kept_iteration), options.keep = Keep::last;
  REQUIRE(options.epochs < 12);
  train(ended, sets(), options);
  CHECK(numbers(kept) == numbers(ended));
}

TEST_CASE("patience ends a training whose best model is kept") {
  TrainOptions options = erratic(Keep::best_loss, "", 500);
  options.validation.patience = 3;
  Subject model{{.seed = 1, .threads = 1}};
  const Run run = train(model, sets(), options);
  CHECK(run.status == Status::early);
  CHECK(run.kept_iteration == run.iterations - 3 * 2);
  CHECK(evaluate(model, sets().validation).loss == run.history[std::size_t(run.kept_iteration - 1)].validation_loss);
}

TEST_CASE("a training that fails gives back its best model, and its checkpoint has it") {
  testing::TemporaryFolder folder;
  const TrainOptions options = erratic(Keep::best_loss, folder / "c");
  Subject model{{.seed = 1, .threads = 1}};
  Fake::steps = 0, Fake::poison = 13;
  const Run run = train(model, sets(), options);
  Fake::poison = -1;
  CHECK(run.status == Status::failed);
  CHECK(run.why.find("the checkpoint of iteration 12 is kept") != std::string::npos);
  CHECK(run.why.find("; the model is from iteration ") != std::string::npos);
  CHECK(run.kept_iteration == best_of(run.history, Keep::best_loss));
  CHECK(evaluate(model, sets().validation).loss == run.history[std::size_t(run.kept_iteration - 1)].validation_loss);
  CHECK(read_file(folder / "c")[7] == '5');
}

TEST_CASE("checkpoints that know of no best model, or of one by another measure") {
  testing::TemporaryFolder folder;
  const auto resume = [&](Keep keep, Resume how) {
    TrainOptions options = erratic(keep, folder / "c");
    options.checkpoints.resume = how;
    Subject model{{.seed = 1, .threads = 1}};
    return train(model, sets(), options);
  };
  const auto of_version_3 = [&] {  // from before conditions were stored
    training::detail::SetupOfVersion3 old;
    old.network = structural_hash_1<Normed>, old.seed = 1, old.samples = 100, old.batch = old.micro_batch = 25;
    old.slots = 1, old.parameters = Subject::parameter_floats, old.buffers = Subject::buffer_floats;
    std::strcpy(old.optimizer, "sgd");
    write_file(folder / "c", testing::as_version('3', read_file(folder / "c"), old));
  };
  const Stopped kept_last(erratic(Keep::last, folder / "c"), 6);
  CHECK(read_file(folder / "c")[7] == '4');
  const Bytes none = read_file(folder / "c");
  CHECK(refuses([&] { resume(Keep::best_loss, Resume::yes); },
                "was written without keep, and this training has best_loss"));
  CHECK(resume(Keep::last, Resume::yes).kept_iteration == 0);
  write_file(folder / "c", none);
  Run run = resume(Keep::best_loss, Resume::anyway);
  CHECK(run.deviations.size() == 1);
  CHECK(run.kept_iteration == best_of(run.history, Keep::best_loss, 6));
  write_file(folder / "c", none);
  of_version_3();
  run = resume(Keep::best_mean_iou, Resume::yes);
  CHECK(run.kept_iteration == best_of(run.history, Keep::best_mean_iou, 6));

  const Stopped kept_best(erratic(Keep::best_loss, folder / "c"), 6);
  const Bytes by_loss = read_file(folder / "c");
  CHECK(refuses([&] { resume(Keep::best_mean_iou, Resume::yes); },
                "was written with keep best_loss, and this training has best_mean_iou"));
  CHECK(
      refuses([&] { resume(Keep::last, Resume::yes); }, "was written with keep best_loss, and this training has none"));
  run = resume(Keep::best_mean_iou, Resume::anyway);
  CHECK(run.kept_iteration == best_of(run.history, Keep::best_mean_iou, 6));
  write_file(folder / "c", by_loss);
  CHECK(resume(Keep::last, Resume::anyway).kept_iteration == 0);
}

namespace {

/// A set in which no label counts, which shows only when its batches are read.
struct Unlabeled {
  std::vector<std::int32_t> labels = std::vector<std::int32_t>(50, -1);
  int count() const { return 50; }
  Batch batch(const std::int32_t* index, int n) const {
    Batch out = sets().validation.batch(index, n);
    out.labels.values = labels.data();
    return out;
  }
};

}  // namespace

TEST_CASE("without a validation there is no best model") {
  Subject model{{.seed = 1, .threads = 1}};
  const std::vector<float> before = numbers(model);
  for (const Keep keep : {Keep::best_loss, Keep::best_mean_iou})
    CHECK(refuses([&] { train(model, sets().train, erratic(keep)); },
                  "train: keeping the best model needs a validation set; give data.validation, or keep the last"));
  CHECK(numbers(model) == before);
  struct {
    Dataset train = sets().train;
    Unlabeled validation;
  } blind;
  Subject last{{.seed = 1, .threads = 1}};
  CHECK(train(model, blind, erratic(Keep::best_loss)).kept_iteration == 0);
  train(last, sets().train, erratic(Keep::last));
  CHECK(numbers(model) == numbers(last));
}

}  // namespace train_best_model
