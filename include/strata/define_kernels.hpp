// SPDX-License-Identifier: MIT
// Every header whose functions or instances strata::kernels compiles, for the two files of that library
// (cmake/kernels.cmake).
#pragma once

#include <strata/data/dataset.hpp>
#include <strata/metrics/metric_names.hpp>
#include <strata/strata.hpp>
#include <strata/train/find_rate.hpp>
