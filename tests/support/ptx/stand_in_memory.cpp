// SPDX-License-Identifier: MIT
// Kernels on the stand-in device may access what is allocated there, to the byte.
#include "executor.hpp"

#include "../cuda/runtime_state.hpp"

namespace strata::testing::ptx {

namespace {

const void* pointer(u64 address) { return reinterpret_cast<const void*>(address); }

Range allocation(u64 address) {
  for (const device::GuardedMemory* memory : {&device::state().memory, &device::state().pinned})
    if (const auto* block = memory->find(pointer(address), 1)) {
      const u64 begin = reinterpret_cast<u64>(block->begin);
      return {begin, begin + u64(block->bytes)};
    }
  return {};
}

std::string describe(u64 address) { return device::describe(pointer(address)); }

const bool chosen = [] {
  settings().memory = {allocation, describe};
  return true;
}();

}  // namespace

}  // namespace strata::testing::ptx
