// SPDX-License-Identifier: MIT
// A predictor allocates no memory: neither when it is constructed on given storage nor when it runs. It is compiled
// without exceptions and RTTI (support/embedded.cpp).
#include "../support/embedded.hpp"

#include <strata/cpu/cpu.hpp>
#include <strata/models/digits.hpp>
#include <strata/train/model.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<long> allocations{0};

void* allocate(std::size_t size, std::size_t alignment) {
  allocations++;
  if (void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)) return p;
  std::abort();
}
}  // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocate(size, std::size_t(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return allocate(size, std::size_t(alignment)); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

using namespace strata;
using namespace strata::testing;

TEST_CASE("a predictor never allocates memory") {
  Model<Digits<>> model{{.seed = 3, .threads = 1}};
  std::vector<float> image(embedded_inputs);
  for (int i = 0; i < embedded_inputs; i++) image[std::size_t(i)] = float(i % 29) / 29;
  float result[embedded_outputs];

  const long before = allocations;
  embedded_start(model.parameters().data(), model.buffers().data());
  int label = -1;
  for (int i = 0; i < 3; i++) label = embedded_run(image.data(), result);
  const float share = embedded_large_run();
  const long after = allocations;
  CHECK(before > 0);  // the counter works
  CHECK(after == before);

  float expected[embedded_outputs];
  model.predict(Images{.floats = image.data(), .count = 1}, expected);
  for (int i = 0; i < embedded_outputs; i++) CHECK(result[i] == expected[i]);
  CHECK(label == std::max_element(expected, expected + embedded_outputs) - expected);
  CHECK(share == doctest::Approx(0.25));
}
