// SPDX-License-Identifier: MIT
// Replaces the allocation functions of the program and its libraries, and calls glibc's; under a sanitizer, hooks into
// the sanitizer's.
#include "allocations.hpp"

#include <cerrno>
#include <cstddef>

namespace strata::testing {

long allocated_so_far = 0;

}  // namespace strata::testing

using strata::testing::allocated_so_far;

#if defined(STRATA_SANITIZED)

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*));

void strata::testing::count_allocations() {
  __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void*, std::size_t size) { allocated_so_far += long(size); }, [](const volatile void*) {});
}

#else

void strata::testing::count_allocations() {}

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier): glibc's own
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier)

void* malloc(std::size_t size) {
  allocated_so_far += long(size);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  allocated_so_far += long(count * size);
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  allocated_so_far += long(size);
  return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  allocated_so_far += long(size);
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** to, std::size_t alignment, std::size_t size) {
  *to = memalign(alignment, size);
  return *to ? 0 : ENOMEM;
}
}

#endif
