// SPDX-License-Identifier: MIT
// The program `street_scenes` as its users run it: files, metrics, predictions, interruption and resumption.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>

#include <strata/data/image_file.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/report/run_record.hpp>

#include "../support/count.hpp"
#include "../support/jpeg.hpp"
#include "../support/street_scenes.hpp"
#include "../support/tolerance.hpp"

namespace examples_street_scenes {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::io;
using namespace strata::report;
using namespace strata::training;
using namespace strata::testing;

namespace {

Bytes numbers(const std::string& model) {
  const Safetensors file = read_safetensors(model);
  std::size_t first = file.bytes.size();
  for (const StoredTensor& t : file.tensors) first = std::min(first, t.begin);
  return Bytes(file.bytes.begin() + long(first), file.bytes.end());
}

}  // namespace

TEST_CASE("a training says what it needs, leaves its files, and evaluate finds the same numbers") {
  TemporaryFolder folder;
  const std::string out = folder / "deep/run";
  const Finished e = run_street_scenes(street_training(drawn_scenes(), out, {"--epochs", "3", "--threads", "2"}));
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  for (const char* part : {"generated scenes: 8 images for training, 2 for validation, 2 for testing",
                           "16408491 parameters", "on 2 threads", "memory  ", "time    about ", "epoch 3/3", "mean IoU",
                           "evaluating the model on the 2 images of the test set", "Bicyclist", "report.html"})
    CHECK_MESSAGE(e.output.find(part) != std::string::npos, part);

  const RunRecord r = read_run_record(out + "/run.json");
  CHECK(r.status == "complete");
  CHECK(r.task == "street_scenes");
  CHECK(r.network == "DeepLabv3Plus<96x128, 11, torchvision>");
  CHECK(r.dataset.name == "generated scenes");
  CHECK(r.dataset.train == 8);
  CHECK(r.iterations == 12);
  REQUIRE(r.history.size() == 12);
  CHECK(r.history[3].validation_mean_iou.has_value());
  CHECK(!r.history[2].validation_mean_iou);
  CHECK(r.history[11].loss < r.history[0].loss);
  CHECK(r.metrics.classes.size() == 11);
  CHECK(r.metrics.global_accuracy == r.accuracy.test);
  CHECK(r.confusion.classes == 11);
  CHECK(r.confusion.accuracy() == doctest::Approx(r.metrics.global_accuracy));
  CHECK(r.peak_rss_bytes > r.arena_bytes);
  CHECK(r.device == device_of(this_machine()));
  CHECK(read(out + "/history.csv").starts_with("epoch,iteration"));
  const Safetensors file = read_safetensors(out + "/model.safetensors");
  CHECK(file.find("backbone.conv1.weight"));
  CHECK(file.metadata.at("strata.classes").find(R"("Bicyclist")") != std::string::npos);
  const std::string page = read(out + "/report.html");
  for (const char* part : {"They are not CamVid", "not comparable to generated scenes", "workshop (CamVid)",
                           "aria-label=\"Confusion matrix\"", "id=\"photo1\"", "0.6682", "Learning rate"})
    CHECK_MESSAGE(page.find(part) != std::string::npos, part);

  const double planned = std::stod(e.output.substr(e.output.find("memory  ") + 8)) * 1e9;
  CHECK(double(r.peak_rss_bytes) < planned);

  const Finished judged = run_street_scenes({"evaluate", "--model", out + "/model.safetensors", "--data",
                                             drawn_scenes(), "--out", folder / "judged", "--verify", "1e-4"});
  REQUIRE_MESSAGE(judged.status == 0, judged.errors);
  CHECK(judged.output.find("not CamVid") != std::string::npos);
  CHECK(judged.output.find("its check holds within 0.0001") != std::string::npos);
  CHECK(street_scenes_refuses({"evaluate", "--model", out + "/model.safetensors", "--data", drawn_scenes(), "--size",
                               "360x480", "--verify", "1e-4"},
                              "its check is of a network with 135168 outputs, but this one has 1900800"));
  const RunRecord again = read_run_record(folder / "judged/evaluation.json");
  CHECK(again.metrics == r.metrics);
  CHECK(again.device == r.device);
  CHECK(again.confusion.counts == r.confusion.counts);
}

TEST_CASE("evaluate takes any part of the data, and a folder of it") {
  TemporaryFolder folder;
  copy_all(drawn_scenes(), folder / "s");
  copy_all(drawn_scenes() + "/val", folder / "s/night");
  copy_all(drawn_scenes() + "/valannot", folder / "s/nightannot");
  const auto judged = [&](const char* part) {
    return run_street_scenes({"evaluate", "--model", street_model(), "--data", folder / "s", "--split", part}).output;
  };
  const std::string train = judged("train"), val = judged("val"), night = judged("night");
  CHECK(train.find("on the 8 images of generated scenes, train") != std::string::npos);
  CHECK(val.find("on the 2 images of generated scenes, val") != std::string::npos);
  const auto line = [](const std::string& text) { return text.substr(text.find("global accuracy"), 60); };
  REQUIRE(night.find("global accuracy") != std::string::npos);
  CHECK(line(night) == line(val));
  CHECK(line(train) != line(val));
  CHECK(
      street_scenes_refuses({"evaluate", "--model", street_model(), "--data", folder / "s", "--split", "fog"}, "fog"));
}

TEST_CASE("predict colors pictures of any size, and says what it did") {
  TemporaryFolder folder;
  const Shape exact{96, 128, 3}, small{31, 50, 3}, large{200, 100, 3};
  write(folder / "exact.png", encode_png(noise(exact).data(), exact));
  write(folder / "small.png", encode_png(noise(small).data(), small));
  write(folder / "large.jpg", encode_jpeg(noise(large), large));
  const Finished e = run_street_scenes({"predict", "--model", street_model(), folder / "exact.png",
                                        folder / "small.png", folder / "large.jpg", "--out", folder / "p"});
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  CHECK(e.output.find("exact.png: 96 x 128: ") != std::string::npos);
  CHECK(e.output.find("small.png: 31 x 50, padded to 96 x 128: ") != std::string::npos);
  CHECK(e.output.find("large.jpg: 200 x 100, scaled to 96 x 48, padded to 96 x 128: ") != std::string::npos);
  for (const auto& [name, shape] : {std::pair("exact", exact), {"small", small}, {"large", large}}) {
    const Picture labels = read_label_picture(folder / "p/" + name + "_labels.png", StoredAs::index);
    CHECK(labels.shape == Shape{shape.height, shape.width, 1});
    CHECK(*std::max_element(labels.bytes.begin(), labels.bytes.end()) < 11);
    CHECK(read_picture(folder / "p/" + name + "_overlay.png").shape == shape);
  }

  SUBCASE("the weights serve a network of another size too") {
    const Finished larger = run_street_scenes(
        {"predict", "--model", street_model(), "--size", "360x480", folder / "small.png", "--out", folder / "q"});
    CHECK(larger.output.find("31 x 50, padded to 360 x 480") != std::string::npos);
  }
  SUBCASE("invalid pictures and models") {
    write(folder / "text.png", std::string("hello"));
    write(folder / "cut.png", read(folder / "exact.png").substr(0, 2000));
    write(folder / "cut.jpg", read(folder / "large.jpg").substr(0, 300));
    std::filesystem::create_directory(folder / "other");
    copy_all(folder / "exact.png", folder / "other/exact.png");
    const auto predict = [&](const std::string& model, const std::string& image) {
      return Words{"predict", "--model", model, image, "--out", folder / "r"};
    };
    CHECK(street_scenes_refuses(predict(street_model(), folder / "text.png"), "text.png: is neither PNG nor JPEG"));
    CHECK(street_scenes_refuses(predict(street_model(), folder / "cut.png"), "cut.png: "));
    CHECK(street_scenes_refuses(predict(street_model(), folder / "cut.jpg"), "cut.jpg: "));
    CHECK(street_scenes_refuses(predict(street_model(), folder / "missing.png"), "missing.png: cannot be opened"));
    Words several = predict(street_model(), folder / "text.png");  // the other images are still colored
    several.insert(several.end(), {folder / "exact.png", folder / "missing.png", folder / "small.png"});
    const Finished told = run_street_scenes(several);
    CHECK(told.status == 1);
    CHECK(count(told.errors, "\n") == 2);
    for (const char* part : {"text.png: is neither PNG nor JPEG", "missing.png: cannot be opened"})
      CHECK_MESSAGE(told.errors.find(part) != std::string::npos, part);
    for (const char* name : {"exact", "small"})
      CHECK_MESSAGE(std::filesystem::exists(folder / (std::string("r/") + name + "_overlay.png")), name);
    CHECK(street_scenes_refuses(predict(folder / "exact.png", folder / "exact.png"), "exact.png"));
    write(folder / "cut.safetensors", read(street_model()).substr(0, 5000));
    CHECK(street_scenes_refuses(predict(folder / "cut.safetensors", folder / "exact.png"), "cut.safetensors"));
    CHECK(street_scenes_refuses(
        {"predict", "--model", street_model(), folder / "exact.png", folder / "other/exact.png", "--out", folder / "r"},
        "same name"));
  }
}

TEST_CASE("the same seed gives the same numbers on any threads, whatever the recipe") {
  TemporaryFolder folder;
  for (const char* threads : {"1", "2"}) {
    const Finished e = run_street_scenes(street_training(drawn_scenes(), folder / threads,
                                                         {"--variant",
                                                          "matlab",
                                                          "--epochs",
                                                          "1",
                                                          "--batch",
                                                          "4",
                                                          "--micro-batch",
                                                          "2",
                                                          "--schedule",
                                                          "poly",
                                                          "--class-weights",
                                                          "root",
                                                          "--loss-norm",
                                                          "weights",
                                                          "--statistics",
                                                          "population",
                                                          "--scale",
                                                          "0.5",
                                                          "2",
                                                          "--brightness",
                                                          "0.2",
                                                          "--contrast",
                                                          "0.2",
                                                          "--translate",
                                                          "3",
                                                          "--normalize",
                                                          "imagenet",
                                                          "--splits",
                                                          "random",
                                                          "--validate-every",
                                                          "0",
                                                          "--threads",
                                                          threads,
                                                          "--quiet"}));
    REQUIRE_MESSAGE(e.status == 0, e.errors);
  }
  CHECK(numbers(folder / "1/model.safetensors") == numbers(folder / "2/model.safetensors"));
  const RunRecord r = read_run_record(folder / "1/run.json");
  CHECK(r.dataset.train == 7);
  CHECK(r.iterations == 1);
  CHECK(r.accuracy.validation >= 0);
  CHECK(street_scenes_refuses(
      {"predict", "--model", folder / "1/model.safetensors", "--size", "12x12", "x.png", "--out", folder / "p"},
      "--size"));
}

TEST_CASE("--help shows --normalize, not its old name") {
  const Finished e = run_street_scenes({"train", "--help"});
  CHECK(e.status == 0);
  CHECK(e.output.find("--normalize trainset | imagenet") != std::string::npos);
  CHECK(e.output.find("--normalise") == std::string::npos);
}

TEST_CASE("the best model is kept, in half the bytes, and judged as it was saved") {
  TemporaryFolder folder;
  const Finished e =
      run_street_scenes(street_training(drawn_scenes(), folder / "run",
                                        {"--epochs", "4", "--rate", "0.05", "--drop-factor", "0.5", "--drop-period",
                                         "2", "--keep", "best", "--save-precision", "fp16"}));
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  const RunRecord r = read_run_record(folder / "run/run.json");
  REQUIRE(r.history.size() == 16);
  CHECK(relative_error(r.history[7].rate, 0.05) <= 1e-12);
  CHECK(relative_error(r.history[8].rate, 0.025) <= 1e-12);
  double best = -1;
  for (const Record& record : r.history) best = std::max(best, record.validation_mean_iou.value_or(-1));
  REQUIRE(r.kept_iteration > 0);
  REQUIRE(r.kept_iteration % 4 == 0);
  CHECK(r.history[std::size_t(r.kept_iteration - 1)].validation_mean_iou == best);
  CHECK(e.output.find(sentence("kept epoch ", r.kept_iteration / 4, ", the best by validation mean IoU 0.")) !=
        std::string::npos);
  CHECK(e.output.find("MB the best model so far") != std::string::npos);
  CHECK(read(folder / "run/report.html").find("saved in fp16") != std::string::npos);

  const std::string model = folder / "run/model.safetensors";
  CHECK(std::filesystem::file_size(model) < std::filesystem::file_size(street_model()) * 52 / 100);
  CHECK(read_safetensors(model).find("backbone.conv1.weight")->dtype == "F16");
  const Finished judged = run_street_scenes(
      {"evaluate", "--model", model, "--data", drawn_scenes(), "--out", folder / "test", "--verify", "1e-4"});
  REQUIRE_MESSAGE(judged.status == 0, judged.errors);
  CHECK(read_run_record(folder / "test/evaluation.json").metrics == r.metrics);
  const Finished validated = run_street_scenes(
      {"evaluate", "--model", model, "--data", drawn_scenes(), "--split", "val", "--out", folder / "val"});
  REQUIRE_MESSAGE(validated.status == 0, validated.errors);
  CHECK(relative_error(read_run_record(folder / "val/evaluation.json").metrics.mean_iou, best) <= 0.02);
}

TEST_CASE("evaluate shows its scores next to the workshop's, and writes them for programs") {
  TemporaryFolder folder;
  const Finished plain =
      run_street_scenes({"evaluate", "--model", street_model(), "--data", drawn_scenes(), "--out", folder / "plain"});
  CHECK(plain.output.find("workshop") == std::string::npos);
  CHECK(!std::filesystem::exists(folder / "plain/published.csv"));
  const Finished e = run_street_scenes(
      {"evaluate", "--model", street_model(), "--data", drawn_scenes(), "--published", "--out", folder / "out"});
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  const RunRecord r = read_run_record(folder / "out/evaluation.json");
  for (const char* part :
       {"the workshop's figures do not apply to them", "total by pixels", "0.9389", "0.6682", "out/published.csv"})
    CHECK_MESSAGE(e.output.find(part) != std::string::npos, part, e.output);
  CHECK(e.output.find("the workshop does not have the class") == std::string::npos);

  const std::string csv = read(folder / "out/published.csv");
  CHECK(count(csv, "\n") == 14);
  CHECK(
      csv.starts_with("class,our_accuracy,workshop_accuracy,accuracy_difference,our_iou,workshop_iou,iou_difference,"
                      "our_bf_score,workshop_bf_score,bf_score_difference\n"));
  const auto cell = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6f", value);
    return std::string(text);
  };
  const Metrics& m = r.metrics;
  CHECK(csv.find("\ntotal," + cell(m.mean_accuracy) + ",0.861850," + cell(m.mean_accuracy - 0.86185) + "," +
                 cell(m.mean_iou) + ",0.668220," + cell(m.mean_iou - 0.66822) + "," + cell(m.mean_bf_score) +
                 ",0.701170,") != std::string::npos);
  CHECK(csv.find("\ntotal by pixels," + cell(m.global_accuracy) + ",0.896580,") != std::string::npos);
  CHECK(csv.find("\nSky," + cell(m.classes[0].accuracy) + ",0.938870,") != std::string::npos);

