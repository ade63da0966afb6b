// SPDX-License-Identifier: MIT
// Whether the device has room for a batch, asked before anything is allocated for it, and which batch it has room for where it
// has none. What CUDA takes for itself later, for graphs and for code that it loads, nobody can count before.
#pragma once

#include <strata/cuda/device.hpp>

#include <algorithm>

namespace strata::cuda {

/// The largest number of images below `batch` that was seen to fit, bytes(n) <= free; 0: none does. empty, needed: bytes(0),
/// which is never asked, and bytes(batch). Memory is nearly a line over images, so that tries along it end at the largest soon;
/// halves between them are for the workspaces that jump. Each try plans a program anew, which takes a real device tenths of a
/// second: after `tries` of them the largest so far is the answer.
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

/// Throws where the device has no room for a batch. bytes(n): all that is taken of it for n images, more than 0; empty: for none.
template <class Bytes>
void check_memory(int batch, long empty, Bytes&& bytes) {
  const long needed = bytes(batch), free = Device::free_bytes();
  if (needed <= free) return;
  const int fitting = largest_that_fits(batch, empty, needed, free, bytes);
  throw Error("CUDA: a batch of ", batch, " images needs ", (needed + (1 << 20) - 1) >> 20, " MB of the device's memory, of which ",
              free >> 20, " MB are free; ",
              fitting > 0 ? sentence("take a batch of at most ", fitting, " images")
                          : std::string("even one image is too many: free some memory, or take another device"));
}

}  // namespace strata::cuda
