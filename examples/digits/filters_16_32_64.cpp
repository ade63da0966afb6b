// SPDX-License-Identifier: MIT
#include "compiled_network.hpp"

const digits::CompiledNetwork digits::filters_16_32_64 = digits::compiled<strata::Digits<16, 32, 64>>("16,32,64");
