// SPDX-License-Identifier: MIT
// The options of load(): which of a file's tensors belong to which of a model's, and what may differ.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace strata::io {

/// Names of a file that become others: {"backbone.", ""}, {"fc.", "classifier.1."}, {"w0", "0.weight"}.
struct Rename {
  std::string from;  ///< the beginning of a name if it is empty or ends in a dot; otherwise a whole name
  std::string to;    ///< what stands in its place
};

/// What decides which tensor of a file belongs to which of a model.
enum class Match : unsigned char {
  name,  ///< its name, after LoadOptions::strip_prefix, rename and name
  /// Its place: of the tensors whose names end in the same part (weight, bias, running_mean, ...) and that have the
  /// same number of dimensions, the first of the file is the first of the network, and so on. All shapes must agree.
  /// The order is that of the data in the file; of a file that was sorted by name, as Python's library writes it, that
  /// of the names, with numbers in them as numbers (2 before 10), which is the network's only if its names count.
  order
};

/// How load() reads a file. A path is the first parts of a name, up to a dot ("features" or "features.0"); the empty
/// path is everything.
struct LoadOptions {
  /// Replays the file's check, and accepts it if no output differs by more than this times the largest output, from 0:
  /// 1e-4 on any CPU. Nothing: the check is not read.
  std::optional<float> verify{};
  std::string strip_prefix{};  ///< removed from the names of the file that begin with it: "module."
  std::vector<Rename>
      rename{};  ///< of what is left of a name, the first that fits applies; not to input.scale and input.shift
  /// Then: the network's name for one of the file; empty: the network does not need the tensor.
  std::function<std::string(const std::string&)> name{};
  Match match = Match::name;            ///< by name, or by order and shape
  std::vector<std::string> only{};      ///< paths of the model that are loaded, the others stay; empty: all
  std::vector<std::string> keep{};      ///< paths of the model that stay, whatever the file has for them: "fc"
  std::vector<std::string> optional{};  ///< paths of the model that the file may lack, whose tensors then stay
  std::vector<std::string> ignore{};    ///< paths of the file, after renaming, that the model may lack
  /// Accepts what another network wrote if names and shapes agree, such as the same network at another image size.
  /// Where options above rename or leave out tensors, that is accepted anyway.
  bool other_network = false;
};

}  // namespace strata::io
