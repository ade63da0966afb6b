// SPDX-License-Identifier: MIT
#include "networks.hpp"

#include <strata/infer/c_interface.hpp>

STRATA_C_INTERFACE(module::Networks);
