// SPDX-License-Identifier: MIT
// One graph with every operation, and the JSON that cuDNN's front end 1.32 made of it, apart from line breaks.
#pragma once

#include <strata/cuda/runtime/description.hpp>

namespace strata::testing {

inline cuda::GraphDescription every_operation() {
  using namespace cuda;
  GraphDescription g;
  const auto add = [&](long n, long c, long h, long w, Element e, Flow f) {
    return g.add(channels_innermost(n, c, h, w, e, f));
  };
  const int x = add(2, 8, 7, 6, Element::fp16, Flow::input), w = add(16, 4, 3, 3, Element::fp16, Flow::input);
  const int product = add(2, 16, 4, 4, Element::fp32, Flow::internal),
            bias = add(1, 16, 1, 1, Element::fp32, Flow::input);
  const int shifted = add(2, 16, 4, 4, Element::fp32, Flow::internal),
            scale = add(1, 16, 1, 1, Element::fp32, Flow::input);
  const int scaled = add(2, 16, 4, 4, Element::fp32, Flow::internal);
  const int y = g.add({{2, 16, 4, 4}, {512, 1, 128, 32}, Element::bf16, Flow::output});  // 16 of 32 channels
  const int sum = add(1, 16, 1, 1, Element::fp32, Flow::output),
            squares = add(1, 16, 1, 1, Element::fp32, Flow::output);
  const int centered = add(2, 16, 4, 4, Element::fp32, Flow::internal);
  const int dy = add(2, 16, 4, 4, Element::fp16, Flow::input), dx = add(2, 8, 7, 6, Element::fp32, Flow::internal);
  const int gradient = add(2, 8, 7, 6, Element::fp16, Flow::output), dw = add(16, 4, 3, 3, Element::fp32, Flow::output);
  const auto channels = [&](Flow f) { return add(1, 8, 1, 1, Element::fp32, f); };
  const int mean = channels(Flow::input), deviation = channels(Flow::input), slope = channels(Flow::input);
  const int product_sum = channels(Flow::output), gradient_sum = channels(Flow::output);
  const int first = channels(Flow::output), second = channels(Flow::output), third = channels(Flow::output);
  const auto window = [](GraphOp op, int from, int with, int to) {
    return GraphOperation{op, from, with, to, -1, {1, 2}, {1, 0}, {2, 1}, {1, 2}};
  };
  g.operations = {window(GraphOp::convolution, x, w, product),
                  {GraphOp::add, product, bias, shifted},
                  {GraphOp::subtract, shifted, bias, centered},
                  {GraphOp::multiply, centered, scale, scaled},
                  {GraphOp::relu, scaled, -1, y},
                  {GraphOp::statistics, scaled, -1, sum, squares},
                  window(GraphOp::input_gradient, dy, w, dx),
                  {GraphOp::relu_gradient, dx, x, gradient},
                  window(GraphOp::weight_gradient, x, dy, dw),
                  {GraphOp::reductions,
                   gradient,
                   x,
                   product_sum,
                   gradient_sum,
                   {},
                   {},
                   {1, 1},
                   {1, 1},
                   mean,
                   deviation,
                   slope,
                   {first, second, third}}};
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
{"axis":null,"compute_data_type":"FLOAT","elu_alpha":null,"inputs":{"IN_0":4,"IN_1":3},"mode":"SUB","name":"2",
"outputs":{"OUT_0":10},"relu_lower_clip":null,"relu_lower_clip_slope":null,"relu_upper_clip":null,"softplus_beta":null,
"swish_beta":null,"tag":"POINTWISE"},{"axis":null,"compute_data_type":"FLOAT","elu_alpha":null,"inputs":{"IN_0":10,
"IN_1":5},"mode":"MUL","name":"3","outputs":{"OUT_0":6},"relu_lower_clip":null,"relu_lower_clip_slope":null,
"relu_upper_clip":null,"softplus_beta":null,"swish_beta":null,"tag":"POINTWISE"},{"axis":null,
"compute_data_type":"FLOAT","elu_alpha":null,"inputs":{"IN_0":6},"mode":"RELU_FWD","name":"4","outputs":{"OUT_0":7},
"relu_lower_clip":null,"relu_lower_clip_slope":null,"relu_upper_clip":null,"softplus_beta":null,"swish_beta":null,
"tag":"POINTWISE"},{"compute_data_type":"FLOAT","inputs":{"X":6},"name":"","outputs":{"SQ_SUM":9,"SUM":8},
"tag":"GENSTATS"},{"compute_data_type":"FLOAT","dilation":[1,2],"inputs":{"DY":11,"W":1},
"math_mode":"CROSS_CORRELATION","name":"","outputs":{"DX":12},"post_padding":[1,0],"pre_padding":[1,2],"stride":[2,1],
"tag":"CONV_DGRAD"},{"axis":null,"compute_data_type":"FLOAT","elu_alpha":null,"inputs":{"IN_0":12,"IN_1":0},
"mode":"RELU_BWD","name":"7","outputs":{"OUT_0":13},"relu_lower_clip":null,"relu_lower_clip_slope":null,
"relu_upper_clip":null,"softplus_beta":null,"swish_beta":null,"tag":"POINTWISE"},{"compute_data_type":"FLOAT",
"dilation":[1,2],"inputs":{"DY":11,"X":0},"math_mode":"CROSS_CORRELATION","name":"","outputs":{"DW":23},
"post_padding":[1,0],"pre_padding":[1,2],"stride":[2,1],"tag":"CONV_WGRAD"},{"axis":null,"compute_data_type":"FLOAT",
"elu_alpha":null,"inputs":{"IN_0":23},"mode":"IDENTITY","name":"9","outputs":{"OUT_0":14},"relu_lower_clip":null,
"relu_lower_clip_slope":null,"relu_upper_clip":null,"softplus_beta":null,"swish_beta":null,"tag":"POINTWISE"},
{"compute_data_type":"FLOAT","inputs":{"DY":13,"INV_VARIANCE":16,"MEAN":15,"SCALE":17,"X":0},"name":"10",
"outputs":{"DBIAS":19,"DSCALE":18,"EQ_BIAS":22,"EQ_SCALE_DY":20,"EQ_SCALE_X":21},"tag":"DBN_WEIGHT"}],
"tensors":[{"data_type":"HALF","dim":[2,8,7,6],"is_pass_by_value":false,"is_virtual":false,"name":"t0",
"pass_by_value":null,"reordering_type":"NONE","stride":[336,1,48,8],"uid":0},{"data_type":"HALF","dim":[16,4,3,3],
"is_pass_by_value":false,"is_virtual":false,"name":"t1","pass_by_value":null,"reordering_type":"NONE","stride":[36,1,12,
4],"uid":1},{"data_type":"FLOAT","dim":[2,16,4,4],"is_pass_by_value":false,"is_virtual":true,"name":"t2",
"pass_by_value":null,"reordering_type":"NONE","stride":[256,1,64,16],"uid":2},{"data_type":"FLOAT","dim":[1,16,1,1],
"is_pass_by_value":false,"is_virtual":false,"name":"t3","pass_by_value":null,"reordering_type":"NONE","stride":[16,1,16,
16],"uid":3},{"data_type":"FLOAT","dim":[2,16,4,4],"is_pass_by_value":false,"is_virtual":true,"name":"t4",
"pass_by_value":null,"reordering_type":"NONE","stride":[256,1,64,16],"uid":4},{"data_type":"FLOAT","dim":[1,16,1,1],
"is_pass_by_value":false,"is_virtual":false,"name":"t5","pass_by_value":null,"reordering_type":"NONE","stride":[16,1,16,
16],"uid":5},{"data_type":"FLOAT","dim":[2,16,4,4],"is_pass_by_value":false,"is_virtual":true,"name":"t6",
"pass_by_value":null,"reordering_type":"NONE","stride":[256,1,64,16],"uid":6},{"data_type":"BFLOAT16","dim":[2,16,4,4],
"is_pass_by_value":false,"is_virtual":false,"name":"t7","pass_by_value":null,"reordering_type":"NONE","stride":[512,1,
128,32],"uid":7},{"data_type":"FLOAT","dim":[1,16,1,1],"is_pass_by_value":false,"is_virtual":false,"name":"t8",
"pass_by_value":null,"reordering_type":"NONE","stride":[16,1,16,16],"uid":8},{"data_type":"FLOAT","dim":[1,16,1,1],
"is_pass_by_value":false,"is_virtual":false,"name":"t9","pass_by_value":null,"reordering_type":"NONE","stride":[16,1,16,
16],"uid":9},{"data_type":"FLOAT","dim":[2,16,4,4],"is_pass_by_value":false,"is_virtual":true,"name":"t10",
"pass_by_value":null,"reordering_type":"NONE","stride":[256,1,64,16],"uid":10},{"data_type":"HALF","dim":[2,16,4,4],
"is_pass_by_value":false,"is_virtual":false,"name":"t11","pass_by_value":null,"reordering_type":"NONE","stride":[256,1,
64,16],"uid":11},{"data_type":"FLOAT","dim":[2,8,7,6],"is_pass_by_value":false,"is_virtual":true,"name":"t12",
"pass_by_value":null,"reordering_type":"NONE","stride":[336,1,48,8],"uid":12},{"data_type":"HALF","dim":[2,8,7,6],
"is_pass_by_value":false,"is_virtual":false,"name":"t13","pass_by_value":null,"reordering_type":"NONE","stride":[336,1,
48,8],"uid":13},{"data_type":"FLOAT","dim":[16,4,3,3],"is_pass_by_value":false,"is_virtual":false,"name":"t14",
"pass_by_value":null,"reordering_type":"NONE","stride":[36,1,12,4],"uid":14},{"data_type":"FLOAT","dim":[1,8,1,1],
"is_pass_by_value":false,"is_virtual":false,"name":"t15","pass_by_value":null,"reordering_type":"NONE","stride":[8,1,8,
8],"uid":15},{"data_type":"FLOAT","dim":[1,8,1,1],"is_pass_by_value":false,"is_virtual":false,"name":"t16",
"pass_by_value":null,"reordering_type":"NONE","stride":[8,1,8,8],"uid":16},{"data_type":"FLOAT","dim":[1,8,1,1],
"is_pass_by_value":false,"is_virtual":false,"name":"t17","pass_by_value":null,"reordering_type":"NONE","stride":[8,1,8,
8],"uid":17},{"data_type":"FLOAT","dim":[1,8,1,1],"is_pass_by_value":false,"is_virtual":false,"name":"t18",
"pass_by_value":null,"reordering_type":"NONE","stride":[8,1,8,8],"uid":18},{"data_type":"FLOAT","dim":[1,8,1,1],
"is_pass_by_value":false,"is_virtual":false,"name":"t19","pass_by_value":null,"reordering_type":"NONE","stride":[8,1,8,
8],"uid":19},{"data_type":"FLOAT","dim":[1,8,1,1],"is_pass_by_value":false,"is_virtual":false,"name":"t20",
"pass_by_value":null,"reordering_type":"NONE","stride":[8,1,8,8],"uid":20},{"data_type":"FLOAT","dim":[1,8,1,1],
"is_pass_by_value":false,"is_virtual":false,"name":"t21","pass_by_value":null,"reordering_type":"NONE","stride":[8,1,8,
8],"uid":21},{"data_type":"FLOAT","dim":[1,8,1,1],"is_pass_by_value":false,"is_virtual":false,"name":"t22",
"pass_by_value":null,"reordering_type":"NONE","stride":[8,1,8,8],"uid":22},{"data_type":"FLOAT","dim":[16,4,3,3],
"is_pass_by_value":false,"is_virtual":true,"name":"::DW","pass_by_value":null,"reordering_type":"NONE","stride":[36,1,
12,4],"uid":23}]}
)json";

}  // namespace strata::testing
