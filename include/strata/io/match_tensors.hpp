// SPDX-License-Identifier: MIT
// Finds the tensor of a file for each tensor of a model, as LoadOptions says. It changes nothing; a file that does not
// fit is described by one difference. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <strata/core/named_tensor.hpp>
#include <strata/core/text/tensor_path.hpp>
#include <strata/io/difference.hpp>
#include <strata/io/load_options.hpp>
#include <strata/io/load_report.hpp>
#include <strata/io/safetensors.hpp>

namespace strata::io::detail {

/// Whether one of the paths leads to the name.
inline bool is_on(const std::vector<std::string>& paths, std::string_view name) {
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) { return core::leads_to(path, name); });
}

/// Whether the options leave the model's tensor as it is.
inline bool stays(const core::NamedTensor& ours, const LoadOptions& options) {
  return (!options.only.empty() && !is_on(options.only, ours.name)) || is_on(options.keep, ours.name);
}

/// Whether the options choose a part of the model or of the file.
inline bool is_partial(const LoadOptions& o) {
  return !o.only.empty() || !o.keep.empty() || !o.optional.empty() || !o.ignore.empty();
}
inline bool renames(const LoadOptions& o) {
  return !o.strip_prefix.empty() || !o.rename.empty() || o.name || o.match == Match::order;
}

/// The tensors of a file under the names of the network. Their numbers stay where they are, in the bytes of the file.
struct RenamedTensors {
  Safetensors names;                   ///< without bytes
  std::vector<std::string> originals;  ///< the file's name of each of names.tensors
  std::vector<std::string> dropped{};  ///< the file's names of those that the network does not need
  bool stripped = false;               ///< whether a name began with LoadOptions::strip_prefix
};

/// Whether the name is that of a scaling of an input, which is ours in every file.
inline bool is_scaling(const std::string& name) {
  return name.starts_with("input.") && (name.ends_with(".scale") || name.ends_with(".shift"));
}

/// The network's name for one of the file. The pairs leave the scaling of the input its name.
inline std::string renamed(std::string name, const LoadOptions& options) {
  for (const auto& [from, to] : options.rename) {
    const bool prefix = from.empty() || from.ends_with('.');
    if (is_scaling(name) || !(prefix ? name.starts_with(from) : name == from)) continue;
    name.replace(0, from.size(), to);
    break;
  }
  return options.name ? options.name(name) : name;
}

inline RenamedTensors renamed(const Safetensors& file, const LoadOptions& options) {
  RenamedTensors out{.names = {.name = file.name, .bytes = {}, .tensors = {}}, .originals = {}};
  for (const StoredTensor& theirs : file.tensors) {
    const bool strips = !options.strip_prefix.empty() && theirs.name.starts_with(options.strip_prefix);
    out.stripped |= strips;
    std::string name = renamed(strips ? theirs.name.substr(options.strip_prefix.size()) : theirs.name, options);
    if (name.empty()) {
      out.dropped.push_back(theirs.name);
      continue;
    }
    out.names.tensors.push_back(theirs);
    out.names.tensors.back().name = std::move(name);
    out.originals.push_back(theirs.name);
  }
  return out;
}

/// Whether a comes before b if numbers in names count as numbers: "layer2" before "layer10".
inline bool naturally_before(std::string_view a, std::string_view b) {
  const auto number = [](std::string_view text, std::size_t at) {  // without zeros before it
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
    const std::size_t first = std::min(text.find_first_not_of('0', at), end);
    return std::pair(text.substr(first, end - first), end);
  };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, k = 0;
  while (i < a.size() && k < b.size()) {
    if (is_digit(a[i]) && is_digit(b[k])) {
      const auto [ours, ours_end] = number(a, i);
      const auto [theirs, theirs_end] = number(b, k);
      if (ours != theirs) return std::pair(ours.size(), ours) < std::pair(theirs.size(), theirs);
      i = ours_end, k = theirs_end;
    } else if (a[i] != b[k]) {
      return (unsigned char)(a[i]) < (unsigned char)(b[k]);
    } else {
      i++, k++;
    }
  }
  if (i == a.size() && k == b.size()) return a < b;  // at most zeros before numbers differ
  return i == a.size();
}

/// The tensors of a file in the order of its network, as far as the file tells it: see Match::order.
inline std::vector<std::size_t> in_order(const Safetensors& file) {
  std::vector<std::size_t> out(file.tensors.size());
  bool sorted = true;
  for (std::size_t t = 0; t < out.size(); t++) {
    out[t] = t;
    if (t > 0 && file.tensors[t].dtype == file.tensors[t - 1].dtype)
      sorted &= file.tensors[t - 1].name < file.tensors[t].name;
  }
  if (sorted)
    std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
      return naturally_before(file.tensors[a].name, file.tensors[b].name);
    });
  return out;
}

