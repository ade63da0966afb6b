// SPDX-License-Identifier: MIT
// The GPUs whose data sheets the program knows.
#pragma once

#include <strata/core/error.hpp>
#include <strata/graph/data_sheet.hpp>

#include "../shared/choices.hpp"

namespace compare_runs {

inline constexpr strata::graph::DevicePeak known_gpus[] = {strata::graph::v100_peak, strata::graph::a100_peak,
                                                           strata::graph::h100_peak};

inline shared::Words gpu_choices() {
  shared::Words out;
  for (const strata::graph::DevicePeak& gpu : known_gpus) out.push_back(gpu.name);
  return out;
}

/// Throws strata::Error for a name that is not among the choices.
inline const strata::graph::DevicePeak& known_gpu(const std::string& name) {
  for (const strata::graph::DevicePeak& gpu : known_gpus)
    if (name == gpu.name) return gpu;
  throw strata::Error(shared::one_of(gpu_choices(), name));
}

}  // namespace compare_runs
