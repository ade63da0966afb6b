// SPDX-License-Identifier: MIT
// Saves and loads a model's parameters and buffers as a safetensors file, under PyTorch's names ("0.weight",
// "1.running_mean"), with the input's normalization as "input.scale" and "input.shift". Needs strata::safetensors
// (nlohmann-json).
#pragma once

#include <string>
#include <vector>

#include <strata/core/model_like.hpp>
#include <strata/graph/hash.hpp>
#include <strata/io/difference.hpp>
#include <strata/io/safetensors.hpp>

namespace strata::io {

/// Metadata key: the network as NetworkHash::text(), by which files of another network are rejected.
inline constexpr const char* hash_key = "strata.hash";
/// Metadata key: the size of its images (rows x columns x channels), for the error message.
inline constexpr const char* images_key = "strata.images";

/// The network hash in the file's metadata; empty: there is none. Throws Error if this version of strata does not know
/// its form.
inline std::string stored_hash(const Safetensors& file) {
  const auto stored = file.metadata.find(hash_key);
  if (stored == file.metadata.end()) return "";
  if (!graph::is_network_hash(stored->second))
    throw Error(file.name, ": names its network in a form that this version of strata does not know (its ", hash_key,
                " is neither 16 digits nor ", graph::structural_hash_version,
                "- followed by 16 digits); load it with the version of strata that wrote it");
  return stored->second;
}

namespace detail {

/// Copies a file into tensors, or throws Error and changes none. hash, images: of the network.
inline void fill(const Safetensors& file, const std::vector<core::NamedTensor>& tensors, const graph::NetworkHash& hash,
                 const std::string& images) {
  const Difference differs = difference(file, tensors);
  const std::string stored = stored_hash(file);
  const auto size = file.metadata.find(images_key);
  if (!stored.empty() && !hash.is(stored)) {
    const std::string sizes =
        size != file.metadata.end() && size->second != images
            ? core::sentence("its images are ", shown(size->second), " where the network's are ", images)
            : std::string("its tensors are the same, but the operations on them differ");
    throw Error(file.name, ": holds the weights of another network (structural hash ", stored, ", this one has ",
                hash.text(), "): ", differs.what.empty() ? sizes : differs.what,
                "; load it into the network that wrote it");
  }
  if (!differs.what.empty()) throw Error(file.name, ": ", differs.what, "; ", differs.remedy);
  for (const core::NamedTensor& ours : tensors)
    if (const StoredTensor* theirs = file.find(ours.name)) check_numbers(file, *theirs);
  for (const core::NamedTensor& ours : tensors)
    if (const StoredTensor* theirs = file.find(ours.name)) copy_floats(file, *theirs, ours.data);
}

template <class Model>
std::string images_of() {
  if constexpr (requires { Model::input.height; })
    return core::sentence(Model::input.height, 'x', Model::input.width, 'x', Model::input.channels);
  else return "";
}

}  // namespace detail

/// Writes all tensors of a model atomically; `metadata` is stored in addition to the structural hash and the image
/// size. With fp16 the file has about half the size, and the loaded model predicts with parameters rounded to 16 bits.
/// Throws Error if the file cannot be written or, with fp16, a number is out of range.
template <class Model>
requires core::model_like<const Model>
void save(const Model& model, const std::string& path, Metadata metadata = {},
          SavePrecision precision = SavePrecision::fp32) {
  metadata[hash_key] = Model::hash().text();
  metadata[images_key] = detail::images_of<Model>();
  write_safetensors(path, model.tensors(), metadata, precision);
}

/// Loads all tensors of a model. Throws Error if the file is damaged or belongs to another network, and then leaves the
/// model as it was. Files without our hash (from PyTorch) are accepted if all names and shapes agree.
template <core::model_like Model>
void load(Model& model, const Safetensors& file) {
  detail::fill(file, model.tensors(), Model::hash(), detail::images_of<Model>());
}
template <core::model_like Model>
void load(Model& model, const std::string& path) {
  load(model, read_safetensors(path));
}

}  // namespace strata::io

namespace strata {
using io::load;
using io::save;
}  // namespace strata
