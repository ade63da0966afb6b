// SPDX-License-Identifier: MIT
// A model's parameters and buffers in a safetensors file, under PyTorch's names ("0.weight", "1.running_mean"), the
// input's normalisation as "input.scale" and "input.shift". Needs strata::safetensors (nlohmann-json).
#pragma once

#include <string>
#include <vector>

#include <strata/graph/hash.hpp>
#include <strata/io/safetensors.hpp>

namespace strata {

/// In the metadata: the network as NetworkHash::text() spells it, by which a file of another network is refused, and the size of
/// its images (rows x columns x channels), for the sentence.
inline constexpr const char* hash_key = "strata.hash";
inline constexpr const char* images_key = "strata.images";

/// What a file says of its network, in a form that this strata knows; empty: nothing.
inline std::string stored_hash(const Safetensors& file) {
  const auto stored = file.metadata.find(hash_key);
  if (stored == file.metadata.end()) return "";
  if (!is_network_hash(stored->second))
    throw Error(file.name, ": names its network in a way that this strata does not know (its ", hash_key, " is neither 16 digits nor ",
                structural_hash_version, "- and 16 digits); load it with the strata that wrote it");
  return stored->second;
}

namespace detail {

inline bool same_shape(const NamedTensor& ours, const StoredTensor& theirs) {
  if (theirs.dims.size() != std::size_t(ours.rank)) return false;
  for (int d = 0; d < ours.rank; d++)
    if (theirs.dims[std::size_t(d)] != std::uint64_t(ours.dims[d])) return false;
  return true;
}

/// Whether copy_floats reads it.
inline bool has_floats(const StoredTensor& tensor) {
  return tensor.dtype == "F32" || tensor.dtype == "F16" || tensor.dtype == "BF16";
}

/// The first difference between a file and a network, as a clause; empty: the file fits.
inline std::string difference(const Safetensors& file, const std::vector<NamedTensor>& tensors) {
  for (const NamedTensor& ours : tensors) {
    const StoredTensor* theirs = file.find(ours.name);
    if (!theirs && ours.name.starts_with("input.")) continue;  // other programs normalise elsewhere: ours stays
    if (!theirs) return sentence("it lacks the tensor '", ours.name, "' ", ours.shape());
    if (!same_shape(ours, *theirs))
      return sentence("its tensor '", ours.name, "' is ", theirs->shape(), " where the network has ", ours.shape());
  }
  for (const StoredTensor& theirs : file.tensors) {
    bool known = theirs.name.ends_with("num_batches_tracked");  // PyTorch counts; nothing here needs it
    for (const NamedTensor& ours : tensors) known = known || ours.name == theirs.name;
    if (!known) return sentence("it holds the tensor '", theirs.name, "' ", theirs.shape(), ", which the network has not");
  }
  return "";
}

/// Copies a file into tensors, all or nothing. hash, images: of the network.
inline void fill(const Safetensors& file, const std::vector<NamedTensor>& tensors, const NetworkHash& hash,
                 const std::string& images) {
  const std::string differs = difference(file, tensors);
  const std::string stored = stored_hash(file);
  const auto size = file.metadata.find(images_key);
  if (!stored.empty() && !hash.is(stored)) {
    const std::string sizes = size != file.metadata.end() && size->second != images
                                  ? sentence("its images are ", size->second, " where the network's are ", images)
                                  : std::string("its tensors are the same, but not what is done with them");
    throw Error(file.name, ": holds the weights of another network (structural hash ", stored, ", this one has ",
                hash.text(), "): ", differs.empty() ? sizes : differs, "; load it into the network that wrote it");
  }
  if (!differs.empty()) throw Error(file.name, ": ", differs, "; give the weights of this network");
  for (const NamedTensor& ours : tensors)
    if (const StoredTensor* theirs = file.find(ours.name); theirs && !has_floats(*theirs))
      throw Error(file.name, ": tensor '", ours.name, "' has the type ", theirs->dtype, "; give F32, F16 or BF16");
  for (const NamedTensor& ours : tensors)
    if (const StoredTensor* theirs = file.find(ours.name)) copy_floats(file, *theirs, ours.data);
}

template <class Model>
std::string images_of() {
  if constexpr (requires { Model::input.height; })
    return sentence(Model::input.height, 'x', Model::input.width, 'x', Model::input.channels);
  else return "";
}

}  // namespace detail

/// Writes all tensors of a Model, in one piece; `metadata` beside the structural hash and the size of the images.
template <class Model>
void save(Model& model, const std::string& path, Metadata metadata = {}) {
  metadata[hash_key] = Model::hash().text();
  metadata[images_key] = detail::images_of<Model>();
  write_safetensors(path, model.tensors(), metadata);
}

/// Reads all tensors of a Model. Throws Error where the file is damaged or belongs to another network, and then leaves
/// the model as it was. Files without our hash (from PyTorch) are taken where all names and shapes agree.
template <class Model>
void load(Model& model, const Safetensors& file) {
  detail::fill(file, model.tensors(), Model::hash(), detail::images_of<Model>());
}
template <class Model>
void load(Model& model, const std::string& path) {
  load(model, read_safetensors(path));
}

}  // namespace strata
