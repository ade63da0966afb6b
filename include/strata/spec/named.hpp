// SPDX-License-Identifier: MIT
// Names of layers in paths and of tensors in files.
#pragma once

#include <strata/spec/layer.hpp>

namespace strata {

/// `Layer` under the name `Name` in paths and tensor names, instead of its position: y = `Layer`(x).
/// H x W x C -> what `Layer` gives. Named<"stem", Sequential<...>> turns "0.0.weight" into "stem.0.weight", and
/// Named<"", ...> omits that part: "0.weight". Refuses names that are not UTF-8 without control characters, their parts
/// joined by single dots; paths of more than 63 bytes; equal names of two tensors.
template <core::FixedString Name, class Layer>
struct Named : detail::as_layer<Layer> {
  static constexpr core::FixedString path = Name;  ///< the part of the path
  using type = detail::as_layer<Layer>;            ///< what is named
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
