// SPDX-License-Identifier: MIT
// A program by node with all its kernels: the general ones are looked up at run time, so that only this code links
// them.
#pragma once

#include <strata/cpu/nhwc/program.hpp>

#include <vector>

namespace strata::benchmarks {

/// A subject's program by node, complete.
struct CompleteProgram {
  std::vector<cpu::nhwc::Run> run;
  std::vector<cpu::nhwc::Pack> pack;
  cpu::nhwc::Program program;

  explicit CompleteProgram(const cpu::nhwc::Program& p) : program(p) {
    for (int i = 0; i < p.count; i++) {
      const bool given = cpu::nhwc::traits(p.algorithms[i]).fixed_shape;
      run.push_back(given ? p.run[i] : cpu::nhwc::kernel_of(p.nodes[i].op, p.algorithms[i]).run);
      pack.push_back(given ? p.pack[i] : cpu::nhwc::kernel_of(p.nodes[i].op, p.algorithms[i]).pack);
    }
    program.run = run.data(), program.pack = pack.data();
  }
  CompleteProgram(const CompleteProgram&) = delete;
  CompleteProgram& operator=(const CompleteProgram&) = delete;
};

}  // namespace strata::benchmarks
