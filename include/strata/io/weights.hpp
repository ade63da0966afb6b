// SPDX-License-Identifier: MIT
// Saves and loads a model's parameters and buffers as a safetensors file, under PyTorch's names ("0.weight",
// "1.running_mean"), with the input's normalization as "input.scale" and "input.shift", the names of the classes, and a
// check that load() can replay. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/class_names.hpp>
#include <strata/core/model_like.hpp>
#include <strata/graph/hash.hpp>
#include <strata/io/match_tensors.hpp>
#include <strata/io/replay_check.hpp>
#include <strata/io/safetensors.hpp>

namespace strata::io {

/// Metadata key: the network as NetworkHash::text(), by which files of another network are rejected.
inline constexpr const char* hash_key = "strata.hash";
/// Metadata key: the size of its images (rows x columns x channels), for the error message.
inline constexpr const char* images_key = "strata.images";
/// Metadata key: the names of the classes, a JSON array of strings.
inline constexpr const char* classes_key = "strata.classes";
/// Metadata key: how the input is scaled, in words; the numbers are the tensors input.scale and input.shift.
inline constexpr const char* input_key = "strata.input";

/// How save() writes a file.
struct SaveOptions {
  SavePrecision precision = SavePrecision::fp32;  ///< of the parameters
  bool check = true;  ///< predicts for one drawn input, as the file's numbers will, and writes some of the outputs
};

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

/// The names of the classes in the file; none if it has none. Throws Error unless they are one per class.
inline std::vector<std::string> stored_classes(const Safetensors& file, int classes) {
  const auto stored = file.metadata.find(classes_key);
  std::vector<std::string> out;
  if (stored == file.metadata.end()) return out;
  const auto refuse = [&file](const std::string& what) {
    throw Error(file.name, ": its names of classes (", classes_key, ") ", what, "; get the file again");
  };
  if (stored->second.size() > std::size_t(classes) * (2 * core::longest_class_name + 8) + 8)
    refuse(core::sentence("have ", stored->second.size(), " bytes, too many for the ", classes, " of the network"));
  const core::NeutralLocale neutral;
  const nlohmann::json json = nlohmann::json::parse(stored->second, nullptr, false);
  if (!json.is_array()) refuse("are not a JSON array");
  for (const nlohmann::json& name : json) {
    if (!name.is_string()) refuse(core::sentence("hold something else than text at position ", out.size()));
    out.push_back(name.get<std::string>());
  }
  core::check_class_names(out, classes, core::sentence(file.name, ": its names of classes (", classes_key, ")"));
  return out;
}

namespace detail {

/// Throws Error unless the file's tensors can be copied into those that they were matched with. hash, images: of the
/// network.
inline void check_match(const TensorMatch& match, const Safetensors& file,
                        const std::vector<core::NamedTensor>& tensors, const LoadOptions& options,
                        const graph::NetworkHash& hash, const std::string& images) {
  const Difference differs = difference(match, file, tensors, options);
  const bool same_network = !options.other_network && !is_partial(options) && !renames(options);
  const std::string stored = same_network ? stored_hash(file) : "";
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
  for (const StoredTensor* theirs : match.from)
    if (theirs) check_numbers(file, *theirs);
  if (options.verify && !match.whole)
    throw Error(file.name, ": cannot be verified, since ", match.report.missing.size() + match.report.kept.size(),
                " tensors of the network are not taken from it; load all of them, or leave out LoadOptions::verify");
}

template <class Model>
std::string images_of() {
  if constexpr (requires { Model::input.height; })
    return core::sentence(Model::input.height, 'x', Model::input.width, 'x', Model::input.channels);
  else return "";
}

/// A model whose classes have names.
template <class M>
concept names_classes = requires(M& model, std::vector<std::string> names) {
  { M::output.channels } -> std::convertible_to<int>;
  model.classes(std::move(names));
};

/// "(raw - mean) / deviation, with mean 123.675, 116.28, 103.53 and deviation 58.395, 57.12, 57.375 per channel".
inline std::string words_of(const core::InputScaling& scaling) {
  const auto listed = [](const std::vector<float>& numbers) {
    const bool same = std::all_of(numbers.begin(), numbers.end(), [&](float x) { return x == numbers[0]; });
    std::string out;
    for (std::size_t c = 0; c < (same ? 1 : numbers.size()); c++)
      out += (c ? ", " : "") + core::general(double(numbers[c]));
    return out;
  };
  return "(raw - mean) / deviation, with mean " + listed(scaling.mean) + " and deviation " + listed(scaling.deviation) +
         (scaling.mean.size() == 1 ? "" : " per channel");
}

}  // namespace detail

/// Writes all tensors of a model atomically. `metadata` is stored in addition to what describes the file: the
/// structural hash, the image size, the scaling of the input in words, the names of the classes, and the check. For the
/// check, the model predicts once, with its numbers as the file holds them; a model that cannot, for lack of memory or
/// since its outputs are not finite, is saved without. With fp16 the file has about half the size, and the loaded model
/// predicts with parameters rounded to 16 bits. Throws Error if the file cannot be written or, with fp16, a number is
/// out of range.
template <class Model>
requires core::model_like<const Model>
void save(const Model& model, const std::string& path, Metadata metadata, const SaveOptions& options) {
  for (const char* key : {classes_key, input_key, check_key}) metadata.erase(key);  // those of another file
  metadata[hash_key] = Model::hash().text();
  metadata[images_key] = detail::images_of<Model>();
  if constexpr (requires { detail::words_of(model.input_scaling()); })
    metadata[input_key] = detail::words_of(model.input_scaling());
  if constexpr (requires { nlohmann::json(model.classes()); })
    if (!model.classes().empty()) metadata[classes_key] = nlohmann::json(model.classes()).dump();
  if (options.check)
    if (std::string check = detail::check_text(model, options.precision); !check.empty())
      metadata[check_key] = std::move(check);
  write_safetensors(path, model.tensors(), metadata, options.precision);
}
template <class Model>
requires core::model_like<const Model>
void save(const Model& model, const std::string& path, Metadata metadata = {},
          SavePrecision precision = SavePrecision::fp32) {
  save(model, path, std::move(metadata), SaveOptions{.precision = precision});
}

/// Loads the tensors of a model, and the names of its classes if the file has them: all, or what the options say.
/// Returns what was taken, missing and left over. Throws Error if the options have a path that the model lacks, or if
/// the file is damaged, belongs to another network or, with options.verify, has no check or fails it; the model then
/// stays as it was. Files without our metadata (from PyTorch) are accepted if all names and shapes agree; they lack the
/// scaling of the input, which then stays as it was: see Model::input_scaling.
template <core::model_like Model>
LoadReport load(Model& model, const Safetensors& file, const LoadOptions& options = {}) {
  const std::vector<core::NamedTensor> tensors = model.tensors();
  detail::TensorMatch match = detail::match_tensors(file, tensors, options);
  detail::check_match(match, file, tensors, options, Model::hash(), detail::images_of<Model>());
  std::vector<std::string> classes;
  if constexpr (detail::names_classes<Model>)
    if (match.whole) classes = stored_classes(file, Model::output.channels);
  if (options.verify)
    detail::verify(std::as_const(model), file, detail::renames(options) ? match.renamed.names : file, *options.verify);
  if constexpr (detail::names_classes<Model>)
    if (!classes.empty()) model.classes(std::move(classes));
  for (std::size_t t = 0; t < tensors.size(); t++)
    if (match.from[t]) copy_floats(file, *match.from[t], tensors[t].data);
  return std::move(match.report);
}
template <core::model_like Model>
LoadReport load(Model& model, const std::string& path, const LoadOptions& options = {}) {
  return load(model, read_safetensors(path), options);
}
/// The same for the bytes of a file, in the order of the file. name: of the file, for messages. Throws Error
/// likewise.
template <core::model_like Model>
LoadReport load_bytes(Model& model, std::span<const std::byte> file, const std::string& name,
                      const LoadOptions& options = {}) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(file.data());
  return load(model, parse_safetensors(core::Bytes(bytes, bytes + file.size()), name), options);
}

}  // namespace strata::io

namespace strata {
using io::load;
using io::save;
}  // namespace strata
