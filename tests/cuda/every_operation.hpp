// SPDX-License-Identifier: MIT
// One graph in which every operation occurs, and the JSON that cuDNN's front end 1.32 made of it, line breaks apart.
#pragma once

#include <strata/cuda/description.hpp>

namespace strata::testing {

inline cuda::GraphDescription every_operation() {
  using namespace cuda;
  GraphDescription g;
  const auto add = [&](long n, long c, long h, long w, Element e, Flow f) { return g.add(channels_innermost(n, c, h, w, e, f)); };
  const int x = add(2, 8, 7, 6, Element::fp16, Flow::input), w = add(16, 4, 3, 3, Element::fp16, Flow::input);
  const int product = add(2, 16, 4, 4, Element::fp32, Flow::internal), bias = add(1, 16, 1, 1, Element::fp32, Flow::input);
  const int shifted = add(2, 16, 4, 4, Element::fp32, Flow::internal), scale = add(1, 16, 1, 1, Element::fp32, Flow::input);
  const int scaled = add(2, 16, 4, 4, Element::fp32, Flow::internal);
  const int y = g.add({{2, 16, 4, 4}, {512, 1, 128, 32}, Element::bf16, Flow::output});  // half of 32 channels
  const int sum = add(1, 16, 1, 1, Element::fp32, Flow::output), squares = add(1, 16, 1, 1, Element::fp32, Flow::output);
  const int dy = add(2, 16, 4, 4, Element::fp16, Flow::input), dx = add(2, 8, 7, 6, Element::fp32, Flow::internal);
  const int gradient = add(2, 8, 7, 6, Element::fp16, Flow::output), dw = add(16, 4, 3, 3, Element::fp32, Flow::output);
  const auto window = [](GraphOp op, int from, int with, int to) {
    return GraphOperation{op, from, with, to, -1, {1, 2}, {1, 0}, {2, 1}, {1, 2}};
  };
  g.operations = {window(GraphOp::convolution, x, w, product),
                  {GraphOp::add, product, bias, shifted},
                  {GraphOp::multiply, shifted, scale, scaled},
                  {GraphOp::relu, scaled, -1, y},
                  {GraphOp::statistics, scaled, -1, sum, squares},
                  window(GraphOp::input_gradient, dy, w, dx),
                  {GraphOp::relu_gradient, dx, x, gradient},
                  window(GraphOp::weight_gradient, x, dy, dw)};
  return g;
}

inline constexpr const char* every_operation_json = R"json(
{"context":{"compute_data_type":"FLOAT","intermediate_data_type":"FLOAT","io_data_type":"FLOAT",
"is_dynamic_shape_enabled":false,"is_override_shape_enabled":false,"sm_count":-1},"cudnn_backend_version":"9.19.0",
"cudnn_frontend_version":13200,"json_version":"2.0","nodes":[{"compute_data_type":"FLOAT","dilation":[1,2],
"inputs":{"W":1,"X":0},"math_mode":"CROSS_CORRELATION","name":"0","outputs":{"Y":2},"post_padding":[1,0],
"pre_padding":[1,2],"stride":[2,1],"tag":"CONV_FPROP"},{"axis":null,"compute_data_type":"FLOAT","elu_alpha":null,
"inputs":{"IN_0":2,"IN_1":3},"mode":"ADD","name":"1","outputs":{"OUT_0":4},"relu_lower_clip":null,
"relu_lower_clip_slope":null,"relu_upper_clip":null,"softplus_beta":null,"swish_beta":null,"tag":"POINTWISE"},
{"axis":null,"compute_data_type":"FLOAT","elu_alpha":null,"inputs":{"IN_0":4,"IN_1":5},"mode":"MUL","name":"2",
"outputs":{"OUT_0":6},"relu_lower_clip":null,"relu_lower_clip_slope":null,"relu_upper_clip":null,"softplus_beta":null,
"swish_beta":null,"tag":"POINTWISE"},{"axis":null,"compute_data_type":"FLOAT","elu_alpha":null,"inputs":{"IN_0":6},
"mode":"RELU_FWD","name":"3","outputs":{"OUT_0":7},"relu_lower_clip":null,"relu_lower_clip_slope":null,
"relu_upper_clip":null,"softplus_beta":null,"swish_beta":null,"tag":"POINTWISE"},{"compute_data_type":"FLOAT",
"inputs":{"X":6},"name":"","outputs":{"SQ_SUM":9,"SUM":8},"tag":"GENSTATS"},{"compute_data_type":"FLOAT",
"dilation":[1,2],"inputs":{"DY":10,"W":1},"math_mode":"CROSS_CORRELATION","name":"","outputs":{"DX":11},
"post_padding":[1,0],"pre_padding":[1,2],"stride":[2,1],"tag":"CONV_DGRAD"},{"axis":null,"compute_data_type":"FLOAT",
"elu_alpha":null,"inputs":{"IN_0":11,"IN_1":0},"mode":"RELU_BWD","name":"6","outputs":{"OUT_0":12},
"relu_lower_clip":null,"relu_lower_clip_slope":null,"relu_upper_clip":null,"softplus_beta":null,"swish_beta":null,
"tag":"POINTWISE"},{"compute_data_type":"FLOAT","dilation":[1,2],"inputs":{"DY":10,"X":0},
"math_mode":"CROSS_CORRELATION","name":"","outputs":{"DW":14},"post_padding":[1,0],"pre_padding":[1,2],"stride":[2,1],
"tag":"CONV_WGRAD"},{"axis":null,"compute_data_type":"FLOAT","elu_alpha":null,"inputs":{"IN_0":14},"mode":"IDENTITY",
"name":"8","outputs":{"OUT_0":13},"relu_lower_clip":null,"relu_lower_clip_slope":null,"relu_upper_clip":null,
"softplus_beta":null,"swish_beta":null,"tag":"POINTWISE"}],"tensors":[{"data_type":"HALF","dim":[2,8,7,6],
"is_pass_by_value":false,"is_virtual":false,"name":"t0","pass_by_value":null,"reordering_type":"NONE","stride":[336,1,
48,8],"uid":0},{"data_type":"HALF","dim":[16,4,3,3],"is_pass_by_value":false,"is_virtual":false,"name":"t1",
"pass_by_value":null,"reordering_type":"NONE","stride":[36,1,12,4],"uid":1},{"data_type":"FLOAT","dim":[2,16,4,4],
"is_pass_by_value":false,"is_virtual":true,"name":"t2","pass_by_value":null,"reordering_type":"NONE","stride":[256,1,
64,16],"uid":2},{"data_type":"FLOAT","dim":[1,16,1,1],"is_pass_by_value":false,"is_virtual":false,"name":"t3",
"pass_by_value":null,"reordering_type":"NONE","stride":[16,1,16,16],"uid":3},{"data_type":"FLOAT","dim":[2,16,4,4],
"is_pass_by_value":false,"is_virtual":true,"name":"t4","pass_by_value":null,"reordering_type":"NONE","stride":[256,1,
64,16],"uid":4},{"data_type":"FLOAT","dim":[1,16,1,1],"is_pass_by_value":false,"is_virtual":false,"name":"t5",
"pass_by_value":null,"reordering_type":"NONE","stride":[16,1,16,16],"uid":5},{"data_type":"FLOAT","dim":[2,16,4,4],
"is_pass_by_value":false,"is_virtual":true,"name":"t6","pass_by_value":null,"reordering_type":"NONE","stride":[256,1,
64,16],"uid":6},{"data_type":"BFLOAT16","dim":[2,16,4,4],"is_pass_by_value":false,"is_virtual":false,"name":"t7",
"pass_by_value":null,"reordering_type":"NONE","stride":[512,1,128,32],"uid":7},{"data_type":"FLOAT","dim":[1,16,1,1],
"is_pass_by_value":false,"is_virtual":false,"name":"t8","pass_by_value":null,"reordering_type":"NONE","stride":[16,1,
16,16],"uid":8},{"data_type":"FLOAT","dim":[1,16,1,1],"is_pass_by_value":false,"is_virtual":false,"name":"t9",
"pass_by_value":null,"reordering_type":"NONE","stride":[16,1,16,16],"uid":9},{"data_type":"HALF","dim":[2,16,4,4],
"is_pass_by_value":false,"is_virtual":false,"name":"t10","pass_by_value":null,"reordering_type":"NONE","stride":[256,
1,64,16],"uid":10},{"data_type":"FLOAT","dim":[2,8,7,6],"is_pass_by_value":false,"is_virtual":true,"name":"t11",
"pass_by_value":null,"reordering_type":"NONE","stride":[336,1,48,8],"uid":11},{"data_type":"HALF","dim":[2,8,7,6],
"is_pass_by_value":false,"is_virtual":false,"name":"t12","pass_by_value":null,"reordering_type":"NONE","stride":[336,
1,48,8],"uid":12},{"data_type":"FLOAT","dim":[16,4,3,3],"is_pass_by_value":false,"is_virtual":false,"name":"t13",
"pass_by_value":null,"reordering_type":"NONE","stride":[36,1,12,4],"uid":13},{"data_type":"FLOAT","dim":[16,4,3,3],
"is_pass_by_value":false,"is_virtual":true,"name":"::DW","pass_by_value":null,"reordering_type":"NONE","stride":[36,1,
12,4],"uid":14}]}
)json";

}  // namespace strata::testing
