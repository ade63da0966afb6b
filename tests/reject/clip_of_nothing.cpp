// SPDX-License-Identifier: MIT
// expect(gcc): strata: layer 1, Clip<6, 0>, is given 28x28x8: a number of it is out of range .Low is not below High.; choose another
// expect(clang): spelled<'C', 'l', 'i', 'p', '<', '6', ',', ' ', '0', '>'>.*number_out_of_range
#include <strata/strata.hpp>

using namespace strata;
using Net = Network<Image<28, 28, 1>, Conv<3, 8>, Clip<6, 0>, Dense<10>, Softmax>;

int main() { Model<Net> model; }
