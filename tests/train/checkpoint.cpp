// SPDX-License-Identifier: MIT
#include <strata/train/checkpoint.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/file_size_limit.hpp"
#include "../support/old_checkpoint.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

namespace train_checkpoint {

using namespace strata;
using namespace strata::core;
using namespace strata::training;
using namespace strata::testing;

namespace {

/// A training with Adam after two updates; the second of its two buffers is a variance.
struct Sample {
  std::vector<float> parameters = {1, -2, 3}, buffers = {-4, 4}, state = {5, -6, 7, 8, 9, 10};
  TrainingSetup setup;
  TrainingState at;
  std::vector<Record> history = std::vector<Record>(2);
  KeptModel kept;
  AveragedModel average;
  Sample() {
    setup.network = 7, setup.structural = 8, setup.first_version = 9;
    setup.slots = 2, setup.squares = 1, setup.parameters = 3, setup.buffers = 2, setup.variances = {{1, 2}},
    setup.epochs = 5;
    setup.conditions = {
        {"--rate", "0.01"}, {"optimizer", "adam"}, {"seed", "3"}, {"training samples", "10"}, {"batch", "2"}};
    at.iteration = 2, at.optimizer_step = 2, at.images = 4, at.validations = 1, at.best_validation = 0.5,
    at.seconds = 9;
    at.loss_factor = 1024, at.in_range = 1;
    history[1].iteration = 2, history[1].loss = 0.25, history[1].validation_loss = 0.5,
    history[1].validation_accuracy = 0.75;
  }
  /// The training without the numbers that a checkpoint restores.
  static Sample empty() {
    Sample s;
    s.parameters.assign(3, 0), s.buffers.assign(2, 0), s.state.assign(6, 0), s.history.clear(), s.at = {};
    s.kept.by = Keep::best_loss;
    s.average = {.how = EqualAverage{.every = 1}, .parameters = {0, 0, 0}, .buffers = {0, 0}};
    return s;
  }
  TrainingBlocks blocks() { return {parameters.data(), buffers.data(), state.data(), &kept, &average}; }
  Sample& with_best() {
    kept.by = Keep::best_loss, kept.iteration = 2, kept.parameters = {9, 8, 7}, kept.buffers = {-6, 5};
    return *this;
  }
  Sample& with_average() {
    average = {.how = EqualAverage{.every = 1}, .since = 1, .parameters = {-3, 2, -1}, .buffers = {-7, 6}};
    return *this;
  }
  Bytes bytes() {
    TemporaryFolder folder;
    write_checkpoint(folder / "c", setup, at, blocks(), history);
    return read_file(folder / "c");
  }
  Resumed take(const Bytes& bytes, bool anyway = false) {
    return parse_checkpoint(bytes.data(), bytes.size(), "c", setup, at, blocks(), history, anyway);
  }
  bool untouched() const {
    const Sample none = empty();
    return parameters == none.parameters && buffers == none.buffers && state == none.state && history.empty() &&
           at.iteration == 0 && kept.iteration == 0 && kept.parameters.empty() && kept.buffers.empty() &&
           average.parameters == none.average.parameters && average.buffers == none.average.buffers;
  }
};

training::detail::SetupOfVersion3 older_setup() {
  training::detail::SetupOfVersion3 old;
  old.network = 9, old.seed = 3, old.samples = 10, old.batch = 2, old.slots = 2, old.parameters = 3, old.buffers = 2;
  std::strcpy(old.optimizer, "adam");
  return old;
}

/// Whether the bytes are refused with these parts of a sentence, and change nothing.
template <class... Part>
bool refused(const Bytes& bytes, const Part&... part) {
  Sample read = Sample::empty();
  return refuses([&] { read.take(bytes); }, "c: ", part...) && read.untouched();
}

}  // namespace

TEST_CASE("a checkpoint is read back") {
  Sample written, read = Sample::empty();
  written.setup.deviations = {"a word"}, written.setup.since = 1;
  const Resumed before = read.take(written.bytes());
  CHECK(read.parameters == written.parameters);
  CHECK(read.buffers == written.buffers);
  CHECK(read.state == written.state);
  CHECK(read.at.iteration == 2);
  CHECK(read.at.best_validation == 0.5);
  CHECK(read.at.loss_factor == 1024);
  CHECK(read.at.in_range == 1);
  REQUIRE(read.history.size() == 2);
  CHECK(read.history[1].loss == 0.25);
  CHECK(read.history[1].validation_loss == 0.5);
  CHECK(read.history[1].validation_accuracy == 0.75);
  CHECK(!read.history[1].validation_mean_iou);
  CHECK(!(read.history[0].validation_loss || read.history[0].validation_accuracy ||
          read.history[0].validation_mean_accuracy));
  CHECK(before.epochs == 5);
  CHECK(before.since == 1);
  CHECK(before.deviations == std::vector<std::string>{"a word"});
}

TEST_CASE("the heads of a network with several are read back, and refused if no training writes them") {
  const auto with = [](const HeadOfRecord& first, const HeadOfRecord& second) {
    Sample sample;
    sample.setup.heads = 2, sample.history[1].heads = {first, second};  // the first record has none
    return sample;
  };
  const HeadOfRecord classes{.loss = -1, .train_accuracy = 0.5, .validation_loss = -1, .validation_accuracy = 0.75};
  const HeadOfRecord box{.loss = 2, .validation_loss = 3, .validation_mae = NAN, .validation_rmse = 4};
  CHECK(with(classes, box).bytes()[7] == '8');
  CHECK(with(classes, box).with_best().bytes()[7] == '9');
  Sample read = Sample::empty();
  read.setup.heads = 2;
  read.take(with(classes, box).with_best().bytes());
  CHECK(read.kept.iteration == 2);
  REQUIRE(read.history[1].heads.size() == 2);
  CHECK(read.history[1].validation_accuracy == 0.75);
  CHECK(read.history[1].heads[0].loss == -1);
  CHECK(read.history[1].heads[0].train_accuracy == 0.5);
  CHECK(read.history[1].heads[0].validation_loss == -1);
  CHECK(read.history[1].heads[0].validation_accuracy == 0.75);
  CHECK(!read.history[1].heads[0].validation_mae);
  CHECK(!read.history[1].heads[1].train_accuracy);
  CHECK(read.history[1].heads[1].validation_loss == 3);
  CHECK(std::isnan(*read.history[1].heads[1].validation_mae));
  CHECK(read.history[1].heads[1].validation_rmse == 4);

  const auto refuses_heads = [&](const HeadOfRecord& head, const char* part) {
    Sample other = Sample::empty();
    other.setup.heads = 2;
    const Bytes bytes = with(head, box).bytes();
    return refuses([&] { other.take(bytes); }, "c: holds a number that no training writes (", part) &&
           other.untouched();
  };
  const char* row = "row 3 of its heads is not one that a training records";
  CHECK(refuses_heads({.loss = NAN}, row));
  CHECK(refuses_heads({.train_accuracy = 1.5}, row));
  CHECK(refuses_heads({.validation_loss = 1, .validation_accuracy = 2}, row));
  CHECK(refuses_heads({.validation_loss = 1}, row));
  CHECK(refuses_heads({.validation_loss = 1, .validation_mae = -2, .validation_rmse = 1}, row));
  CHECK(refused(with(classes, box).bytes(), "its history has 2 heads"));
}

TEST_CASE("the best model is read back by a training that keeps by the same measure") {
  const Bytes bytes = Sample().with_best().bytes();
  CHECK(bytes[7] == '5');
  CHECK(Sample().bytes()[7] == '4');
  Sample read = Sample::empty(), other = Sample::empty(), none = Sample::empty();
  read.take(bytes);
  CHECK(read.parameters == Sample().parameters);
  CHECK(read.kept.iteration == 2);
  CHECK(read.kept.parameters == Floats{9, 8, 7});
  CHECK(read.kept.buffers == Floats{-6, 5});
  other.kept.by = Keep::best_mean_iou;
  other.take(bytes);
  CHECK(other.parameters == Sample().parameters);
  CHECK(other.kept.iteration == 0);
  CHECK(other.kept.parameters.empty());
  parse_checkpoint(bytes.data(), bytes.size(), "c", none.setup, none.at,
                   {none.parameters.data(), none.buffers.data(), none.state.data()}, none.history);
  CHECK(none.parameters == Sample().parameters);
}

TEST_CASE("the average of models is read back by a training with one of its kind") {
  CHECK(Sample().with_average().bytes()[7] == 'D');
  const Bytes bytes = Sample().with_best().with_average().bytes();
  CHECK(bytes[7] == 'E');
  Sample read = Sample::empty(), other = Sample::empty(), later = Sample::empty(), none = Sample::empty();
  CHECK(read.take(bytes).has_average);
  CHECK(read.kept.parameters == Floats{9, 8, 7});
  CHECK(read.average.since == 1);
  CHECK(read.average.parameters == Floats{-3, 2, -1});
  CHECK(read.average.buffers == Floats{-7, 6});
  CHECK(!read.take(Sample().with_best().bytes()).has_average);
  other.average.how = ExponentialAverage{};
  later.average.how.every = 3;  // so that no model counts yet
  for (Sample* sample : {&other, &later}) {
    CHECK(!sample->take(bytes).has_average);
    CHECK(sample->parameters == Sample().parameters);
    CHECK(sample->average.parameters == Floats{0, 0, 0});
  }
  parse_checkpoint(bytes.data(), bytes.size(), "c", none.setup, none.at,
                   {none.parameters.data(), none.buffers.data(), none.state.data(), &none.kept}, none.history);
  CHECK(none.parameters == Sample().parameters);
  Sample early = Sample().with_average();
  early.average.how.every = 3;
  CHECK(early.bytes()[7] == '4');
}

TEST_CASE(
    "checkpoints of versions 2 and 3 are read: they name the network by its older hash, and 2 has no loss factor") {
  Sample written;
  for (const char version : {'2', '3'}) {
    const Bytes older = as_version(version, written.bytes(), older_setup());
    Sample read = Sample::empty();
    const Resumed before = read.take(older);
    CHECK(read.parameters == written.parameters);
    CHECK(read.at.iteration == 2);
    CHECK(read.at.seconds == 9);
    CHECK(read.at.loss_factor == (version == '2' ? 0 : 1024));
    CHECK(read.at.in_range == (version == '2' ? 0 : 1));
    CHECK(read.history.size() == 2);
    CHECK(before.epochs == 0);
    CHECK(before.deviations.empty());
    training::detail::SetupOfVersion3 other = older_setup();
    other.batch = 4;
    CHECK(refused(as_version(version, written.bytes(), other), "was written with batch 4, and this training has 2"));
    other = older_setup(), other.network = 8;
    CHECK(refused(as_version(version, written.bytes(), other), "another network"));
    std::strcpy(other.optimizer, "sgd");
    CHECK(refused(as_version(version, written.bytes(), other), "with optimizer sgd, and this training has adam"));
  }
  for (const char version : {'1', ':'}) {
    Bytes other = written.bytes();
    other[7] = static_cast<unsigned char>(version);
    CHECK(refused(other, "is a checkpoint from another version of strata"));
  }
}

TEST_CASE("a checkpoint of another training is refused by the first thing that differs") {
  const Bytes bytes = Sample().bytes();
  const auto says = [&](auto change, const char* part) {
    Sample other = Sample::empty();
    change(other.setup);
    return refuses([&] { other.take(bytes); }, "c: ", part) && other.untouched();
  };
  CHECK(says(
      [](TrainingSetup& s) {
        s.conditions = {{"--rate", "0.02"}, {"seed", "4"}};
      },
      "c: was written with --rate 0.01, and this training has 0.02; resume with the same setting, start anew, or resume regardless with "
      "Resume::anyway"));
  CHECK(says([](TrainingSetup& s) { s.conditions.add("--new", "1"); },
             "was written without --new, and this training has 1"));
  CHECK(says(
      [](TrainingSetup& s) {
        s.conditions = {{"--rate", "0.01"}};
      },
      "with optimizer adam, and this training has none"));
  CHECK(says([](TrainingSetup& s) { s.structural = 9; }, "another network"));
  CHECK(says([](TrainingSetup& s) { s.parameters = 2; }, "another network"));
  CHECK(says([](TrainingSetup& s) { s.slots = 1; }, "holds 2 numbers per parameter"));
  CHECK(says([](TrainingSetup& s) { s.network = 9; }, "dropouts, momentum and factors"));
}

TEST_CASE("a schedule is what its rates were; they may follow the number of epochs or not") {
  Sample written, read = Sample::empty();
  written.history[0].rate = 0.5, written.history[1].rate = 0.25;
  const auto says = [&](double (*rate)(long, long), long updates, std::int64_t epochs, const char* part) {
    Sample other = Sample::empty();
    other.setup.learning_rate = rate, other.setup.updates = updates, other.setup.epochs = epochs;
    return refuses([&] { other.take(written.bytes()); }, part) && other.untouched();
  };
  CHECK(says([](long i, long) { return i ? 0.125 : 0.5; }, 100, 5,
             "with a learning rate in iteration 2 of 0.25, and this training has 0.125"));
  CHECK(says([](long i, long epochs) { return epochs == 5 && i ? 0.25 : 0.5; }, 100, 7,
             "with a learning rate that follows the number of epochs, 5, and this training has 7"));
  read.setup.learning_rate = [](long i, long) { return i ? 0.25 : 0.5; }, read.setup.updates = 100,
  read.setup.epochs = 7;
  CHECK(read.take(written.bytes()).since == 0);
  read = Sample::empty();  // it has more updates than requested: nothing is left to do
  read.setup.learning_rate = [](long, long) { return 1.; }, read.setup.updates = 1;
  read.take(written.bytes());
  CHECK(read.at.iteration == 2);
}

TEST_CASE("resumed anyway: what differs is noted, and holds from there on") {
  Sample written, read = Sample::empty();
  written.setup.deviations = {"older"};
  written.history[0].rate = written.history[1].rate = 0.5;
  read.setup.conditions = {
      {"--rate", "0.02"}, {"optimizer", "adam"}, {"seed", "3"}, {"training samples", "10"}, {"batch", "2"}};
  read.setup.learning_rate = [](long, long) { return 0.25; }, read.setup.updates = 100;
  Resumed before = read.take(written.bytes(), true);
  REQUIRE(before.deviations.size() == 3);
  CHECK(before.deviations[0] == "older");
  CHECK(before.deviations[1] == "from iteration 2 on: written with --rate 0.01, and this training has 0.02");
  CHECK(before.deviations[2].find("learning rate in iteration 1 of 0.5, and this training has 0.25") !=
        std::string::npos);
  CHECK(before.since == 2);
  read.setup.since = before.since, read.setup.deviations = before.deviations;
  before = read.take(read.bytes());  // the next time nothing differs
  CHECK(before.deviations.size() == 3);
  CHECK(before.since == 2);
  read.setup.structural = 9;
  CHECK(refuses([&] { read.take(written.bytes(), true); }, "another network"));
  read.setup.structural = 8, read.setup.slots = 1;
  CHECK(refuses([&] { read.take(written.bytes(), true); }, "numbers per parameter"));
}

namespace {

/// A training that measures two metrics, keeps its best model by one of them and has reduced its rate once.
Sample measuring() {
  Sample s = Sample().with_best();
  s.kept.by = Keep::best("f1");
  s.history[0].metrics = {{"auc", NAN}};
  s.history[1].metrics = {{"f1", 0.5}, {"auc", -2}};
  s.history[1].plateau_factor = 0.25;
  return s;
}

/// measuring(), with item `number` of its last five replaced.
Bytes with_measurements(std::size_t number, const std::vector<double>& item) {
  PlateauState plateau{0.25, -3, 2, 1, 4};
  Sample s = measuring();
  TemporaryFolder folder;
  TrainingBlocks blocks = s.blocks();
  blocks.plateau = &plateau;
  write_checkpoint(folder / "c", s.setup, s.at, blocks, s.history);
  const Bytes bytes = read_file(folder / "c");
  std::vector<Bytes> items = items_of(bytes);
  if (number < 5) {
    Bytes& to = items[items.size() - 5 + number];
    to.assign(reinterpret_cast<const unsigned char*>(item.data()),
              reinterpret_cast<const unsigned char*>(item.data() + item.size()));
  }
  return put_together(char(bytes[7]), items);
}

}  // namespace

TEST_CASE("metrics, plateaus and what the best model is kept by are read back") {
  PlateauState plateau;
  Sample s = Sample::empty();
  s.kept.by = Keep::best("f1");
  const Bytes bytes = with_measurements(9, {});
  TrainingBlocks blocks = s.blocks();
  blocks.plateau = &plateau;
  parse_checkpoint(bytes.data(), bytes.size(), "c", s.setup, s.at, blocks, s.history);
  CHECK(plateau == PlateauState{0.25, -3, 2, 1, 4});
  REQUIRE(s.history.size() == 2);
  REQUIRE(s.history[0].metrics.size() == 1);
  CHECK(s.history[0].metrics[0].name == "auc");
  CHECK(std::isnan(s.history[0].metrics[0].value));
  CHECK(s.history[1].metrics == measuring().history[1].metrics);
  CHECK(s.history[0].plateau_factor == 1);
  CHECK(s.history[1].plateau_factor == 0.25);
  CHECK(s.kept.iteration == 2);
  CHECK(s.kept.parameters == measuring().kept.parameters);
  Sample other = Sample::empty();  // keeps by the loss: takes no best model
  other.take(bytes);
  CHECK(other.kept.iteration == 0);
  CHECK(other.history[1].metrics.size() == 2);
  CHECK(Sample().bytes()[7] < 0x80);  // others are as before
}

TEST_CASE("measurements that no training writes are refused") {
  const double nan = NAN;
  for (const std::vector<double>& values :
       {std::vector<double>{0, 5, 1}, {-1, 0, 1}, {nan, 0, 1}, {0, nan, 1}, {1, 0, 1, 0, 0, 1}, {1e300, 0, 1}})
    CHECK(refused(with_measurements(1, values), "c: is a damaged checkpoint"));
  CHECK(refused(with_measurements(1, {7, 0, 1}), "its metrics have too many rows"));
  CHECK(refused(with_measurements(1, {1, 0, 1}), "its best model belongs to no validation"));  // "f1" has no value
  for (const std::vector<double>& state :
       {std::vector<double>{2, 0, 0, 0, 0}, {nan, 0, 0, 0, 0}, {1, nan, 0, 0, 0}, {1, 0, 3, 0, 0}, {1, 0, 0, 3, 0}})
    CHECK(refused(with_measurements(2, state), "its state between plateaus is invalid"));
  CHECK(refused(with_measurements(2, {1, 0, nan, 0, 0}), "c: is a damaged checkpoint"));
  CHECK(refused(with_measurements(2, {1}), "c: is a damaged checkpoint"));
  CHECK(refused(with_measurements(3, {1}), "its rates have too many or few factors"));
  CHECK(refused(with_measurements(3, {1, 2}), "a factor of its rates is 2"));
  CHECK(refused(with_measurements(4, {}), "its best model belongs to no validation"));
  CHECK(refused(with_measurements(0, {}), "c: is a damaged checkpoint"));
  const Bytes bytes = with_measurements(9, {});
  for (std::size_t size = 0; size < bytes.size(); size++)
    CHECK(refused(Bytes(bytes.begin(), bytes.begin() + long(size))));
}

TEST_CASE("truncated or damaged anywhere, it is refused and changes nothing") {
  for (const Bytes& whole :
       {Sample().bytes(), Sample().with_best().bytes(), Sample().with_best().with_average().bytes()}) {
    for (std::size_t size = 0; size < whole.size(); size++)
      if (!refused(Bytes(whole.begin(), whole.begin() + long(size)))) FAIL(size);
    for (std::size_t at = 0; at < whole.size(); at++) {
      Bytes damaged = whole;
      damaged[at] ^= 0x10;
      if (!refused(damaged)) FAIL(at);
    }
    Bytes longer = whole;
    longer.push_back(0);
    CHECK(refused(longer));
  }
}

// A digest does not say who wrote it.
TEST_CASE("numbers that no training writes are refused, and no conversion overflows") {
  const Bytes whole = Sample().bytes();
  const auto with = [&](Item item, std::size_t at, auto value) {
    std::vector<Bytes> items = items_of(whole);
    REQUIRE(items[item].size() >= at + sizeof value);
    std::memcpy(items[item].data() + at, &value, sizeof value);
    return put_together('4', items);
  };
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  const auto most = std::numeric_limits<std::int64_t>::max();
  CHECK(!refused(with(state_item, 0, std::int64_t(2))));
  for (const std::int64_t value : {std::int64_t(-1), std::int64_t(1), std::int64_t(3), std::int64_t(1) << 62, most})
    CHECK_MESSAGE(
        refused(with(state_item, offsetof(TrainingState, iteration), value), "a number that no training writes"),
        value);
  for (const std::size_t at :
       {offsetof(TrainingState, optimizer_step), offsetof(TrainingState, epoch_correct),
        offsetof(TrainingState, images), offsetof(TrainingState, epoch_counted), offsetof(TrainingState, validations),
        offsetof(TrainingState, validations_since_best), offsetof(TrainingState, in_range)})
    for (const std::int64_t value : {std::int64_t(-5), std::int64_t(1) << 62, most})
      CHECK_MESSAGE(refused(with(state_item, at, value)), at);
  for (const std::size_t at : {offsetof(TrainingState, optimizer_rate), offsetof(TrainingState, epoch_loss),
                               offsetof(TrainingState, epoch_weight), offsetof(TrainingState, best_validation),
                               offsetof(TrainingState, last_epoch_loss), offsetof(TrainingState, last_epoch_accuracy),
                               offsetof(TrainingState, seconds), offsetof(TrainingState, train_seconds),
                               offsetof(TrainingState, validation_seconds), offsetof(TrainingState, loss_factor)})
    for (const double value : {nan, -HUGE_VAL}) CHECK_MESSAGE(refused(with(state_item, at, value)), at);
  CHECK(refused(with(state_item, offsetof(TrainingState, seconds), -1e300)));
  CHECK(refused(with(state_item, offsetof(TrainingState, loss_factor), 1e300)));
  CHECK(refused(with(setup_item, offsetof(training::detail::SetupNumbers, since), most)));
  for (const std::int64_t value : {std::int64_t(-1), most})
    CHECK(refused(with(setup_item, offsetof(training::detail::SetupNumbers, epochs), value)));
  for (const std::size_t number : {0, 1, 2, 3, 4, 5, 7, 8, 9})
    for (const double value : {nan, 1e300, -1e300, HUGE_VAL, -0.5})
      if (number < 3 || number > 4 || !(std::abs(value) <= 1e300))
        CHECK_MESSAGE(refused(with(history_item, number * sizeof(double), value), "row 1 of its history"),
                      number << ' ' << value);
  CHECK(refused(with(history_item, 0, 1.5)));

  const float poison = std::numeric_limits<float>::quiet_NaN();
  CHECK(refused(with(parameters_item, 4, poison), "number 1 of its parameters is nan"));
  CHECK(refused(with(buffers_item, 0, poison), "number 0 of its buffers"));
  CHECK(refused(with(buffers_item, 4, -1.f), "of its variances is -1"));
  CHECK(refused(with(slots_item, 0, std::numeric_limits<float>::infinity()), "number 0 of its optimizer's numbers"));
  CHECK(refused(with(slots_item, 16, -1.f), "number 1 of its optimizer's numbers is -1"));

  std::vector<Bytes> items = items_of(whole);
  items[history_item].clear();
  CHECK(refused(put_together('4', items), "claims 2 updates, but its history has 0"));
  items[history_item].resize(200'000 * 80);
  CHECK(refused(put_together('4', items), "its history has 200000"));
  for (const Item item : {parameters_item, buffers_item, slots_item}) {
    items = items_of(whole);
    items[item].resize(items[item].size() + 4);
    CHECK(refused(put_together('4', items), "damaged"));
  }
  for (const char* words : {"a", "a=1", "a\0", "--rate\0000.01"}) {
    items = items_of(whole);
    items[conditions_item].assign(words, words + std::strlen(words) + (words[1] == 0));
    CHECK(refused(put_together('4', items)));
  }
  items = items_of(whole);
  items[deviations_item].assign(5000, 'x');
  items[deviations_item].push_back(0);
  CHECK(refused(put_together('4', items), "damaged"));
  CHECK(refused(as_version('3', with(state_item, 0, most), older_setup()), "its iteration is 9223372036854775807"));
}

TEST_CASE("a best model that no training keeps is refused") {
  const std::vector<Bytes> whole = items_of(Sample().with_best().bytes());
  const auto with = [&](Item item, std::size_t at, auto value) {
    std::vector<Bytes> items = whole;
    REQUIRE(items[item].size() >= at + sizeof value);
    std::memcpy(items[item].data() + at, &value, sizeof value);
    return put_together('5', items);
  };
  const auto most = std::numeric_limits<std::int64_t>::max();
  Sample read = Sample::empty();
  read.take(put_together('5', whole));
  CHECK(read.kept.iteration == 2);
  for (const std::int64_t value :
       {std::int64_t(0), std::int64_t(-1), std::int64_t(1), std::int64_t(3), most, -most})  // 1: not validated
    CHECK_MESSAGE(refused(with(kept_item, offsetof(training::detail::KeptNumbers, iteration), value),
                          "its best model belongs to no validation"),
                  value);
  for (const std::int64_t value : {std::int64_t(0), std::int64_t(3), std::int64_t(256 + 1), std::int64_t(-1), most})
    CHECK_MESSAGE(refused(with(kept_item, offsetof(training::detail::KeptNumbers, by), value),
                          "its best model belongs to no validation"),
                  value);
  for (const double loss : {std::numeric_limits<double>::quiet_NaN(), HUGE_VAL})
    CHECK(refused(with(history_item, (10 + 6) * sizeof(double), loss), "its best model belongs to no validation"));
  const float poison = std::numeric_limits<float>::quiet_NaN();
  CHECK(refused(with(kept_parameters_item, 4, poison), "number 1 of its best parameters is nan"));
  CHECK(refused(with(kept_buffers_item, 0, -std::numeric_limits<float>::infinity()),
                "number 0 of its best buffers is -inf"));
  CHECK(refused(with(kept_buffers_item, 4, -1.f), "of its best variances is -1"));
  for (const Item item : {kept_item, kept_parameters_item, kept_buffers_item})
    for (const std::size_t size : {std::size_t(0), std::size_t(4), std::size_t(4000)}) {
      std::vector<Bytes> items = whole;
      items[item].resize(size);
      CHECK_MESSAGE(refused(put_together('5', items), "damaged"), item << ' ' << size);
    }
  std::vector<Bytes> items = whole;
  CHECK(refused(put_together('4', items), "damaged"));
  items.emplace_back();
  CHECK(refused(put_together('5', items), "damaged"));
  for (const Item end : {kept_item, kept_parameters_item, kept_buffers_item}) {
    items = whole;
    items.resize(std::size_t(end));
    CHECK(refused(put_together('5', items), "truncated"));
  }
}

TEST_CASE("an average that no training writes is refused") {
  const std::vector<Bytes> whole = items_of(Sample().with_best().with_average().bytes());
  const auto with = [&](Item item, std::size_t at, auto value) {
    std::vector<Bytes> items = whole;
    REQUIRE(items[item].size() >= at + sizeof value);
    std::memcpy(items[item].data() + at, &value, sizeof value);
    return put_together('E', items);
  };
  CHECK(!refused(with(average_item, 0, std::int64_t(1))));
  for (const std::int64_t kind : {std::int64_t(-1), std::int64_t(0), std::int64_t(3), std::int64_t(258)})
    CHECK(refused(with(average_item, 0, kind), "its average is of no models"));
  for (const std::int64_t since : {std::int64_t(-1), std::int64_t(2), std::int64_t(1) << 62})
    CHECK(refused(with(average_item, 8, since), "its average is of no models"));
  const float poison = std::numeric_limits<float>::quiet_NaN();
  CHECK(refused(with(average_parameters_item, 4, poison), "number 1 of its average parameters is nan"));
  CHECK(refused(with(average_buffers_item, 0, HUGE_VALF), "number 0 of its average buffers is inf"));
  CHECK(refused(with(average_buffers_item, 4, -1.f), "of its average variances is -1"));
  for (const Item item : {average_item, average_parameters_item, average_buffers_item}) {
    for (const std::size_t size : {std::size_t(0), std::size_t(4), std::size_t(4000)}) {
      std::vector<Bytes> items = whole;
      items[item].resize(size);
      CHECK_MESSAGE(refused(put_together('E', items), "damaged"), item << ' ' << size);
    }
    std::vector<Bytes> items = whole;
    items.resize(std::size_t(item));
    CHECK(refused(put_together('E', items), "truncated"));
  }
  CHECK(refused(put_together('5', whole), "damaged"));
  for (const char version : {'B', 'C', 'J', '@', 'T'})
    CHECK(refused(put_together(version, whole), "is a checkpoint from another version of strata"));
}

TEST_CASE("a disk that fills up midway leaves the old checkpoint") {
  TemporaryFolder folder;
  Sample sample, later;
  write_checkpoint(folder / "c", sample.setup, sample.at, sample.blocks(), sample.history);
  later.parameters[0] = 18;
  {
    const FileSizeLimit limit(100);
    CHECK(refuses([&] { write_checkpoint(folder / "c", later.setup, later.at, later.blocks(), later.history); },
                  "cannot be written", "what was there before is unchanged"));
  }
  read_checkpoint(folder / "c", later.setup, later.at, later.blocks(), later.history);
  CHECK(later.parameters[0] == 1);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK(refuses([&] { write_checkpoint(folder / "no/c", sample.setup, sample.at, sample.blocks(), sample.history); },
                "cannot be created"));
  CHECK(refuses([&] { write_checkpoint("/dev/full", sample.setup, sample.at, sample.blocks(), sample.history); },
                "not a regular file"));
}

}  // namespace train_checkpoint
