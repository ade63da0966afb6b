// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, Sigmoid, is given 1x1x10: the loss needs a softmax as the last layer; end the network in Softmax
// expect(clang): layer<'1'>.*given<1, 1, 10>.*Reason::head_is_not_softmax
#include <strata/graph/plans.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 6>, Dense<10>, Sigmoid>;

int main() { return graph::training_plan<Net, graph::Layout{}>.count; }
