// SPDX-License-Identifier: MIT
// The program `street_scenes` as its users run it, on a few drawn scenes of 96 x 128: files, metrics, refusals, interruption
// and going on.
#include <doctest/doctest.h>

#include <algorithm>

#include <strata/data/image_file.hpp>
#include <strata/data/scenes.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/report/run_record.hpp>

#include "../support/file_size_limit.hpp"
#include "../support/jpeg.hpp"
#include "../support/process.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

using Words = std::vector<std::string>;

Ended run(Words words) { return run_program("street_scenes", std::move(words)); }
bool refuses(const Words& words, const std::string& part) { return program_refuses("street_scenes", words, part); }

/// 12 scenes: 8 to train with, 2 to validate with, 2 for the test.
const std::string& scenes() {
  static TemporaryFolder folder;
  static const std::string path = folder / "scenes";
  static const bool drawn = (generate_scenes(path, 12, 3, {96, 128, 3}), true);
  (void)drawn;
  return path;
}

/// `street_scenes train` on them, in batches of 2.
Words training(const std::string& out, std::initializer_list<std::string> more) {
  Words words{"train", "--data", scenes(), "--size", "96x128", "--batch", "2", "--rate", "0.01", "--init", "he-fan-out", "--out", out};
  words.insert(words.end(), more);
  return words;
}

/// A model of one epoch, trained once.
const std::string& model() {
  static TemporaryFolder folder;
  static const std::string path = folder / "run/model.safetensors";
  static const Ended e = run(training(folder / "run", {"--epochs", "1", "--quiet"}));
  REQUIRE_MESSAGE(e.status == 0, e.said << e.complained);
  REQUIRE(e.said.empty());
  return path;
}

Bytes numbers(const std::string& model) {
  const Safetensors file = read_safetensors(model);
  std::size_t first = file.bytes.size();
  for (const StoredTensor& t : file.tensors) first = std::min(first, t.begin);
  return Bytes(file.bytes.begin() + long(first), file.bytes.end());
}

void copy(const std::string& from, const std::string& to) {
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
}

std::vector<std::uint8_t> noise(Shape shape) {
  std::vector<std::uint8_t> out;
  Random random{1, 0};
  for (long i = 0; i < shape.size(); i++) out.push_back(std::uint8_t(random.below(256)));
  return out;
}

}  // namespace

TEST_CASE("a training says what it takes, leaves its files, and evaluate finds the same numbers") {
  TemporaryFolder folder;
  const std::string out = folder / "deep/run";
  const Ended e = run(training(out, {"--epochs", "3", "--threads", "2"}));
  REQUIRE_MESSAGE(e.status == 0, e.said << e.complained);
  for (const char* part : {"generated scenes: 8 images train, 2 validate, 2 test", "16408491 parameters", "memory  ", "time    about ",
                           "epoch 3/3", "mean IoU", "judging the model on the 2 images of the test set", "Bicyclist", "report.html"})
    CHECK_MESSAGE(e.said.find(part) != std::string::npos, part);

  const RunRecord r = read_run_record(out + "/run.json");
  CHECK(r.status == "complete");
  CHECK(r.task == "street_scenes");
  CHECK(r.network == "DeepLabv3Plus<96x128, 11, torchvision>");
  CHECK(r.dataset.name == "generated scenes");
  CHECK(r.dataset.train == 8);
  CHECK(r.iterations == 12);
  REQUIRE(r.history.size() == 12);
  CHECK(r.history[3].validation_mean_iou >= 0);
  CHECK(r.history[2].validation_mean_iou == -1);
  CHECK(r.history[11].loss < r.history[0].loss);
  CHECK(r.metrics.classes.size() == 11);
  CHECK(r.metrics.global_accuracy == r.accuracy.test);
  CHECK(r.confusion.classes == 11);
  CHECK(r.confusion.accuracy() == doctest::Approx(r.metrics.global_accuracy));
  CHECK(r.peak_rss_bytes > r.arena_bytes);
  CHECK(read(out + "/history.csv").starts_with("epoch,iteration"));
  CHECK(read_safetensors(out + "/model.safetensors").find("backbone.conv1.weight"));
  const std::string page = read(out + "/report.html");
  for (const char* part : {"They are not CamVid", "no measure for generated scenes", "Confusion matrix", "id=\"photo1\"", "0.6682", "Learning rate"})
    CHECK_MESSAGE(page.find(part) != std::string::npos, part);

  SUBCASE("evaluate") {
    const Ended judged = run({"evaluate", "--model", out + "/model.safetensors", "--data", scenes(), "--out", folder / "judged"});
    REQUIRE_MESSAGE(judged.status == 0, judged.complained);
    CHECK(judged.said.find("not CamVid") != std::string::npos);
    const RunRecord again = read_run_record(folder / "judged/evaluation.json");
    CHECK(again.metrics == r.metrics);
    CHECK(again.confusion.counts == r.confusion.counts);
  }
  SUBCASE("memory stays within what was planned") {
    const double planned = std::stod(e.said.substr(e.said.find("memory  ") + 8)) * 1e9;
    CHECK(double(r.peak_rss_bytes) < planned);
  }
}

