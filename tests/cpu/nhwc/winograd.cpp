// SPDX-License-Identifier: MIT
// Winograd's F(4x4, 3x3): single nodes against sums in double precision and against the direct kernel, and networks
// that use it. Bits do not depend on the number of threads, nor on what the memory held before.
#include <strata/core/aligned.hpp>
#include <strata/cpu/nhwc/training.hpp>
#include <strata/spec/tanh.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

#include <cmath>
#include <limits>

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::testing;
using graph::Node;
using graph::Op;
namespace nhwc = cpu::nhwc;

namespace {

constexpr float unset = 0.25f, nan = std::numeric_limits<float>::quiet_NaN();
constexpr int first_weight = 5, tanh_functor = 1;
constexpr nhwc::Functor functor_table[] = {{&nhwc::apply_row<spec::relu>},
                                           {&nhwc::apply_row<spec::hyperbolic_tangent_functor>}};

constexpr Window window(int top, int left, int bottom, int right, int dilation = 1) {
  return {{.kernel = 3, .dilation = dilation, .before = top, .after = bottom},
          {.kernel = 3, .dilation = dilation, .before = left, .after = right}};
}
constexpr Window same(int dilation = 1) { return Window::square(Axis::same(3, dilation)); }

/// A convolution of an image `in`, or the gradient with respect to that image.
constexpr Node node_of(Op op, Shape in, int outputs, const Window& w, bool bias = false) {
  const Shape out{w.rows.outputs(in.height), w.columns.outputs(in.width), outputs};
  Node node{.op = op, .in = in, .out = out, .window = w, .mid = out, .weights = first_weight};
  if (bias) node.bias = first_weight + 9 * in.channels * outputs;
  node.inputs.add(op == Op::convolution ? Input::x : Input::dy, 0);
  if (op == Op::convolution_input_gradient) node.in = out, node.out = node.mid = in;
  return node;
}

/// One node on random numbers, with a gap after each image's tensor.
struct Problem {
  Node node;
  int images;
  long stride;
  std::vector<float> parameters;
  Floats x, residual;

  Problem(const Node& n, int count)
      : node(n),
        images(count),
        stride(cpu::whole_lines(std::max(n.in.size(), n.out.size())) + 48),
        parameters(
            std::size_t(first_weight + 9L * n.in.channels * n.out.channels + (n.bias >= 0 ? n.out.channels : 0))),
        x(std::size_t(stride * count)),
        residual(x.size()) {
    Random random{7, 0};
    const auto fill = [&](auto& values, double spread) {
      for (float& v : values) v = float(spread * (2 * double(random.uniform()) - 1));
    };
    fill(parameters, std::sqrt(6.0 / (9.0 * n.in.channels)));
    fill(x, 1), fill(residual, 1);
  }

  /// The outputs of all images, by Winograd or by the direct kernel. `before`: what packed weights and workspaces start
  /// with.
  Floats run(bool winograd, int threads, float before = 0) const {
    const nhwc::Winograd g = nhwc::winograd_of(node);
    const nhwc::Sliding s = nhwc::sliding_of(node);
    const long workspace_floats = cpu::whole_lines(winograd ? g.workspace_floats() : nhwc::convolution_workspace(node));
    Floats packed(std::size_t(winograd ? g.packed_floats() : s.packed_floats()), before);
    Floats workspace(std::size_t(workspace_floats * threads), before), y(x.size(), unset);
    const nhwc::Step step{.parameters = parameters.data(), .images = {.count = images}, .functors = functor_table};
    nhwc::Call call;
    call.node = &node, call.step = &step, call.stride = stride;
    call.inputs.add(node.op == Op::convolution ? Input::x : Input::dy, x.data()), call.output = y.data();
    if (node.inputs.has(Input::residual)) call.inputs.add(Input::residual, residual.data());
    call.packed = packed.data(), call.workspace = workspace.data(), call.workspace_stride = workspace_floats;
    const bool mirrored = nhwc::is_mirrored(node.op);
    const float* weights = parameters.data() + node.weights;
    const float* bias = node.bias >= 0 ? parameters.data() + node.bias : nullptr;
    Workers workers(threads);
    workers.run([&](Team& team) {
      if (winograd) {
        nhwc::pack_winograd(g, mirrored, weights, graph::weight_view(node), nullptr, bias, packed.data(), team);
        nhwc::winograd_convolution(call, team);
      } else {
        team.for_each(s.blocks(), [&](int b, int) {
          nhwc::pack_block(s, mirrored, weights, graph::weight_view(node), nullptr, bias, b, packed.data());
        });
        nhwc::convolution(call, team);
      }
    });
    return y;
  }

