// SPDX-License-Identifier: MIT
// One uninitialized block of memory for a program's tensors, aligned to a cache line, or, if it is large, to a huge
// page, with huge pages requested.
#pragma once

#include <cstddef>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace strata::core {

class Arena {
 public:
  explicit Arena(std::size_t bytes) : bytes_(bytes) {
    if (bytes == 0) return;
    data_ = ::operator new(bytes, alignment());
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes >= huge_page) madvise(data_, bytes, MADV_HUGEPAGE);  // a hint: failure is harmless
#endif
  }
  Arena(Arena&& other) noexcept : data_(other.data_), bytes_(other.bytes_) { other.data_ = nullptr; }
  Arena& operator=(Arena&&) = delete;
  ~Arena() {
    if (data_) ::operator delete(data_, alignment());
  }

  float* floats() const { return static_cast<float*>(data_); }
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t huge_page = std::size_t{2} << 20;
  std::align_val_t alignment() const { return std::align_val_t(bytes_ >= huge_page ? huge_page : 64); }

  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace strata::core
