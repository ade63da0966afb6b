// SPDX-License-Identifier: MIT
// Pools over windows and over whole images, resizes, and their gradients.
#include <strata/reference/pools.hpp>
#include <strata/reference/rearrange.hpp>
#include <strata/reference/resample.hpp>
#include <strata/reference/scale.hpp>

#include "../../support/cuda/kernel_check.hpp"

namespace cuda_kernels_pools {

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

namespace {

/// A node that reads x; dy if it is of the backward pass, and x if it needs that too.
Node node_of(Op op, Shape in, Shape out, const Window& window = {}) {
  Node node;
  node.op = op, node.in = in, node.out = node.mid = out, node.window = window;
  node.inputs = reads({graph::traits(op).family == graph::Family::gradient ? graph::Input::dy : graph::Input::x});
  if (op == Op::max_pool_gradient || op == Op::adaptive_max_pool_gradient || op == Op::scale_gradient)
    node.inputs.add(graph::Input::x, 1);
  return node;
}

Shape pooled_shape(const Window& w, Shape in) {
  return {w.rows.outputs(in.height), w.columns.outputs(in.width), in.channels};
}

constexpr Window tiles = Window::square(Axis::tiles(2));
constexpr Window overlapping = Window::square({.kernel = 3, .stride = 2, .before = 1, .after = 1});
constexpr Window uneven{{.kernel = 2, .after = 1}, {.kernel = 3, .stride = 2, .before = 1}};
constexpr Window dilated{{.kernel = 3, .dilation = 2, .before = 2, .after = 2},
                         {.kernel = 2, .dilation = 3, .before = 1, .after = 1}};
constexpr Window gaps = Window::square({.kernel = 2, .stride = 3}), large{Axis::tiles(17), Axis::tiles(16)};

}  // namespace

TEST_CASE("max and average pools and their gradients") {
  for (const Window& w : {tiles, overlapping, uneven, dilated, gaps, large})
    for (int channels : {3, 16}) {
      const Shape in = w == large ? Shape{18, 33, channels} : Shape{8, 11, channels}, out = pooled_shape(w, in);
      CAPTURE(w.rows.kernel);
      check_node(node_of(Op::max_pool, in, out, w), {in},
                 [&](int, std::vector<Map> x, Map y) { reference::max_pool(w, x[0], y); });
      check_node(node_of(Op::max_pool_gradient, out, in, w), {out, in},
                 [&](int, std::vector<Map> x, Map y) { reference::max_pool_gradient(w, x[0], x[1], y); });
      if (w.rows.dilation > 1) continue;
      for (const graph::Margins& uncounted :
           {graph::Margins{}, graph::Margins{w.rows.before, 0, w.rows.after, w.columns.after}}) {
        Node average = node_of(Op::average_pool, in, out, w);
        Node gradient = node_of(Op::average_pool_gradient, out, in, w);
        average.uncounted = gradient.uncounted = uncounted;
        check_node(average, {in},
                   [&](int, std::vector<Map> x, Map y) { reference::average_pool(w, uncounted, x[0], y); });
        check_node(gradient, {out},
                   [&](int, std::vector<Map> x, Map y) { reference::average_pool_gradient(w, uncounted, x[0], y); });
      }
    }
}

TEST_CASE("adaptive max pools and their gradients") {
  for (int channels : {3, 16})
    for (const Shape out :
         {Shape{1, 1, channels}, Shape{3, 5, channels}, Shape{8, 11, channels}, Shape{9, 17, channels}}) {
      const Shape in{8, 11, channels};
      check_node(node_of(Op::adaptive_max_pool, in, out), {in},
                 [&](int, std::vector<Map> x, Map y) { reference::adaptive_max_pool(x[0], y); });
      check_node(node_of(Op::adaptive_max_pool_gradient, out, in), {out, in},
                 [&](int, std::vector<Map> x, Map y) { reference::adaptive_max_pool_gradient(x[0], x[1], y); });
    }
}

TEST_CASE("the first of equal maxima takes the gradient, and a NaN wins only if it comes first") {
  const double none = std::numeric_limits<double>::quiet_NaN();
  Maps x({2, 4, 1}, 1);
  x.values = {1, 1, none, 2, 1, 1, 3, 3};
  Maps dy({1, 2, 1}, 1);
  dy.values = {5, 7};
  CallContext context;
  const Maps dx =
      run_node(node_of(Op::max_pool_gradient, dy.shape, x.shape, tiles), Element::fp32, 1, {dy, x}, context).y;
  CHECK(dx.values == Doubles{5, 0, 7, 0, 0, 0, 0, 0});
  x.values = {1, none, 0, 2, none, 2, 3, none};
  const Maps y = run_node(node_of(Op::max_pool, x.shape, dy.shape, tiles), Element::fp32, 1, {x}, context).y;
  CHECK(y.values == Doubles{2, 3});
}

TEST_CASE("means and sums over images") {
  for (Shape shape : {Shape{1, 1, 5}, Shape{7, 9, 3}, Shape{33, 40, 16}, Shape{50, 50, 1}}) {
    const Shape point{1, 1, shape.channels};
    check_node(node_of(Op::global_average_pool, shape, point), {shape},
               [](int, std::vector<Map> x, Map y) { reference::global_average_pool(x[0], y); });
    check_node(node_of(Op::global_average_pool_gradient, point, shape), {point},
               [](int, std::vector<Map> x, Map y) { reference::global_average_pool_gradient(x[0], y); });
    check_node(node_of(Op::broadcast_gradient, shape, point), {shape},
               [](int, std::vector<Map> x, Map y) { reference::broadcast_gradient(x[0], y); });
    check_node(node_of(Op::scale_gradient, shape, point), {shape, shape},
               [](int, std::vector<Map> x, Map y) { reference::scale_gradient(x[0], x[1], y); });
  }
}

TEST_CASE("both resizes and their gradients") {
  for (graph::Interpolation mode : {graph::Interpolation::half_pixel, graph::Interpolation::zero_extended})
    for (int factor : {1, 2, 3, 4, 8})
      for (Shape in : {Shape{1, 1, 3}, Shape{3, 5, 3}, Shape{2, 3, 16}}) {
        if (mode == graph::Interpolation::zero_extended && factor % 2 != 0) continue;
        CAPTURE(factor);
        const Shape out{in.height * factor, in.width * factor, in.channels};
        Node node = node_of(Op::resize, in, out);
        node.mode = mode, node.factor = factor;
        check_node(node, {in}, [&](int, std::vector<Map> x, Map y) { reference::resize(mode, factor, x[0], y); });
        node.op = Op::resize_gradient, node.in = out, node.out = in, node.inputs = reads({graph::Input::dy});
        check_node(node, {out},
                   [&](int, std::vector<Map> x, Map y) { reference::resize_gradient(mode, factor, x[0], y); });
      }
}

TEST_CASE("maps of other rows and columns and their gradients") {
  using graph::Interpolation;
  for (Interpolation mode :
       {Interpolation::half_pixel, Interpolation::aligned_corners, Interpolation::nearest, Interpolation::area})
    for (int channels : {3, 16})
      for (const auto& [in, out] : {std::pair{Shape{1, 1, channels}, Shape{2, 3, channels}},
                                    {Shape{5, 7, channels}, Shape{8, 23, channels}},
                                    {Shape{9, 31, channels}, Shape{4, 5, channels}},
                                    {Shape{4, 3, channels}, Shape{1, 3, channels}}}) {
        CAPTURE(int(mode));
        Node node = node_of(Op::resample, in, out);
        node.mode = mode;
        check_node(node, {in}, [&](int, std::vector<Map> x, Map y) { reference::resample(mode, x[0], y); });
        node = node_of(Op::resample_gradient, out, in);
        node.mode = mode;
        check_node(node, {out}, [&](int, std::vector<Map> x, Map y) { reference::resample_gradient(mode, x[0], y); });
      }
}

}  // namespace cuda_kernels_pools