  /// The outputs in double precision; `unset` in the gaps.
  std::vector<double> exact() const {
    const Window& w = node.window;
    const bool forward = node.op == Op::convolution;
    const int in = node.in.channels, out = node.out.channels;
    std::vector<double> y(x.size(), unset);
    for (int n = 0; n < images; n++)
      for (int i = 0; i < node.out.height; i++)
        for (int j = 0; j < node.out.width; j++) {
          const long at = n * stride + (long(i) * node.out.width + j) * out;
          double* const sum = y.data() + at;
          for (int o = 0; o < out; o++) {
            sum[o] = node.bias >= 0 ? double(parameters[std::size_t(node.bias + o)]) : 0;
            if (node.inputs.has(Input::residual)) sum[o] += double(residual[std::size_t(at + o)]);
          }
          for (int t = 0; t < 9; t++) {
            const int down = w.rows.source(0, t / 3), right = w.columns.source(0, t % 3);
            const int row = forward ? i + down : i - down, column = forward ? j + right : j - right;
            if (row < 0 || row >= node.in.height || column < 0 || column >= node.in.width) continue;
            const float* pixel = x.data() + n * stride + (long(row) * node.in.width + column) * in;
            for (int o = 0; o < out; o++)
              for (int c = 0; c < in; c++) {
                const long pair = forward ? long(o) * in + c : long(c) * out + o;
                sum[o] += double(pixel[c]) * double(parameters[std::size_t(node.weights + pair * 9 + t)]);
              }
          }
          for (int o = 0; o < out; o++) {
            if (node.epilogue.functor == graph::relu_functor) sum[o] = spec::relu::f(sum[o]);
            if (node.epilogue.functor == tanh_functor) sum[o] = spec::hyperbolic_tangent_functor::f(sum[o]);
          }
        }
    return y;
  }
};

/// The RMS of given - exact relative to the RMS of exact, without the gaps.
double relative_rms(const Floats& given, const std::vector<double>& exact) {
  double error = 0, square = 0;
  for (std::size_t i = 0; i < exact.size(); i++)
    if (exact[i] != double(unset)) error += std::pow(double(given[i]) - exact[i], 2), square += exact[i] * exact[i];
  return std::sqrt(error / square);
}

/// Measured: 1.5e-6 for 32 channels, 1.7e-6 for 64, 2.2e-6 for 128, 3.3e-6 for 304, 4.0e-6 for 512; the direct sum
/// 0.3e-6 to 1.2e-6. A wrong coefficient is thousands of times larger.
double rms_bound(int channels) { return 2e-6 * std::sqrt(std::max(channels, 32) / 32.0); }

void check(const Node& node, int images) {
  const Window& w = node.window;
  INFO(std::string(graph::name(node.op)), " of ", node.in.height, "x", node.in.width, "x", node.in.channels, " to ",
       node.out.channels, ", padding ", w.rows.before, " ", w.columns.before, ", dilation ", w.rows.dilation, ", ",
       images, " images");
  const Problem problem(node, images);
  const std::vector<double> exact = problem.exact();
  const Floats given = problem.run(true, 1, nan);
  const long count = long(exact.size());
  CHECK(relative_distance(given.data(), exact.data(), count) <= forward_bound);
  CHECK(relative_rms(given, exact) <= rms_bound(node.in.channels));
  const Floats direct = problem.run(false, 1);
  CHECK(relative_distance(given.data(), direct.data(), count) <= forward_bound);
  for (int threads : {2, 3}) CHECK(given == problem.run(true, threads));
}

void check_against_direct(const Node& node, int images) {
  INFO(node.in.height, "x", node.in.width, " to ", node.out.channels, " channels, functor ", node.epilogue.functor);
  const Problem problem(node, images);
  const Floats given = problem.run(true, 1, nan), direct = problem.run(false, 1);
  CHECK(relative_distance(given.data(), direct.data(), long(direct.size())) <= forward_bound);
  for (int threads : {2, 3}) CHECK(given == problem.run(true, threads));
}

void check_both(Shape in, int outputs, const Window& w, int images) {
  check(node_of(Op::convolution, in, outputs, w, true), images);
  check(node_of(Op::convolution_input_gradient, in, outputs, w), images);
}

bool takes_winograd(const Node& node) { return nhwc::choose(node) == nhwc::Algorithm::winograd; }

template <class Net>
void check_network(int nodes) {
  INFO(std::string(spelling_of<Net>()));
  int taken = 0;
  constexpr auto& plan = graph::training_plan<Net, nhwc::layout>;
  for (int i = 0; i < plan.count; i++)
    taken += plan.nodes[i].op != Op::convolution_weight_gradient && takes_winograd(plan.nodes[i]);
  CHECK(taken == nodes);
  check_backend<Nhwc, Net>();
}

}  // namespace

TEST_CASE("every small size, as tiles of one and of several images") {
  for (int rows = 1; rows <= 13; rows++)
    for (int columns : {1, 4, 5, 13}) check_both({rows, columns, 32}, 32, same(), rows % 3 + 1);
  for (int columns = 1; columns <= 13; columns++) check_both({columns % 5 + 1, columns, 32}, 33, same(), 2);
}

