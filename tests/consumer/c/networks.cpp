// SPDX-License-Identifier: MIT
#include <strata/infer/c_interface.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;

using Net = Network<Image<4, 4, 1>, Dense<2>, Softmax>;

STRATA_C_INTERFACE(infer::Networks<infer::Entry<"halves", Net>, infer::Entry<"exact", Net, CpuWith<Exact>>>);
