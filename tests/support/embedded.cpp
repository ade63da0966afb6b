// SPDX-License-Identifier: MIT
#include "embedded.hpp"

#include <strata/infer/predictor.hpp>
#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>

#include <new>

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "compile this file with -fno-exceptions -fno-rtti: it shows that predictors need neither"
#endif

namespace strata::testing {
namespace {

using Digit = StaticPredictor<Digits<>>;
alignas(Digit) std::byte storage[sizeof(Digit)];
Digit* digit = nullptr;

using Large = Network<Image<40, 40, 3>, Conv<3, 70>, BatchNorm, ReLU, Residual<Conv<3, 70>>, AvgPool<2>,
                      DepthwiseConv<3>, Upsample<2>, GlobalAvgPool, Dense<70>, Tanh, Dense<4>, Softmax>;
using LargePredictor = Predictor<Large>;
LargePredictor::Storage large_storage;
float parameters[LargePredictor::parameter_floats], buffers[LargePredictor::buffer_floats],
    image[LargePredictor::input_floats];

}  // namespace

void embedded_start(const float* parameters, const float* buffers) {
  constexpr auto parameter_floats = Predictor<Digits<>>::parameter_floats,
                 buffer_floats = Predictor<Digits<>>::buffer_floats;
  digit = new (storage) Digit(std::span<const float, parameter_floats>(parameters, parameter_floats),
                              std::span<const float, buffer_floats>(buffers, buffer_floats));
}

int embedded_run(const float* image, float* result) {
  const std::span<const float, embedded_inputs> pixels(image, embedded_inputs);
  digit->run(pixels, std::span<float, embedded_outputs>(result, embedded_outputs));
  return digit->classify(pixels);
}

float embedded_large_run() {
  for (float& b : buffers) b = 1;
  LargePredictor predictor(large_storage, parameters, buffers);
  float result[LargePredictor::output_floats];
  predictor.run(image, result);
  return result[0];
}

}  // namespace strata::testing
