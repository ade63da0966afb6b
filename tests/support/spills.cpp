// SPDX-License-Identifier: MIT
// The kernels whose inner loops object/spills reads in the object code, each kept as a separate function. Compiled,
// never run. The last is a tile for which no machine has enough registers: the test must find that it spills.
#include <strata/cpu/lanes/dense.hpp>
#include <strata/cpu/lanes/weight_gradient.hpp>
#include <strata/cpu/lanes/winograd.hpp>
#include <strata/cpu/nhwc/winograd.hpp>
#include <strata/cpu/nhwc/winograd_weight_gradient.hpp>
#include <strata/spec/relu.hpp>

namespace strata::cpu {

template void nhwc::convolve_tile<nhwc::tile_pixels>(const float*, long, const nhwc::Segment*, int, const float*,
                                                     float*, long, int, nhwc::Prefetcher&);
template void nhwc::multiply_panel<nhwc::Winograd::panel>(const float*, const float*, int, float*);
template void nhwc::accumulate_tile<nhwc::tile_inputs>(const nhwc::PixelRun*, int, long, long, float*,
                                                       nhwc::Prefetcher&);
template void nhwc::accumulate_tiles<nhwc::WinogradWeightGradient::inputs_at_once>(const float*, const float*, long,
                                                                                   int, float*, bool);

template void lanes::convolution<spec::relu>(const lanes::Call&);
template void lanes::dense<spec::relu>(const lanes::Call&);
template void lanes::winograd_convolution<spec::relu>(const lanes::Call&);
[[gnu::used]] void (*const weight_gradient)(const lanes::Call&) = &lanes::convolution_weight_gradient;

template void nhwc::convolve_tile<40>(const float*, long, const nhwc::Segment*, int, const float*, float*, long, int,
                                      nhwc::Prefetcher&);

}  // namespace strata::cpu