TEST_CASE("evaluate takes any part of the data, and a folder of it") {
  TemporaryFolder folder;
  copy(scenes(), folder / "s");
  copy(scenes() + "/val", folder / "s/night");
  copy(scenes() + "/valannot", folder / "s/nightannot");
  const auto judged = [&](const char* part) { return run({"evaluate", "--model", model(), "--data", folder / "s", "--split", part}).said; };
  const std::string train = judged("train"), val = judged("val"), night = judged("night");
  CHECK(train.find("on the 8 images of generated scenes, train") != std::string::npos);
  CHECK(val.find("on the 2 images of generated scenes, val") != std::string::npos);
  const auto line = [](const std::string& text) { return text.substr(text.find("global accuracy"), 60); };
  REQUIRE(night.find("global accuracy") != std::string::npos);
  CHECK(line(night) == line(val));
  CHECK(line(train) != line(val));
  CHECK(refuses({"evaluate", "--model", model(), "--data", folder / "s", "--split", "fog"}, "fog"));
}

TEST_CASE("predict colours pictures of any size, and says what it did") {
  TemporaryFolder folder;
  const Shape exact{96, 128, 3}, small{31, 50, 3}, large{200, 100, 3};
  write(folder / "exact.png", encode_png(noise(exact).data(), exact));
  write(folder / "small.png", encode_png(noise(small).data(), small));
  write(folder / "large.jpg", encode_jpeg(noise(large), large));
  const Ended e = run({"predict", "--model", model(), folder / "exact.png", folder / "small.png", folder / "large.jpg", "--out", folder / "p"});
  REQUIRE_MESSAGE(e.status == 0, e.complained);
  CHECK(e.said.find("exact.png: 96 x 128: ") != std::string::npos);
  CHECK(e.said.find("small.png: 31 x 50, padded to 96 x 128: ") != std::string::npos);
  CHECK(e.said.find("large.jpg: 200 x 100, scaled to 96 x 48, padded to 96 x 128: ") != std::string::npos);
  for (const auto& [name, shape] : {std::pair("exact", exact), {"small", small}, {"large", large}}) {
    const Picture labels = read_label_picture(folder / "p/" + name + "_labels.png", StoredAs::index);
    CHECK(labels.shape == Shape{shape.height, shape.width, 1});
    CHECK(*std::max_element(labels.bytes.begin(), labels.bytes.end()) < 11);
    CHECK(read_picture(folder / "p/" + name + "_overlay.png").shape == shape);
  }

  SUBCASE("the weights serve a network of another size too") {
    const Ended larger = run({"predict", "--model", model(), "--size", "360x480", folder / "small.png", "--out", folder / "q"});
    CHECK(larger.said.find("31 x 50, padded to 360 x 480") != std::string::npos);
  }
  SUBCASE("pictures and models that are none") {
    write(folder / "text.png", std::string("hello"));
    write(folder / "cut.png", read(folder / "exact.png").substr(0, 2000));
    write(folder / "cut.jpg", read(folder / "large.jpg").substr(0, 300));
    std::filesystem::create_directory(folder / "other");
    copy(folder / "exact.png", folder / "other/exact.png");
    const auto predict = [&](const std::string& model, const std::string& image) {
      return Words{"predict", "--model", model, image, "--out", folder / "r"};
    };
    CHECK(refuses(predict(model(), folder / "text.png"), "text.png: is neither PNG nor JPEG"));
    CHECK(refuses(predict(model(), folder / "cut.png"), "cut.png: "));
    CHECK(refuses(predict(model(), folder / "cut.jpg"), "cut.jpg: "));
    CHECK(refuses(predict(model(), folder / "missing.png"), "missing.png: cannot be opened"));
    CHECK(refuses(predict(folder / "exact.png", folder / "exact.png"), "exact.png"));
    write(folder / "cut.safetensors", read(model()).substr(0, 5000));
    CHECK(refuses(predict(folder / "cut.safetensors", folder / "exact.png"), "cut.safetensors"));
    CHECK(refuses({"predict", "--model", model(), folder / "exact.png", folder / "other/exact.png", "--out", folder / "r"}, "same name"));
  }
}

