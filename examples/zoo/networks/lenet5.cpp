// SPDX-License-Identifier: MIT
#include <strata/models/lenet5.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::LeNet5;

// The paper's input, which is small already.
const TrainableNetwork small_lenet5 = trainable<LeNet5<strata::Image<32, 32, 1>, classes>>(0.002);
extern const CompiledNetwork lenet5{"LeNet5", &time<LeNet5<>>, &predict<LeNet5<>>, &small_lenet5};

}  // namespace zoo
