// SPDX-License-Identifier: MIT
// What the names in a file say about its ResNet: prefix and depths, for good files and for hostile ones.
#include <strata/models/resnet18_names.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../support/refusal.hpp"
#include "../support/steps.hpp"
#include "../support/torchvision_resnet18.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::io;
using namespace strata::models;
using namespace strata::testing;

namespace {

/// A file with an empty tensor of each name.
Safetensors file_of(const std::vector<std::string>& names) {
  Safetensors file{.name = "file", .bytes = {}};
  for (const std::string& name : names) file.tensors.push_back({.name = name, .dtype = "F32", .dims = {0}});
  index_by_name(file);
  return file;
}

/// The names of the first convolutions of stages with these depths.
std::vector<std::string> blocks(const std::vector<int>& depths, const std::string& prefix = "") {
  std::vector<std::string> names;
  for (std::size_t s = 0; s < depths.size(); s++)
    for (int i = 0; i < depths[s]; i++) names.push_back(sentence(prefix, "layer", s + 1, '.', i, ".conv1.weight"));
  return names;
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("names of a trunk") {
  for (const char* name :
       {"conv1.weight", "bn1.running_mean", "layer1.0.conv1.weight", "layer4.2.bn2.bias", "layer4.99999999999.x"})
    CHECK_MESSAGE(models::detail::is_trunk_name(name), std::string(name));
  for (const char* name :
       {"", "conv1", "fc.weight", "layer5.0.conv1.weight", "layer1", "xconv1.weight", "bn1.num_batches_tracked"})
    CHECK_MESSAGE(!models::detail::is_trunk_name(name), std::string(name));
}

TEST_CASE("the depths that follow from a file's names") {
  CHECK(trunk_depths(file_of(blocks({2, 2, 2, 2}))) == std::array{2, 2, 2, 2});
  CHECK(trunk_depths(file_of(blocks({2, 2, 2, 3}))) == std::array{2, 2, 2, 3});
  CHECK(trunk_depths(file_of(blocks({3, 4, 6, 3}, "module."))) == std::array{3, 4, 6, 3});
  CHECK(trunk_depths(file_of(blocks({1, 1, 1, 1000}))) == std::array{1, 1, 1, 1000});
  CHECK(trunk_depths(file_of(blocks({1, 1, 1, 1}) + blocks({2, 2, 2, 2}, "ema.")), "ema.") == std::array{2, 2, 2, 2});
  CHECK(trunk_depths(file_of(blocks({1, 1, 1, 1}) + blocks({2, 2, 2, 2}, "ema.")), "ema") == std::array{2, 2, 2, 2});
  CHECK(trunk_depths(file_of(blocks({1, 1, 1, 1}) + blocks({2, 2, 2, 2}, "ema."))) == std::array{1, 1, 1, 1});
  const std::vector<std::string> others{"layer4.1",
                                        "layer4..conv1.weight",
                                        "layer4.01.conv1.weight",
                                        "layer4.-1.conv1.weight",
                                        "layer4.1x.conv1.weight",
                                        "layer4.5.bn1.num_batches_tracked",
                                        "layer0.7.conv1.weight"};
  CHECK(trunk_depths(file_of(blocks({1, 1, 1, 1}) + others)) == std::array{1, 1, 1, 1});
}

TEST_CASE("a file without a whole ResNet has no depths") {
  const auto refused = [](const std::vector<std::string>& names, const std::string& prefix, const auto&... part) {
    return refuses([&] { trunk_depths(file_of(names), prefix); }, "file: ", part...);
  };
  CHECK(refused({}, "", "holds no tensor of a ResNet-18",
                "(conv1.weight, layer1.0.bn1.weight, ...); give a file with these names"));
  CHECK(refused({"fc.weight", "conv1.weight"}, "", "holds no tensor of a ResNet-18"));
  CHECK(refused(blocks({2, 2, 2, 2}), "other",
                "(other.conv1.weight, other.layer1.0.bn1.weight, ...); give the prefix of these names"));
  CHECK(refused(blocks({2, 2, 0, 2}), "", "holds no tensor of layer3; give a file with all blocks"));
  CHECK(refused(blocks({2, 2, 2, 2}) + std::vector<std::string>{"layer2.4.bn1.bias"}, "",
                "lacks layer2.2, but holds layer2.4"));
  CHECK(refused({"layer1.1.conv1.weight"}, "", "lacks layer1.0, but holds layer1.1"));
  CHECK(refused(blocks({2, 2, 2, 1001}), "", "'layer4.1000.conv1.weight', from a stage of more than 1000 blocks"));
  CHECK(refused(blocks({2, 2, 2, 2}) + std::vector<std::string>{"layer4.99999999999.conv1.weight"}, "",
                "'layer4.99999999999.conv1.weight', from a stage of more than 1000 blocks"));
  CHECK(refused({"layer4.99999999999999999999999999.conv1.weight"}, "", "from a stage of more than 1000 blocks"));
}

TEST_CASE("the prefix of the names is found, or required if the file holds two ResNets") {
  const auto found = [](const std::vector<std::string>& names) {
    return models::detail::trunk_prefix(file_of(names), "");
  };
  CHECK(found(blocks({2, 2, 2, 2})) == "");
  CHECK(found(blocks({2, 2, 2, 2}, "backbone.")) == "backbone.");
  CHECK(found(blocks({2, 2, 2, 2}, "module.model.backbone.")) == "module.model.backbone.");
  CHECK(found(blocks({2, 2, 2, 2}, "layer1.0.") + blocks({1, 1, 1, 1})) == "");
  CHECK(found({"head.conv1.weight", "conv1.weight", "backbone.conv1.weight", "backbone.layer1.0.conv1.weight"}) ==
        "backbone.");
  CHECK(found({"conv1.weight", "xlayer1.0.conv1.weight", "layer1.0.conv1.weights", ".conv1.weight",
               "0.conv1.weight"}) == "");
  CHECK(refuses(
      [&] {
        found(blocks({2, 2, 2, 2}, "student.") + blocks({2, 2, 2, 2}, "teacher."));
      },
      "file: holds two ResNets under torchvision's names, one after the prefix 'student.' and one after 'teacher.'; give "
      "the prefix of one"));
  CHECK(refuses([&] { found(blocks({1}, "a\x1b]0;owned\x07.") + blocks({1}, std::string(1000, 'b') + ".")); },
                "'a?]0;owned?.'", "bb...'"));
}

namespace {

/// The steps that trunk_depths() takes to refuse a file of `names` names whose prefixes have `length` characters.
long steps_of(int names, std::size_t length) {
  std::vector<std::string> all;
  for (int i = 0; i < names; i++) all.push_back(sentence(std::string(length, 'x'), ".layer4.", i, ".conv1.weight"));
  const Safetensors file = file_of(all);
  const long taken =
      steps([&] { CHECK(refuses([&] { trunk_depths(file); }, "from a stage of more than 1000 blocks")); });
  CHECK(taken > 0);
  return taken;
}

}  // namespace

TEST_CASE("the search is linear in the number of names and in their length") {
  CHECK(steps_of(40'000, 10) < 10 * steps_of(5'000, 10));
  CHECK(steps_of(5'000, 80) < 10 * steps_of(5'000, 10));
  std::string dots;
  for (int i = 0; i < 200'000; i++) dots += "layer1.";
  const Safetensors file = file_of({dots + "0.conv1.weight"});
  CHECK(models::detail::trunk_prefix(file, "").size() == dots.size() - 7);
  CHECK(steps([&] { models::detail::trunk_prefix(file, ""); }) < 3'000'000);
}
