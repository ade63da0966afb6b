// SPDX-License-Identifier: MIT
// What the file of a target defines for dispatch(); strata_add_dispatch() of CMake writes such files. Of their symbols,
// only this one is visible to the program: two files that are compiled for different instruction sets must not share
// functions, neither strata's nor Eigen's or the standard library's.
#pragma once

#include <strata/infer/dispatch.hpp>

/// Defines the code of the network Net (the last argument, which may have commas) under a symbol of C.
#define STRATA_DEFINE_TARGET(symbol, ...)                                                      \
  extern "C" {                                                                                 \
  extern const strata::infer::TargetCode symbol;                                               \
  const strata::infer::TargetCode symbol{                                                      \
      strata::core::features_of_this_file,                                                     \
      [](const strata::training::ModelOptions& options) -> strata::infer::detail::HeldModel* { \
        return new strata::infer::detail::HeldModelOf<__VA_ARGS__, strata::Cpu>(options);      \
      }};                                                                                      \
  }                                                                                            \
  static_assert(true)
