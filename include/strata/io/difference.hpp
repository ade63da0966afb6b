// SPDX-License-Identifier: MIT
// How the tensors of a file differ from those of a network, and what makes them agree. Needs strata::safetensors
// (nlohmann-json).
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <strata/io/safetensors.hpp>

namespace strata::detail {

/// Two clauses of a sentence; both empty: there is no difference.
struct Difference {
  std::string what, remedy;
};

inline bool same_shape(const NamedTensor& ours, const StoredTensor& theirs) {
  if (theirs.dims.size() != std::size_t(ours.rank)) return false;
  for (int d = 0; d < ours.rank; d++)
    if (theirs.dims[std::size_t(d)] != std::uint64_t(ours.dims[d])) return false;
  return true;
}

/// Other programs normalise elsewhere: ours stays where the file has none.
inline bool may_lack(const NamedTensor& ours) { return ours.name.starts_with("input."); }

/// PyTorch counts batches; nothing here needs it.
inline bool is_counter(const StoredTensor& theirs) { return theirs.name.ends_with("num_batches_tracked"); }

/// What stands in the file before every name of the network; empty: nothing does.
inline std::string common_prefix(const Safetensors& file, const std::vector<NamedTensor>& tensors,
                                 const std::string& missing) {
  int tries = 8;
  for (const StoredTensor& theirs : file.tensors) {
    if (theirs.name.size() <= missing.size() || !theirs.name.ends_with(missing)) continue;
    const std::string prefix = theirs.name.substr(0, theirs.name.size() - missing.size());
    const auto fits = [&](const NamedTensor& ours) {
      const StoredTensor* found = file.find(prefix + ours.name);
      return may_lack(ours) || (found && same_shape(ours, *found));
    };
    if (std::all_of(tensors.begin(), tensors.end(), fits)) return prefix;
    if (--tries == 0) break;
  }
  return "";
}

/// The names that a file has and the network has not, those of the wanted shape first.
inline std::vector<const StoredTensor*> unknown_names(const Safetensors& file, const std::vector<NamedTensor>& tensors,
                                                      const NamedTensor& wanted) {
  std::vector<std::string> known;
  for (const NamedTensor& ours : tensors) known.push_back(ours.name);
  std::sort(known.begin(), known.end());
  std::vector<const StoredTensor*> out;
  for (const StoredTensor& theirs : file.tensors)
    if (!is_counter(theirs) && !std::binary_search(known.begin(), known.end(), theirs.name)) out.push_back(&theirs);
  std::stable_partition(out.begin(), out.end(),
                        [&](const StoredTensor* theirs) { return same_shape(wanted, *theirs); });
  return out;
}

/// "'conv1.weight' (4, 1, 3, 3), 'conv1.bias' (4) and 9 more"
inline std::string listed(const std::vector<const StoredTensor*>& tensors) {
  constexpr std::size_t most = 8;
  std::string out;
  for (std::size_t i = 0; i < tensors.size() && i < most; i++)
    out += (i ? ", '" : "'") + shown(tensors[i]->name) + "' " + tensors[i]->shape();
  return tensors.size() > most ? out + sentence(" and ", tensors.size() - most, " more") : out;
}

inline Difference missing_name(const Safetensors& file, const std::vector<NamedTensor>& tensors,
                               const NamedTensor& ours) {
  Difference out{sentence("it lacks the tensor '", ours.name, "' ", ours.shape()), "give the weights of this network"};
  const std::vector<const StoredTensor*> others = unknown_names(file, tensors, ours);
  if (others.empty()) return out;
  out.what += ", but holds " + listed(others);
  const std::string prefix = common_prefix(file, tensors, ours.name);
  if (!prefix.empty()) {
    out.remedy = "strip the prefix '" + shown(prefix) + "' from its names, as strata::strip_prefix does";
  } else if (same_shape(ours, *others[0])) {
    const std::string theirs = others[0]->name, layer = theirs.substr(0, theirs.rfind('.'));
    out.remedy = "'" + shown(theirs) + "' has that shape: rename it, or give the layer its name (Named<\"" +
                 shown(layer.substr(layer.rfind('.') + 1)) + "\", ...>)";
  }
  return out;
}

/// The first difference in names and shapes.
inline Difference difference(const Safetensors& file, const std::vector<NamedTensor>& tensors) {
  for (const NamedTensor& ours : tensors) {
    const StoredTensor* theirs = file.find(ours.name);
    if (!theirs && may_lack(ours)) continue;
    if (!theirs) return missing_name(file, tensors, ours);
    if (!same_shape(ours, *theirs))
      return {sentence("its tensor '", ours.name, "' is ", theirs->shape(), " where the network has ", ours.shape()),
              "give the weights of this network"};
  }
  std::vector<std::string> known;
  for (const NamedTensor& ours : tensors) known.push_back(ours.name);
  std::sort(known.begin(), known.end());
  for (const StoredTensor& theirs : file.tensors) {
    if (!is_counter(theirs) && !std::binary_search(known.begin(), known.end(), theirs.name))
      return {
          sentence("it holds the tensor '", shown(theirs.name), "' ", theirs.shape(), ", which the network has not"),
          "give the weights of this network"};
  }
  return {};
}

/// Throws Error where no network can compute with the numbers of a tensor of the file: its type is no floating point, a
/// number is NaN or infinite as a float, or a variance is negative.
inline void check_numbers(const Safetensors& file, const StoredTensor& tensor) {
  if (!has_floats(tensor))
    throw Error(file.name, ": tensor '", shown(tensor.name), "' has the type ", shown(tensor.dtype),
                "; give F64, F32, F16 or BF16");
  const bool variance = tensor.name.ends_with("running_var");
  std::size_t at = 0;
  each_float(file, tensor, [&](float number) {
    if (!std::isfinite(number) || (variance && number < 0))
      throw Error(file.name, ": tensor '", shown(tensor.name), "' holds ",
                  std::isnan(number)   ? "NaN"
                  : std::isinf(number) ? "an infinite number"
                                       : "a negative variance",
                  " at position ", at,
                  ", so that nothing can be predicted with it; give weights of a training that did not diverge");
    at++;
  });
}

}  // namespace strata::detail
