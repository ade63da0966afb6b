// SPDX-License-Identifier: MIT
#include "compiled_network.hpp"

const digits::CompiledNetwork digits::filters_8_16_32 = digits::compiled<strata::Digits<8, 16, 32>>("8,16,32");