TEST_CASE("the same seed gives the same numbers on any threads, whatever the recipe") {
  TemporaryFolder folder;
  for (const char* threads : {"1", "2"}) {
    const Ended e = run(training(folder / threads,
                                 {"--variant", "matlab", "--epochs", "1", "--batch", "4", "--micro-batch", "2", "--schedule", "poly",
                                  "--class-weights", "root", "--loss-norm", "weights", "--statistics", "population", "--scale", "0.5", "2",
                                  "--brightness", "0.2", "--contrast", "0.2", "--translate", "3", "--normalise", "imagenet", "--splits",
                                  "random", "--validate-every", "0", "--threads", threads, "--quiet"}));
    REQUIRE_MESSAGE(e.status == 0, e.complained);
  }
  CHECK(numbers(folder / "1/model.safetensors") == numbers(folder / "2/model.safetensors"));
  const RunRecord r = read_run_record(folder / "1/run.json");
  CHECK(r.dataset.train == 7);
  CHECK(r.iterations == 1);
  CHECK(r.accuracy.validation >= 0);
  CHECK(refuses({"predict", "--model", folder / "1/model.safetensors", "--size", "12x12", "x.png", "--out", folder / "p"}, "--size"));
}

TEST_CASE("interrupted, killed, then resumed: as if never stopped") {
  TemporaryFolder folder;
  const auto long_training = [&](const char* out, std::initializer_list<std::string> more) {
    Words words = training(folder / out, {"--epochs", "6", "--threads", "1"});
    words.insert(words.end(), more);
    return words;
  };
  {
    Process process("street_scenes", long_training("stopped", {}));
    process.wait_for("epoch 1/6");
    process.send(SIGINT);
    const Ended stopped = process.end();
    REQUIRE_MESSAGE(stopped.status == 130, stopped.said << stopped.complained);
    CHECK(stopped.complained.find("--resume") != std::string::npos);
    const RunRecord half = read_run_record(folder / "stopped/run.json");
    CHECK(half.status == "interrupted");
    CHECK(half.iterations < 24);
    CHECK(half.accuracy.test == -1);
    CHECK(!std::filesystem::exists(folder / "stopped/model.safetensors"));
  }
  {
    Process process("street_scenes", long_training("stopped", {"--resume"}));
    process.wait_for("epoch 4/6");
    process.send(SIGKILL);
    CHECK(process.end().status == -SIGKILL);
  }
  const Ended resumed = run(long_training("stopped", {"--resume", "--quiet"}));
  REQUIRE_MESSAGE(resumed.status == 0, resumed.complained);
  REQUIRE(run(long_training("whole", {"--quiet"})).status == 0);
  CHECK(read(folder / "stopped/model.safetensors") == read(folder / "whole/model.safetensors"));
  const RunRecord a = read_run_record(folder / "stopped/run.json"), b = read_run_record(folder / "whole/run.json");
  CHECK(a.history.size() == b.history.size());
  CHECK(a.metrics == b.metrics);
}

TEST_CASE("the table measures each batch size in a process of its own") {
  TemporaryFolder folder;
  const Ended e = run({"table", "--data", scenes(), "--size", "96x128", "--batches", "2,4,16", "--steps", "3", "--out", folder / "t"});
  REQUIRE_MESSAGE(e.status == 0, e.said << e.complained);
  CHECK(e.said.find("workshop s/update") != std::string::npos);
  CHECK(e.said.find("1.34") != std::string::npos);
  for (const char* batch : {"2", "4", "16"}) CHECK(read_run_record(folder / "t/batch-" + batch + "/run.json").iterations == 3);
  CHECK(read(folder / "t/table.csv").find("\n16,") != std::string::npos);
  CHECK(!std::filesystem::exists(folder / "t/batch-2/model.safetensors"));
  const Ended failed = run({"table", "--data", scenes(), "--size", "96x128", "--batches", "2,90", "--memory", "1", "--out", folder / "u", "--quiet"});
  CHECK(failed.status == 1);
  CHECK(failed.said.find("90  failed with status 1") != std::string::npos);
  CHECK(failed.complained.find("--micro-batch") != std::string::npos);
}

