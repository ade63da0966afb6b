// SPDX-License-Identifier: MIT
// The trunk from files in torchvision's names, good and bad.
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/resnet18_weights.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/torchvision_resnet18.hpp"

using namespace strata;
using namespace strata::testing;
using Classifier = ResNet18<Image<32, 32, 3>, 10>;
using Matlab = DeepLabv3Plus<Image<32, 32, 3>, 3>;
using Torchvision = DeepLabv3Plus<Image<32, 32, 3>, 3, TorchvisionLike>;

namespace {

template <class Net>
std::vector<float> numbers(const Model<Net>& model) {
  std::vector<float> out(model.parameters(), model.parameters() + Model<Net>::parameter_floats);
  out.insert(out.end(), model.buffers(), model.buffers() + Model<Net>::buffer_floats);
  return out;
}

bool is_bias_of_convolution(const std::string& name) {
  return name.ends_with("conv1.bias") || name.ends_with("conv2.bias") || name.ends_with("downsample.0.bias");
}

/// Every tensor that the report calls taken has the file's numbers, every other one its own of before (biases of the
/// trunk's convolutions: 0).
template <class Net>
void check_taken(const TrunkReport& report, Model<Net>& model, const Model<Net>& before) {
  const std::vector<NamedTensor> tensors = model.tensors();
  const std::vector<float> old = numbers(before);
  std::size_t taken = 0;
  long at = 0;
  for (const NamedTensor& tensor : tensors) {
    const std::string name = tensor.name.starts_with("backbone.") ? tensor.name.substr(9) : tensor.name;
    const bool is_taken = std::find(report.taken.begin(), report.taken.end(), name) != report.taken.end();
    const bool is_zero = name != tensor.name && is_bias_of_convolution(name);
    taken += is_taken;
    long wrong = 0;
    for (long i = 0; i < tensor.size(); i++, at++)
      wrong += tensor.data[i] != (is_taken ? number_of(name, i) : is_zero ? 0.f : old[std::size_t(at)]);
    CHECK_MESSAGE(wrong == 0, tensor.name);
  }
  CHECK(taken == report.taken.size());
}

template <class Net>
TrunkReport check_load(const std::string& path) {
  Model<Net> model(seed{2}, threads{1}), before(seed{2}, threads{1});
  for (Model<Net>* m : {&model, &before}) std::fill_n(m->buffers(), Model<Net>::buffer_floats, 0.75f);
  const TrunkReport report = load_trunk(model, path);
  check_taken(report, model, before);
  return report;
}

/// load_trunk refuses the file with these words, and the model stays as it was.
template <class... Part>
bool refused(const std::vector<TensorEntry>& entries, const Part&... part) {
  static TemporaryFolder folder;
  static Model<Torchvision> model(seed{2}, threads{1});
  static const std::vector<float> before = numbers(model);
  write(folder / "file", safetensors_of(entries));
  return refuses([&] { load_trunk(model, folder / "file"); }, "file: ", part...) && numbers(model) == before;
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
    for (const TrunkReport& report :
         {check_load<Classifier>(folder / "w"), check_load<Matlab>(folder / "w"), check_load<Torchvision>(folder / "w")}) {
      CHECK(report.taken.size() == 100);
      CHECK(report.missing.empty());
      CHECK(report.unused.size() == 22);  // counters of 20 batch norms, fc.weight, fc.bias
      CHECK(std::find(report.unused.begin(), report.unused.end(), "fc.weight") != report.unused.end());
      CHECK(report.text().starts_with("100 tensors taken, none missing, 22 not used ("));
    }
  }
}

TEST_CASE("the biases that only MATLAB's trunk has become zero") {
  TemporaryFolder folder;
  write(folder / "w", safetensors_of(torchvision_resnet18()));
  Model<Matlab> model(seed{2}, threads{1});
  std::fill_n(model.parameters(), Model<Matlab>::parameter_floats, 0.5f);
  load_trunk(model, folder / "w");
  long zeros = 0;
  for (const NamedTensor& tensor : model.tensors())
    if (is_bias_of_convolution(tensor.name))
      for (long i = 0; i < tensor.size(); i++) zeros += tensor.data[i] == 0;
  CHECK(zeros == 4800);
}

