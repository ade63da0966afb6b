// SPDX-License-Identifier: MIT
// Experiments at compile time: a sweep over a network's template within budgets, the candidates that it rejects and the
// best one, what a network's program is, and how two networks differ. What trains the candidates is separate:
// <strata/experiment/candidate.hpp>, <strata/experiment/runner.hpp>, and strata_experiment() of CMake.
#pragma once

#include <strata/experiment/best.hpp>
#include <strata/experiment/compound_scaling.hpp>
#include <strata/experiment/difference.hpp>
#include <strata/experiment/program.hpp>
#include <strata/experiment/rejected.hpp>
#include <strata/experiment/sweep.hpp>
#include <strata/spec/layers.hpp>
