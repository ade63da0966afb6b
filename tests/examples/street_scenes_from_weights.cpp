// SPDX-License-Identifier: MIT
// The program `street_scenes` with --weights: which network it makes, what it takes of the file, and how its trunk
// learns.
#include <doctest/doctest.h>

#include <cstring>

#include <strata/data/image_file.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/report/run_record.hpp>

#include "../support/street_scenes.hpp"
#include "../support/tolerance.hpp"
#include "../support/torchvision_resnet18.hpp"

namespace examples_street_scenes_from_weights {

using namespace strata;
using namespace strata::data;
using namespace strata::io;
using namespace strata::report;
using namespace strata::training;
using namespace strata::testing;

namespace {

/// An fp32 tensor of a model file.
std::vector<float> floats_of(const Safetensors& file, const std::string& name) {
  const StoredTensor* const tensor = file.find(name);
  REQUIRE_MESSAGE(tensor, name);
  std::vector<float> out((tensor->end - tensor->begin) / 4);
  std::memcpy(out.data(), file.bytes.data() + tensor->begin, tensor->end - tensor->begin);
  return out;
}
std::vector<float> floats_of(const std::string& model, const std::string& name) {
  return floats_of(read_safetensors(model), name);
}

}  // namespace

TEST_CASE(
    "a trunk from a file in torchvision's names: the file says its depth, the record and the report what was taken") {
  TemporaryFolder folder;
  write(folder / "resnet18.safetensors", safetensors_of(torchvision_resnet18("F16")));
  write(folder / "deeper.safetensors", safetensors_of(torchvision_resnet18("F32", {2, 2, 2, 3})));
  const auto with = [&](const char* file, const char* out) {
    return street_training(drawn_scenes(), folder / out,
                           {"--weights", folder / file, "--epochs", "1", "--rate", "1e-7", "--validate-every", "0"});
  };
  const Finished usual = run_street_scenes(with("resnet18.safetensors", "usual"));
  REQUIRE_MESSAGE(usual.status == 0, usual.errors);
  CHECK(usual.output.find("resnet18.safetensors: 100 tensors taken, none missing") != std::string::npos);
  const RunRecord r = read_run_record(folder / "usual/run.json");
  CHECK(r.network == "DeepLabv3Plus<96x128, 11, torchvision>");
  CHECK(r.weights.file == folder / "resnet18.safetensors");
  CHECK(r.weights.prefix.empty());
  CHECK(r.weights.taken.size() == 100);
  CHECK(r.weights.missing.empty());
  CHECK(r.weights.left_over.empty());
  CHECK(r.weights.unused.size() == 22);
  const std::vector<float> stem = floats_of(folder / "usual/model.safetensors", "backbone.conv1.weight");
  for (long i : {0L, 100L, long(stem.size()) - 1})
    CHECK(relative_error(stem[std::size_t(i)], number_of("conv1.weight", i)) <= 1e-3);  // binary16 has 11 bits
  CHECK(relative_error(floats_of(folder / "usual/model.safetensors", "input.scale")[0], 1 / (255 * 0.229)) <=
        2e-7);  // ImageNet's
  const std::string page = read(folder / "usual/report.html");
  for (const char* part :
       {"resnet18.safetensors", "ImageNet's mean and standard deviation", "layer4.1.bn2.running_var"})
    CHECK_MESSAGE(page.find(part) != std::string::npos, part);

  const Finished deeper = run_street_scenes(with("deeper.safetensors", "deeper"));
  REQUIRE_MESSAGE(deeper.status == 0, deeper.errors);
  for (const char* part : {"deeper.safetensors: 110 tensors taken, none missing",
                           "torchvision 96x128 with depths 2,2,2,3, 21129131 parameters"})
    CHECK_MESSAGE(deeper.output.find(part) != std::string::npos, part, deeper.output);
  const std::string model = folder / "deeper/model.safetensors";
  CHECK(read_run_record(folder / "deeper/run.json").network == "DeepLabv3Plus<96x128, 11, torchvision, 2,2,2,3>");
  CHECK(relative_error(floats_of(model, "backbone.layer4.2.conv1.weight")[7], number_of("layer4.2.conv1.weight", 7)) <=
        1e-4);

  {  // evaluate and predict find the network from the model file, for another size too
    const Finished judged =
        run_street_scenes({"evaluate", "--model", model, "--data", drawn_scenes(), "--out", folder / "judged"});
    REQUIRE_MESSAGE(judged.status == 0, judged.errors);
    CHECK(judged.output.find("torchvision 96x128 with depths 2,2,2,3 on the 2 images") != std::string::npos);
    const RunRecord again = read_run_record(folder / "judged/evaluation.json");
    CHECK(again.network == "DeepLabv3Plus<96x128, 11, torchvision, 2,2,2,3>");
    CHECK(again.metrics == read_run_record(folder / "deeper/run.json").metrics);
    write(folder / "small.png", encode_png(noise({31, 50, 3}).data(), {31, 50, 3}));
    const Finished larger = run_street_scenes(
        {"predict", "--model", model, "--size", "360x480", folder / "small.png", "--out", folder / "p"});
    CHECK_MESSAGE(larger.output.find("31 x 50, padded to 360 x 480") != std::string::npos, larger.errors);
  }
  {  // a shallower network takes a part of the file, where that is allowed
    Words words = with("deeper.safetensors", "part");
    words.insert(words.end(), {"--depths", "2,2,2,2"});
    CHECK(street_scenes_refuses(
        words, "deeper.safetensors holds a trunk of depths 2,2,2,3; give --depths 2,2,2,3, or --weights-partly"));
    words.push_back("--weights-partly");
    const Finished part = run_street_scenes(words);
    REQUIRE_MESSAGE(part.status == 0, part.errors);
    CHECK(part.output.find("left over: layer4.2.") != std::string::npos);
    const RunRecord of_part = read_run_record(folder / "part/run.json");
    CHECK(of_part.network == "DeepLabv3Plus<96x128, 11, torchvision>");
    CHECK(of_part.weights.taken.size() == 100);
    CHECK(of_part.weights.missing.empty());
    REQUIRE(of_part.weights.left_over.size() == 10);
    for (const std::string& name : of_part.weights.left_over) CHECK(name.starts_with("layer4.2."));
  }
}

TEST_CASE("a trunk from a model that street_scenes wrote: frozen, and with its statistics kept") {
  TemporaryFolder folder;
  const auto with = [&](const char* out, const Words& more) {
    Words words{"--weights", street_model(),     "--epochs", "1", "--trunk-statistics", "kept", "--seed",
                "2",         "--validate-every", "0"};
    words.insert(words.end(), more.begin(), more.end());
    return street_training(drawn_scenes(), folder / out, words);
  };
  const Finished e =
      run_street_scenes(with("slow", {"--trunk-rate", "0.1", "--schedule", "cosine", "--warm-up", "0.5"}));
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  CHECK(read_run_record(folder / "slow/run.json").weights.prefix == "backbone.");
  REQUIRE(run_street_scenes(with("frozen", {"--trunk-rate", "0", "--weights-prefix", "backbone.", "--quiet"})).status ==
          0);
  const Safetensors before = read_safetensors(street_model()),
                    slow = read_safetensors(folder / "slow/model.safetensors"),
                    frozen = read_safetensors(folder / "frozen/model.safetensors");
  int statistics = 0, others = 0;
  for (const StoredTensor& t : before.tensors) {
    if (!t.name.starts_with("backbone.")) continue;
    const bool running = t.name.find(".running_") != std::string::npos;
    const std::vector<float> was = floats_of(before, t.name);
    CHECK_MESSAGE(floats_of(frozen, t.name) == was, t.name);
    CHECK_MESSAGE((floats_of(slow, t.name) == was) == running, t.name);
    running ? statistics++ : others++;
  }
  CHECK(statistics == 40);
  CHECK(others == 60);
  CHECK(floats_of(frozen, "project.0.weight") != floats_of(before, "project.0.weight"));
  const std::vector<Record> history = read_run_record(folder / "slow/run.json").history;
  REQUIRE(history.size() == 4);
  CHECK(relative_error(history[0].rate, 0.005) <= 1e-12);  // half of the first epoch warms up
  CHECK(relative_error(history[1].rate, 0.01) <= 1e-12);
  CHECK(history[3].rate < history[2].rate);
  const std::string page = read(folder / "slow/report.html");
  for (const char* part : {"learns at 0.1 times the rate", "its batch norm keeps the statistics of the file",
                           "after a warm-up of 0.5 epochs"})
    CHECK_MESSAGE(page.find(part) != std::string::npos, part);
}

}  // namespace examples_street_scenes_from_weights
