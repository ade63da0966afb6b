// SPDX-License-Identifier: MIT
// What functions on any model require of it, so that they leave the functions of the same name on other types alone.
#pragma once

#include <concepts>
#include <string>
#include <vector>

#include <strata/core/named_tensor.hpp>

namespace strata::core {

/// A network with its parameters and buffers: Model<Net>, or a type of your own that files can fill. hash().text()
/// names the network; tensors() lists its numbers, to be read only if M is const.
template <class M>
concept model_like = requires(M& model) {
  { M::hash().text() } -> std::convertible_to<std::string>;
  requires std::same_as<decltype(model.tensors()), std::vector<NamedTensor>> ||
      std::same_as<decltype(model.tensors()), std::vector<ConstNamedTensor>>;
};

}  // namespace strata::core
