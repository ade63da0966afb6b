// SPDX-License-Identifier: MIT
// Vectors aligned to 64 bytes: a cache line, and the widest SIMD vector of any target.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace strata::core {

template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}

  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), alignment)); }
  void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, alignment); }
  bool operator==(const AlignedAllocator&) const { return true; }
};

using Floats = std::vector<float, AlignedAllocator<float>>;

}  // namespace strata::core
