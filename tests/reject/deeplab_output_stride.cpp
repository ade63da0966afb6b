// SPDX-License-Identifier: MIT
// expect: strata: OutputStride<...> is neither 8 nor 16; give one of these
#include <strata/graph/lower.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

using namespace strata;
using namespace strata::core;
using namespace strata::models;
using Net = DeepLabv3Plus<Image<64, 64, 3>, 5, MatlabLike, OutputStride<32>>;

int main() { return int(parameters<Net>); }
