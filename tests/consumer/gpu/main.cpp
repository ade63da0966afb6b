// SPDX-License-Identifier: MIT
// A user's program on a GPU; without a GPU, the error that it prints.
#include <strata/cuda.hpp>

#include <cstdio>
#include <string>

#include "network.hpp"

int main() {
  const std::vector<float> image(64, 0.5f);
  try {
    strata::Model<Net, strata::Cuda> model{{.seed = 1}};
    const strata::core::Floats given = model.predict({.floats = image.data(), .count = 1});
    strata::Model<Net> on_cpu{{.seed = 1}};
    const strata::core::Floats expected = on_cpu.predict({.floats = image.data(), .count = 1});
    for (std::size_t i = 0; i < given.size(); i++)
      if (std::fabs(given[i] - expected[i]) > 1e-2f)
        return std::printf("the GPU says %g, the CPU %g\n", double(given[i]), double(expected[i])), 1;
    std::puts("the GPU and the CPU agree");
  } catch (const strata::Error& error) {
    std::puts(error.what());
    return std::string(error.what()) ==
                   "CUDA: there is no NVIDIA driver on this machine; install one, or use the back end Cpu"
               ? 0
               : 1;
  }
}
