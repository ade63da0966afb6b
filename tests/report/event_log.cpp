// SPDX-License-Identifier: MIT
// The events of a training, and of one that is killed and resumed.
#include <strata/report/event_log.hpp>

#include <strata/data/dataset.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include <filesystem>

#include "../support/event_reader.hpp"
#include "../support/refusal.hpp"

namespace report_event_log {

using namespace strata;
using namespace strata::report;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Network<Image<6, 6, 1>, Conv<3, 3>, ReLU, Dense<2>, Softmax>;

Splits splits() {
  core::Random random{1, 0};
  std::vector<std::uint8_t> bytes(64 * 36);
  std::vector<std::int32_t> labels;
  labels.reserve(64);
  for (auto& byte : bytes) byte = std::uint8_t(random.below(256));
  for (int i = 0; i < 64; i++) labels.push_back(bytes[std::size_t(i) * 36] > 127);
  data::Dataset set({6, 6, 1}, std::move(bytes), std::move(labels));
  Splits out;
  out.train = set.part(0, 48), out.validation = set.part(48, 16), out.classes = 2;
  return out;
}

Run train_with(EventLog* log, const std::string& checkpoint, int epochs, Resume resume, bool& stop_in_epoch_3) {
  Model<Net> model{{.seed = 1, .threads = 1}};
  struct Both {
    EventLog* log;
    bool& stop;
    std::atomic<bool> stopped{false};
    void operator()(const Progress& p) {
      if (log) (*log)(p);
      if (stop && p.event == Event::iteration && p.record->iteration == 8) stopped = true;
    }
  } both{log, stop_in_epoch_3};
  return train(model, splits(),
               {.epochs = epochs,
                .batch = 16,
                .checkpoints = {.path = checkpoint, .resume = resume},
                .observer = observe(both),
                .stop = &both.stopped});
}

std::string steps_of(const std::vector<ReadEvent>& events, const std::string& tag) {
  std::string out;
  for (const ReadEvent& event : events)
    for (const ReadScalar& scalar : event.scalars)
      if (scalar.tag == tag) out += std::to_string(event.step) + " ";
  return out;
}

}  // namespace

TEST_CASE("a training, stopped and resumed") {
  const TemporaryFolder folder;
  bool stop = true;
  Run first, whole;
  {
    EventLog log(folder / "a");
    first = train_with(&log, folder / "checkpoint", 4, Resume::no, stop);
    CHECK(first.status == Status::interrupted);
    CHECK(log.failure() == "");
  }
  const std::vector<ReadEvent> events = events_in(folder / "a"), epochs = events_in(folder / "a/epochs");
  CHECK(steps_of(events, "iteration/loss") == "1 2 3 4 5 6 7 8 ");
  CHECK(steps_of(events, "iteration/rate") == "1 2 3 4 5 6 7 8 ");
  CHECK(steps_of(events, "validation/accuracy") == "3 6 ");
  CHECK(steps_of(events, "validation/mean_iou") == "");
  CHECK(steps_of(epochs, "epoch/loss") == "1 2 ");
  CHECK(steps_of(epochs, "epoch/validation_loss") == "1 2 ");
  CHECK(events.at(1).session == 1);
  CHECK(events.at(1).step == 1);
  std::filesystem::rename(folder / "a", folder / "b");

  stop = false;
  {
    EventLog log(folder / "a");
    log.label_maps = true;
    whole = train_with(&log, folder / "checkpoint", 4, Resume::yes, stop);
  }
  const std::vector<ReadEvent> more = events_in(folder / "a"), later = events_in(folder / "a/epochs");
  CHECK(more.at(1).session == 1);
  CHECK(more.at(1).step == 9);
  CHECK(later.at(1).session == 1);
  CHECK(later.at(1).step == 3);
  CHECK(steps_of(more, "iteration/accuracy") == "9 10 11 12 ");
  CHECK(steps_of(more, "validation/mean_iou") == "9 12 ");
  CHECK(steps_of(later, "epoch/accuracy") == "3 4 ");
  REQUIRE(whole.history.size() == 12);

  // Epoch 3 began before the interruption: its mean is over all of its updates.
  double loss = 0, accuracy = 0;
  for (int i = 6; i < 9; i++)
    loss += whole.history[std::size_t(i)].loss / 3, accuracy += whole.history[std::size_t(i)].train_accuracy / 3;
  const ReadEvent& third = later.at(2);
  REQUIRE(third.step == 3);
  CHECK(third.scalars.at(0).tag == "epoch/loss");
  CHECK(third.scalars.at(0).value == doctest::Approx(loss).epsilon(1e-6));
  CHECK(third.scalars.at(1).value == doctest::Approx(accuracy).epsilon(1e-6));
  CHECK(third.scalars.at(2).value == float(whole.history[8].rate));
  CHECK(third.scalars.at(3).tag == "epoch/validation_loss");
  CHECK(third.scalars.at(3).value == float(*whole.history[8].validation_loss));
  CHECK(third.scalars.at(6).tag == "epoch/validation_mean_iou");
}

