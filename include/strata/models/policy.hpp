// SPDX-License-Identifier: MIT
// A policy with two heads, after the policy and value network of AlphaGo Zero (Silver et al. 2017).
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

/// For a game on a board in which a goal must be reached in time: one body, and a head for each of two questions, as in
/// Silver et al., doi 10.1038/nature24270. H x W x C and 1 x 1 x 1 -> 1 x 1 x Moves and 1 x 1 x 1. Sources: "board" and
/// "steps left", one number. Heads: "move", the probabilities of `Moves`, and "arrives", the probability that the steps
/// suffice. `Channels`: of the two convolutions; `Hidden`: numbers of the two dense layers.
template <class Board = Image<7, 7, 2>, int Moves = 4, int Channels = 16, int Hidden = 32>
using Policy = Network<
    Inputs<Source<"board", Board>, Source<"steps left", Image<1, 1, 1>>>,                                         //
    Named<"conv1", Conv<3, Channels>>, Named<"bn1", BatchNorm>, ReLU,                                             //
    Named<"conv2", Conv<3, Channels>>, Named<"bn2", BatchNorm>, ReLU,                                             //
    Named<"fc1", Dense<Hidden>>, ReLU,                                                                            //
    Named<"", Concat<Named<"", Identity>, Named<"", Sequential<From<"steps left">, Named<"steps", Dense<4>>>>>>,  //
    Named<"fc2", Dense<Hidden>>, ReLU,                                                                            //
    Outputs<Head<"move", Dense<Moves>, Softmax>, Head<"arrives", Dense<1>, Sigmoid>>>;

}  // namespace strata::models
