// SPDX-License-Identifier: MIT
// The networks share a file because they share many kernels.
#include "compiled_network.hpp"

const digits::CompiledNetwork digits::filters_4_8_16 = digits::compiled<strata::Digits<4, 8, 16>>("4,8,16");
const digits::CompiledNetwork digits::filters_8_16_32 = digits::compiled<strata::Digits<8, 16, 32>>("8,16,32");
const digits::CompiledNetwork digits::filters_16_32_64 = digits::compiled<strata::Digits<16, 32, 64>>("16,32,64");
