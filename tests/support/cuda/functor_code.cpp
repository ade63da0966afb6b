// SPDX-License-Identifier: MIT
// The functors of the networks that tests run node by node, compiled once: for the host, or by nvcc (support/ptx).
// Without the single kernel of small networks, which those tests do not run.
#include <strata/cuda/instantiate.hpp>

#include "../layer_cases.hpp"
#include "network_code.hpp"
#include "trained_networks.hpp"

namespace strata::cuda {

template <class Net>
DeviceCode device_code() {
  return {FunctorLaunches<graph::functors<Net>>::table, nullptr};
}

}  // namespace strata::cuda

namespace strata::testing {

extern const MakeCode* const functor_code[];
const MakeCode* const functor_code[] = {
    code_of(ConvolutionCases{}), code_of(ChannelCases{}),    code_of(OtherLinearCases{}), code_of(NormCases{}),
    code_of(ImageNormCases{}),   code_of(ActivationCases{}), code_of(PoolCases{}),        code_of(JoinCases{}),
    code_of(BroadcastCases{}),   code_of(FrozenCases{}),     code_of(ResizeCases{}),      code_of(ResampleCases{}),
    code_of(DecoderCases{}),     code_of(ShapeCases{}),      code_of(SignalCases{}),      code_of(HeadCases{}),
    code_of(TrainedNetworks{})};

}  // namespace strata::testing
