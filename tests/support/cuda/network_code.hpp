// SPDX-License-Identifier: MIT
// Compiles the device code of a list of networks: naming a function is enough.
#pragma once

#include <strata/cuda/runtime/device_code.hpp>
#include <strata/spec/functor.hpp>

namespace strata::testing {

using MakeCode = cuda::DeviceCode (*)();

template <class... Net>
const MakeCode* code_of(spec::type_list<Net...>) {
  static const MakeCode all[] = {&cuda::device_code<Net>...};
  return all;
}

}  // namespace strata::testing
