// SPDX-License-Identifier: MIT
// The step, with a clock after every node, of the program that a model runs.
#pragma once

#include <strata/benchmark/by_group.hpp>
#include <strata/benchmark/by_node.hpp>

namespace strata::benchmarks {

/// The step of `images` images. The subject, the inputs and the workers outlive it.
inline Step clocked_step(const Subject& subject, const Inputs& inputs, int images, core::Workers& workers) {
  return subject.in_lanes(images) ? by_group(subject, inputs, images, workers)
                                  : by_node(subject, inputs, images, workers);
}

}  // namespace strata::benchmarks