  SUBCASE("other class names") {
    copy_all(drawn_scenes(), folder / "s");
    std::string list;
    for (const ClassMetrics& c : m.classes)
      list += sentence("0 0 ", count(list, "\n"), " ", c.name == "Bicyclist" ? "Rider, bicycle" : c.name, "\n");
    write(folder / "s/classes.txt", list);
    const Words training =
        street_training(folder / "s", folder / "run", {"--epochs", "1", "--validate-every", "0", "--quiet"});
    REQUIRE(run_street_scenes(training).status == 0);
    const Finished other = run_street_scenes({"evaluate", "--model", folder / "run/model.safetensors", "--data",
                                              folder / "s", "--published", "--out", folder / "other"});
    REQUIRE_MESSAGE(other.status == 0, other.errors);
    CHECK(other.output.find("the workshop does not have the class Rider, bicycle\n") != std::string::npos);
    CHECK(other.output.find("these images do not have the workshop's class Bicyclist\n") != std::string::npos);
    CHECK(count(read(folder / "other/published.csv"), "\n") == 13);
  }
}

TEST_CASE("interrupted, killed, then resumed: as if never stopped") {
  TemporaryFolder folder;
  const auto long_training = [&](const char* out, const Words& more) {
    Words words = street_training(drawn_scenes(), folder / out, {"--epochs", "6", "--threads", "1"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  {
    Process process("street_scenes", long_training("stopped", {}));
    process.wait_for("epoch 1/6");
    process.send(SIGINT);
    const Finished stopped = process.end();
    REQUIRE_MESSAGE(stopped.status == 130, stopped.output << stopped.errors);
    CHECK(stopped.errors.find("--resume") != std::string::npos);
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
  const Finished resumed = run_street_scenes(long_training("stopped", {"--resume", "--quiet"}));
  REQUIRE_MESSAGE(resumed.status == 0, resumed.errors);
  REQUIRE(run_street_scenes(long_training("whole", {"--quiet"})).status == 0);
  CHECK(read(folder / "stopped/model.safetensors") == read(folder / "whole/model.safetensors"));
  const RunRecord a = read_run_record(folder / "stopped/run.json"), b = read_run_record(folder / "whole/run.json");
  CHECK(a.history.size() == b.history.size());
  CHECK(a.metrics == b.metrics);
}

TEST_CASE("the table measures each batch size in a process of its own") {
  TemporaryFolder folder;
  const Finished e = run_street_scenes({"table", "--data", drawn_scenes(), "--size", "96x128", "--batches", "2,4,16",
                                        "--steps", "3", "--out", folder / "t"});
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  CHECK(e.output.find("workshop s/update") != std::string::npos);
  CHECK(e.output.find("1.34") != std::string::npos);
  for (const char* batch : {"2", "4", "16"})
    CHECK(read_run_record(folder / "t/batch-" + batch + "/run.json").iterations == 3);
  CHECK(read(folder / "t/table.csv").find("\n16,") != std::string::npos);
  CHECK(!std::filesystem::exists(folder / "t/batch-2/model.safetensors"));
  const Finished failed = run_street_scenes({"table", "--data", drawn_scenes(), "--size", "96x128", "--batches", "2,90",
                                             "--memory", "1", "--out", folder / "u", "--quiet"});
  CHECK(failed.status == 1);
  CHECK(failed.output.find("90  failed with status 1") != std::string::npos);
  CHECK(failed.errors.find("--micro-batch") != std::string::npos);
}

TEST_CASE("scenes are drawn where requested, once") {
  TemporaryFolder folder;
  CHECK(run_street_scenes({"generate", folder / "s", "5", "--size", "96x128"}).status == 0);
  CHECK(read(folder / "s/README.txt").find("not CamVid") != std::string::npos);
  CHECK(street_scenes_refuses({"generate", folder / "s", "5", "--size", "96x128"}, "is not empty"));
  CHECK(street_scenes_refuses({"generate", folder / "t", "2"}, "count"));
  const Words words{"train", "--generate",       "5", "--size", "96x128",    "--batch", "1", "--epochs",
                    "1",     "--validate-every", "0", "--out",  folder / "o"};
  const Finished first = run_street_scenes(words), second = run_street_scenes(words);
  REQUIRE_MESSAGE(first.status == 0, first.errors);
  REQUIRE_MESSAGE(second.status == 0, second.errors);
  CHECK(read_run_record(folder / "o/run.json").dataset.train == 3);
}

}  // namespace examples_street_scenes
