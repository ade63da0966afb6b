// SPDX-License-Identifier: MIT
// What the names of classes must be: safe in files and on terminals, and one for each.
#pragma once

#include <string>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/error.hpp>
#include <strata/core/text/printable.hpp>

namespace strata::core {

inline constexpr std::size_t longest_class_name = 1000;  ///< bytes

/// Throws Error unless there are no names, or one per class, each of 1 to 1000 bytes of UTF-8 without characters that a
/// terminal obeys. Several classes may have the same name. whose: begins the message, "Model::classes".
STRATA_ONCE void check_class_names(const std::vector<std::string>& names, int classes, const std::string& whose);

#if STRATA_HAS_BODIES

STRATA_ONCE void check_class_names(const std::vector<std::string>& names, int classes, const std::string& whose) {
  if (!names.empty() && long(names.size()) != classes)
    throw Error(whose, ": ", names.size(), names.size() == 1 ? " name was" : " names were",
                " given, but the network has ", classes, classes == 1 ? " class" : " classes", "; name each, or none");
  for (std::size_t c = 0; c < names.size(); c++) {
    if (names[c].empty()) throw Error(whose, ": the name of class ", c, " is empty; name each class, or none");
    if (names[c].size() > longest_class_name)
      throw Error(whose, ": the name of class ", c, " has ", names[c].size(), " bytes; give one of at most ",
                  longest_class_name);
    if (printable(names[c]) != names[c])
      throw Error(whose, ": the name of class ", c, ", '", printable(names[c]),
                  "', is not plain UTF-8; leave out control characters");
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::core