TEST_CASE("what a file lacks is reported and stays") {
  TemporaryFolder folder;
  std::vector<TensorEntry> entries = torchvision_resnet18();
  for (const char* name : {"layer3.0.conv1.weight", "bn1.running_var", "fc.bias"})
    std::erase_if(entries, [&](const TensorEntry& e) { return e.name == name; });
  entries.push_back({"classifier.weight", {2, 3}});
  write(folder / "w", safetensors_of(entries));
  const TrunkReport report = check_load<Torchvision>(folder / "w");
  CHECK(report.taken.size() == 98);
  CHECK(report.missing == std::vector<std::string>{"layer3.0.conv1.weight", "bn1.running_var"});
  CHECK(report.text().starts_with("98 tensors taken, 2 missing (layer3.0.conv1.weight, bn1.running_var), 22 not used ("));
  CHECK(std::find(report.unused.begin(), report.unused.end(), "classifier.weight") != report.unused.end());
}

TEST_CASE("another network's file is refused with one sentence and changes nothing") {
  std::vector<TensorEntry> entries = torchvision_resnet18();
  entry(entries, "layer2.0.conv1.weight").dims = {128, 64, 1, 1};  // a bottleneck
  CHECK(refused(entries, "'layer2.0.conv1.weight' is (128, 64, 1, 1) where the ResNet-18 of the network has (128, 64, 3, 3)"));
  entries = torchvision_resnet18();
  entry(entries, "bn1.weight").dims = {64, 1};
  CHECK(refused(entries, "'bn1.weight' is (64, 1)"));
  entries = torchvision_resnet18();
  entries.push_back({"layer1.2.conv1.weight", {64, 64, 3, 3}});  // ResNet-34
  CHECK(refused(entries, "'layer1.2.conv1.weight' (64, 64, 3, 3), which the trunk of this ResNet-18 has not"));
  entries = torchvision_resnet18();
  entry(entries, "layer4.1.bn2.bias").dtype = "I64";
  CHECK(refused(entries, "'layer4.1.bn2.bias' has the type I64"));
  CHECK(refused({{"features.0.weight", {64, 3, 3, 3}}, {"classifier.bias", {10}}}, "holds no tensor of a ResNet-18"));
  CHECK(refused({}, "holds no tensor of a ResNet-18"));
}

TEST_CASE("a truncated file is refused and changes nothing") {
  TemporaryFolder folder;
  const Bytes whole = safetensors_of(torchvision_resnet18("BF16"));
  Model<Torchvision> model(seed{2}, threads{1});
  const std::vector<float> before = numbers(model);
  for (std::size_t size : {std::size_t(0), std::size_t(100), whole.size() / 2, whole.size() - 1}) {
    write(folder / "cut", Bytes(whole.begin(), whole.begin() + long(size)));
    CHECK(refuses([&] { load_trunk(model, folder / "cut"); }, "cut: "));
  }
  CHECK(refuses([&] { load_trunk(model, folder / "none"); }, "cannot be opened"));
  CHECK(numbers(model) == before);
}

TEST_CASE("a network without a trunk") {
  Model<Digits<>> model(seed{2}, threads{1});
  CHECK(refuses([&] { load_trunk(model, "file"); }, "has no ResNet-18 in it"));
}

TEST_CASE("ImageNet's normalisation") {
  Model<Torchvision> model(seed{2}, threads{1});
  imagenet_normalisation(model);
  const float *scale = model.buffers(), *shift = scale + 3;
  CHECK(123.675 * double(scale[0]) + double(shift[0]) == doctest::Approx(0).epsilon(1e-5));   // the mean of red
  CHECK((103.53 + 57.375) * double(scale[2]) + double(shift[2]) == doctest::Approx(1).epsilon(1e-5));  // one deviation of blue above
}
