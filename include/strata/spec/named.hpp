// SPDX-License-Identifier: MIT
// A name in place of the position: Named<"stem", Sequential<...>> makes "stem.0.weight" of "0.0.weight", and Named<"", ...>
// "0.weight": it leaves its part out of the path.
#pragma once

#include <strata/core/text.hpp>
#include <strata/graph/builder.hpp>

namespace strata {

template <FixedString Name, class Layer>
struct Named : Layer {
  static constexpr FixedString path = Name;
  using type = Layer;
};

namespace detail {

template <class Layer>
constexpr const char* path_name() {
  if constexpr (requires { Layer::path.text; }) return Layer::path.text;
  else return nullptr;
}

}  // namespace detail
}  // namespace strata
