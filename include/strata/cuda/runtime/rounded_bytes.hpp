// SPDX-License-Identifier: MIT
#pragma once

#include <strata/core/divide.hpp>

namespace strata::cuda {

/// Rounded up to a multiple of 256, so that what follows in memory is aligned well for cuDNN and for kernels.
constexpr long rounded_bytes(long bytes) { return core::round_up(bytes, 256L); }

}  // namespace strata::cuda
