// SPDX-License-Identifier: MIT
// expect: strata: MobileNetV2 has no stages, so DeepLabv3Plus takes no Depths on it; leave the option out
#include <strata/graph/lower.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

using namespace strata;
using namespace strata::core;
using namespace strata::models;
using Net = DeepLabv3Plus<Image<64, 64, 3>, 5, MatlabLike, On<MobileNetV2Trunk>, Depths<2, 2, 2, 2>>;

int main() { return int(parameters<Net>); }
