// SPDX-License-Identifier: MIT
// torchvision's names for the tensors of a ResNet before its classifier (conv1.weight, bn1.running_mean,
// layer1.0.conv1.weight ... layer4.1.bn2.bias): the prefix that a file puts before them, and the depths that they
// imply. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <strata/io/safetensors.hpp>

namespace strata::models {

namespace detail {

/// Whether the name belongs to the trunk (the layers before the classifier) of a torchvision ResNet of any depth.
inline bool is_trunk_name(std::string_view name) {
  for (const char* start : {"conv1.", "bn1.", "layer1.", "layer2.", "layer3.", "layer4."})
    if (name.starts_with(start)) return !name.ends_with(".num_batches_tracked");
  return false;
}

/// The block in a tensor's name: "layer4.12.bn1.bias" belongs to block "12" of stage 4; stage 0: to none.
struct BlockName {
  int stage = 0;
  std::string_view index{};
};

inline BlockName block_of(std::string_view name) {
  constexpr std::size_t index = 7;  // after "layer4."
  if (name.size() <= index || !name.starts_with("layer") || name[5] < '1' || name[5] > '4' || name[6] != '.') return {};
  const std::size_t end = name.find('.', index);
  if (end == name.npos || end == index) return {};
  const std::string_view digits = name.substr(index, end - index);
  const bool leading_zero = digits.size() > 1 && digits[0] == '0';
  return leading_zero || digits.find_first_not_of("0123456789") != name.npos ? BlockName{}
                                                                             : BlockName{name[5] - '0', digits};
}

/// Where torchvision's name begins in the name of the first convolution of a block of layer1,
/// "backbone.layer1.0.conv1.weight"; npos: the name is not of that form.
inline std::size_t block_name_at(std::string_view name) {
  constexpr std::string_view end = ".conv1.weight", layer = "layer1";
  if (!name.ends_with(end)) return name.npos;
  const std::size_t dot = name.substr(0, name.size() - end.size()).rfind('.');  // before the block's index
  if (dot == name.npos || dot < layer.size()) return name.npos;
  const std::size_t at = dot - layer.size();
  return (at == 0 || name[at - 1] == '.') && block_of(name.substr(at)).stage ? at : name.npos;
}

/// The prefix of torchvision's names, "backbone." or "": the given one, ending in a dot, or if that is empty, the one
/// found before the first convolutions of the blocks of layer1. Throws Error if two prefixes are found and no name is
/// without one.
inline std::string trunk_prefix(const io::Safetensors& file, const std::string& given) {
  if (!given.empty()) return given.ends_with('.') ? given : given + '.';
  std::string_view first, second;
  for (const io::StoredTensor& tensor : file.tensors) {
    const std::size_t at = block_name_at(tensor.name);
    if (at == 0) return "";
    if (at == std::string::npos) continue;
    const std::string_view before = std::string_view(tensor.name).substr(0, at);
    if (first.empty()) first = before;
    else if (second.empty() && before != first) second = before;
  }
  if (!second.empty())
    throw Error(file.name, ": holds two ResNets under torchvision's names, one after the prefix '",
                io::detail::shown(std::string(first)), "' and one after '", io::detail::shown(std::string(second)),
                "'; give the prefix of one");
  return std::string(first);
}

/// Counts the blocks that occur in torchvision's names.
class BlockCount {
 public:
  static constexpr int most = 1000;  ///< blocks per stage

  void add(std::string_view name) {
    const BlockName block = block_of(name);
    if (block.stage == 0 || !is_trunk_name(name)) return;
    if (block.index.size() > 3) {
      if (beyond_.empty()) beyond_ = io::detail::shown(std::string(name));
      return;
    }
    int index = 0;
    for (const char digit : block.index) index = 10 * index + digit - '0';
    std::vector<bool>& seen = seen_[std::size_t(block.stage - 1)];
    if (seen.size() <= std::size_t(index)) seen.resize(std::size_t(index) + 1);
    seen[std::size_t(index)] = true;
  }

  bool none() const { return beyond_.empty() && depths() == std::array<int, 4>{}; }
  std::array<int, 4> depths() const {
    std::array<int, 4> out{};
    for (std::size_t s = 0; s < 4; s++) out[s] = int(seen_[s].size());
    return out;
  }

  /// Why the names are not those of a whole ResNet: "lacks layer4.1, but holds layer4.2"; empty: they are.
  std::string fault() const {
    if (!beyond_.empty())
      return core::sentence("holds the tensor '", beyond_, "', from a stage of more than ", most, " blocks");
    for (std::size_t s = 0; s < 4; s++) {
      if (seen_[s].empty()) return core::sentence("holds no tensor of layer", s + 1);
      for (std::size_t i = 0; i < seen_[s].size(); i++)
        if (!seen_[s][i])
          return core::sentence("lacks layer", s + 1, '.', i, ", but holds layer", s + 1, '.', seen_[s].size() - 1);
    }
    return "";
  }

 private:
  std::array<std::vector<bool>, 4> seen_{};
  std::string beyond_;
};

inline BlockCount count_blocks(const io::Safetensors& file, const std::string& prefix) {
  BlockCount count;
  for (const io::StoredTensor& tensor : file.tensors)
    if (tensor.name.starts_with(prefix)) count.add(std::string_view(tensor.name).substr(prefix.size()));
  return count;
}

/// The error message for a file without ResNet names after the prefix.
inline std::string no_trunk(const io::Safetensors& file, const std::string& prefix) {
  return core::sentence(file.name, ": holds no tensor of a ResNet-18 under torchvision's names (",
                        io::detail::shown(prefix), "conv1.weight, ", io::detail::shown(prefix),
                        "layer1.0.bn1.weight, ...); give ",
                        prefix.empty() ? "a file with these names" : "the prefix of these names in the file");
}

}  // namespace detail

/// The number of blocks in each stage of the file's ResNet, according to its names: {2, 2, 2, 3}. prefix: of
/// torchvision's names in the file; empty: it is detected. Throws Error if there is no ResNet, a block is missing or,
/// with an empty prefix, there are two.
inline std::array<int, 4> trunk_depths(const io::Safetensors& file, const std::string& prefix = "") {
  const std::string before = detail::trunk_prefix(file, prefix);
  const detail::BlockCount blocks = detail::count_blocks(file, before);
  if (blocks.none()) throw Error(detail::no_trunk(file, before));
  const std::string fault = blocks.fault();
  if (!fault.empty()) throw Error(file.name, ": ", fault, "; give a file with all blocks of a ResNet");
  return blocks.depths();
}
inline std::array<int, 4> trunk_depths(const std::string& path, const std::string& prefix = "") {
  return trunk_depths(io::read_safetensors(path), prefix);
}

}  // namespace strata::models
