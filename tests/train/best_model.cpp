// SPDX-License-Identifier: MIT
// TrainOptions::keep: which model a training ends with, and that no interruption changes it.
#include <doctest/doctest.h>

#include <limits>
#include <optional>

#include <strata/metrics/metric_names.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/find_rate.hpp>
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
TrainOptions erratic(const Keep& keep, const std::string& checkpoint = "", int epochs = 4) {
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
  for (const Keep& keep : {Keep::best_loss, Keep::best_mean_iou}) {
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
  for (const Keep& keep : {Keep::best_loss, Keep::best_mean_iou}) {
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
  for (const Keep& keep : {Keep::best_loss, Keep::best_mean_iou})
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
  for (const Keep& keep : {Keep::best_loss, Keep::best_mean_iou}) {
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
  const auto resume = [&](const Keep& keep, Resume how) {
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
  for (const Keep& keep : {Keep::best_loss, Keep::best_mean_iou})
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

namespace {

/// The largest probability of a wrong class, a metric of which lower is better.
struct LargestMistake {
  double largest = 0;
  void add(const Scored& image) {
    for (int c = 0; c < image.channels; c++)
      if (c != image.labels[0]) largest = std::max(largest, double(image.outputs[c]));
  }
  double value() const { return largest; }
};

std::vector<Metric> some_metrics() {
  return {top(2), f1(), recall(3), auc(), own("mistake", Better::lower, LargestMistake{})};
}

/// The iteration at which a metric was best, the first of several.
long best_by(const std::vector<Record>& history, std::size_t metric, bool lower) {
  const Record* best = nullptr;
  for (const Record& r : history) {
    if (r.metrics.empty()) continue;
    const double value = r.metrics[metric].value;
    if (!best || (lower ? value < best->metrics[metric].value : value > best->metrics[metric].value)) best = &r;
  }
  return best ? best->iteration : 0;
}

}  // namespace

TEST_CASE("validations measure metrics, and the best model is kept by any of them") {
  const std::vector<Metric> metrics = some_metrics();
  for (std::size_t m = 0; m < metrics.size(); m++) {
    Subject model{{.seed = 1, .threads = 1}};
    TrainOptions options = erratic(Keep::best(metrics[m].name));
    options.metrics = metrics;
    const Run run = train(model, sets(), options);
    const long best = best_by(run.history, m, metrics[m].better == Better::lower);
    CHECK(run.kept_iteration == best);
    CHECK(run.kept_by.by == metrics[m].name);
    const Record& record = run.history[std::size_t(best - 1)];
    REQUIRE(record.metrics.size() == metrics.size());
    const Evaluation again = evaluate(model, sets().validation, metrics);
    CHECK(again.metrics == record.metrics);
    CHECK(again.loss == record.validation_loss);
    CHECK(run.validation.metrics == again.metrics);
  }
  Subject model{{.seed = 1, .threads = 1}};
  const Run run = train(model, sets(), erratic(Keep::best_accuracy));
  CHECK(evaluate(model, sets().validation).accuracy ==
        run.history[std::size_t(run.kept_iteration - 1)].validation_accuracy);
}

namespace {

/// A back end that evaluates labels where it computes, as a GPU does.
struct Counting : Fake {
  static inline int counted = 0, predicted = 0;  ///< batches
  template <class Net>
  class Inference {
   public:
    Inference(int images, core::Workers& workers) : base_(images, workers) {}
    void load(const float* parameters, const float* buffers) { base_.load(parameters, buffers); }
    void run(const Images& images, float* result) { predicted++, base_.run(images, result); }
    auto tally(const Images& images, const Labels& labels, const float*) {
      struct {
        StepResult sums;
        std::vector<long> confusion = std::vector<long>(100);
      } out;
      std::vector<float> p(std::size_t(images.count) * 10);
      counted++, base_.run(images, p.data());
      for (int i = 0; i < images.count; i++) {
        const int label = labels.values[labels.row(i)];
        out.sums.loss -= std::log(double(p[std::size_t(10 * i + label)]));
        out.sums.counted++, out.sums.weight++;
        out.confusion[std::size_t(10 * label + most_probable(p.data() + 10 * i, 10))]++;
      }
      return out;
    }

   private:
    typename Fake::Inference<Net> base_;
  };
};

}  // namespace

TEST_CASE("a back end that counts labels sends its outputs only to metrics that need them") {
  const Subject plain{{.seed = 1, .threads = 1}};
  const Model<Normed, Counting> counting{{.seed = 1, .threads = 1}};
  const auto measure = [&](const std::vector<Metric>& metrics, bool needs_outputs) {
    Counting::counted = Counting::predicted = 0;
    const Evaluation e = evaluate(counting, sets().validation, metrics);
    CHECK(e.metrics == evaluate(plain, sets().validation, metrics).metrics);
    CHECK(e.accuracy == evaluate(plain, sets().validation).accuracy);
    CHECK((Counting::counted == 0) == needs_outputs);
    CHECK((Counting::predicted > 0) == needs_outputs);
  };
  measure({f1(), recall(3), precision()}, false);
  measure({f1(), top(2)}, true);
  measure({auc(3)}, true);
}

TEST_CASE("a metric that no validation measures, or not of such outputs, is refused before anything changes") {
  Subject model{{.seed = 1, .threads = 1}};
  const auto before = numbers(model);
  const auto refuses_metrics = [&](const std::vector<Metric>& metrics, const char* part) {
    TrainOptions options = erratic(Keep::last);
    options.metrics = metrics;
    return refuses([&] { train(model, sets(), options); }, "train: ", part) &&
           refuses([&] { evaluate(model, sets().validation, metrics); }, "evaluate: ", part);
  };
  CHECK(refuses_metrics({mae()},
                        "the metric 'mae' measures decisions with targets from 0 to 1 or classes with a "
                        "probability of each or values, but the outputs are classes with labels"));
  CHECK(refuses_metrics({top(11)}, "the metric 'top11' needs 11 classes or channels, but the output has 10"));
  CHECK(refuses_metrics({f1(), f1()}, "the metric 'f1' is given twice"));
  CHECK(refuses_metrics({f1().of("boxes")}, "is of the head 'boxes', which inference does not have"));
  CHECK(refuses_metrics({Metric{}}, "metric 0 measures nothing"));
  for (const char* name : {"", "a\nb", "loss", "accuracy"})
    CHECK(refuses_metrics({own(name, Better::higher, LargestMistake{})}, "the name of metric 0 is"));
  const auto refuses_options = [&](TrainOptions options, const char* part) {
    return refuses([&] { train(model, sets(), options); }, part);
  };
  CHECK(refuses_options(erratic(Keep::best("f1")), "train: keep is by 'f1', which validations do not measure"));
  CHECK(refuses_options(erratic(Keep::best("r2")), "train: keep is by 'r2'"));
  TrainOptions options = erratic(Keep::last);
  options.validation.by = "top5";
  CHECK(refuses_options(options, "train: patience is by 'top5'"));
  options.validation.by = "";
  CHECK(refuses_options(options, "train: patience is by ''"));
  options = erratic(Keep::last), options.plateau = Plateau{.by = "luck"};
  CHECK(refuses_options(options, "train: plateau is by 'luck'"));
  options.plateau = Plateau{.factor = 2};
  CHECK(refuses_options(options, "train: plateau.factor = 2"));
  options.plateau = Plateau{};
  CHECK(refuses([&] { train(model, sets().train, options); }, "train: plateau needs a validation set"));
  options.plateau.reset(), options.metrics = {f1()};
  CHECK(refuses([&] { train(model, sets().train, options); }, "train: metrics need a validation set"));
  CHECK(numbers(model) == before);
}

TEST_CASE("patience and plateaus follow any measure, and a resumed training has the same bits and history") {
  testing::TemporaryFolder folder;
  TrainOptions options = erratic(Keep::best("f1"), "", 6);
  options.metrics = some_metrics();
  options.plateau = Plateau{.factor = 0.5, .patience = 0, .cooldown = 1, .least = 0.3, .by = "mistake"};
  options.optimizer = Sgd{.rate = cosine(2, 0.5).warm_up(2)};
  Subject whole{{.seed = 1, .threads = 1}};
  const Run expected = train(whole, sets(), options);
  PlateauState state;
  int reductions = 0;
  for (const Record& r : expected.history) {
    CHECK(r.plateau_factor == state.factor);
    const double rate = Schedule(cosine(2, 0.5).warm_up(2)).at({r.iteration - 1, 4, 6});
    CHECK(r.rate == std::max(rate * state.factor, std::min(rate, 0.3)));
    if (r.metrics.empty() ||
        !training::detail::add_validation(state, *options.plateau, Better::lower, r.metrics.back().value))
      continue;
    training::detail::reduce(state, *options.plateau);
    reductions++;
  }
  CHECK(reductions >= 2);
  for (const long stop_at : {3L, 8L, 13L, 22L}) {
    options.checkpoints = {.path = folder / std::to_string(stop_at)};
    const Stopped stopped(options, stop_at);
    Subject resumed{{.seed = 1, .threads = 1}};
    options.checkpoints.resume = Resume::yes;
    const Run run = train(resumed, sets(), options);
    CHECK(numbers(resumed) == numbers(whole));
    CHECK(run.kept_iteration == expected.kept_iteration);
    REQUIRE(run.history.size() == expected.history.size());
    for (std::size_t i = 0; i < run.history.size(); i++) {
      CHECK(run.history[i].metrics == expected.history[i].metrics);
      CHECK(run.history[i].rate == expected.history[i].rate);
      CHECK(run.history[i].plateau_factor == expected.history[i].plateau_factor);
    }
    options.checkpoints.resume = Resume::no;
  }
  // Another plateau, another schedule under it, and another measure are other trainings.
  options.checkpoints = {.path = folder / "8"};
  (void)Stopped(options, 8);
  options.checkpoints.resume = Resume::yes;
  TrainOptions other = options;
  other.plateau->patience = 1;
  Subject model{{.seed = 1, .threads = 1}};
  CHECK(refuses([&] { train(model, sets(), other); }, "was written with plateau.patience 0, and this training has 1"));
  other = options, other.epochs = 9;
  CHECK(refuses([&] { train(model, sets(), other); }, "a learning rate that follows the number of epochs"));
  other = options, other.keep = Keep::best("mistake");
  CHECK(refuses([&] { train(model, sets(), other); }, "keep best_f1, and this training has best_mistake"));
}

TEST_CASE("patience ends a training by a metric, which ends with its best model") {
  TrainOptions options = erratic(Keep::best("top2"), "", 500);
  options.metrics = {top(2)}, options.validation.patience = 3, options.validation.by = "top2";
  Subject model{{.seed = 1, .threads = 1}};
  const Run run = train(model, sets(), options);
  CHECK(run.status == Status::early);
  CHECK(run.why == "the validation top2 did not improve on its best 3 times in a row");
  CHECK(run.iterations == run.kept_iteration + 6);
  CHECK(evaluate(model, sets().validation, {.metrics = {top(2)}}).metrics ==
        run.history[std::size_t(run.kept_iteration - 1)].metrics);
}

TEST_CASE("the finder's rates grow to where the loss diverges, and the model stays as it was") {
  Subject model{{.seed = 1, .threads = 1}};
  const auto before = numbers(model);
  const TrainOptions options{.batch = 25, .optimizer = Sgd{.rate = 7}, .keep = Keep::best_loss};
  const RateSearch search{.lowest = 1e-4, .highest = 1e5, .updates = 60, .smoothing = 0.5, .divergence = 3};
  const RateCurve curve = find_rate(model, sets(), options, search);
  CHECK(numbers(model) == before);
  CHECK(curve.diverged);
  const std::size_t n = curve.rates.size();
  REQUIRE(n > 20);
  REQUIRE(n < 60);
  REQUIRE(curve.losses.size() == n);
  double average = 0;
  for (std::size_t i = 0; i < n; i++) {
    CHECK(curve.rates[i] == doctest::Approx(1e-4 * std::pow(1e9, double(i) / 59)).epsilon(1e-9));
    average = 0.5 * average + 0.5 * curve.losses[i];
    CHECK(curve.smoothed[i] == doctest::Approx(average / (1 - std::pow(0.5, double(i + 1)))).epsilon(1e-9));
  }
  REQUIRE(curve.suggestion);
  CHECK(*curve.suggestion > 1e-4);
  CHECK(*curve.suggestion < curve.rates.back());
  // The rates are those of a training: its losses are the same.
  TrainOptions by_hand{.epochs = 2, .batch = 25, .optimizer = Sgd{.rate = exponential(1e-4, std::pow(1e9, 1. / 59))}};
  const Run run = train(model, sets().train, by_hand);
  for (std::size_t i = 0; i < run.history.size(); i++) CHECK(run.history[i].loss == curve.losses[i]);

  Subject calm{{.seed = 1, .threads = 1}};
  const RateCurve low = find_rate(calm, sets().train, options, {.lowest = 1e-6, .highest = 1e-5, .updates = 12});
  CHECK(low.rates.size() == 12);
  CHECK(!low.diverged);
  for (const RateSearch& bad : {RateSearch{.lowest = 1, .highest = 1}, RateSearch{.lowest = 0},
                                RateSearch{.updates = 9}, RateSearch{.smoothing = 1}, RateSearch{.divergence = 1}})
    CHECK(refuses([&] { find_rate(calm, sets(), options, bad); }, "find_rate: "));
}

TEST_CASE("the finder suggests where the smoothed loss falls fastest, before its lowest point") {
  RateCurve curve;
  const double losses[] = {5, 4.9, 4.5, 3, 2.5, 2.4, 6, 9, 1};
  for (int i = 0; i < 9; i++) training::detail::add_loss(curve, i, losses[i], 0);
  curve.smoothed.back() = 8;
  CHECK(training::detail::steepest(curve, 0) == 3);
  CHECK(training::detail::steepest(curve, 4) == 4);
  for (double& y : curve.smoothed) y = 1;
  CHECK(!training::detail::steepest(curve, 0));
  CHECK(!training::detail::steepest(RateCurve(), 0));
}

}  // namespace train_best_model
