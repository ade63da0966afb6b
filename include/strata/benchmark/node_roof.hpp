// SPDX-License-Identifier: MIT
// The roof over a node, or over a whole program.
#pragma once

#include <strata/benchmark/peaks.hpp>
#include <strata/benchmark/work.hpp>

#include <string>

namespace strata::benchmarks {

/// A roof, and the traffic that it is computed from.
struct NodeRoof {
  Roof roof{};
  double bytes = 0;  ///< that come from the level which the roof names, or, under the FMA roof, all
};

/// The roof over a node: the least time of its products, of its traffic with what all threads share, and of that with
/// what each thread has for itself, which may be in faster caches.
inline NodeRoof roof_of(const Peaks& peaks, const Work& work) {
  const double flops = 2 * work.actual, shared = work.bytes - work.own_bytes;
  const NodeRoof of_shared{roof(peaks, flops, shared, shared), shared};
  const NodeRoof of_own{roof(peaks, flops, work.own_bytes, work.own_room * peaks.threads), work.own_bytes};
  NodeRoof higher = of_own.roof.seconds > of_shared.roof.seconds ? of_own : of_shared;
  if (std::string(higher.roof.name) == "FMA") higher.bytes = work.bytes;
  return higher;
}

/// The work of all nodes of a program, and the sum of their roofs' times.
struct WholeWork {
  Work work{};
  double roof_seconds = 0;
};

/// The whole of a program; peaks: of the machine.
template <class Program>
WholeWork whole_work(const Program& program, int images, bool images_are_bytes, const Peaks& peaks) {
  WholeWork whole;
  for (int i = 0; i < program.count; i++) {
    const Work node = work_of(program, i, images, images_are_bytes);
    whole.work.effective += node.effective, whole.work.actual += node.actual, whole.work.bytes += node.bytes;
    whole.roof_seconds += roof_of(peaks, node).roof.seconds;
  }
  return whole;
}

}  // namespace strata::benchmarks
