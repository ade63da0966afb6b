// SPDX-License-Identifier: MIT
// The instances of the kernels that most networks run: without a functor and with ReLU.
#pragma once

#include <strata/core/compile_once.hpp>
#include <strata/cpu/lanes/kernels.hpp>
#include <strata/spec/relu.hpp>

namespace strata::cpu::lanes {

STRATA_INSTANCE(void convolution<nothing>(const Call&));
STRATA_INSTANCE(void convolution<spec::relu>(const Call&));
STRATA_INSTANCE(void winograd_convolution<nothing>(const Call&));
STRATA_INSTANCE(void winograd_convolution<spec::relu>(const Call&));
STRATA_INSTANCE(void dense<nothing>(const Call&));
STRATA_INSTANCE(void dense<spec::relu>(const Call&));
STRATA_INSTANCE(void normalize<nothing, Pooling::none>(const Call&));
STRATA_INSTANCE(void normalize<nothing, Pooling::two_by_two>(const Call&));
STRATA_INSTANCE(void normalize<nothing, Pooling::any>(const Call&));
STRATA_INSTANCE(void normalize<spec::relu, Pooling::none>(const Call&));
STRATA_INSTANCE(void normalize<spec::relu, Pooling::two_by_two>(const Call&));
STRATA_INSTANCE(void normalize<spec::relu, Pooling::any>(const Call&));
STRATA_INSTANCE(void normalize_reductions<nothing, Pooling::none>(const Call&));
STRATA_INSTANCE(void normalize_reductions<nothing, Pooling::two_by_two>(const Call&));
STRATA_INSTANCE(void normalize_reductions<nothing, Pooling::any>(const Call&));
STRATA_INSTANCE(void normalize_reductions<spec::relu, Pooling::none>(const Call&));
STRATA_INSTANCE(void normalize_reductions<spec::relu, Pooling::two_by_two>(const Call&));
STRATA_INSTANCE(void normalize_reductions<spec::relu, Pooling::any>(const Call&));
STRATA_INSTANCE(void normalize_input_gradient<nothing, Pooling::none>(const Call&));
STRATA_INSTANCE(void normalize_input_gradient<nothing, Pooling::two_by_two>(const Call&));
STRATA_INSTANCE(void normalize_input_gradient<nothing, Pooling::any>(const Call&));
STRATA_INSTANCE(void normalize_input_gradient<spec::relu, Pooling::none>(const Call&));
STRATA_INSTANCE(void normalize_input_gradient<spec::relu, Pooling::two_by_two>(const Call&));
STRATA_INSTANCE(void normalize_input_gradient<spec::relu, Pooling::any>(const Call&));
STRATA_INSTANCE(void batch_norm<nothing>(const Call&));
STRATA_INSTANCE(void batch_norm<spec::relu>(const Call&));
STRATA_INSTANCE(void pointwise<spec::relu>(const Call&));
STRATA_INSTANCE(void pointwise_gradient<spec::relu>(const Call&));
STRATA_INSTANCE(void sum<nothing>(const Call&));
STRATA_INSTANCE(void sum<spec::relu>(const Call&));

}  // namespace strata::cpu::lanes
