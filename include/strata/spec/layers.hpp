// SPDX-License-Identifier: MIT
// Includes every layer.
#pragma once

#include <strata/spec/at_rate.hpp>
#include <strata/spec/average_pool.hpp>
#include <strata/spec/batch_norm.hpp>
#include <strata/spec/broadcast.hpp>
#include <strata/spec/concat.hpp>
#include <strata/spec/conv.hpp>
#include <strata/spec/crop.hpp>
#include <strata/spec/dense.hpp>
#include <strata/spec/depthwise_conv.hpp>
#include <strata/spec/dropout.hpp>
#include <strata/spec/flatten.hpp>
#include <strata/spec/gelu.hpp>
#include <strata/spec/global_average_pool.hpp>
#include <strata/spec/identity.hpp>
#include <strata/spec/leaky_relu.hpp>
#include <strata/spec/max_pool.hpp>
#include <strata/spec/named.hpp>
#include <strata/spec/network.hpp>
#include <strata/spec/options.hpp>
#include <strata/spec/pixel_softmax.hpp>
#include <strata/spec/pointwise.hpp>
#include <strata/spec/relu.hpp>
#include <strata/spec/repeat.hpp>
#include <strata/spec/residual.hpp>
#include <strata/spec/scale.hpp>
#include <strata/spec/sequential.hpp>
#include <strata/spec/sigmoid.hpp>
#include <strata/spec/softmax.hpp>
#include <strata/spec/sum.hpp>
#include <strata/spec/tanh.hpp>
#include <strata/spec/tap.hpp>
#include <strata/spec/transposed_conv.hpp>
#include <strata/spec/upsample.hpp>
