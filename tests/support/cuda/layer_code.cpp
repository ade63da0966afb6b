// SPDX-License-Identifier: MIT
// The device code of the networks of layer_cases.hpp, compiled once: for the host, or by nvcc (support/ptx). Without
// the single kernel of small networks, which gpu_backend.hpp does not run.
#include <strata/cuda/instantiate.hpp>

#include "../layer_cases.hpp"
#include "network_code.hpp"

namespace strata::cuda {

template <class Net>
DeviceCode device_code() {
  return {FunctorLaunches<graph::functors<Net>>::table, nullptr};
}

}  // namespace strata::cuda

namespace strata::testing {

extern const MakeCode* const layer_code[];
const MakeCode* const layer_code[] = {
    code_of(ConvolutionCases{}), code_of(ChannelCases{}), code_of(OtherLinearCases{}), code_of(NormCases{}),
    code_of(ActivationCases{}),  code_of(PoolCases{}),    code_of(JoinCases{}),        code_of(BroadcastCases{}),
    code_of(FrozenCases{}),      code_of(ResizeCases{}),  code_of(DecoderCases{})};

}  // namespace strata::testing
