// SPDX-License-Identifier: MIT
// A workspace divided into pieces, each aligned to 256 bytes. With null memory it only counts bytes, so that the same
// code gives both sizes and addresses.
#pragma once

#include <strata/cuda/runtime/call.hpp>
#include <strata/cuda/runtime/rounded_bytes.hpp>

namespace strata::cuda::kernels {

class WorkspaceAllocator {
 public:
  explicit WorkspaceAllocator(void* memory = nullptr) : memory_(static_cast<char*>(memory)) {}

  template <class T>
  T* take(long count) {
    return static_cast<T*>(take_bytes(count * long(sizeof(T))));
  }
  /// A map for the whole batch, in element type e.
  void* take_map(Shape shape, Element e, int batch) { return take_bytes(batch * shape.size() * bytes_of(e)); }
  long bytes() const { return used_; }

 private:
  void* take_bytes(long bytes) {
    char* const piece = memory_ ? memory_ + used_ : nullptr;
    used_ += rounded_bytes(bytes);
    return piece;
  }

  char* memory_;
  long used_ = 0;
};

}  // namespace strata::cuda::kernels
