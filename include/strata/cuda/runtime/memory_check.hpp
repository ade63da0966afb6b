// SPDX-License-Identifier: MIT
// Checks whether the device has room for a batch before anything is allocated for it, and if not, finds a batch size
// that fits. What CUDA allocates for itself later, for graphs and loaded code, cannot be counted in advance, so some
// memory is left free for it.
#pragma once

#include <strata/cuda/runtime/device.hpp>

#include <algorithm>

namespace strata::cuda {

/// Bytes that stay free on a device of `total` bytes, for what CUDA and its libraries allocate for themselves.
constexpr long kept_free(long total) { return std::min(512L << 20, total / 16); }

/// Free memory of the selected device for a session, without what stays free; negative where less than that is free.
inline long available_bytes() {
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  return long(free) - kept_free(long(total));
}

/// The largest batch size below `batch` that was found to fit (bytes(n) <= free); 0: none. `needed` is bytes(batch);
/// `empty` stands for bytes(0), which is never called. Memory is nearly linear in the batch size, so interpolation
/// converges fast; bisection steps in between handle workspaces that jump. Each try plans a program, which takes tenths
/// of a second on a device: after `tries` tries the largest size so far is the result. If none has fit before the last
/// try, that try is size 1.
template <class Bytes>
int largest_that_fits(int batch, long empty, long needed, long free, Bytes&& bytes, int tries = 8) {
  int fits = 0, exceeds = batch;
  double below = double(empty), above = double(needed);
  for (int tried = 1; exceeds - fits > 1 && tried <= tries; tried++) {
    const double share = tried > 3 && tried % 2 == 0 ? 0.5 : (double(free) - below) / std::max(1., above - below);
    const double guess = fits + std::clamp(share, 0., 1.) * (exceeds - fits);
    const bool last_chance = tried == tries && fits == 0;
    const int n = last_chance ? 1 : std::clamp(int(guess), fits + 1, exceeds - 1);
    const long taken = bytes(n);
    if (taken <= free) fits = n, below = double(taken);
    else exceeds = n, above = double(taken);
  }
  return fits;
}

/// Throws Error if the selected device has no room for a batch beside what stays free. bytes(n): all device memory
/// needed for n > 0 images; empty: the same for none.
template <class Bytes>
void check_memory(int batch, long empty, Bytes&& bytes) {
  const long needed = bytes(batch), free = available_bytes();
  if (needed <= free) return;
  const int fitting = largest_that_fits(batch, empty, needed, free, bytes);
  throw Error("CUDA: a batch of ", batch, " images needs ", (needed + (1 << 20) - 1) >> 20,
              " MB of device memory, but only ", std::max(0L, free) >> 20,
              " MB are free beside what CUDA needs itself; ",
              fitting > 0 ? core::sentence("use a batch of at most ", fitting, " images")
                          : std::string("even one image is too many: free some memory, or use another device"));
}

}  // namespace strata::cuda
