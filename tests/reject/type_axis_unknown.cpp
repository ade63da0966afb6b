// SPDX-License-Identifier: MIT
// expect: strata: the sweep has no axis of types with this name; add a TypeAxis, or correct the name
#include <strata/experiment/sweep.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
template <class P>
using Net = Network<Image<8, 8, 1>, experiment::type<P, "function">, Dense<3>, Softmax>;
using Kinds = Sweep<Net, TypeAxis<"activation", ReLU, Tanh>>;

int main() { return int(parameters<Kinds::network<0>>); }
