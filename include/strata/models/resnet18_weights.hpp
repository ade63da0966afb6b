// SPDX-License-Identifier: MIT
// Loads the trunk of a ResNet-18 of any depth from a safetensors file with torchvision's names (conv1.weight,
// bn1.running_mean, layer1.0.conv1.weight ... layer4.1.bn2.bias), into ResNet18 and every DeepLabv3Plus. Weights
// trained on ImageNet need images normalized as there: imagenet_normalization. Needs strata::safetensors
// (nlohmann-json).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <strata/io/weights.hpp>
#include <strata/models/resnet18_names.hpp>

namespace strata::models {

/// How load_trunk() reads a file.
struct TrunkOptions {
  std::string prefix{};  ///< of torchvision's names in the file: "backbone."; empty: it is detected
  /// The file may lack tensors, which keep their values in the trunk, or hold blocks that the trunk lacks.
  bool partly = false;
  std::string allow = "TrunkOptions::partly";  ///< what an error message calls that option
};

/// What load_trunk did with each tensor. A full ResNet-18 file fills 100: 20 convolutions and 20 batch norms of 4 each.
struct TrunkReport {
  std::string prefix{};                  ///< of torchvision's names in the file: "backbone."
  std::vector<std::string> taken{};      ///< under torchvision's names, as are `missing` and `left_over`
  std::vector<std::string> missing{};    ///< tensors that the file lacks; the trunk keeps its values
  std::vector<std::string> left_over{};  ///< ResNet tensors that this trunk does not have: layer4.2.conv1.weight
  std::vector<std::string> unused{};     ///< other tensors, under the file's names: fc.weight, bn1.num_batches_tracked

