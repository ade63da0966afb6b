// SPDX-License-Identifier: MIT
// expect(gcc): strata: layer 1, Dense<1000>, is given 512x512x64: the network has 2,147,483,648 parameters or more; use fewer
// expect(clang): spelled<'D', 'e', 'n', 's', 'e', '<', '1', '0', '0', '0', '>'>.*given<512, 512, 64>.*too_many_parameters
#include <strata/strata.hpp>

using namespace strata;
using Net = Network<Image<512, 512, 3>, Conv<3, 64>, Dense<1000>, Softmax>;

int main() { Model<Net> model; }
