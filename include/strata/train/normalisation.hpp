// SPDX-License-Identifier: MIT
// The old name of <strata/train/normalization.hpp>.
#pragma once

#include <strata/train/normalization.hpp>
