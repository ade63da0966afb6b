// SPDX-License-Identifier: MIT
#include "compiled_network.hpp"

const digits::CompiledNetwork digits::filters_4_8_16 = digits::compiled<strata::Digits<4, 8, 16>>("4,8,16");