TEST_CASE("paddings, also different ones on the four sides") {
  for (int top : {0, 1, 2})
    for (int left : {0, 1, 2}) check_both({7, 11, 32}, 32, window(top, left, 2 - top, 1), 2);
  check_both({3, 3, 32}, 32, window(0, 0, 0, 0), 3);
}

TEST_CASE("channels that no vector and no column divides") {
  for (int in : {32, 33, 48, 64})
    for (int out : {11, 32, 33, 48, 304}) check_both({6, 9, in}, out, same(), 1);
  check_both({9, 10, 304}, 256, same(), 1);
  check_both({9, 10, 7}, 3, same(), 2);
}

TEST_CASE("dilations: every interleaved part has tiles of its own") {
  for (int rows : {1, 2, 5, 8, 9, 23, 45}) check_both({rows, 13, 32}, 32, same(2), 2);
  check_both({11, 15, 48}, 64, window(2, 1, 0, 3, 2), 3);
  check_both({13, 10, 32}, 32, same(3), 1);
}

TEST_CASE("maps of many groups") {
  check_both({45, 60, 64}, 32, same(), 2);
  check_both({23, 30, 128}, 128, same(), 2);
  check_both({22, 30, 512}, 64, same(2), 1);
}

TEST_CASE("weights that exceed the cache") { check_both({6, 13, 512}, 512, same(), 2); }

TEST_CASE("residual and functor") {
  for (int functor : {graph::no_functor, graph::relu_functor, tanh_functor})
    for (bool adds : {false, true})
      for (int out : {32, 75}) {
        Node node = node_of(Op::convolution, {10, 9, 33}, out, same(), true);
        node.epilogue.functor = functor;
        if (adds) node.inputs.add(Input::residual, 1);
        check(node, 3);
      }
}

TEST_CASE("a max pool after it, computed from tiles in registers") {
  for (int functor : {graph::no_functor, graph::relu_functor})
    for (int out : {32, 75})
      for (int rows : {2, 5, 8, 11})
        for (int columns : {3, 4, 9, 14}) {
          Node node = node_of(Op::convolution, {rows, columns, 33}, out, same(), true);
          node.epilogue.functor = functor;
          node.epilogue.pools = true, node.epilogue.pool = Window::square(Axis::tiles(2));
          node.out = {rows / 2, columns / 2, out};
          check_against_direct(node, 3);
        }
}

TEST_CASE("which nodes take it") {
  const auto taken = [](Shape in, int out, const Window& w) {
    const bool forward = takes_winograd(node_of(Op::convolution, in, out, w));
    CHECK(forward == takes_winograd(node_of(Op::convolution_input_gradient, in, out, w)));
    return forward;
  };
  CHECK(taken({180, 240, 304}, 256, same()));
  CHECK(taken({180, 240, 48}, 256, same()));
  CHECK(taken({45, 60, 512}, 512, same(2)));
  CHECK(taken({22, 30, 256}, 256, same()));
  CHECK(!taken({180, 240, 16}, 64, same()));
  CHECK(!taken({180, 240, 256}, 11, same()));
  CHECK(!taken({3, 3, 64}, 64, same()));  // a single tile
  Window strided = same();
  strided.rows.stride = strided.columns.stride = 2;
  CHECK(!taken({180, 240, 64}, 64, strided));
  Node pooled = node_of(Op::convolution, {180, 240, 64}, 64, same());
  pooled.epilogue.pools = true, pooled.epilogue.pool = Window::square(Axis::tiles(2));
  pooled.out = {90, 120, 64};
  CHECK(takes_winograd(pooled));
  pooled.epilogue.functor = tanh_functor;  // tanh is not fused before a pool
  CHECK(!takes_winograd(pooled));
  pooled.epilogue.functor = graph::relu_functor, pooled.inputs.add(Input::residual, 1);
  CHECK(!takes_winograd(pooled));
}

TEST_CASE("networks: batch norm folded or trained, residual, dilation, padding") {
  check_network<Classifier<Image<9, 10, 3>, Conv<1, 32>, Conv<3, 40>, BatchNorm, ReLU,
                           Residual<Sequential<Conv<3, 40, NoBias>, BatchNorm>>, ReLU>>(4);
  check_network<Classifier<Image<9, 10, 3>, Conv<1, 33>, BatchNorm, ReLU, Conv<3, 40>, BatchNorm, Conv<3, 36>, ReLU>>(
      4);  // prologues
  check_network<Classifier<Image<10, 13, 3>, Conv<1, 32>, Conv<3, 40>, ReLU, MaxPool<2>>>(2);
  check_network<
      Classifier<Image<13, 15, 3>, Conv<1, 33>, Conv<3, 32, Dilation<2>>, Tanh, Conv<3, 36, Pad<2, 0, 1, 1>>>>(4);
}
