// SPDX-License-Identifier: MIT
// expect: error: .*strata: Model<Net> holds a network, but Net is not one; write Model<Network<Image<H, W, C>, layers...>>
#include <strata/strata.hpp>

using namespace strata;

int main() { Model<Sequential<Image<8, 8, 4>, Conv<3, 8>>> model; }
