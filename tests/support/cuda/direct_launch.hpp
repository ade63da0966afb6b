// SPDX-License-Identifier: MIT
// The library's own kernels on the CPU: a launch runs a loop at once. Include this in only one file of a program.
#pragma once

#include <strata/cuda/runtime/launch.hpp>

namespace strata::cuda {

void launch_on_host(Stream, const char*, std::function<void()> work, const void*, long) { work(); }

}  // namespace strata::cuda