/// What must agree of two tensors that are matched by order: the last part of the name, and the number of dimensions.
using Kind = std::pair<std::string_view, std::size_t>;
inline Kind kind_of(std::string_view name, std::size_t rank) {
  const std::size_t dot = name.rfind('.');
  return {dot == name.npos ? name : name.substr(dot + 1), rank};
}

/// Gives the file's tensors the network's names, in the order of each kind. Returns the first difference, if there is
/// one.
inline Difference rename_in_order(RenamedTensors& file, const std::vector<core::NamedTensor>& tensors,
                                  const LoadOptions& options) {
  struct Row {
    std::vector<const core::NamedTensor*> ours;
    std::vector<std::size_t> theirs;
  };
  std::map<Kind, Row> rows;
  for (const core::NamedTensor& ours : tensors)
    if (!may_lack(ours) && !stays(ours, options))
      rows[kind_of(ours.name, std::size_t(ours.rank))].ours.push_back(&ours);
  for (const std::size_t t : in_order(file.names)) {
    const StoredTensor& theirs = file.names.tensors[t];
    if (!is_counter(theirs) && !is_scaling(theirs.name) && !is_on(options.ignore, theirs.name))
      rows[kind_of(theirs.name, theirs.dims.size())].theirs.push_back(t);
  }
  std::vector<std::pair<std::size_t, std::string>> names;
  const std::string remedy = "give a file with the tensors of the network in its order, or match them by name";
  for (const auto& [kind, row] : rows) {
    for (std::size_t i = 0; i < std::max(row.ours.size(), row.theirs.size()); i++) {
      const core::NamedTensor* ours = i < row.ours.size() ? row.ours[i] : nullptr;
      const StoredTensor* theirs = i < row.theirs.size() ? &file.names.tensors[row.theirs[i]] : nullptr;
      if (ours && theirs && same_shape(*ours, *theirs)) {
        names.emplace_back(row.theirs[i], ours->name);
        continue;
      }
      const std::string place =
          core::sentence("number ", i + 1, " of the tensors named ", shown(std::string(kind.first)), " with ",
                         kind.second, " dimensions is ");
      const std::string of_file = theirs ? core::sentence('\'', shown(theirs->name), "' ", theirs->shape()) : "missing",
                        of_network = ours ? core::sentence('\'', ours->name, "' ", ours->shape()) : "missing";
      return {core::sentence(place, of_file, " in the file and ", of_network, " in the network"), remedy};
    }
  }
  for (auto& [t, name] : names) file.names.tensors[t].name = std::move(name);
  return {};
}

/// Why a file cannot be loaded.
enum class Fault : unsigned char {
  none,     ///< it can
  missing,  ///< it lacks a tensor of the model
  shape,    ///< a tensor has another shape
  extra,    ///< it holds a tensor that the model lacks
  nothing,  ///< it holds none of the tensors that it may lack, which were all that were to be loaded
  order     ///< its tensors have another order
};

/// The tensors of a model and of a file, side by side.
struct TensorMatch {
  RenamedTensors renamed{};                 ///< of the file, if the options rename any
  std::vector<const StoredTensor*> from{};  ///< for each tensor of the model, where its numbers are; null: it stays
  LoadReport report{};                      ///< complete if there is no fault
  bool whole = true;                ///< whether the file has all tensors of the model, but for the scaling of the input
  Fault fault = Fault::none;        ///< the first
  const core::NamedTensor* ours{};  ///< that is missing or has another shape
  const StoredTensor* theirs{};     ///< that has another shape or is extra
  Difference order{};               ///< of Fault::order
};

/// Throws Error if a path of the options leads to no tensor of the model.
inline void check_paths(const std::vector<core::NamedTensor>& tensors, const LoadOptions& options) {
  for (const auto& [field, paths] :
       {std::pair("only", &options.only), {"keep", &options.keep}, {"optional", &options.optional}})
    for (const std::string& path : *paths) {
      const auto leads = [&](const core::NamedTensor& ours) { return core::leads_to(path, ours.name); };
      if (std::any_of(tensors.begin(), tensors.end(), leads)) continue;
      const std::string nearest = core::nearest_path(path, sorted_names(tensors));
      throw Error("load: LoadOptions::", field, " has the path '", path, "', but no tensor of the network is on it",
                  nearest.empty() ? core::sentence(": the first is '", tensors.empty() ? "" : tensors[0].name, "'")
                                  : core::sentence(": the nearest is '", nearest, "'"),
                  "; give whole parts of names, up to a dot");
    }
}

/// Throws Error if two tensors have the same name.
inline void check_distinct(const RenamedTensors& file) {
  std::map<std::string_view, std::size_t> seen;
  for (std::size_t t = 0; t < file.originals.size(); t++) {
    const std::string& name = file.names.tensors[t].name;
    const auto [first, is_new] = seen.emplace(name, t);
    if (!is_new)
      throw Error(file.names.name, ": its tensors '", shown(file.originals[first->second]), "' and '",
                  shown(file.originals[t]), "' would both be '", shown(name),
                  "'; rename one of them, or leave it out (LoadOptions::name)");
  }
}