  /// One line: "100 tensors taken, none missing, 2 not used (fc.bias, fc.weight)", and if they apply " (prefix
  /// 'backbone.')" and ", 10 left over (layer4.2.bn1.bias, ...)".
  std::string text() const {
    const auto say = [](const std::vector<std::string>& names, const char* what) {
      constexpr std::size_t most = 3;
      std::string out = core::sentence(names.empty() ? "none" : std::to_string(names.size()), what);
      for (std::size_t i = 0; i < names.size() && i < most; i++) out += (i ? ", " : " (") + io::detail::shown(names[i]);
      return out + (names.size() > most ? ", ...)" : names.empty() ? "" : ")");
    };
    return core::sentence(taken.size(), " tensors taken",
                          prefix.empty() ? "" : core::sentence(" (prefix '", io::detail::shown(prefix), "')"), ", ",
                          say(missing, " missing"), left_over.empty() ? "" : ", " + say(left_over, " left over"), ", ",
                          say(unused, " not used"));
  }
};

namespace detail {

/// The prefix of torchvision's names in DeepLabv3Plus.
inline constexpr std::string_view network_prefix = "backbone.";

/// Whether the tensor is a convolution's bias. torchvision's have none; a bias of 0 is equivalent.
inline bool is_convolution_bias(const std::string& name) {
  return name.ends_with("conv1.bias") || name.ends_with("conv2.bias") || name.ends_with("downsample.0.bias");
}

/// The trunk's tensors under torchvision's names.
inline std::vector<core::NamedTensor> trunk_of(const std::vector<core::NamedTensor>& tensors) {
  std::vector<core::NamedTensor> trunk;
  for (core::NamedTensor tensor : tensors) {
    if (tensor.name.starts_with(network_prefix)) tensor.name.erase(0, network_prefix.size());
    if (is_trunk_name(tensor.name)) trunk.push_back(tensor);
  }
  return trunk;
}

/// The same for a model; throws Error if it has no trunk.
template <class Model>
std::vector<core::NamedTensor> trunk_of_model(Model& model) {
  std::vector<core::NamedTensor> trunk = trunk_of(model.tensors());
  if (trunk.empty()) throw Error("load_trunk: the network contains no ResNet-18; give a ResNet18 or a DeepLabv3Plus");
  return trunk;
}

/// The advice of the error message if file and trunk do not have the same tensors.
inline std::string trunk_remedy(const io::Safetensors& file, const std::vector<core::NamedTensor>& trunk,
                                const std::string& prefix, const std::string& allow) {
  BlockCount ours;
  for (const core::NamedTensor& tensor : trunk) ours.add(tensor.name);
  const BlockCount theirs = count_blocks(file, prefix);
  const std::array<int, 4> d = theirs.depths();
  const bool other_depths = theirs.fault().empty() && d != ours.depths();
  return core::sentence(
      "give ",
      other_depths ? core::sentence("the network the file's Depths<", d[0], ", ", d[1], ", ", d[2], ", ", d[3], '>')
                   : std::string("the weights of such a ResNet-18 as torchvision writes them"),
      ", or allow a partial load (", allow, ")");
}

/// Matches the file's tensors with the trunk's. Throws Error if the trunk cannot, or may not, be filled from the file.
inline TrunkReport match_trunk(const io::Safetensors& file, const std::vector<core::NamedTensor>& trunk,
                               const TrunkOptions& options) {
  TrunkReport report{.prefix = trunk_prefix(file, options.prefix)};
  const core::NamedTensor* lacks = nullptr;
  for (const core::NamedTensor& ours : trunk) {
    const io::StoredTensor* theirs = file.find(report.prefix + ours.name);
    if (!theirs) {
      if (is_convolution_bias(ours.name)) continue;
      if (!lacks) lacks = &ours;
      report.missing.push_back(ours.name);
      continue;
    }
    if (!io::detail::same_shape(ours, *theirs))
      throw Error(file.name, ": tensor '", io::detail::shown(theirs->name), "' is ", theirs->shape(),
                  " where the ResNet-18 of the network has ", ours.shape(), "; give the weights of a ResNet-18");
    io::detail::check_numbers(file, *theirs);
    report.taken.push_back(ours.name);
  }
  if (report.taken.empty()) throw Error(no_trunk(file, report.prefix));
  if (lacks && !options.partly)
    throw Error(file.name, ": lacks the tensor '", io::detail::shown(report.prefix + lacks->name), "' ", lacks->shape(),
                ", which the trunk of this ResNet-18 has; ", trunk_remedy(file, trunk, report.prefix, options.allow));
  std::vector<std::string> taken = report.taken;
  std::sort(taken.begin(), taken.end());
  for (const io::StoredTensor& theirs : file.tensors) {
    const bool prefixed = theirs.name.starts_with(report.prefix);
    const std::string name = prefixed ? theirs.name.substr(report.prefix.size()) : "";
    if (prefixed && std::binary_search(taken.begin(), taken.end(), name)) continue;
    if (!is_trunk_name(name)) {
      report.unused.push_back(theirs.name);
      continue;
    }
    if (!options.partly)
      throw Error(file.name, ": holds the tensor '", io::detail::shown(theirs.name), "' ", theirs.shape(),
                  ", which the trunk of this ResNet-18 does not have; ",
                  trunk_remedy(file, trunk, report.prefix, options.allow));
    report.left_over.push_back(name);
  }
  return report;
}

/// Checks everything before it copies anything. Biases that only the trunk has become 0.
inline TrunkReport fill_trunk(const io::Safetensors& file, const std::vector<core::NamedTensor>& trunk,
                              const TrunkOptions& options) {
  TrunkReport report = match_trunk(file, trunk, options);
  for (const core::NamedTensor& ours : trunk) {
    if (const io::StoredTensor* theirs = file.find(report.prefix + ours.name))
      io::copy_floats(file, *theirs, ours.data);
    else if (is_convolution_bias(ours.name)) std::fill_n(ours.data, ours.size(), 0.f);
  }
  return report;
}

}  // namespace detail

/// Loads the trunk of `model` from the file (F64, F32, F16 or BF16). Convolution biases that the file lacks become 0.
/// Throws Error if nothing fits, a shape or type is wrong, a number is not finite, the file holds two ResNets and no
/// prefix is given, or the tensors are not the same and `partly` is not set; the model then stays as it was.
template <core::model_like Model>
TrunkReport load_trunk(Model& model, const io::Safetensors& file, const TrunkOptions& options = {}) {
  return detail::fill_trunk(file, detail::trunk_of_model(model), options);
}
template <core::model_like Model>
TrunkReport load_trunk(Model& model, const std::string& path, const TrunkOptions& options = {}) {
  const std::vector<core::NamedTensor> trunk = detail::trunk_of_model(model);
  return detail::fill_trunk(io::read_safetensors(path), trunk, options);
}

/// Sets the model's input normalization for byte images to torchvision's: y = (raw / 255 - mean) / deviation, with
/// ImageNet's statistics of red, green and blue. Train with Normalization::keep to preserve it.
template <core::model_like Model>
void imagenet_normalization(Model& model) {
  static_assert(Model::input.channels == 3, "strata: ImageNet's mean and deviation are for red, green and blue");
  constexpr double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
  for (const core::NamedTensor& tensor : model.tensors())
    for (int c = 0; c < 3; c++) {
      if (tensor.name == "input.scale") tensor.data[c] = float(1 / (255 * deviation[c]));
      if (tensor.name == "input.shift") tensor.data[c] = float(-mean[c] / deviation[c]);
    }
}
/// @deprecated Write imagenet_normalization.
template <core::model_like Model>
[[deprecated("strata: imagenet_normalisation is now imagenet_normalization")]] void imagenet_normalisation(
    Model& model) {
  imagenet_normalization(model);
}

}  // namespace strata::models