TEST_CASE("scenes are drawn where they are asked for, once") {
  TemporaryFolder folder;
  CHECK(run({"generate", folder / "s", "5", "--size", "96x128"}).status == 0);
  CHECK(read(folder / "s/README.txt").find("not CamVid") != std::string::npos);
  CHECK(refuses({"generate", folder / "s", "5", "--size", "96x128"}, "has other files in it"));
  CHECK(refuses({"generate", folder / "t", "2"}, "count"));
  const Words words{"train", "--generate", "5", "--size", "96x128", "--batch", "1", "--epochs", "1", "--validate-every", "0", "--out", folder / "o"};
  const Ended first = run(words), second = run(words);
  REQUIRE_MESSAGE(first.status == 0, first.complained);
  REQUIRE_MESSAGE(second.status == 0, second.complained);
  CHECK(read_run_record(folder / "o/run.json").dataset.train == 3);
}

TEST_CASE("a disk that fills: one sentence, and the checkpoint that was there stays") {
  TemporaryFolder folder;
  REQUIRE(run(training(folder / "run", {"--epochs", "1", "--quiet"})).status == 0);
  const std::string before = read(folder / "run/checkpoint.strata");
  {
    const FileSizeLimit limit(1 << 20);
    CHECK(refuses(training(folder / "run", {"--epochs", "2", "--resume", "--quiet"}), "checkpoint.strata: cannot be written"));
  }
  CHECK(read(folder / "run/checkpoint.strata") == before);
  CHECK(run(training(folder / "run", {"--epochs", "2", "--resume", "--quiet"})).status == 0);
}

TEST_CASE("pixels that no class knows are void, counted and reported; a class that never occurs is named") {
  TemporaryFolder folder;
  copy(scenes(), folder / "s");
  const std::string label = folder / "s/trainannot/scene_000000.png";
  Picture picture = read_label_picture(label, StoredAs::index);
  std::fill_n(picture.bytes.begin(), 100, std::uint8_t(77));
  write(label, encode_png(picture.bytes.data(), picture.shape));
  for (int i = 0; i < 8; i++) {  // no cyclists
    const std::string path = sentence(folder / "s/trainannot/scene_00000", i, ".png");
    Picture labels = read_label_picture(path, StoredAs::index);
    std::replace(labels.bytes.begin(), labels.bytes.end(), std::uint8_t(10), std::uint8_t(3));
    write(path, encode_png(labels.bytes.data(), labels.shape));
  }
  Words words = training(folder / "run", {"--epochs", "1"});
  words[2] = folder / "s";
  const Ended e = run(words);
  REQUIRE_MESSAGE(e.status == 0, e.complained);
  CHECK(e.said.find("100 pixels of 1 pictures have labels that the class list does not know (the first: index 77 in") != std::string::npos);
  CHECK(e.said.find("the class Bicyclist never occurs: its weight is 0") != std::string::npos);
}

TEST_CASE("data that is broken is one sentence") {
  TemporaryFolder folder;
  const auto with = [&](const std::string& data) {
    Words words = training(folder / "run", {"--epochs", "1", "--quiet"});
    words[2] = data;
    return words;
  };
  const auto broken = [&](const char* name, auto breaking) {
    copy(scenes(), folder / name);
    breaking(folder / name);
    return with(folder / name);
  };
  const std::string image = "/train/scene_000001.png", label = "/trainannot/scene_000001.png";
  CHECK(refuses(broken("a", [&](const std::string& s) { std::filesystem::remove(s + label); }), "scene_000001.png: has no labels"));
  CHECK(refuses(broken("b", [&](const std::string& s) { std::filesystem::remove(s + image); }), "scene_000001.png: labels an image that is not there"));
  CHECK(refuses(broken("c", [&](const std::string& s) { write(s + image, read(s + image).substr(0, 3000)); }), "scene_000001.png: "));
  CHECK(refuses(broken("d", [&](const std::string& s) { write(s + label, encode_png(noise({9, 9, 1}).data(), {9, 9, 1})); }), "9 x 9 pixels"));
  CHECK(refuses(broken("e",
                       [&](const std::string& s) {
                         write(s + label, encode_png(std::vector<std::uint8_t>(81, 1).data(), {9, 9, 1}));
                         write(s + image, encode_png(noise({9, 9, 3}).data(), {9, 9, 3}));
                       }),
                "the network takes 96 x 128"));
  CHECK(refuses(broken("f", [&](const std::string& s) { write(s + "/classes.txt", std::string("1 2 3 one\n4 5 6 two\n")); }),
                "build it with -DSTRATA_STREET_CLASSES=2"));
  CHECK(refuses(with(folder / "nowhere"), "nowhere: is no folder"));
  CHECK(refuses(with(folder.path()), "has no layout that is known"));
}

