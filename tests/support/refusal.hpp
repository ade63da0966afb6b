// SPDX-License-Identifier: MIT
// Errors as sentences: what `f` says when it refuses, or nothing.
#pragma once

#include <strata/core/error.hpp>

#include <string>

namespace strata::testing {

template <class F>
std::string refusal(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Whether f refuses with one sentence that contains all parts.
template <class F, class... Part>
bool refuses(F&& f, const Part&... part) {
  const std::string said = refusal(f);
  const bool all = ((said.find(part) != std::string::npos) && ...);
  if (said.empty() || !all || said.find('\n') != std::string::npos) {
    std::fprintf(stderr, "refusal: \"%s\"\n", said.c_str());
    return false;
  }
  return true;
}

}  // namespace strata::testing
