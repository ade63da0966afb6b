// SPDX-License-Identifier: MIT
// Everything that a program without an operating system needs: the layers, Predictor and StaticPredictor, which use no
// heap, exceptions, RTTI, threads, atomics or streams, and no other library. What they call is memcpy, memmove, memset,
// the mathematical functions of the C library and the compiler's own arithmetic.
#pragma once

#include <strata/infer/predictor.hpp>
#include <strata/spec/layers.hpp>
#include <strata/version.hpp>
