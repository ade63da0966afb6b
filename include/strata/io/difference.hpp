// SPDX-License-Identifier: MIT
// Reports how the tensors of a file differ from those of a network, and how to make them agree. Needs
// strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <strata/core/finite.hpp>
#include <strata/core/text/tensor_path.hpp>
#include <strata/io/safetensors.hpp>

namespace strata::io::detail {

/// Two clauses of an error message; both are empty if there is no difference.
struct Difference {
  std::string what, remedy;
};

inline bool same_shape(const core::NamedTensor& ours, const StoredTensor& theirs) {
  if (theirs.dims.size() != std::size_t(ours.rank)) return false;
  for (int d = 0; d < ours.rank; d++)
    if (theirs.dims[std::size_t(d)] != std::uint64_t(ours.dims[d])) return false;
  return true;
}

/// Whether a file may lack the tensor: other programs do not store the input's normalization, and ours then stays.
inline bool may_lack(const core::NamedTensor& ours) { return ours.name.starts_with("input."); }

/// Whether the tensor is PyTorch's batch counter, which nothing here needs.
inline bool is_counter(const StoredTensor& theirs) { return theirs.name.ends_with("num_batches_tracked"); }

/// The prefix that the file puts before every name of the network; empty: there is none. `missing`: the name to match
/// it by.
inline std::string common_prefix(const Safetensors& file, const std::vector<core::NamedTensor>& tensors,
                                 const std::string& missing) {
  int tries = 8;
  for (const StoredTensor& theirs : file.tensors) {
    if (theirs.name.size() <= missing.size() || !theirs.name.ends_with(missing)) continue;
    std::string prefix = theirs.name.substr(0, theirs.name.size() - missing.size());
    const auto fits = [&](const core::NamedTensor& ours) {
      const StoredTensor* found = file.find(prefix + ours.name);
      return may_lack(ours) || (found && same_shape(ours, *found));
    };
    if (std::all_of(tensors.begin(), tensors.end(), fits)) return prefix;
    if (--tries == 0) break;
  }
  return "";
}

inline std::vector<std::string> sorted_names(const std::vector<core::NamedTensor>& tensors) {
  std::vector<std::string> names;
  names.reserve(tensors.size());
  for (const core::NamedTensor& tensor : tensors) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  return names;
}

/// The tensors of the file that the network lacks, those of the wanted shape first, and of these the one with the
/// nearest name.
inline std::vector<const StoredTensor*> unknown_names(const Safetensors& file,
                                                      const std::vector<core::NamedTensor>& tensors,
                                                      const core::NamedTensor& wanted) {
  const std::vector<std::string> known = sorted_names(tensors);
  std::vector<const StoredTensor*> out;
  for (const StoredTensor& theirs : file.tensors)
    if (!is_counter(theirs) && !std::binary_search(known.begin(), known.end(), theirs.name)) out.push_back(&theirs);
  const auto others = std::stable_partition(out.begin(), out.end(),
                                            [&](const StoredTensor* theirs) { return same_shape(wanted, *theirs); });
  const auto likeness = [&](const StoredTensor* theirs) { return core::likeness(theirs->name, wanted.name); };
  const auto nearest = std::max_element(out.begin(), others != out.begin() ? others : out.end(),
                                        [&](auto* a, auto* b) { return likeness(a) < likeness(b); });
  if (nearest != out.end()) std::rotate(out.begin(), nearest, nearest + 1);
  return out;
}

/// The first tensors as text: "'conv1.weight' (4, 1, 3, 3), 'conv1.bias' (4) and 9 more".
inline std::string listed(const std::vector<const StoredTensor*>& tensors) {
  constexpr std::size_t most = 8;
  std::string out;
  for (std::size_t i = 0; i < tensors.size() && i < most; i++)
    out += (i ? ", '" : "'") + shown(tensors[i]->name) + "' " + tensors[i]->shape();
  return tensors.size() > most ? out + core::sentence(" and ", tensors.size() - most, " more") : out;
}

/// The difference for a tensor that the file lacks under its name.
inline Difference missing_name(const Safetensors& file, const std::vector<core::NamedTensor>& tensors,
                               const core::NamedTensor& ours) {
  Difference out{core::sentence("it lacks the tensor '", ours.name, "' ", ours.shape()),
                 "give the weights of this network"};
  const std::vector<const StoredTensor*> others = unknown_names(file, tensors, ours);
  if (others.empty()) return out;
  out.what += ", but holds " + listed(others);
  const std::string prefix = common_prefix(file, tensors, ours.name);
  if (!prefix.empty()) {
    out.remedy = "strip the prefix '" + shown(prefix) + "' from its names (LoadOptions::strip_prefix)";
  } else if (same_shape(ours, *others[0])) {
    const std::string theirs = others[0]->name, layer = theirs.substr(0, theirs.rfind('.'));
    out.remedy = "'" + shown(theirs) +
                 "' has that shape: rename it (LoadOptions::rename), or give the layer its name (Named<\"" +
                 shown(layer.substr(layer.rfind('.') + 1)) + "\", ...>)";
  }
  return out;
}

/// Throws Error if no network can compute with the tensor's numbers: its type is not F64, F32, F16 or BF16, a number is
/// NaN or infinite as a float, or a variance is negative.
inline void check_numbers(const Safetensors& file, const StoredTensor& tensor) {
  if (!has_floats(tensor))
    throw Error(file.name, ": tensor '", shown(tensor.name), "' has the type ", shown(tensor.dtype),
                "; give F64, F32, F16 or BF16");
  const bool variance = tensor.name.ends_with("running_var");
  std::size_t at = 0;
  each_float(file, tensor, [&](float number) {
    if (!core::is_finite(number) || (variance && number < 0))
      throw Error(file.name, ": tensor '", shown(tensor.name), "' holds ",
                  core::is_finite(number) ? "a negative variance" : core::not_finite_name(double(number)),
                  " at position ", at,
                  ", so the network cannot predict with it; give weights from a training that did not diverge");
    at++;
  });
}

}  // namespace strata::io::detail
