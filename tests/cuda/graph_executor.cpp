// SPDX-License-Identifier: MIT
// The interpreter of cuDNN graphs: every operation against the reference in doubles, on the stand-in device.
#include <cmath>

#include "../support/cuda/on_device.hpp"
#include "../support/tolerance.hpp"
#include "convolution_cases.hpp"

namespace cuda_graph_executor {

using namespace strata;
using namespace strata::cuda;
using namespace strata::testing;
using reference::Doubles;
namespace device = testing::device;

namespace {

/// Runs y = x op w, or y = op x where w is null, on random numbers, which xs and ws receive. Returns y.
Doubles run_pointwise(GraphOp op, const GraphTensor& x, const GraphTensor* w, const GraphTensor& y, Doubles& xs,
                      Doubles& ws) {
  GraphDescription g;
  const int xi = g.add(x), wi = w ? g.add(*w) : -1, yi = g.add(y);
  g.operations = {{op, xi, wi, yi}};
  OnDevice on(g);
  xs = on.fill(xi, 1);
  if (w) ws = on.fill(wi, 2);
  on.run();
  return on.read(yi);
}

}  // namespace

TEST_CASE("convolutions and their gradients are the reference's") {
  device::begin();
  for (const GraphOp op : {GraphOp::convolution, GraphOp::input_gradient, GraphOp::weight_gradient})
    for (std::size_t i = 0; i < std::size(cases); i++)
      for (const Element element : {Element::fp32, Element::fp16, Element::bf16})
        for (const Compute compute : {Compute::fp32, Compute::tf32}) {
          CAPTURE(name(op));
          CAPTURE(i);
          CAPTURE(name(element));
          const Convolution g = convolution(cases[i], op, element, compute);
          OnDevice on(g.graph);
          Doubles x, w, y;
          if (op != GraphOp::input_gradient) x = on.fill(g.x, 1);
          if (op != GraphOp::weight_gradient) w = on.fill(g.w, 2);
          if (op != GraphOp::convolution) y = on.fill(g.y, 3);
          if (compute == Compute::tf32 && element == Element::fp32)
            for (Doubles* factor : {&x, &w, &y})
              for (double& v : *factor) v = testing::round_to_tf32(float(v));
          on.run();
          refer(cases[i], op, x, w, y);
          const int made = op == GraphOp::convolution ? g.y : op == GraphOp::input_gradient ? g.x : g.w;
          const Doubles& expected = op == GraphOp::convolution ? y : op == GraphOp::input_gradient ? x : w;
          const double half_a_unit = element == Element::fp32 ? 0 : element == Element::fp16 ? 0x1p-11 : 0x1p-8;
          CHECK(difference(on.read(made), expected) < half_a_unit + testing::forward_bound);
        }
  CHECK(device::log().violations.empty());
}

TEST_CASE("elementwise operations, with broadcasting") {
  device::begin();
  const GraphTensor x = channels_innermost(2, 6, 3, 4, Element::fp32, Flow::input);
  const GraphTensor channels = channels_innermost(1, 6, 1, 1, Element::fp32, Flow::input);
  const GraphTensor pixels = channels_innermost(2, 1, 3, 4, Element::fp32, Flow::input);
  GraphTensor y = x;
  y.flow = Flow::output;
  const auto at = [](const GraphTensor& w, long i) {  // element i of [2][6][3][4]
    const long d[4] = {i / 72, i / 12 % 6, i / 4 % 3, i % 4};
    long out = 0;
    for (std::size_t k = 0; k < 4; k++) out = out * w.dims[k] + (w.dims[k] == 1 ? 0 : d[k]);
    return std::size_t(out);
  };
  for (const GraphTensor& w : {x, channels, pixels}) {
    Doubles xs, ws;
    const Doubles sum = run_pointwise(GraphOp::add, x, &w, y, xs, ws);
    const Doubles product = run_pointwise(GraphOp::multiply, x, &w, y, xs, ws);
    const Doubles gradient = run_pointwise(GraphOp::relu_gradient, x, &w, y, xs, ws);
    for (long i = 0; i < long(xs.size()); i++) {
      const double other = ws[at(w, i)];
      CHECK(sum[std::size_t(i)] == doctest::Approx(xs[std::size_t(i)] + other).epsilon(1e-6));
      CHECK(product[std::size_t(i)] == doctest::Approx(xs[std::size_t(i)] * other).epsilon(1e-6));
      CHECK(gradient[std::size_t(i)] == (other > 0 ? xs[std::size_t(i)] : 0));
    }
  }
  Doubles xs, none;
  const Doubles relu = run_pointwise(GraphOp::relu, x, nullptr, y, xs, none);
  for (std::size_t i = 0; i < xs.size(); i++) CHECK(relu[i] == std::max(xs[i], 0.0));
}

TEST_CASE("statistics are sums over batch and pixels") {
  device::begin();
  GraphDescription g;
  const int x = g.add(channels_innermost(3, 5, 4, 7, Element::bf16, Flow::input));
  const int sum = g.add(channels_innermost(1, 5, 1, 1, Element::fp32, Flow::output));
  const int squares = g.add(channels_innermost(1, 5, 1, 1, Element::fp32, Flow::output));
  g.operations = {{GraphOp::statistics, x, -1, sum, squares}};
  OnDevice on(g);
  const Doubles xs = on.fill(x, 1);
  on.run();
  Doubles expected(5, 0), expected_squares(5, 0);
  for (std::size_t i = 0; i < xs.size(); i++) {
    expected[i / 28 % 5] += xs[i];
    expected_squares[i / 28 % 5] += xs[i] * xs[i];
  }
  CHECK(difference(on.read(sum), expected) < 1e-6);
  CHECK(difference(on.read(squares), expected_squares) < 1e-6);
}

TEST_CASE("reductions are sums of a gradient and of its product with the normalized input") {
  device::begin();
  GraphDescription g;
  const int dz = g.add(channels_innermost(3, 5, 4, 7, Element::bf16, Flow::input));
  const int x = g.add(channels_innermost(3, 5, 4, 7, Element::fp16, Flow::input));
  const auto numbers = [&](Flow flow) { return g.add(channels_innermost(1, 5, 1, 1, Element::fp32, flow)); };
  const int mean = numbers(Flow::input), deviation = numbers(Flow::input), scale = numbers(Flow::input);
  const int product = numbers(Flow::output), sum = numbers(Flow::output);
  const int first = numbers(Flow::output), second = numbers(Flow::output), third = numbers(Flow::output);
  g.operations = {{GraphOp::reductions,
                   dz,
                   x,
                   product,
                   sum,
                   {},
                   {},
                   {1, 1},
                   {1, 1},
                   mean,
                   deviation,
                   scale,
                   {first, second, third}}};
  OnDevice on(g);
  const Doubles dzs = on.fill(dz, 1), xs = on.fill(x, 2), means = on.fill(mean, 3), deviations = on.fill(deviation, 4);
  const Doubles scales = on.fill(scale, 5);
  on.run();
  Doubles expected(5, 0), expected_products(5, 0);
  for (std::size_t i = 0; i < xs.size(); i++) {
    const std::size_t c = i / 28 % 5;
    expected[c] += dzs[i];
    expected_products[c] += dzs[i] * (xs[i] - means[c]) * deviations[c];
  }
  CHECK(difference(on.read(sum), expected) < 1e-6);
  CHECK(difference(on.read(product), expected_products) < 1e-6);
  const Doubles of_dz = on.read(first), of_x = on.read(second), of_one = on.read(third);
  for (std::size_t i = 0; i < xs.size(); i++) {  // they give the gradient of the norm's input
    const std::size_t c = i / 28 % 5;
    const double normalized = (xs[i] - means[c]) * deviations[c];
    CHECK(of_dz[c] * dzs[i] + of_x[c] * xs[i] + of_one[c] ==
          doctest::Approx(scales[c] * deviations[c] *
                          (dzs[i] - expected[c] / 84 - normalized * expected_products[c] / 84))
              .epsilon(1e-5)
              .scale(1));
  }
}

TEST_CASE("uninitialized numbers come through a ReLU and its gradient") {
  device::begin();
  GraphDescription g;
  const int x = g.add(channels_innermost(1, 4, 1, 1, Element::fp16, Flow::input));
  const int w = g.add(channels_innermost(1, 4, 1, 1, Element::fp16, Flow::input));
  const int relu = g.add(channels_innermost(1, 4, 1, 1, Element::fp16, Flow::output));
  const int gradient = g.add(channels_innermost(1, 4, 1, 1, Element::fp16, Flow::output));
  g.operations = {{GraphOp::relu, x, -1, relu}, {GraphOp::relu_gradient, w, x, gradient}};
  OnDevice on(g);
  on.fill(w, 1);
  on.run();
  for (const int made : {relu, gradient})
    for (const double v : on.read(made)) CHECK(std::isnan(v));
}

TEST_CASE("TF32 keeps 10 bits, to the nearest, ties to even") {
  CHECK(testing::round_to_tf32(1.0f + 0x1p-10f) == 1.0f + 0x1p-10f);
  CHECK(testing::round_to_tf32(1.0f + 0x1p-11f) == 1.0f);
  CHECK(testing::round_to_tf32(1.0f + 0x3p-11f) == 1.0f + 0x1p-9f);
  CHECK(testing::round_to_tf32(-(1.0f + 0x1p-11f + 0x1p-20f)) == -(1.0f + 0x1p-10f));
  CHECK(std::isnan(testing::round_to_tf32(NAN)));
  CHECK(testing::round_to_tf32(HUGE_VALF) == HUGE_VALF);
}

}  // namespace cuda_graph_executor
