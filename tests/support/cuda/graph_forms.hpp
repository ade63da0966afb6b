// SPDX-License-Identifier: MIT
// The graphs of which a network's training and inference consist, each for one convolution: whether cuDNN has a plan
// for a form depends on the element type, the channels and the device.
#pragma once

#include <strata/cuda/runtime/description.hpp>

#include <string>
#include <vector>

namespace strata::testing {

using namespace strata::cuda;

struct Window {
  const char* name;
  long batch, channels, height, width, kernels, side;
  long before, after, stride, dilation;  // padding before and after
  long groups = 1;

  long out(long in) const { return (in + before + after - dilation * (side - 1) - 1) / stride + 1; }
};

inline const Window windows[] = {
    {"3x3", 4, 64, 45, 60, 64, 3, 1, 1, 1, 1},
    {"3x3 stride 2", 4, 64, 90, 120, 128, 3, 1, 1, 2, 1},
    {"3x3 padded on one side", 4, 64, 90, 120, 128, 3, 0, 1, 2, 1},
    {"3x3 dilation 6", 4, 256, 23, 30, 256, 3, 6, 6, 1, 6},
    {"1x1", 4, 256, 45, 60, 48, 1, 0, 0, 1, 1},
    {"1x1 to 11", 4, 256, 45, 60, 11, 1, 0, 0, 1, 1},
    {"3x3 of 304", 4, 304, 45, 60, 256, 3, 1, 1, 1, 1},
    {"7x7 stride 2 of 3", 4, 3, 90, 120, 64, 7, 3, 3, 2, 1},
    {"3x3 of 1 to 8", 128, 1, 28, 28, 8, 3, 1, 1, 1, 1},
    {"3x3 of 8 to 16", 128, 8, 14, 14, 16, 3, 1, 1, 1, 1},
    {"3x3 depthwise", 4, 64, 45, 60, 64, 3, 1, 1, 1, 1, 64},
    {"3x3 of 4 groups", 4, 64, 45, 60, 64, 3, 1, 1, 1, 1, 4},
    {"3x3 of 32 groups", 4, 128, 45, 60, 256, 3, 1, 1, 2, 1, 32},
};

/// Writes one graph. Values and weights have the element type of the precision; internal tensors and per-channel
/// numbers are fp32 unless the form says otherwise.
class FormWriter {
 public:
  FormWriter(const Window& window, Element element, Compute compute) : w_(window), e_(element) {
    graph.compute = compute;
  }

  GraphDescription graph;

  int x(Flow flow) { return x(flow, e_); }
  int x(Flow flow, Element e) { return add(channels_innermost(w_.batch, w_.channels, w_.height, w_.width, e, flow)); }
  int y(Flow flow) { return y(flow, e_); }
  int y(Flow flow, Element e) {
    return add(channels_innermost(w_.batch, w_.kernels, w_.out(w_.height), w_.out(w_.width), e, flow));
  }
  int weights(Flow flow, Element e) {
    return add(channels_innermost(w_.kernels, w_.channels / w_.groups, w_.side, w_.side, e, flow));
  }
  int weights() { return weights(Flow::input, e_); }
  int of_channels(long channels, Flow flow, Element e = Element::fp32) {
    return add(channels_innermost(1, channels, 1, 1, e, flow));
  }

  int windowed(GraphOp op, int a, int b, int made) {
    GraphOperation o{op, a, b, made};
    o.pad_before = {w_.before, w_.before}, o.pad_after = {w_.after, w_.after};
    o.stride = {w_.stride, w_.stride}, o.dilation = {w_.dilation, w_.dilation};
    graph.operations.push_back(o);
    return made;
  }
  int operation(GraphOp op, int a, int b, int made, int second = -1) {
    graph.operations.push_back({op, a, b, made, second});
    return made;
  }

