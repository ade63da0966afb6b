// SPDX-License-Identifier: MIT
// The trunk of ResNet-18 from a safetensors file with torchvision's names (conv1.weight, bn1.running_mean,
// layer1.0.conv1.weight ... layer4.1.bn2.bias), for ResNet18 and every DeepLabv3Plus. What was trained on ImageNet wants
// images normalised as there: imagenet_normalisation. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <strata/io/weights.hpp>

namespace strata {

/// Names as the file has them. A file of ResNet-18 fills the trunk: 20 convolutions and 20 batch norms, 100 tensors.
struct TrunkReport {
  std::vector<std::string> taken;
  std::vector<std::string> missing;  ///< what the file lacks: the trunk keeps its numbers
  std::vector<std::string> unused;   ///< what is no part of the trunk: fc.weight, bn1.num_batches_tracked

  /// "100 tensors taken, none missing, 2 not used (fc.bias, fc.weight)"
  std::string text() const {
    const auto say = [](const std::vector<std::string>& names, const char* what) {
      constexpr std::size_t most = 3;
      std::string out = sentence(names.empty() ? "none" : std::to_string(names.size()), what);
      for (std::size_t i = 0; i < names.size() && i < most; i++) out += (i ? ", " : " (") + names[i];
      return out + (names.size() > most ? ", ...)" : names.empty() ? "" : ")");
    };
    return sentence(taken.size(), " tensors taken, ", say(missing, " missing"), ", ", say(unused, " not used"));
  }
};

namespace detail {

/// What stands before torchvision's names in DeepLabv3Plus.
inline constexpr const char* trunk_prefix = "backbone.";

/// Whether torchvision's ResNets of any depth have such a name before their classifier.
inline bool is_trunk_name(const std::string& name) {
  for (const char* start : {"conv1.", "bn1.", "layer1.", "layer2.", "layer3.", "layer4."})
    if (name.starts_with(start)) return !name.ends_with(".num_batches_tracked");
  return false;
}

/// torchvision's convolutions have no biases: where the network has one, 0 makes it the same.
inline bool is_convolution_bias(const std::string& name) {
  return name.ends_with("conv1.bias") || name.ends_with("conv2.bias") || name.ends_with("downsample.0.bias");
}

/// The trunk's tensors under torchvision's names.
inline std::vector<NamedTensor> trunk_of(const std::vector<NamedTensor>& tensors) {
  std::vector<NamedTensor> trunk;
  for (NamedTensor tensor : tensors) {
    if (tensor.name.starts_with(trunk_prefix)) tensor.name.erase(0, std::string(trunk_prefix).size());
    if (is_trunk_name(tensor.name)) trunk.push_back(tensor);
  }
  return trunk;
}

/// Checks everything, then copies.
inline TrunkReport fill_trunk(const Safetensors& file, const std::vector<NamedTensor>& trunk) {
  TrunkReport report;
  for (const NamedTensor& ours : trunk) {
    const StoredTensor* theirs = file.find(ours.name);
    if (!theirs) {
      if (!is_convolution_bias(ours.name)) report.missing.push_back(ours.name);
      continue;
    }
    if (!same_shape(ours, *theirs))
      throw Error(file.name, ": tensor '", ours.name, "' is ", theirs->shape(), " where the ResNet-18 of the network has ", ours.shape(),
                  "; give the weights of a ResNet-18");
    check_numbers(file, *theirs);
    report.taken.push_back(ours.name);
  }
  if (report.taken.empty())
    throw Error(file.name, ": holds no tensor of a ResNet-18 under torchvision's names (conv1.weight, layer1.0.bn1.weight, "
                "...); give a file with these names");
  std::vector<std::string> taken = report.taken;
  std::sort(taken.begin(), taken.end());
  for (const StoredTensor& theirs : file.tensors) {
    if (std::binary_search(taken.begin(), taken.end(), theirs.name)) continue;
    if (is_trunk_name(theirs.name))
      throw Error(file.name, ": holds the tensor '", theirs.name, "' ", theirs.shape(), ", which the trunk of this ResNet-18 has "
                  "not; give the weights of a ResNet-18 as torchvision writes them");
    report.unused.push_back(theirs.name);
  }
  for (const NamedTensor& ours : trunk) {
    if (const StoredTensor* theirs = file.find(ours.name)) copy_floats(file, *theirs, ours.data);
    else if (is_convolution_bias(ours.name)) std::fill_n(ours.data, ours.size(), 0.f);
  }
  return report;
}

}  // namespace detail

/// Takes the trunk of `model` from the file, as F64, F32, F16 or BF16. Biases of convolutions, which only the network has,
/// become 0. Throws Error where nothing fits, a shape or type is wrong, or the file is of another ResNet; the model then
/// stays as it was.
template <class Model>
TrunkReport load_trunk(Model& model, const std::string& path) {
  const std::vector<NamedTensor> trunk = detail::trunk_of(model.tensors());
  if (trunk.empty()) throw Error("load_trunk: the network has no ResNet-18 in it; give a ResNet18 or a DeepLabv3Plus");
  return detail::fill_trunk(read_safetensors(path), trunk);
}

/// Images of bytes as torchvision normalises them: y = (raw / 255 - mean) / deviation of ImageNet's red, green and blue.
/// Train with Normalisation::keep so that it stays.
template <class Model>
void imagenet_normalisation(Model& model) {
  static_assert(Model::input.channels == 3, "strata: ImageNet's mean and deviation are of red, green and blue");
  constexpr double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
  for (const NamedTensor& tensor : model.tensors())
    for (int c = 0; c < 3; c++) {
      if (tensor.name == "input.scale") tensor.data[c] = float(1 / (255 * deviation[c]));
      if (tensor.name == "input.shift") tensor.data[c] = float(-mean[c] / deviation[c]);
    }
}

}  // namespace strata
