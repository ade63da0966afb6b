// SPDX-License-Identifier: MIT
// expect: strata: Depths<...> has a stage without blocks; give each of the four stages at least 1
#include <strata/graph/lower.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

using namespace strata;
using namespace strata::core;
using namespace strata::models;
using Net = DeepLabv3Plus<Image<64, 64, 3>, 5, MatlabLike, Depths<2, 0, 2, 2>>;

int main() { return int(parameters<Net>); }
