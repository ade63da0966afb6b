// SPDX-License-Identifier: MIT
// expect: strata: DeepLabv3Plus was given a type that is not one of its options; it takes ImagePooling, TrunkRate<Real{factor}>, Depths<2, 2, 2, 2>, OutputStride<8> and On<ResNet50Trunk>
#include <strata/graph/lower.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

using namespace strata;
using namespace strata::core;
using namespace strata::models;
using Net = DeepLabv3Plus<Image<64, 64, 3>, 5, MatlabLike, NoBias>;

int main() { return int(parameters<Net>); }
