// SPDX-License-Identifier: MIT
// A workspace, cut into pieces. Over no memory it counts what would be taken, so that sizes and places come from one piece
// of code.
#pragma once

#include <strata/cuda/call.hpp>

namespace strata::cuda::kernels {

class Room {
 public:
  explicit Room(void* memory = nullptr) : memory_(static_cast<char*>(memory)) {}

  template <class T>
  T* take(long count) {
    return static_cast<T*>(take_bytes(count * long(sizeof(T))));
  }
  /// A map of the batch in the model's elements.
  void* take_map(Shape shape, Element e, int batch) { return take_bytes(batch * shape.size() * bytes_of(e)); }
  long bytes() const { return used_; }

 private:
  void* take_bytes(long bytes) {
    char* const piece = memory_ ? memory_ + used_ : nullptr;
    used_ += (bytes + 255) / 256 * 256;
    return piece;
  }

  char* memory_;
  long used_ = 0;
};

}  // namespace strata::cuda::kernels
