// SPDX-License-Identifier: MIT
#pragma once

#include <strata/spec/layers.hpp>

using Net = strata::Network<strata::Image<8, 8, 1>, strata::Conv<3, 8>, strata::BatchNorm, strata::GELU,
                            strata::Dense<10>, strata::Softmax>;
