// SPDX-License-Identifier: MIT
// What both programs report besides their page: events for TensorBoard, and explanations of predictions.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <strata/data/image_file.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/report/run_record.hpp>

#include "../support/count.hpp"
#include "../support/event_reader.hpp"
#include "../support/mnist_files.hpp"
#include "../support/street_scenes.hpp"

namespace examples_reports {

using namespace strata;
using namespace strata::data;
using namespace strata::report;
using namespace strata::testing;

namespace {

/// 280 images for training.
const std::string& digits_data() {
  static TemporaryFolder folder;
  static const bool written = (write_mnist(folder.path(), 320, 60), true);
  (void)written;
  return folder.path();
}

Finished run_digits(Words words) { return run_program("digits", std::move(words)); }

/// The values of a tag, with the step before each.
std::vector<std::pair<long, float>> values_of(const std::vector<ReadEvent>& events, const std::string& tag) {
  std::vector<std::pair<long, float>> out;
  for (const ReadEvent& event : events)
    for (const ReadScalar& scalar : event.scalars)
      if (scalar.tag == tag) out.emplace_back(event.step, scalar.value);
  return out;
}

/// The files of events in a folder, joined in the order of their names.
std::vector<ReadEvent> all_events_in(const std::string& folder) {
  std::vector<ReadEvent> out;
  for (const std::string& name : names_in(folder))
    if (name.find("tfevents") != std::string::npos)
      for (const ReadEvent& event : events_of(read(folder + "/" + name))) out.push_back(event);
  return out;
}

/// Whether a picture has colors, and pixels without any.
std::pair<bool, bool> colored_and_gray(const Picture& picture) {
  bool colored = false, gray = false;
  for (std::size_t i = 0; i + 2 < picture.bytes.size(); i += 3) {
    const bool same = picture.bytes[i] == picture.bytes[i + 1] && picture.bytes[i + 1] == picture.bytes[i + 2];
    (same ? gray : colored) = true;
  }
  return {colored, gray};
}

}  // namespace

TEST_CASE("digits --tensorboard records what run.json does, and continues with a resumed training") {
  TemporaryFolder folder;
  Words words{"--data",       digits_data(),   "--epochs",          "5",      "--batch", "40", "--out",
              folder / "run", "--tensorboard", folder / "tb/a\n%s", "--quiet"};
  const Finished e = run_digits(words);
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  CHECK(e.output == "");
  words[3] = "6", words.push_back("--resume");
  const Finished more = run_digits(words);
  REQUIRE_MESSAGE(more.status == 0, more.errors);

  const RunRecord record = read_run_record(folder / "run/run.json");
  const std::vector<ReadEvent> events = all_events_in(folder / "tb/a\n%s"),
                               epochs = all_events_in(folder / "tb/a\n%s/epochs");
  const auto losses = values_of(events, "iteration/loss"), rates = values_of(events, "iteration/rate");
  REQUIRE(losses.size() == record.history.size());
  REQUIRE(rates.size() == record.history.size());
  for (std::size_t i = 0; i < losses.size(); i++) {
    CHECK(losses[i].first == record.history[i].iteration);
    CHECK(losses[i].second == float(record.history[i].loss));
    CHECK(rates[i].second == float(record.history[i].rate));
  }
  for (const auto& [step, accuracy] : values_of(events, "validation/accuracy"))
    CHECK(accuracy == float(record.history[std::size_t(step - 1)].validation_accuracy.value_or(-1)));
  CHECK(!values_of(events, "validation/accuracy").empty());
  CHECK(values_of(events, "validation/mean_iou").empty());
  REQUIRE(values_of(epochs, "epoch/loss").size() == 6);
  CHECK(values_of(epochs, "epoch/loss").back().first == 6);

  std::ofstream(folder / "file") << "1";
  CHECK(program_refuses("digits",
                        {"--data", digits_data(), "--out", folder / "other", "--tensorboard", folder / "file"},
                        "/file/epochs: the folder cannot be created"));
  CHECK(program_refuses("digits", {"--data", digits_data(), "--out", folder / "other", "--tensorboard", ""},
                        "--tensorboard: the folder has no name"));
  CHECK(!std::filesystem::exists(folder / "other/run.json"));
}

TEST_CASE("street_scenes --tensorboard records the mean IoU") {
  TemporaryFolder folder;
  const Finished e = run_street_scenes(
      street_training(drawn_scenes(), folder / "run", {"--epochs", "2", "--tensorboard", folder / "tb", "--quiet"}));
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  const RunRecord record = read_run_record(folder / "run/run.json");
  const std::vector<ReadEvent> events = events_in(folder / "tb"), epochs = events_in(folder / "tb/epochs");
  CHECK(values_of(events, "iteration/loss").size() == 8);
  const auto iou = values_of(events, "validation/mean_iou");
  REQUIRE(iou.size() == 2);
  CHECK(iou[1].first == 8);
  CHECK(iou[1].second == float(*record.history[7].validation_mean_iou));
  CHECK(values_of(epochs, "epoch/validation_mean_iou") ==
        std::vector<std::pair<long, float>>{{1, iou[0].second}, {2, iou[1].second}});
}

TEST_CASE("digits predict --explain writes where the digit is seen") {
  TemporaryFolder folder;
  REQUIRE(run_digits({"--data", digits_data(), "--epochs", "4", "--batch", "40", "--out", folder / "run", "--quiet"})
              .status == 0);
  const Dataset test = digit_set(60, 2);
  const std::string model = folder / "run/model.safetensors", image = folder / "a digit.png";
  write(image, encode_png(test.bytes(3), {28, 28, 1}));
  const Finished e = run_digits({"predict", "--model", model, image, "--explain", "--out", folder / "x"});
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  const std::string digit = e.output.substr(e.output.find(".png: ") + 6, 1);
  CHECK(e.output.find("  layer 10: " + (folder / "x/a digit_explained_") + digit + ".png\n") != std::string::npos);
  const Picture overlay = read_picture(folder / "x/a digit_explained_" + digit + ".png");
  CHECK(overlay.shape == Shape{280, 280, 3});
  CHECK(colored_and_gray(overlay) == std::pair(true, true));

  const Finished other = run_digits({"predict", "--model", model, image, "--explain", "--explain-class", "8",
                                     "--explain-layer", "4", "--out", folder / "x"});
  CHECK(other.output.find("layer 4: " + (folder / "x/a digit_explained_8.png")) != std::string::npos);
  CHECK(read(folder / "x/a digit_explained_8.png") != read(folder / "x/a digit_explained_" + digit + ".png"));

  const auto refuses = [&](Words more, const std::string& part) {
    more.insert(more.begin(), {"predict", "--model", model, image});
    return program_refuses("digits", more, part);
  };
  CHECK(refuses({"--explain"}, "--out"));
  CHECK(refuses({"--out", folder / "y"}, "--explain"));
  CHECK(refuses({"--explain-class", "3"}, "--explain"));
  CHECK(refuses({"--explain", "--out", folder / "y", "--explain-class", "10"}, "10"));
  CHECK(refuses({"--explain", "--out", folder / "y", "--explain-layer", "conv"}, "has no layer conv"));
  CHECK(refuses({"--explain", "--out", folder / "y", "--explain-layer", "11"}, "the layer 11 has one pixel"));
  CHECK(refuses({image, "--explain", "--out", folder / "y"}, "another picture has the same name"));
  CHECK(refuses({"--explain", "--out", image}, "--out"));
}

TEST_CASE("street_scenes predict --explain writes a picture for each class that it finds") {
  TemporaryFolder folder;
  const Shape exact{96, 128, 3}, small{31, 50, 3};
  write(folder / "exact.png", encode_png(noise(exact).data(), exact));
  write(folder / "small.png", encode_png(noise(small).data(), small));
  const auto predict = [&](Words more) {
    more.insert(more.begin(), {"predict", "--model", street_model(), "--out", folder / "p", "--explain"});
    return run_street_scenes(more);
  };
  const Finished e = predict({folder / "exact.png", folder / "small.png"});
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  for (const auto& [name, shape] : {std::pair("exact", exact), {"small", small}}) {
    const Picture labels = read_label_picture(folder / "p/" + name + "_labels.png", StoredAs::index);
    int explained = 0, found = 0;
    for (int c = 0; c < 11; c++) {
      const bool there = std::count(labels.bytes.begin(), labels.bytes.end(), c) > 0;
      found += there;
      for (const std::string& file : names_in(folder / "p")) {
        if (!file.starts_with(std::string(name) + "_explained_" + std::to_string(c) + "_")) continue;
        explained++;
        CHECK(there);
        const Picture overlay = read_picture(folder / "p/" + file);
        CHECK(overlay.shape == shape);
      }
    }
    CHECK(found > 0);
    CHECK(explained == found);
  }
  CHECK(e.output.find(" % of the pixels, layer refine.1.2: ") != std::string::npos);

  std::filesystem::remove_all(folder / "p");
  const Finished one = predict(
      {"--explain-class", "Sky", "--explain-class", "Car", "--explain-layer", "backbone.layer4", folder / "exact.png"});
  CHECK(one.status == 0);
  CHECK(count(one.output, "layer backbone.layer4.1.relu2: ") + count(one.output, ": is not found in it") == 2);
  for (const std::string& file : names_in(folder / "p"))
    if (file.find("_explained_") != std::string::npos)
      CHECK((file.find("Sky") != std::string::npos || file.find("Car") != std::string::npos));

  const auto refuses = [&](Words more, const std::string& part) {
    more.insert(more.begin(), {"predict", "--model", street_model(), "--out", folder / "q", folder / "exact.png"});
    return street_scenes_refuses(more, part);
  };
  CHECK(refuses({"--explain", "--explain-class", "Dragon"}, "--explain-class Dragon: "));
  CHECK(refuses({"--explain", "--explain-layer", "layer9"}, "has no layer layer9"));
  CHECK(refuses({"--explain-class", "Sky"}, "--explain"));
}

TEST_CASE("names of classes cannot leave the folder") {
  TemporaryFolder folder;
  std::string model = read(street_model());
  const std::string name = " Sky\\n", hostile = " /..\\n";  // as JSON has it, of the same length
  const std::size_t at = model.find(name);
  REQUIRE(at != std::string::npos);
  model.replace(at, name.size(), hostile);
  write(folder / "m.safetensors", model);
  write(folder / "exact.png", encode_png(noise({96, 128, 3}).data(), {96, 128, 3}));
  const Finished e = run_street_scenes({"predict", "--model", folder / "m.safetensors", "--out", folder / "p",
                                        "--explain", "--explain-class", "/..", folder / "exact.png"});
  CHECK(e.status == 0);
  const std::vector<std::string> files = files_below(folder.path());
  CHECK(std::all_of(files.begin(), files.end(), [](const std::string& file) {
    return file.starts_with("p/exact_") || file == "m.safetensors" || file == "exact.png";
  }));
}

}  // namespace examples_reports
