// SPDX-License-Identifier: MIT
// Loads the trunk of a ResNet-18 of any depth from a safetensors file with torchvision's names (conv1.weight,
// bn1.running_mean, layer1.0.conv1.weight ... layer4.1.bn2.bias), into ResNet18 and every DeepLabv3Plus. Weights
// trained on ImageNet need images normalized as there: imagenet_normalization. Needs strata::safetensors
// (nlohmann-json).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
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

/// What load_trunk did with each tensor, in the words of load(). A full ResNet-18 file fills 100: 20 convolutions and
/// 20 batch norms of 4 each. `taken`, `missing` and `left_over` (ResNet tensors that this trunk does not have:
/// layer4.2.conv1.weight) are torchvision's names, `unused` (other tensors: fc.weight, bn1.num_batches_tracked) the
/// file's.
using TrunkReport = io::LoadReport;

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

/// Throws Error if the trunk cannot, or may not, be filled from the file that it was matched with.
inline void check_trunk(const io::detail::TensorMatch& match, const io::Safetensors& file,
                        const std::vector<core::NamedTensor>& trunk, const std::string& prefix,
                        const std::string& allow) {
  using io::detail::Fault;
  if (match.fault == Fault::nothing || match.renamed.names.tensors.empty()) throw Error(no_trunk(file, prefix));
  if (match.fault == Fault::shape)
    throw Error(file.name, ": tensor '", io::detail::shown(prefix + match.ours->name), "' is ", match.theirs->shape(),
                " where the ResNet-18 of the network has ", match.ours->shape(), "; give the weights of a ResNet-18");
  if (match.fault == Fault::missing)
    throw Error(file.name, ": lacks the tensor '", io::detail::shown(prefix + match.ours->name), "' ",
                match.ours->shape(), ", which the trunk of this ResNet-18 has; ",
                trunk_remedy(file, trunk, prefix, allow));
  if (match.fault == Fault::extra)
    throw Error(file.name, ": holds the tensor '", io::detail::shown(prefix + match.theirs->name), "' ",
                match.theirs->shape(), ", which the trunk of this ResNet-18 does not have; ",
                trunk_remedy(file, trunk, prefix, allow));
  for (const io::StoredTensor* theirs : match.from)
    if (theirs) io::detail::check_numbers(file, *theirs);
}

/// Checks everything before it copies anything. Biases that only the trunk has become 0.
inline TrunkReport fill_trunk(const io::Safetensors& file, const std::vector<core::NamedTensor>& trunk,
                              const TrunkOptions& options) {
  const std::string prefix = trunk_prefix(file, options.prefix);
  io::LoadOptions how;
  how.name = [&prefix](const std::string& name) {
    const std::string own = name.starts_with(prefix) ? name.substr(prefix.size()) : "";
    return is_trunk_name(own) ? own : "";
  };
  for (const core::NamedTensor& ours : trunk)
    if (is_convolution_bias(ours.name)) how.optional.push_back(ours.name);
  if (options.partly) how.optional = how.ignore = {""};  // everything
  io::detail::TensorMatch match = io::detail::match_tensors(file, trunk, how);
  check_trunk(match, file, trunk, prefix, options.allow);
  for (std::size_t t = 0; t < trunk.size(); t++)
    if (match.from[t]) io::copy_floats(file, *match.from[t], trunk[t].data);
    else if (is_convolution_bias(trunk[t].name)) std::fill_n(trunk[t].data, trunk[t].size(), 0.f);
  TrunkReport report = std::move(match.report);
  report.prefix = prefix;
  std::erase_if(report.missing, is_convolution_bias);
  for (std::string& name : report.left_over) name.erase(0, prefix.size());
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
