// SPDX-License-Identifier: MIT
// Predictions of embedded.cpp, which is compiled without exceptions and RTTI.
#pragma once

namespace strata::testing {

inline constexpr int embedded_inputs = 28 * 28, embedded_outputs = 10;

/// Makes the predictor of Digits<> in static storage. Call this once.
void embedded_start(const float* parameters, const float* buffers);
/// Runs it; returns the most probable class.
int embedded_run(const float* image, float* result);
/// Makes, runs and destroys a predictor whose nodes are too large for kernels of fixed shape, on its own storage.
float embedded_large_run();

}  // namespace strata::testing
