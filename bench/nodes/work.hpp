// SPDX-License-Identifier: MIT
// What a node has to do, whatever the time it takes.
#pragma once

#include <string>

#include "subject.hpp"

namespace strata::bench {

struct Work {
  std::string shape, algorithm;
  double effective = 0;  ///< multiply-adds of the direct sum over all taps, of the batch
  double actual = 0;     ///< products that its algorithm makes: Winograd's own, or those of the taps that meet more than padding
  double bytes = 0;      ///< that have to move at least: what it reads and writes, each once
};

Work work_of(const cpu::nhwc::Program& program, int node, int images, bool images_are_bytes);
Work work_of(const cpu::lanes::Program& program, int node, int images, bool images_are_bytes);

}  // namespace strata::bench
