// SPDX-License-Identifier: MIT
// Replaces a layer's position in its path by a name: Named<"stem", Sequential<...>> turns "0.0.weight" into
// "stem.0.weight". Named<"", ...> omits that part of the path: "0.weight". Names are UTF-8 without control characters,
// their parts joined by single dots. A path has at most 63 bytes, and tensor names must be unique.
#pragma once

#include <strata/spec/layer.hpp>

namespace strata {

/// `Layer` under the name `Name` in paths and tensor names.
template <core::FixedString Name, class Layer>
struct Named : detail::as_layer<Layer> {
  static constexpr core::FixedString path = Name;
  using type = detail::as_layer<Layer>;
  static constexpr int lower(graph::Builder& b, int x) {
    if constexpr (!core::is_plain_name(Name.text)) b.refuse(graph::Reason::name_not_plain, &type::spell, b.shape(x));
    return b.refused() ? x : type::lower(b, x);
  }
};

namespace detail {

/// The name that Named gives the layer; null: none.
template <class Layer>
constexpr const char* path_name() {
  if constexpr (requires { Layer::path.text; }) return Layer::path.text;
  else return nullptr;
}

}  // namespace detail
}  // namespace strata
