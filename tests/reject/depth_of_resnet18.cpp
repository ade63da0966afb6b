// SPDX-License-Identifier: MIT
// expect: strata: ResNet18 was given a type that is not one of its options; it takes Depths<2, 2, 2, 2>
#include <strata/graph/lower.hpp>
#include <strata/models/resnet18.hpp>

using namespace strata;
using Net = ResNet18<Image<64, 64, 3>, 5, NoBias>;

int main() { return int(parameters<Net>); }
