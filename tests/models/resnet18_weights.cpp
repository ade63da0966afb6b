// SPDX-License-Identifier: MIT
// Loading the trunk from files with torchvision's names, good and bad.
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/resnet18_weights.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include "../support/model_numbers.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/torchvision_resnet18.hpp"

namespace models_resnet18_weights {

using namespace strata;
using namespace strata::core;
using namespace strata::models;
using namespace strata::testing;
using Classifier = ResNet18<Image<32, 32, 3>, 10>;
using Matlab = DeepLabv3Plus<Image<32, 32, 3>, 3>;
using Torchvision = DeepLabv3Plus<Image<32, 32, 3>, 3, TorchvisionLike>;
using Deeper = DeepLabv3Plus<Image<32, 32, 3>, 3, TorchvisionLike, Depths<2, 2, 2, 3>>;

namespace {

bool is_bias_of_convolution(const std::string& name) {
  return name.ends_with("conv1.bias") || name.ends_with("conv2.bias") || name.ends_with("downsample.0.bias");
}

/// Checks that every tensor that the report lists as taken has the file's numbers, number_of() of the names there, and
/// that every other one keeps its own (the biases of the trunk's convolutions: 0).
template <class Net>
void check_taken(const TrunkReport& report, Model<Net>& model, const Model<Net>& before) {
  const std::vector<NamedTensor> tensors = model.tensors();
  const std::vector<float> old = numbers(before);
  std::size_t taken = 0;
  long at = 0;
  for (const NamedTensor& tensor : tensors) {
    const std::string name = tensor.name.starts_with("backbone.") ? tensor.name.substr(9) : tensor.name;
    const std::string theirs = report.prefix + name;
    const bool is_taken = std::find(report.taken.begin(), report.taken.end(), name) != report.taken.end();
    const bool is_zero = name != tensor.name && is_bias_of_convolution(name);
    taken += is_taken;
    const std::uint32_t start = start_of(theirs);
    long wrong = 0;
    for (long i = 0; i < tensor.size(); i++, at++)
      wrong += tensor.data[i] != (is_taken ? number_of(start, i) : is_zero ? 0.f : old[std::size_t(at)]);
    CHECK_MESSAGE(wrong == 0, tensor.name);
  }
  CHECK(taken == report.taken.size());
}

template <class Net>
TrunkReport check_load(const std::string& path, const TrunkOptions& options = {}) {
  Model<Net> model{{.seed = 2, .threads = 1}}, before{{.seed = 2, .threads = 1}};
  for (Model<Net>* m : {&model, &before}) std::ranges::fill(m->buffers(), 0.75f);
  TrunkReport report = load_trunk(model, path, options);
  check_taken(report, model, before);
  return report;
}

/// Whether load_trunk refuses the file with these words and leaves the model unchanged.
template <class... Part>
bool refused_with(const TrunkOptions& options, const std::vector<TensorEntry>& entries, const Part&... part) {
  static TemporaryFolder folder;
  static Model<Torchvision> model{{.seed = 2, .threads = 1}};
  static const std::vector<float> before = numbers(model);
  write(folder / "file", safetensors_of(entries));
  return refuses([&] { load_trunk(model, folder / "file", options); }, "file: ", part...) && numbers(model) == before;
}
template <class... Part>
bool refused(const std::vector<TensorEntry>& entries, const Part&... part) {
  return refused_with({}, entries, part...);
}

TensorEntry& entry(std::vector<TensorEntry>& entries, const std::string& name) {
  return *std::find_if(entries.begin(), entries.end(), [&](const TensorEntry& e) { return e.name == name; });
}

}  // namespace

TEST_CASE("a file of torchvision's fills every trunk, in each type") {
  TemporaryFolder folder;
  for (const char* dtype : {"F32", "F16", "BF16"}) {
    INFO(std::string(dtype));
    write(folder / "w", safetensors_of(torchvision_resnet18(dtype)));
    for (const TrunkReport& report : {check_load<Classifier>(folder / "w"), check_load<Matlab>(folder / "w"),
                                      check_load<Torchvision>(folder / "w")}) {
      CHECK(report.taken.size() == 100);
      CHECK(report.missing.empty());
      CHECK(report.unused.size() == 22);  // counters of 20 batch norms, fc.weight, fc.bias
      CHECK(std::find(report.unused.begin(), report.unused.end(), "fc.weight") != report.unused.end());
      CHECK(report.text().starts_with("100 tensors taken, none missing, 22 not used ("));
    }
  }
}

TEST_CASE("load takes all but the classifier, and a trunk under other names") {
  TemporaryFolder folder;
  write(folder / "w", safetensors_of(torchvision_resnet18("BF16")));
  Model<Classifier> model{{.seed = 2, .threads = 1}};
  const std::string text = load(model, folder / "w", {.keep = {"fc"}}).text();
  CHECK(text.starts_with("100 tensors taken, 2 missing (input.scale, input.shift), 22 not used ("));
  CHECK(text.ends_with(", ...), 2 kept (fc.weight, fc.bias)"));
  Model<Torchvision> street{{.seed = 2, .threads = 1}}, other{{.seed = 2, .threads = 1}};
  const io::LoadReport report =
      load(street, folder / "w", {.rename = {{"", "backbone."}}, .only = {"backbone"}, .ignore = {"backbone.fc"}});
  CHECK(report.taken.size() == 100);
  CHECK(report.left_over == std::vector<std::string>{"fc.weight", "fc.bias"});
  CHECK(report.missing.empty());
  load_trunk(other, folder / "w");
  CHECK(numbers(street) == numbers(other));
}

TEST_CASE("the biases that only MATLAB's trunk has become zero") {
  TemporaryFolder folder;
  write(folder / "w", safetensors_of(torchvision_resnet18()));
  Model<Matlab> model{{.seed = 2, .threads = 1}};
  std::ranges::fill(model.parameters(), 0.5f);
  load_trunk(model, folder / "w");
  long zeros = 0;
  for (const NamedTensor& tensor : model.tensors())
    if (is_bias_of_convolution(tensor.name))
      for (long i = 0; i < tensor.size(); i++) zeros += tensor.data[i] == 0;
  CHECK(zeros == 4800);
}

TEST_CASE("a trunk of the file's depths takes all of it; one of other depths takes a part if that is allowed") {
  TemporaryFolder folder;
  write(folder / "18", safetensors_of(torchvision_resnet18("BF16")));
  write(folder / "20", safetensors_of(torchvision_resnet18("BF16", {2, 2, 2, 3})));
  CHECK(trunk_depths(folder / "18") == std::array{2, 2, 2, 2});
  CHECK(trunk_depths(folder / "20") == std::array{2, 2, 2, 3});
  const TrunkReport whole = check_load<Deeper>(folder / "20");
  CHECK(whole.taken.size() == 110);
  CHECK(whole.text().starts_with("110 tensors taken, none missing, 24 not used ("));

  const TrunkReport part = check_load<Torchvision>(folder / "20", {.partly = true});
  CHECK(part.taken.size() == 100);
  CHECK(part.missing.empty());
  CHECK(part.left_over.size() == 10);
  for (const std::string& name : part.left_over) CHECK_MESSAGE(name.starts_with("layer4.2."), name);
  CHECK(part.text().starts_with("100 tensors taken, none missing, 10 left over (layer4.2."));
  CHECK(part.text().find(", ...), 24 not used (") != std::string::npos);

  const TrunkReport fewer = check_load<Deeper>(folder / "18", {.partly = true});
  CHECK(fewer.taken.size() == 100);
  CHECK(fewer.missing.size() == 10);
  CHECK(fewer.left_over.empty());
  CHECK(fewer.missing[0] == "layer4.2.conv1.weight");
  CHECK(fewer.text().starts_with(
      "100 tensors taken, 10 missing (layer4.2.conv1.weight, layer4.2.bn1.weight, layer4.2.bn1.bias, ...), "
      "22 not used ("));
}

TEST_CASE("a trunk of other depths than the file's is refused with the depths that fit") {
  const std::vector<TensorEntry> deeper = torchvision_resnet18("BF16", {2, 2, 2, 3});
  CHECK(refused(
      deeper, "holds the tensor 'layer4.2.",
      "which the trunk of this ResNet-18 does not have; give the network the file's Depths<2, 2, 2, 3>, or allow a partial load "
      "(TrunkOptions::partly)"));
  TemporaryFolder folder;
  write(folder / "18", safetensors_of(torchvision_resnet18("BF16")));
  Model<Deeper> model{{.seed = 2, .threads = 1}};
  const std::vector<float> before = numbers(model);
  CHECK(refuses(
      [&] { load_trunk(model, folder / "18"); },
      "18: lacks the tensor 'layer4.2.conv1.weight' (512, 512, 3, 3), which the trunk of this ResNet-18 has; give the network "
      "the file's Depths<2, 2, 2, 2>, or allow"));
  CHECK(numbers(model) == before);
}

TEST_CASE("a prefix is found, or given") {
  TemporaryFolder folder;
  std::vector<TensorEntry> entries = prefixed("module.backbone.", torchvision_resnet18("BF16"));
  entries.push_back({"head.conv1.weight", {5, 4, 3, 3}});
  entries.push_back({"conv1.weight", {5, 4, 3, 3}});
  write(folder / "w", safetensors_of(entries));
  CHECK(trunk_depths(folder / "w") == std::array{2, 2, 2, 2});
  const TrunkReport report = check_load<Matlab>(folder / "w");
  CHECK(report.prefix == "module.backbone.");
  CHECK(report.taken.size() == 100);
  CHECK(report.taken[0] == "conv1.weight");
  CHECK(report.unused.size() == 24);
  CHECK(std::count(report.unused.begin(), report.unused.end(), "module.backbone.fc.weight") == 1);
  CHECK(report.text().starts_with("100 tensors taken (prefix 'module.backbone.'), none missing, 24 not used ("));
  Model<Torchvision> model{{.seed = 2, .threads = 1}};
  for (const char* prefix : {"module.backbone.", "module.backbone"})
    CHECK(load_trunk(model, folder / "w", {.prefix = prefix}).text() == report.text());
  CHECK(refuses([&] { load_trunk(model, folder / "w", {.prefix = "module"}); },
                "holds no tensor of a ResNet-18 under torchvision's names (module.conv1.weight, ",
                "give the prefix of these names in the file"));
}

TEST_CASE("of two ResNets in a file one is chosen by its prefix") {
  TemporaryFolder folder;
  std::vector<TensorEntry> two = prefixed("student.", torchvision_resnet18("BF16"));
  for (const TensorEntry& tensor : prefixed("teacher.", torchvision_resnet18("BF16"))) two.push_back(tensor);
  entry(two, "student.bn1.bias").dims = {63};
  write(folder / "w", safetensors_of(two));
  CHECK(check_load<Torchvision>(folder / "w", {.prefix = "teacher."}).unused.size() == 22 + 122);
  Model<Torchvision> model{{.seed = 2, .threads = 1}};
  const std::vector<float> before = numbers(model);
  CHECK(refuses(
      [&] { load_trunk(model, folder / "w"); },
      "holds two ResNets under torchvision's names, one after the prefix 'student.' and one after 'teacher.'; give the"));
  CHECK(refuses([&] { load_trunk(model, folder / "w", {.prefix = "student."}); },
                "tensor 'student.bn1.bias' is (63) where the ResNet-18 of the network has (64)"));
  CHECK(numbers(model) == before);
}

TEST_CASE("a trunk goes from one network of ours to another") {
  TemporaryFolder folder;
  Model<Torchvision> model{{.seed = 5, .threads = 1}};
  save(model, folder / "w");
  Model<Classifier> other{{.seed = 6, .threads = 1}};
  const TrunkReport report = load_trunk(other, folder / "w");
  CHECK(report.prefix == "backbone.");
  CHECK(report.taken.size() == 100);
  CHECK(std::ranges::equal(model.parameters().first(11'176'512), other.parameters().first(11'176'512)));
}

TEST_CASE("what a file lacks is refused; allowed, it is reported and stays") {
  TemporaryFolder folder;
  std::vector<TensorEntry> entries = torchvision_resnet18();
  for (const char* name : {"layer3.0.conv1.weight", "bn1.running_var", "fc.bias"})
    std::erase_if(entries, [&](const TensorEntry& e) { return e.name == name; });
  entries.push_back({"classifier.weight", {2, 3}});
  CHECK(refused(
      entries,
      "lacks the tensor 'layer3.0.conv1.weight' (256, 128, 3, 3), which the trunk of this ResNet-18 has; give the "
      "weights of such a ResNet-18 as torchvision writes them, or allow"));
  write(folder / "w", safetensors_of(entries));
  const TrunkReport report = check_load<Torchvision>(folder / "w", {.partly = true});
  CHECK(report.taken.size() == 98);
  CHECK(report.missing == std::vector<std::string>{"layer3.0.conv1.weight", "bn1.running_var"});
  CHECK(
      report.text().starts_with("98 tensors taken, 2 missing (layer3.0.conv1.weight, bn1.running_var), 22 not used ("));
  CHECK(std::find(report.unused.begin(), report.unused.end(), "classifier.weight") != report.unused.end());
}

TEST_CASE("another network's file is refused with one sentence and changes nothing") {
  std::vector<TensorEntry> entries = torchvision_resnet18();
  entry(entries, "layer2.0.conv1.weight").dims = {128, 64, 1, 1};  // a bottleneck
  CHECK(refused(entries,
                "'layer2.0.conv1.weight' is (128, 64, 1, 1) where the ResNet-18 of the network has (128, 64, 3, 3)"));
  entries = torchvision_resnet18();
  entry(entries, "bn1.weight").dims = {64, 1};
  CHECK(refused(entries, "'bn1.weight' is (64, 1)"));
  entries = torchvision_resnet18();
  entries.push_back({"layer1.2.conv1.weight", {64, 64, 3, 3}});  // ResNet-34
  CHECK(refused(entries, "'layer1.2.conv1.weight' (64, 64, 3, 3), which the trunk of this ResNet-18 does not have"));
  entries = torchvision_resnet18();
  entry(entries, "layer4.1.bn2.bias").dtype = "I64";
  CHECK(refused(entries, "'layer4.1.bn2.bias' has the type I64"));
  CHECK(refused({{"features.0.weight", {64, 3, 3, 3}}, {"classifier.bias", {10}}}, "holds no tensor of a ResNet-18"));
  CHECK(refused({}, "holds no tensor of a ResNet-18"));
  CHECK(refused_with({.partly = true}, {}, "holds no tensor of a ResNet-18"));
  entries = torchvision_resnet18();
  entry(entries, "layer2.0.conv1.weight").dims = {128, 64, 1, 1};
  CHECK(refused_with({.partly = true}, entries, "'layer2.0.conv1.weight' is (128, 64, 1, 1)"));
}

TEST_CASE("names with block numbers out of all bounds are plain names") {
  TemporaryFolder folder;
  std::vector<TensorEntry> entries = torchvision_resnet18("BF16");
  const std::string block = "layer4.99999999999999999999.conv1.weight",
                    steers = "layer1.0.\\u001b]0;owned" + std::string(300, 'x');
  entries.push_back({block, {1}});
  CHECK(refused(
      entries,
      "'" + block + "' (1), which the trunk of this ResNet-18 does not have; give the weights of such a ResNet-18"));
  entries.push_back({steers, {1}});
  write(folder / "w", safetensors_of(entries));
  Model<Torchvision> model{{.seed = 2, .threads = 1}};
  const TrunkReport report = load_trunk(model, folder / "w", {.partly = true});
  CHECK(report.taken.size() == 100);
  CHECK(report.left_over.size() == 2);
  CHECK(report.text().find("2 left over (" + block + ", layer1.0.?]0;ownedxx") != std::string::npos);
  CHECK(report.text().find("xx...), 22 not used") != std::string::npos);
}

TEST_CASE("a truncated file is refused and changes nothing") {
  TemporaryFolder folder;
  const Bytes whole = safetensors_of(torchvision_resnet18("BF16"));
  Model<Torchvision> model{{.seed = 2, .threads = 1}};
  const std::vector<float> before = numbers(model);
  for (std::size_t size : {std::size_t(0), std::size_t(100), whole.size() / 2, whole.size() - 1}) {
    write(folder / "cut", Bytes(whole.begin(), whole.begin() + long(size)));
    CHECK(refuses([&] { load_trunk(model, folder / "cut"); }, "cut: "));
  }
  CHECK(refuses([&] { load_trunk(model, folder / "none"); }, "cannot be opened"));
  CHECK(numbers(model) == before);
}

TEST_CASE("a network without a trunk") {
  Model<Digits<>> model{{.seed = 2, .threads = 1}};
  CHECK(refuses([&] { load_trunk(model, "file"); }, "the network contains no ResNet-18"));
}

TEST_CASE("ImageNet's normalization") {
  Model<Torchvision> model{{.seed = 2, .threads = 1}};
  imagenet_normalization(model);
  const training::InputScaling scaling = model.input_scaling();
  CHECK(double(scaling.mean[0]) == doctest::Approx(123.675).epsilon(1e-6));      // red
  CHECK(double(scaling.deviation[2]) == doctest::Approx(57.375).epsilon(1e-6));  // blue
}

}  // namespace models_resnet18_weights