  /// relu(scale x + shift), inside the graph; `e`: the type of the per-channel numbers.
  int normalized(Element e) {
    const int image = x(Flow::input), scale = of_channels(w_.channels, Flow::input, e);
    const int shift = of_channels(w_.channels, Flow::input, e);
    const int scaled = operation(GraphOp::multiply, image, scale, x(Flow::internal, Element::fp32));
    const int shifted = operation(GraphOp::add, scaled, shift, x(Flow::internal, Element::fp32));
    return operation(GraphOp::relu, shifted, -1, x(Flow::internal));
  }
  int biased(int from) {
    const int convolved = windowed(GraphOp::convolution, from, weights(), y(Flow::internal, Element::fp32));
    return operation(GraphOp::add, convolved, of_channels(w_.kernels, Flow::input), y(Flow::internal, Element::fp32));
  }
  void with_statistics(int from) {
    const int made = windowed(GraphOp::convolution, from, weights(), y(Flow::output));
    const int sum = of_channels(w_.kernels, Flow::output), squares = of_channels(w_.kernels, Flow::output);
    operation(GraphOp::statistics, made, -1, sum, squares);
  }

 private:
  int add(const GraphTensor& tensor) { return graph.add(tensor); }

  Window w_;
  Element e_;
};

struct Form {
  const char* name;
  void (*write)(FormWriter&);
};

inline const Form forms[] = {
    {"convolution",
     [](FormWriter& f) {
       const int x = f.x(Flow::input), w = f.weights();
       f.windowed(GraphOp::convolution, x, w, f.y(Flow::output));
     }},
    {"convolution, bias, ReLU",
     [](FormWriter& f) { f.operation(GraphOp::relu, f.biased(f.x(Flow::input)), -1, f.y(Flow::output)); }},
    {"convolution, bias, residual, ReLU",
     [](FormWriter& f) {
       const int biased = f.biased(f.x(Flow::input)), other = f.y(Flow::input);
       const int sum = f.operation(GraphOp::add, biased, other, f.y(Flow::internal, Element::fp32));
       f.operation(GraphOp::relu, sum, -1, f.y(Flow::output));
     }},
    {"convolution, statistics", [](FormWriter& f) { f.with_statistics(f.x(Flow::input)); }},
    {"scale, bias, ReLU, convolution",
     [](FormWriter& f) {
       const int x = f.normalized(Element::fp32), w = f.weights();
       f.windowed(GraphOp::convolution, x, w, f.y(Flow::output));
     }},
    {"scale, bias, ReLU, convolution, statistics",
     [](FormWriter& f) { f.with_statistics(f.normalized(Element::fp32)); }},
    {"scale, bias (fp16), ReLU, convolution, statistics",
     [](FormWriter& f) { f.with_statistics(f.normalized(Element::fp16)); }},
    {"input gradient",
     [](FormWriter& f) {
       const int dy = f.y(Flow::input), w = f.weights();
       f.windowed(GraphOp::input_gradient, dy, w, f.x(Flow::output));
     }},
    {"input gradient, ReLU gradient",
     [](FormWriter& f) {
       const int dy = f.y(Flow::input), w = f.weights(), value = f.x(Flow::input);
       const int dx = f.windowed(GraphOp::input_gradient, dy, w, f.x(Flow::internal, Element::fp32));
       f.operation(GraphOp::relu_gradient, dx, value, f.x(Flow::output));
     }},
    {"input gradient, sum, ReLU gradient",
     [](FormWriter& f) {
       const int dy = f.y(Flow::input), w = f.weights(), value = f.x(Flow::input), other = f.x(Flow::input);
       const int dx = f.windowed(GraphOp::input_gradient, dy, w, f.x(Flow::internal, Element::fp32));
       const int sum = f.operation(GraphOp::add, dx, other, f.x(Flow::internal, Element::fp32));
       f.operation(GraphOp::relu_gradient, sum, value, f.x(Flow::output));
     }},
    {"weight gradient",
     [](FormWriter& f) {
       const int x = f.x(Flow::input), dy = f.y(Flow::input);
       f.windowed(GraphOp::weight_gradient, x, dy, f.weights(Flow::output, f.graph.tensors[0].element));
     }},
    {"weight gradient in fp32",
     [](FormWriter& f) {
       const int x = f.x(Flow::input), dy = f.y(Flow::input);
       f.windowed(GraphOp::weight_gradient, x, dy, f.weights(Flow::output, Element::fp32));
     }},
    {"scale, bias, ReLU, weight gradient in fp32",
     [](FormWriter& f) {
       const int x = f.normalized(Element::fp32), dy = f.y(Flow::input);
       f.windowed(GraphOp::weight_gradient, x, dy, f.weights(Flow::output, Element::fp32));
     }},
    {"scale, bias (fp16), ReLU, weight gradient",
     [](FormWriter& f) {
       const int x = f.normalized(Element::fp16), dy = f.y(Flow::input);
       f.windowed(GraphOp::weight_gradient, x, dy, f.weights(Flow::output, f.graph.tensors[0].element));
     }},
    {"sum",
     [](FormWriter& f) {
       const int a = f.x(Flow::input), b = f.x(Flow::input);
       f.operation(GraphOp::add, a, b, f.x(Flow::output));
     }},
    {"scale, bias, ReLU",
     [](FormWriter& f) {
       const int x = f.normalized(Element::fp32);
       f.graph.tensors[std::size_t(x)].flow = Flow::output;
     }},
    {"ReLU gradient",
     [](FormWriter& f) {
       const int dy = f.x(Flow::input), value = f.x(Flow::input);
       f.operation(GraphOp::relu_gradient, dy, value, f.x(Flow::output));
     }},
    {"input gradient, other, ReLU gradient",
     [](FormWriter& f) {
       const int dy = f.y(Flow::input), w = f.weights(),
                 dx = f.windowed(GraphOp::input_gradient, dy, w, f.x(Flow::internal, Element::fp32));
       const int joined = f.operation(GraphOp::add, dx, f.x(Flow::input), f.x(Flow::internal, Element::fp32));
       f.operation(GraphOp::relu_gradient, joined, f.x(Flow::input), f.x(Flow::output));
     }},
    {"input gradient, after a batch norm and ReLU, with its reductions",
     [](FormWriter& f) {
       const int dy = f.y(Flow::input), w = f.weights(),
                 dx = f.windowed(GraphOp::input_gradient, dy, w, f.x(Flow::internal, Element::fp32));
       const int x = f.x(Flow::input), channels = int(f.graph.tensors[std::size_t(x)].dims[1]);
       const auto number = [&](Flow flow) { return f.of_channels(channels, flow); };
       const int mean = number(Flow::input), deviation = number(Flow::input), scale = number(Flow::input),
                 shift = number(Flow::input);
       int z = f.operation(GraphOp::subtract, x, mean, f.x(Flow::internal, Element::fp32));
       z = f.operation(GraphOp::multiply, z, deviation, f.x(Flow::internal, Element::fp32));
       z = f.operation(GraphOp::multiply, z, scale, f.x(Flow::internal, Element::fp32));
       z = f.operation(GraphOp::add, z, shift, f.x(Flow::internal, Element::fp32));
       const int dz = f.operation(GraphOp::relu_gradient, dx, z, f.x(Flow::output));
       const int product_sum = number(Flow::output), sum = number(Flow::output);
       f.operation(GraphOp::reductions, dz, x, product_sum, sum);
       GraphOperation& made = f.graph.operations.back();
       made.mean = mean, made.inverse_deviation = deviation, made.scale = scale;
       for (int& c : made.coefficients) c = number(Flow::output);
     }},
    {"statistics",
     [](FormWriter& f) {
       const int x = f.x(Flow::input), channels = int(f.graph.tensors[0].dims[1]);
       const int sum = f.of_channels(channels, Flow::output), squares = f.of_channels(channels, Flow::output);
       f.operation(GraphOp::statistics, x, -1, sum, squares);
     }},
};

inline const Precision precisions[] = {{Element::fp32, Compute::fp32},
                                       {Element::fp32, Compute::tf32},
                                       {Element::fp16, Compute::tf32, true},
                                       {Element::bf16, Compute::tf32}};

inline GraphDescription describe(const Form& form, const Window& window, const Precision& precision) {
  FormWriter writer(window, precision.element, precision.compute);
  form.write(writer);
  return writer.graph;
}

}  // namespace strata::testing
