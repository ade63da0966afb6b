// SPDX-License-Identifier: MIT
// A program for a bare Cortex-M that checks its predictors: weights packed here, and weights in read-only memory that
// the host packed, give the scores that the host computed. Its headers of weights are those of write_headers.cpp.
#include "../../examples/embed/microcontroller/board.hpp"
#include "embedded_network.hpp"

#include <strata/embedded.hpp>

#include "digits.hpp"
#include "digits_cortex_m7.hpp"
#include "digits_expected.hpp"
#include "mix.hpp"
#include "mix_cortex_m7.hpp"
#include "mix_expected.hpp"

#include <cmath>
#include <new>

namespace {

using namespace strata;
using namespace strata::testing;

alignas(64) unsigned char memory[384 * 1024];
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
  float worst = 0;
  int most = 0;
  for (int i = 0; i < int(Predictor::output_floats); i++) {
    worst = std::fmax(worst, std::fabs(scores[i] - expected[i]));
    if (expected[i] > expected[most]) most = i;
  }
  board::print(which);
  board::print(std::int32_t(board::instructions_in(ticks)));
  print(" instructions, scores differ from the host's by ", worst);
  require(worst <= 1e-6f, "the scores");
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

}  // namespace

int main() {
  check<Predictor<EmbeddedDigits, Exact>, digits_weights, digits_cortex_m7_weights>("digits", digits_expected);
  check<Predictor<EmbeddedMix>, mix_weights, mix_cortex_m7_weights>("mix", mix_expected);
  board::print(failures == 0 ? "all as on the host\n" : "not as on the host\n");
  board::end(failures == 0 ? 0 : 1);
}
