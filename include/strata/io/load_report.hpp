// SPDX-License-Identifier: MIT
// What load() did with each tensor of a model and of a file. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <strata/io/safetensors_header.hpp>

namespace strata::io {

/// What load() did. Names of the model are in its order, those of the file in the order of its data.
struct LoadReport {
  std::string prefix{};                  ///< that was before the file's names: "backbone."
  std::vector<std::string> taken{};      ///< of the model, filled from the file
  std::vector<std::string> missing{};    ///< of the model, which the file lacks: they keep their values
  std::vector<std::string> left_over{};  ///< of the file, without a place in the model
  std::vector<std::string> unused{};  ///< of the file, not needed: bn1.num_batches_tracked, what the options leave out
  std::vector<std::string> kept{};    ///< of the model, left as they were because the options say so

  /// One line: "100 tensors taken, none missing, 2 not used (fc.bias, fc.weight)", and if they apply " (prefix
  /// 'backbone.')", ", 10 left over (layer4.2.bn1.bias, ...)" and ", 2 kept (fc.weight, fc.bias)".
  std::string text() const {
    const auto say = [](const std::vector<std::string>& names, const char* what) {
      constexpr std::size_t most = 3;
      std::string out = core::sentence(names.empty() ? "none" : std::to_string(names.size()), what);
      for (std::size_t i = 0; i < names.size() && i < most; i++) out += (i ? ", " : " (") + detail::shown(names[i]);
      return out + (names.size() > most ? ", ...)" : names.empty() ? "" : ")");
    };
    return core::sentence(taken.size(), " tensors taken",
                          prefix.empty() ? "" : core::sentence(" (prefix '", detail::shown(prefix), "')"), ", ",
                          say(missing, " missing"), left_over.empty() ? "" : ", " + say(left_over, " left over"), ", ",
                          say(unused, " not used"), kept.empty() ? "" : ", " + say(kept, " kept"));
  }
};

/// Prints its text as a line.
inline void print(const LoadReport& report, std::FILE* out = stdout) {
  std::fputs((report.text() + '\n').c_str(), out);
}

}  // namespace strata::io
