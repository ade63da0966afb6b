// SPDX-License-Identifier: MIT
// strata: neural networks as C++20 types. This header includes the language, its compiler, and inference and training
// on the CPU. File formats, reports and xtensor results are separate headers: <strata/io/weights.hpp>,
// <strata/data/mnist.hpp>, <strata/report/page.hpp>, <strata/xtensor.hpp>.
#pragma once

#include <strata/graph/reject.hpp>  // first: the way to it stands above the sentence about a rejected network

#include <strata/core/samples/arrays.hpp>
#include <strata/cpu/cost.hpp>
#include <strata/cpu/cpu.hpp>
#include <strata/data/dataset.hpp>
#include <strata/graph/diagram.hpp>
#include <strata/infer/predictor.hpp>
#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/trainer.hpp>
#include <strata/version.hpp>