TEST_CASE("bad input is one sentence, and what was there stays") {
  TemporaryFolder folder;
  const std::string out = folder / "run";
  ::setenv("STRATA_DATA", folder.path().c_str(), 1);
  for (const auto& [option, value, part] :
       std::vector<std::tuple<std::string, std::string, const char*>>{{"--epochs", "0", "--epochs: '0' is no whole number from 1 to"},
                                                                      {"--batch", "many", "--batch: 'many' is no whole number"},
                                                                      {"--rate", "-1", "--rate: '-1' is no number from"},
                                                                      {"--rate", "nan", "--rate: 'nan' is no number from"},
                                                                      {"--l2", "2", "--l2: '2' is no number from 0 to 1"},
                                                                      {"--threads", "5000", "--threads: '5000' is no whole number"},
                                                                      {"--seed", "-1", "--seed: '-1' is no whole number"},
                                                                      {"--size", "10x10", "--size: there is no '10x10'; choose 96x128 or"},
                                                                      {"--variant", "keras", "--variant: there is no 'keras'; choose matlab or torchvision"},
                                                                      {"--schedule", "up", "--schedule: there is no 'up'"},
                                                                      {"--brightness", "7", "--brightness: '7' is no number"},
                                                                      {"--generate", "1", "--generate: '1' is no whole number from 3"},
                                                                      {"--nonsense", "1", "--nonsense"}})
    CHECK(refuses({"train", option, value}, part));
  CHECK(refuses({}, "subcommand"));
  CHECK(refuses({"train"}, "there are no street scenes"));
  CHECK(refuses({"train", "--data", scenes(), "--generate", "5"}, "--generate"));
  CHECK(refuses({"predict"}, "--model"));
  CHECK(refuses({"evaluate", "--model", folder / "none", "--data", scenes()}, "none: cannot be opened"));
  CHECK(refuses(training("/proc/nowhere", {}), "/proc/nowhere"));
  CHECK(refuses(training("", {}), "--out"));
  CHECK(refuses(training(out, {"--resume"}), "--resume: there is no"));
  CHECK(refuses(training(out, {"--batch", "9"}), "the training set has 8 images"));
  CHECK(refuses(training(out, {"--scale", "2", "1"}), "scale"));
  write(folder / "file", std::string("precious"));
  CHECK(refuses(training(folder / "file", {}), "file"));
  CHECK(read(folder / "file") == "precious");

  SUBCASE("memory") {
    const Words large = training(out, {"--batch", "64", "--memory", "0.8"});
    CHECK(refuses(large, "at once takes"));
    const Ended e = run(large);
    CHECK(e.complained.find("are allowed by --memory; the largest batch that fits is ") != std::string::npos);
    CHECK(e.complained.find("by accumulating gradients") != std::string::npos);
    CHECK(refuses(training(out, {"--memory", "0.1"}), "even one image does not fit"));
  }
  SUBCASE("checkpoints") {
    std::filesystem::create_directories(out);
    write(out + "/checkpoint.strata", std::string("STRATAC and nonsense"));
    CHECK(refuses(training(out, {"--resume"}), "checkpoint"));
    CHECK(read(out + "/checkpoint.strata") == "STRATAC and nonsense");
    REQUIRE(run(training(out, {"--epochs", "1", "--quiet"})).status == 0);
    CHECK(refuses(training(out, {"--epochs", "2", "--batch", "4", "--resume"}), "batch = 2"));
    CHECK(refuses(training(out, {"--epochs", "2", "--variant", "matlab", "--resume"}), "another network"));
  }
}
