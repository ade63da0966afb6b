// SPDX-License-Identifier: MIT
// A program with the weights of headers (support/write_headers.cpp): in the order of files, and packed for this
// machine.
#include <strata/infer/header_weights.hpp>
#include <strata/infer/predictor.hpp>

#include "../support/embedded_network.hpp"
#include "digits.hpp"
#include "digits_cortex_m7.hpp"
#include "digits_expected.hpp"
#include "digits_here.hpp"
#include "mix.hpp"
#include "mix_expected.hpp"
#include "mix_here.hpp"
#include "unscaled.hpp"
#include "unscaled_expected.hpp"
#include "unscaled_here.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace infer_header_weights {

using namespace strata;
using namespace strata::testing;

namespace {

template <class P, class Weights, class Here>
void check(const float* expected) {
  std::vector<float> image(P::input_floats), scores(P::output_floats);
  for (std::size_t i = 0; i < image.size(); i++) image[i] = embedded_pixel(int(i));
  const typename P::Floats pixels(image);
  const auto as_expected = [&](P& predictor) {
    predictor.run(pixels, typename P::Result(scores));
    for (std::size_t i = 0; i < scores.size(); i++)
      CHECK(scores[i] == doctest::Approx(double(expected[i])).epsilon(1e-5));
  };
  const auto storage = std::make_unique<typename P::Storage>();
  P packs(*storage, Weights{});
  as_expected(packs);
  float worst = 0, largest = 0;  // Winograd's weights are transformed by vectors here, and by floats for a header
  for (std::size_t i = 0; i < P::packed_bytes / sizeof(float); i++) {
    worst = std::fmax(worst, std::fabs(storage->floats[i] - Here::packed()[i]));
    largest = std::fmax(largest, std::fabs(storage->floats[i]));
  }
  CHECK(worst <= 1e-6f * largest);

  const auto first = std::make_unique<typename P::Activations>(), second = std::make_unique<typename P::Activations>();
  P one(*first, Here{}), other(*second, Here{});
  as_expected(one);
  as_expected(other);
  as_expected(one);
  CHECK(P::packed_bytes + P::activation_bytes < P::bytes);
}

}  // namespace

TEST_CASE("digits") { check<Predictor<EmbeddedDigits, Exact>, digits_weights, digits_here_weights>(digits_expected); }
TEST_CASE("general kernels") { check<Predictor<EmbeddedMix>, mix_weights, mix_here_weights>(mix_expected); }

TEST_CASE("images that are not scaled") {
  check<Predictor<EmbeddedUnscaled>, unscaled_weights, unscaled_here_weights>(unscaled_expected);
  using P = Predictor<EmbeddedUnscaled, infer::Unscaled>;
  const auto activations = std::make_unique<P::Activations>();
  P predictor(*activations, unscaled_here_weights{});
  std::vector<float> image(P::input_floats), scores(P::output_floats);
  for (std::size_t i = 0; i < image.size(); i++) image[i] = embedded_pixel(int(i));
  const std::vector<float> before = image;
  predictor.run(P::Floats(image), P::Result(scores));
  CHECK(image == before);
  for (std::size_t i = 0; i < scores.size(); i++)
    CHECK(scores[i] == doctest::Approx(double(unscaled_expected[i])).epsilon(1e-5));
  CHECK(P::activation_bytes <= Predictor<EmbeddedUnscaled>::activation_bytes);
}

TEST_CASE("a predictor that contains its storage") {
  const auto own = std::make_unique<StaticPredictor<EmbeddedDigits>>(digits_weights{});
  std::vector<float> image(Predictor<EmbeddedDigits>::input_floats);
  for (std::size_t i = 0; i < image.size(); i++) image[i] = embedded_pixel(int(i));
  const int label = own->classify(Predictor<EmbeddedDigits>::Floats(image));
  for (int i = 0; i < 10; i++) CHECK(digits_expected[i] <= digits_expected[label]);
}

TEST_CASE("the numbers are aligned for every vector, and what the header tells is what they are") {
  CHECK(reinterpret_cast<std::uintptr_t>(digits_weights::parameters()) % 64 == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(mix_here_weights::packed()) % 64 == 0);
  CHECK(digits_weights::input_scale[0] == digits_weights::buffers()[0]);
  CHECK(digits_weights::input_shift[0] == digits_weights::buffers()[1]);
  CHECK(mix_here_weights::input_shift[2] == mix_here_weights::input()[5]);
  CHECK(std::string(digits_weights::tensors[0].name) == "0.weight");
  CHECK(digits_weights::tensors[0].rank == 4);
  CHECK(digits_weights::tensors[0].dims[0] == 8);
  CHECK(digits_weights::parameters()[digits_weights::tensors[15].first] == digits_weights::input_shift[0]);
  CHECK(std::string(digits_weights::classes[9]) ==
        "nine \xE2\x80\x9C"
        "9\" ?\n");
}

static_assert(digits_weights::network == graph::structural_hash<EmbeddedDigits>);
static_assert(digits_here_weights::format == infer::packed_format<EmbeddedDigits, graph::plan_options<Exact>()>);
static_assert(core::simd::lanes == 1 || digits_cortex_m7_weights::format != digits_here_weights::format);

}  // namespace infer_header_weights
