// SPDX-License-Identifier: MIT
// The program `zoo` as its users run it: the list, a training on drawings with its files, resumed and refused, and the
// classification of images.
#include <doctest/doctest.h>

#include <algorithm>

#include <strata/data/png.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/report/run_record.hpp>

#include "../support/count.hpp"
#include "../support/mnist_files.hpp"
#include "../support/process.hpp"

using namespace strata;
using namespace strata::report;
using namespace strata::testing;
namespace fs = std::filesystem;

namespace {

Finished run(std::vector<std::string> words) { return run_program("zoo", std::move(words)); }
bool refuses(const std::vector<std::string>& words, const std::string& part) {
  return program_refuses("zoo", words, part);
}

/// 200 drawings of 32 x 32.
const std::string& drawings() {
  static TemporaryFolder folder;
  static const std::string path = folder / "deep/drawings";
  static const int status = run({"generate", path, "--images", "200", "--size", "32", "--seed", "3"}).status;
  REQUIRE(status == 0);
  return path;
}

/// Digits as class folders: 300 for training, 60 for validation.
const std::string& digits() {
  static TemporaryFolder folder;
  static const std::string path = folder / "digits";
  static const bool written = (write_mnist(folder.path(), 320, 60), true);
  static const int status = run({"mnist", path, "--data", folder.path(), "--images", "300"}).status;
  REQUIRE((written && status == 0));
  return path;
}

/// The words of a training of LeNet5 on them.
std::vector<std::string> training_words(const std::string& out, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"train", "lenet5", "--data", digits(), "--out", out};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE("zoo lists the networks, and zoo NAME describes one, built or not") {
  const Finished all = run({});
  CHECK(all.status == 0);
  for (const char* part :
       {"\nMobileNetV2 ", " 3,504,872 ", " 300,774,272 ", "\nLeNet5 ", "runs, trains at 32x32x1", "\nDenseNet121 ",
        " 7,978,856 ", "\nUNet ", "pixels", "\nFCN8s ", "\nDeepLabv3Plus ", "\nM5 ", "1x32000x1"})
    CHECK_MESSAGE(all.output.find(part) != std::string::npos, part);
  const Finished one = run({"densenet121"});
  CHECK(one.status == 0);
  CHECK(one.output.find("features.denseblock3.denselayer24.conv2") != std::string::npos);
  CHECK(one.output.find("DenseNet121: 7978856 parameters") != std::string::npos);
  CHECK(refuses({"LeNet6"}, "there is no network 'LeNet6'; choose LeNet5, AlexNet, "));
  CHECK(refuses({"--time"}, "name the network"));
  const Finished timed = run({"LeNet5", "--time", "--threads", "1"});
  CHECK(timed.status == 0);
  CHECK(timed.output.starts_with("LeNet5 at 32x32x1: "));
  CHECK(timed.output.find(" per second, on 1 thread (median of ") != std::string::npos);
  CHECK(refuses({"train", "UNet", "--data", drawings()}, "UNet: does not classify images"));
}

TEST_CASE("generate draws the same images from the same seed, and only into a new folder") {
  TemporaryFolder folder;
  REQUIRE(run({"generate", folder / "a", "--images", "20", "--size", "16"}).status == 0);
  REQUIRE(run({"generate", folder / "b", "--images", "20", "--size", "16"}).status == 0);
  REQUIRE(run({"generate", folder / "c", "--images", "20", "--size", "16", "--seed", "2"}).status == 0);
  const std::vector<std::string> files = files_below(folder / "a");
  CHECK(files.size() == 20);
  CHECK(names_in(folder / "a/val").size() == 10);
  for (const std::string& file : files) {
    CHECK(read(folder / "a/" + file) == read(folder / "b/" + file));
    CHECK(read(folder / "a/" + file) != read(folder / "c/" + file));
  }
  CHECK(refuses({"generate", folder / "a", "--images", "20"}, "is not empty"));
  CHECK(refuses({"generate", folder / "d", "--images", "5"}, "'5' is not a whole number from 10 to"));
}

TEST_CASE("a training leaves its four files and the best epoch, and its model classifies images") {
  TemporaryFolder folder;
  const std::string out = folder / "run", model = out + "/model.safetensors";
  const Finished e = run(training_words(out, {"--epochs", "6", "--batch", "20", "--threads", "2"}));
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  for (const char* part :
       {"digits in ", ": 10 classes, 300 images for training, 60 for validation, 0 for the test",
        "LeNet5<32x32x1, 10>: 61706 parameters", "epoch 6/6", "kept epoch ", "validation accuracy", "report.html"})
    CHECK_MESSAGE(e.output.find(part) != std::string::npos, part);
  const RunRecord record = read_run_record(out + "/run.json");
  CHECK(record.status == "complete");
  CHECK(record.iterations == 90);
  CHECK(record.accuracy.validation > 0.5);
  CHECK(read(out + "/history.csv").starts_with("epoch,iteration"));
  const std::string page = read(out + "/report.html");
  CHECK(page.find("Confusion matrix") != std::string::npos);
  CHECK(page.find("AdamW") != std::string::npos);

  const std::string picture = digits() + "/val/7/" + names_in(digits() + "/val/7")[0];
  write(folder / "text.png", std::string("hello"));
  const Finished told = run({"LeNet5", "--weights", model, "--images", picture, folder / "text.png"});
  CHECK(told.status == 1);
  CHECK(count(told.errors, "\n") == 1);
  CHECK(told.errors.find("text.png: is neither PNG nor JPEG") != std::string::npos);
  CHECK(count(told.output, " %  ") == 5);
  CHECK(told.output.find(" %  7\n") != std::string::npos);
  std::string names;
  for (int c = 0; c < 10; c++) names += "class " + std::to_string(c) + "\n";
  write(folder / "names.txt", names);
  const Finished named = run({"lenet5", "--weights", model, "--images", picture, "--classes", folder / "names.txt"});
  CHECK(named.status == 0);
  CHECK(count(named.output, " %  class ") == 5);
  write(folder / "names.txt", names + "one more\n");
  CHECK(refuses({"lenet5", "--weights", model, "--images", picture, "--classes", folder / "names.txt"},
                "names.txt: 11 names were given, but the network has 10 classes"));
  CHECK(refuses({"MobileNetV2", "--weights", model, "--images", picture}, "holds the weights of another network"));
  CHECK(refuses({"LeNet5", "--weights", folder / "none", "--images", picture}, "none: cannot be opened"));
  CHECK(refuses({"LeNet5", "--images", picture}, "--weights"));

  SUBCASE("a file of another program has neither a network's name nor a scaling") {
    io::Safetensors file = io::read_safetensors(model);
    std::vector<std::vector<float>> floats;
    std::vector<core::NamedTensor> tensors;
    for (const io::StoredTensor& stored : file.tensors) {
      if (stored.name.starts_with("input.")) continue;
      core::NamedTensor tensor;
      tensor.name = stored.name, tensor.rank = int(stored.dims.size());
      for (int d = 0; d < tensor.rank; d++) tensor.dims[d] = int(stored.dims[std::size_t(d)]);
      floats.emplace_back(std::size_t(tensor.size()));
      io::copy_floats(file, stored, floats.back().data());
      tensors.push_back(tensor);
    }
    for (std::size_t i = 0; i < tensors.size(); i++) tensors[i].data = floats[i].data();
    io::write_safetensors(folder / "foreign.safetensors", tensors);
    const Finished foreign = run({"LeNet5", "--weights", folder / "foreign.safetensors", "--images", picture});
    REQUIRE_MESSAGE(foreign.status == 0, foreign.errors);
    CHECK(count(foreign.output, " %  ") == 5);
  }
}

TEST_CASE("interrupted, then resumed: as if never stopped; and only the same training is resumed") {
  TemporaryFolder folder;
  const auto with = [&](const char* name, std::vector<std::string> more) {
    more.insert(more.end(), {"--epochs", "60", "--batch", "16", "--threads", "1"});
    return training_words(folder / name, more);
  };
  Finished stopped;
  for (int attempt = 0; attempt < 5; attempt++) {  // a busy machine may let the training end before the interruption
    Process process("zoo", with("stopped", {}));
    process.wait_for("epoch 2/60");
    process.send(SIGINT);
    stopped = process.end();
    if (stopped.status != 0) break;
    fs::remove_all(folder / "stopped");
  }
  REQUIRE_MESSAGE(stopped.status == 130, stopped.output << stopped.errors);
  CHECK(stopped.errors.find("--resume") != std::string::npos);
  CHECK(read_run_record(folder / "stopped/run.json").status == "interrupted");
  CHECK(refuses(with("stopped", {"--resume", "--seed", "2"}), "--seed 1, and this training has 2"));
  REQUIRE(run(with("stopped", {"--resume", "--quiet"})).status == 0);
  REQUIRE(run(with("whole", {"--quiet"})).status == 0);
  CHECK(read(folder / "stopped/model.safetensors") == read(folder / "whole/model.safetensors"));
  CHECK(refuses(with("none", {"--resume"}), "--resume: there is no "));
}

TEST_CASE("folders that cannot be trained on are refused in one sentence") {
  TemporaryFolder folder;
  const auto train = [&](const std::string& data) {
    return std::vector<std::string>{"train", "LeNet5", "--data", data, "--out", folder / "run"};
  };
  const std::vector<std::uint8_t> gray(256, 100);
  for (int c = 0; c < 11; c++) {
    fs::create_directories(folder / ("many/" + std::to_string(c)));
    write(folder / ("many/" + std::to_string(c) + "/1.png"), data::encode_png(gray.data(), {16, 16, 1}));
  }
  CHECK(refuses(train(folder / "many"),
                "many: holds 11 classes, but the networks of this program have 10; in the build "
                "folder, run cmake -DSTRATA_ZOO_CLASSES=11 ."));
  fs::remove_all(folder / "many/10");
  CHECK(refuses(train(folder / "many"), "many: has no images for validation"));
  CHECK(refuses(train(folder / "none"), "none: is not a folder"));
  CHECK(refuses({"train", "LeNet5"}, "--data is required"));
  CHECK(refuses({"train", "LeNet5", "--data", folder / "many", "--rate", "nan"}, "'nan' is not a number"));
  CHECK(refuses({"train", "LeNet7", "--data", folder / "many"}, "there is no network 'LeNet7'"));
}

TEST_CASE("mnist writes class folders, on which MobileNetV2 trains") {
  TemporaryFolder folder;
  CHECK(files_below(digits()).size() == 360);
  CHECK(names_in(digits() + "/val") == std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  CHECK(data::read_png(digits() + "/val/7/" + names_in(digits() + "/val/7")[0], 1).shape == Shape{28, 28, 1});
  fs::copy(digits() + "/val", folder / "few", fs::copy_options::recursive);
  const Finished e = run({"train", "MobileNetV2", "--data", folder / "few", "--epochs", "1", "--batch", "10",
                          "--validation", "0.5", "--out", folder / "run"});
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  CHECK(e.output.find("MobileNetV2<96x96x3, 10>: 2236682 parameters") != std::string::npos);
  CHECK(read_run_record(folder / "run/run.json").status == "complete");
}
