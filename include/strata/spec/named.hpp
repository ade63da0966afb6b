// SPDX-License-Identifier: MIT
// A name in place of the position: Named<"stem", Sequential<...>> makes "stem.0.weight" of "0.0.weight", and Named<"",
// ...> "0.weight": it leaves its part out of the path. Names are UTF-8 without control characters; a path has at most
// 63 characters, and no two tensors may have one name.
#pragma once

#include <strata/core/text.hpp>
#include <strata/graph/builder.hpp>

namespace strata {

template <FixedString Name, class Layer>
struct Named : Layer {
  static constexpr FixedString path = Name;
  using type = Layer;
  static constexpr int lower(graph::Builder& b, int x) {
    if constexpr (!is_plain_name(Name.text)) b.refuse(graph::Reason::name_not_plain, &Layer::spell, b.shape(x));
    return b.refused() ? x : Layer::lower(b, x);
  }
};

namespace detail {

template <class Layer>
constexpr const char* path_name() {
  if constexpr (requires { Layer::path.text; }) return Layer::path.text;
  else return nullptr;
}

}  // namespace detail
}  // namespace strata
