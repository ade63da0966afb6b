// SPDX-License-Identifier: MIT
// The results of the same trainings from headers alone, and with strata::kernels (training_bits.cpp).
#pragma once

#include <cstdint>
#include <vector>

std::vector<std::uint64_t> training_bits_of_headers();
std::vector<std::uint64_t> training_bits_of_kernels();
