// SPDX-License-Identifier: MIT
// Paths: the first parts of tensors' names, such as "features.0" of "features.0.weight"; and the nearest name or path
// to one that does not exist, for error messages.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <strata/core/compile_once.hpp>

namespace strata::core {

/// Whether the path leads to the name: "back" leads to "back.conv.weight" and to "back", not to "back2.weight". The
/// empty path leads to every name.
STRATA_ONCE bool leads_to(std::string_view path, std::string_view name);

/// How alike two names are, from 0 to 1: the part of their characters that they share at the beginning and at the end.
STRATA_ONCE double likeness(std::string_view a, std::string_view b);

/// The path to one of these names that is most like `sought`; empty if none is half alike.
STRATA_ONCE std::string nearest_path(std::string_view sought, const std::vector<std::string>& names);

#if STRATA_HAS_BODIES

STRATA_ONCE bool leads_to(std::string_view path, std::string_view name) {
  return path.empty() || (name.starts_with(path) && (name.size() == path.size() || name[path.size()] == '.'));
}

[[gnu::cold]] STRATA_ONCE double likeness(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t first = 0, last = 0;
  while (first < most && a[first] == b[first]) first++;
  while (first + last < most && a[a.size() - 1 - last] == b[b.size() - 1 - last]) last++;
  return a.empty() && b.empty() ? 1 : 2. * double(first + last) / double(a.size() + b.size());
}

[[gnu::cold]] STRATA_ONCE std::string nearest_path(std::string_view sought, const std::vector<std::string>& names) {
  std::string_view nearest;
  double best = 0.5;
  for (const std::string_view name : names)
    for (std::size_t end = name.find('.');; end = name.find('.', end + 1)) {
      const std::string_view path = name.substr(0, end);
      const double alike = likeness(sought, path);
      if (alike > best) nearest = path, best = alike;
      if (end == name.npos) break;
    }
  return std::string(nearest);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::core
