// SPDX-License-Identifier: MIT
// A model's parameters and buffers in a safetensors file, under PyTorch's names ("0.weight", "1.running_mean"), the
// input's normalisation as "input.scale" and "input.shift". Needs strata::safetensors (nlohmann-json).
#pragma once

#include <string>
#include <vector>

#include <strata/io/safetensors.hpp>

namespace strata {

/// The structural hash of the network in the metadata: a file of another network is refused by it.
inline constexpr const char* hash_key = "strata.hash";

namespace detail {

inline bool same_shape(const NamedTensor& ours, const StoredTensor& theirs) {
  if (theirs.dims.size() != std::size_t(ours.rank)) return false;
  for (int d = 0; d < ours.rank; d++)
    if (theirs.dims[std::size_t(d)] != std::uint64_t(ours.dims[d])) return false;
  return true;
}

/// Copies a file into tensors, all or nothing.
inline void fill(const Safetensors& file, const std::vector<NamedTensor>& tensors, std::uint64_t hash) {
  const auto stored = file.metadata.find(hash_key);
  if (stored != file.metadata.end() && stored->second != hexadecimal(hash))
    throw Error(file.name, ": holds the weights of another network (structural hash ", stored->second, ", this one has ",
                hexadecimal(hash), "); load it into the network that wrote it");
  std::vector<const StoredTensor*> sources;
  for (const NamedTensor& ours : tensors) {
    const StoredTensor* theirs = file.find(ours.name);
    sources.push_back(theirs);
    if (!theirs && ours.name.starts_with("input.")) continue;  // other programs normalise elsewhere: ours stays
    if (!theirs)
      throw Error(file.name, ": lacks the tensor '", ours.name, "' ", ours.shape(), "; give the weights of this network");
    if (!same_shape(ours, *theirs))
      throw Error(file.name, ": tensor '", ours.name, "' is ", theirs->shape(), " where the network has ", ours.shape(),
                  "; give the weights of this network");
    if (theirs->dtype != "F32" && theirs->dtype != "F16" && theirs->dtype != "BF16")
      throw Error(file.name, ": tensor '", ours.name, "' has the type ", theirs->dtype, "; give F32, F16 or BF16");
  }
  for (const StoredTensor& theirs : file.tensors) {
    bool known = theirs.name.ends_with("num_batches_tracked");  // PyTorch counts; nothing here needs it
    for (const NamedTensor& ours : tensors) known = known || ours.name == theirs.name;
    if (!known)
      throw Error(file.name, ": holds the tensor '", theirs.name, "', which the network has not; give the weights of this "
                  "network");
  }
  for (std::size_t i = 0; i < tensors.size(); i++)
    if (sources[i]) copy_floats(file, *sources[i], tensors[i].data);
}

}  // namespace detail

/// Writes all tensors of a Model, in one piece; `metadata` beside the structural hash.
template <class Model>
void save(Model& model, const std::string& path, Metadata metadata = {}) {
  metadata[hash_key] = hexadecimal(Model::hash());
  write_safetensors(path, model.tensors(), metadata);
}

/// Reads all tensors of a Model. Throws Error where the file is damaged or belongs to another network, and then leaves
/// the model as it was. Files without our hash (from PyTorch) are taken where all names and shapes agree.
template <class Model>
void load(Model& model, const Safetensors& file) {
  detail::fill(file, model.tensors(), Model::hash());
}
template <class Model>
void load(Model& model, const std::string& path) {
  load(model, read_safetensors(path));
}

}  // namespace strata
