// SPDX-License-Identifier: MIT
// A program for a bare Cortex-M, or for Linux on another machine than the host (linux_board.cpp), that checks its
// predictors: weights packed here, and weights in read-only memory that the host packed, give the scores that the host
// computed. Its headers of weights are those of write_headers.cpp.
#include "../../examples/embed/microcontroller/board.hpp"
#include "embedded_network.hpp"

#include <strata/embedded.hpp>

#include "digits.hpp"
#include "digits_expected.hpp"
#include "digits_packed.hpp"
#include "mix.hpp"
#include "mix_expected.hpp"
#include "mix_packed.hpp"
#include "unscaled_expected.hpp"
#include "unscaled_packed.hpp"

#include <algorithm>
#include <cmath>
#include <new>

namespace {

using namespace strata;
using namespace strata::testing;

using DigitsPredictor = Predictor<EmbeddedDigits, Exact>;
using MixPredictor = Predictor<EmbeddedMix>;

alignas(64) unsigned char memory[std::max(sizeof(DigitsPredictor::Storage), sizeof(MixPredictor::Storage))];
float image[28 * 28];
int failures = 0;

void require(bool holds, const char* what) {
  if (holds) return;
  failures++;
  board::print("  wrong: ");
  board::print(what);
  board::print("\n");
}

/// Prints a small number in units of 1e-9.
void print(const char* what, float number) {
  board::print(what);
  board::print(std::int32_t(number * 1e9f + 0.5f));
  board::print("e-9\n");
}

template <class Predictor>
void run(Predictor& predictor, const float* expected, const char* which) {
  float scores[Predictor::output_floats];
  const board::Stopwatch watch;
  predictor.run(typename Predictor::Floats(image, Predictor::input_floats), scores);
  const std::uint32_t ticks = watch.ticks();
  float worst = 0, largest = 1;
  int most = 0;
  for (int i = 0; i < int(Predictor::output_floats); i++) {
    largest = std::fmax(largest, std::fabs(expected[i]));
    worst = std::fmax(worst, std::fabs(scores[i] - expected[i]));
    if (expected[i] > expected[most]) most = i;
  }
  board::print(which);
  board::print(std::int32_t(board::instructions_in(ticks)));
  print(" instructions, scores differ from the host's by ", worst);
  require(worst <= 1e-6f * largest, "the scores");
  require(predictor.classify(typename Predictor::Floats(image, Predictor::input_floats)) == most, "the class");
}

template <class P, class Weights, class Packed>
void check(const char* name, const float* expected) {
  static_assert(sizeof(typename P::Storage) <= sizeof memory);
  board::print(name);
  board::print("\n");
  for (unsigned char& byte : memory) byte = 0;  // packing leaves gaps as they are
  for (int i = 0; i < int(P::input_floats); i++) image[i] = embedded_pixel(i);
  {
    auto& storage = *new (memory) typename P::Storage;
    P predictor(storage, Weights{});
    float worst = 0, largest = 0;
    for (std::size_t i = 0; i < P::packed_bytes / sizeof(float); i++) {
      worst = std::fmax(worst, std::fabs(storage.floats[i] - Packed::packed()[i]));
      largest = std::fmax(largest, std::fabs(storage.floats[i]));
    }
    print("  packed here and on the host differ by ", worst / largest);
    require(worst <= 1e-6f * largest, "the packed weights");
    run(predictor, expected, "  packed here: ");
  }
  auto& activations = *new (memory) typename P::Activations;
  P predictor(activations, Packed{});
  run(predictor, expected, "  packed on the host: ");
}

/// The image and the scores stay where they are if there are no vectors.
template <class P, class Packed>
void check_unscaled(const float* expected) {
  constexpr std::size_t values = 80 + 80;  // 70 and 67, in whole cache lines
  static_assert(core::simd::lanes > 1 || P::activation_bytes == values * sizeof(float));
  board::print("unscaled\n");
  for (int i = 0; i < int(P::input_floats); i++) image[i] = embedded_pixel(i);
  auto& activations = *new (memory) typename P::Activations;
  P predictor(activations, Packed{});
  run(predictor, expected, "  packed on the host: ");
  for (int i = 0; i < int(P::input_floats); i++) require(image[i] == embedded_pixel(i), "the image, which is constant");
}

}  // namespace

int main() {
  check<DigitsPredictor, digits_weights, digits_packed_weights>("digits", digits_expected);
  check<MixPredictor, mix_weights, mix_packed_weights>("mix", mix_expected);
  check_unscaled<Predictor<EmbeddedUnscaled, infer::Unscaled>, unscaled_packed_weights>(unscaled_expected);
  board::print(failures == 0 ? "all as on the host\n" : "not as on the host\n");
  board::end(failures == 0 ? 0 : 1);
}