TEST_CASE("metrics and each head of several have their scalars") {
  const TemporaryFolder folder;
  Run run;
  run.heads = {"class", "box"};
  {
    EventLog log(folder / "a");
    for (int i = 1; i <= 2; i++) {
      run.history.push_back({.epoch = 1, .iteration = i, .loss = 3.});
      run.history.back().heads = {{.loss = 1. * i, .train_accuracy = 0.25 * i}, {.loss = 4. * i}};
      log({Event::iteration, run, &run.history.back(), 1, 2, 2});
    }
    Record& last = run.history.back();
    last.validation_loss = 2, last.validation_accuracy = 0.5;
    last.metrics = {{"f1", 0.25}, {"auc", NAN}};
    last.heads[0].validation_loss = 1, last.heads[0].validation_accuracy = 0.5;
    last.heads[1].validation_loss = 1, last.heads[1].validation_mae = 0.75, last.heads[1].validation_rmse = 0.875;
    for (const Event event : {Event::validation, Event::epoch}) log({event, run, &last, 1, 2, 2});
    CHECK(log.failure() == "");
  }
  const auto values_of = [](const std::vector<ReadEvent>& events, const std::string& tag) {
    std::vector<float> out;
    for (const ReadEvent& event : events)
      for (const ReadScalar& scalar : event.scalars)
        if (scalar.tag == tag) out.push_back(scalar.value);
    return out;
  };
  using Floats = std::vector<float>;
  const std::vector<ReadEvent> events = events_in(folder / "a"), epochs = events_in(folder / "a/epochs");
  CHECK(values_of(events, "iteration/class.loss") == Floats{1, 2});
  CHECK(values_of(events, "iteration/class.accuracy") == Floats{0.25f, 0.5f});
  CHECK(values_of(events, "iteration/box.loss") == Floats{4, 8});
  CHECK(values_of(events, "iteration/box.accuracy").empty());
  CHECK(values_of(events, "validation/class.accuracy") == Floats{0.5f});
  CHECK(values_of(events, "validation/f1") == Floats{0.25f});
  CHECK(values_of(events, "validation/auc").empty());  // not defined
  CHECK(values_of(epochs, "epoch/validation_f1") == Floats{0.25f});
  CHECK(values_of(events, "validation/box.rmse") == Floats{0.875f});
  CHECK(values_of(epochs, "epoch/class.loss") == Floats{1.5f});
  CHECK(values_of(epochs, "epoch/class.accuracy") == Floats{0.375f});
  CHECK(values_of(epochs, "epoch/box.loss") == Floats{6});
  CHECK(values_of(epochs, "epoch/validation_box.mae") == Floats{0.75f});
}

TEST_CASE("a folder that cannot be used is refused before anything is written") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a");
  write(folder / "a/epochs", std::string("a file"));
  CHECK(refuses([&] { EventLog(folder / "a"); }, "/a/epochs: the folder cannot be created"));
  CHECK(names_in(folder / "a") == std::vector<std::string>{"epochs"});
  CHECK(refuses([&] { EventLog(""); }, "has no name"));
}

}  // namespace report_event_log
