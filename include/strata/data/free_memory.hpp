// SPDX-License-Identifier: MIT
// Whether there is memory for what a file promises.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <strata/core/available_memory.hpp>
#include <strata/core/error.hpp>

namespace strata::data {

/// Throws Error where `size` bytes, if they are a mebibyte or more, exceed the free memory. `what` begins the message,
/// with its verb: "it needs". `memory`: bytes to allow instead of the free memory.
inline void require_memory(std::size_t size, const std::string& name, const char* what,
                           std::optional<long> memory = {}) {
  if (size < 1u << 20) return;
  const long free = memory ? *memory : core::available_memory();
  if (free >= 0 && size > std::size_t(free))
    throw Error(name, ": ", what, ' ', double(size) / 1e9, " GB, but only ", double(free) / 1e9,
                " GB of memory are free; free some or give a smaller set");
}

}  // namespace strata::data
