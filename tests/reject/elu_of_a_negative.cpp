// SPDX-License-Identifier: MIT
// expect(gcc): strata: layer 1, ELU<-1>, is given 28x28x8: a number of it is out of range .Alpha is below 0.; choose another
// expect(clang): spelled<'E', 'L', 'U', '<', '-', '1', '>'>.*number_out_of_range
#include <strata/strata.hpp>

using namespace strata;
using Net = Network<Image<28, 28, 1>, Conv<3, 8>, ELU<-1>, Dense<10>, Softmax>;

int main() { Model<Net> model; }
