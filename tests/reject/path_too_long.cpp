// SPDX-License-Identifier: MIT
// clang-format off
// expect(gcc): layer backbone_feature_extractor[.]intermediate_encoder_stage[.]convoluti, Conv<3, 8>, is given 8x8x3: its path is longer than 63 characters; shorten
// expect(clang): Reason::path_too_long
// clang-format on
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 3>,
                    Named<"backbone_feature_extractor",
                          Sequential<Named<"intermediate_encoder_stage",
                                           Sequential<Named<"convolution_block", Sequential<Conv<3, 8>>>,
                                                      Named<"convolution_block_two", Sequential<Conv<3, 8>>>>>>>,
                    Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }
