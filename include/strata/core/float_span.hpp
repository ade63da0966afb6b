// SPDX-License-Identifier: MIT
// The numbers of a model, as its users get them.
#pragma once

#include <concepts>
#include <span>

namespace strata::core {

/// std::span<Float>, which for one more release also converts to a pointer to its first number.
template <class Float>
struct FloatSpan : std::span<Float> {
  using std::span<Float>::span;  // NOLINT(modernize-use-equals-default): it means the inherited constructor
  constexpr Float& operator[](std::integral auto i) const { return this->data()[i]; }  // no conversion is as close
  [[deprecated("strata: the parameters and buffers of a model are spans; write .data() for a pointer")]] constexpr
  operator Float*() const {
    return this->data();
  }
};

}  // namespace strata::core
