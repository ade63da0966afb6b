// SPDX-License-Identifier: MIT
// The largest batch that fits on a device. errors.cpp tests that sessions announce what they use.
#include <strata/cuda/runtime/memory_check.hpp>

#include <doctest/doctest.h>

#include <functional>

namespace cuda_runtime_memory_check {

using namespace strata;

namespace {

struct Found {
  int fits = 0, tries = 0;
};

/// The largest batch whose bytes(n) fit, and the number of tries; the search begins from bytes(0).
Found found(int batch, long free, const std::function<long(int)>& bytes) {
  Found f;
  f.fits = cuda::largest_that_fits(batch, bytes(0), bytes(batch), free, [&](int n) {
    CHECK(n > 0);
    CHECK(n < batch);
    f.tries++;
    return bytes(n);
  });
  return f;
}

}  // namespace

TEST_CASE("along a line, rounded as memory is, the largest is found in a few tries") {
  for (const int batch : {2, 3, 64, 2000, 100'000})
    for (const long image : {1L, 900L, 123'457L, 90'000'000L})
      for (const int wanted : {1, batch / 3, batch / 2, batch - 1}) {
        if (wanted < 1) continue;
        const auto bytes = [&](int n) { return (5'000'000 + n * image + 255) / 256 * 256; };
        if (bytes(wanted) == bytes(batch)) continue;
        int largest = wanted;
        while (bytes(largest + 1) == bytes(wanted)) largest++;
        INFO(batch, " images of ", image, " bytes, ", largest, " fit");
        const Found f = found(batch, bytes(wanted), bytes);
        if (image >= 256) CHECK(f.fits == largest);
        CHECK(bytes(f.fits) <= bytes(wanted));
        CHECK(f.tries <= (image >= 256 ? 4 : 8));
      }
}

TEST_CASE("where workspaces jump, the named batch still fits, and tries are few") {
  for (const int jump : {2, 40, 63, 64, 100, 199})
    for (long free = 1'500'000; free < 60'000'000; free += 1'500'000) {
      const auto bytes = [&](int n) {
        return 1'000'000 + n * 100'000L + (n >= jump ? 40'000'000L : 0L) + (n % 8 == 0 ? 300'000 : 0);
      };
      if (bytes(200) <= free) continue;
      const Found f = found(200, free, bytes);
      INFO("a jump at ", jump, ", ", free, " bytes free: ", f.fits);
      CHECK(f.tries <= 8);
      REQUIRE(f.fits >= 1);
      CHECK(bytes(f.fits) <= free);
      int largest = 199;
      while (bytes(largest) > free) largest--;
      if (jump >= 40) CHECK(f.fits >= largest * 2 / 3);
    }
}

TEST_CASE("if not even one image fits, it was tried") {
  int asked = 0;
  CHECK(cuda::largest_that_fits(500, 10, 1'000'000, 100, [&](int n) { return asked = n, 1000L + n; }) == 0);
  CHECK(asked == 1);
  CHECK(cuda::largest_that_fits(500, 2000, 1'000'000, 100, [&](int n) { return asked = n, 2000L + n; }) ==
        0);  // the fixed part is too much
  CHECK(cuda::largest_that_fits(1, 10, 1000, 100, [](int) { return 0L; }) == 0);
}

}  // namespace cuda_runtime_memory_check
