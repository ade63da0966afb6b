// SPDX-License-Identifier: MIT
// The names of the last release, which compile with a warning for one more.
#include <doctest/doctest.h>

#include <strata/data/camvid.hpp>
#include <strata/data/label_png.hpp>
#include <strata/models/resnet18_weights.hpp>
#include <strata/strata.hpp>
#include <strata/train/initialise.hpp>
#include <strata/train/normalisation.hpp>

#include <algorithm>
#include <type_traits>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

using namespace strata;
using namespace strata::data;
using namespace strata::models;
using namespace strata::training;

static_assert(std::is_same_v<Normalisation, Normalization> && std::is_same_v<Initialise, Initialize>);
static_assert(std::is_same_v<Colour, Color> && std::is_same_v<LabelledPicture, LabeledPicture> &&
              std::is_same_v<LabelCoding::ColourLabel, LabelCoding::ColorLabel>);
static_assert(StoredAs::colour == StoredAs::color && LabelCoding::Kind::colour == LabelCoding::Kind::color);

TEST_CASE("old functions do what the new ones do") {
  using Net = Network<Image<4, 4, 3>, Dense<2>, Softmax>;
  Model<Net> old_names(seed{1}, threads{1}), new_names(seed{1}, threads{1});
  old_names.initialise(seed{2}, Initialise::he), new_names.initialize(seed{2}, Initialize::he);
  imagenet_normalisation(old_names), imagenet_normalization(new_names);
  CHECK(std::equal(old_names.parameters(), old_names.parameters() + Model<Net>::parameter_floats, new_names.parameters()));
  CHECK(std::equal(old_names.buffers(), old_names.buffers() + Model<Net>::buffer_floats, new_names.buffers()));
  CHECK(camvid::colour_coding().colors.size() == camvid::color_coding().colors.size());
}
