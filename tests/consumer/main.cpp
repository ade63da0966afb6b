// SPDX-License-Identifier: MIT
// A program of somebody else's that runs something on strata's threads.
#include <strata/core/parallel.hpp>
#include <strata/core/simd.hpp>

#include <atomic>
#include <cstdio>

int main() {
  strata::Workers workers(2);
  std::atomic<int> sum{0};
  workers.run([&](strata::Team& team) { team.for_each(100, [&](int item, int) { sum += item; }); });
  std::printf("%d\n", sum.load());
  return sum == 4950 ? 0 : 1;
}