/// Fills in what a file, whose tensors may be renamed, has for those of a model, up to the first fault.
inline void match_names(TensorMatch& out, const Safetensors& file, const std::vector<core::NamedTensor>& tensors,
                        const LoadOptions& options) {
  enum Use : unsigned char { none, taken, not_wanted };
  std::vector<Use> uses(file.tensors.size(), none);
  for (const core::NamedTensor& ours : tensors) {
    const StoredTensor* theirs = file.find(ours.name);
    const bool kept = stays(ours, options);
    out.from.push_back(kept ? nullptr : theirs);
    if (theirs) uses[std::size_t(theirs - file.tensors.data())] = kept ? not_wanted : taken;
    out.ours = &ours, out.theirs = theirs;
    if (kept) {
      out.report.kept.push_back(ours.name), out.whole = false;
    } else if (!theirs) {
      if (!may_lack(ours) && !is_on(options.optional, ours.name)) return void(out.fault = Fault::missing);
      out.report.missing.push_back(ours.name), out.whole &= may_lack(ours);
    } else if (!same_shape(ours, *theirs)) {
      return void(out.fault = Fault::shape);
    } else {
      out.report.taken.push_back(ours.name);
    }
  }
  for (std::size_t t = 0; t < uses.size(); t++) {
    const StoredTensor& theirs = file.tensors[t];
    const std::string& original = out.renamed.originals.empty() ? theirs.name : out.renamed.originals[t];
    if (uses[t] == taken) continue;
    if (uses[t] == not_wanted || is_counter(theirs)) out.report.unused.push_back(original);
    else if (is_on(options.ignore, theirs.name)) out.report.left_over.push_back(original);
    else return void((out.fault = Fault::extra, out.theirs = &theirs));
  }
  out.report.unused.insert(out.report.unused.end(), out.renamed.dropped.begin(), out.renamed.dropped.end());
  if (out.report.taken.empty() && is_partial(options)) out.fault = Fault::nothing;
}

/// Matches the tensors of a file with those of a model; both must stay where they are. Throws Error if the options are
/// wrong.
inline TensorMatch match_tensors(const Safetensors& file, const std::vector<core::NamedTensor>& tensors,
                                 const LoadOptions& options) {
  check_paths(tensors, options);
  TensorMatch out;
  if (!renames(options)) {
    match_names(out, file, tensors, options);
    return out;
  }
  out.renamed = renamed(file, options);
  if (out.renamed.stripped) out.report.prefix = options.strip_prefix;
  if (options.match == Match::order) {
    if (!options.optional.empty())
      throw Error("load: LoadOptions::optional needs names; with Match::order, name what stays in LoadOptions::keep");
    out.order = rename_in_order(out.renamed, tensors, options);
    if (!out.order.what.empty()) out.fault = Fault::order;
    if (out.fault == Fault::order) return out;
  }
  check_distinct(out.renamed);
  index_by_name(out.renamed.names);
  match_names(out, out.renamed.names, tensors, options);
  return out;
}

/// The fault in words. file: whose tensors were matched.
inline Difference difference(const TensorMatch& match, const Safetensors& file,
                             const std::vector<core::NamedTensor>& tensors, const LoadOptions& options) {
  const auto advised = [&](Difference out, const char* option) {
    if (is_partial(options)) out.remedy += core::sentence(", or add its path to LoadOptions::", option);
    return out;
  };
  const std::string remedy = "give the weights of this network";
  const Safetensors& names = renames(options) ? match.renamed.names : file;
  switch (match.fault) {
    case Fault::none: return {};
    case Fault::missing: return advised(missing_name(names, tensors, *match.ours), "optional");
    case Fault::shape:
      return advised({core::sentence("its tensor '", match.ours->name, "' is ", match.theirs->shape(),
                                     " where the network has ", match.ours->shape()),
                      remedy},
                     "keep");
    case Fault::extra: {
      const std::size_t t = std::size_t(match.theirs - names.tensors.data());
      const std::string &name = match.theirs->name,
                        &original = match.renamed.originals.empty() ? name : match.renamed.originals[t];
      return advised({core::sentence("it holds the tensor '", shown(name), "' ", match.theirs->shape(),
                                     original == name ? "" : core::sentence(" (in the file '", shown(original), "')"),
                                     ", which the network lacks"),
                      remedy},
                     "ignore");
    }
    case Fault::nothing:
      return {"it holds no tensor that is to be loaded", remedy + ", or rename them (LoadOptions::rename)"};
    case Fault::order: return match.order;
  }
  return {};
}

}  // namespace strata::io::detail
