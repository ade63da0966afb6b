// SPDX-License-Identifier: MIT
// The old name of <strata/train/initialize.hpp>.
#pragma once

#include <strata/train/initialize.hpp>
