// SPDX-License-Identifier: MIT
// The machines that weights can be packed for, by the names that export_header and command lines take.
#pragma once

#include <strata/cpu/tiles.hpp>

#include <string_view>

namespace strata::infer {

/// A machine that weights can be packed for.
struct Target {
  std::string_view name;  ///< for users
  cpu::Machine machine;   ///< its vectors
};

/// As compilers see them: a program compiled for the machine has these vectors, or its predictors refuse the weights.
inline constexpr Target targets[] = {
    {"here", cpu::this_machine},  // the machine that the exporting program was compiled for
    {"avx512", {16, 32}},         // -march=x86-64-v4
    {"avx2", {8, 16}},            // -march=x86-64-v3
    {"sse", {4, 16}},             // any x86-64
    {"aarch64", {4, 32}},
    {"cortex-m4", {1, 32}},
    {"cortex-m7", {1, 32}},
    {"cortex-m55", {1, 32}},
    {"armhf", {1, 32}},       // 32-bit ARM of Debian, without NEON
    {"armhf-neon", {4, 16}},  // and with it: -mfpu=neon-vfpv4
    {"riscv", {1, 32}},       // 32- or 64-bit, without vectors
};

/// The target of that name; null: there is none.
constexpr const Target* find_target(std::string_view name) {
  for (const Target& target : targets)
    if (target.name == name) return &target;
  return nullptr;
}

}  // namespace strata::infer
