// SPDX-License-Identifier: MIT
// Element-wise kernels: input, functors, sums, dropout, and those that only move elements.
#include <strata/reference/maximum.hpp>
#include <strata/reference/rearrange.hpp>
#include <strata/reference/scale.hpp>

#include "../../support/cuda/kernel_check.hpp"

namespace cuda_kernels_elementwise {

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::testing;

namespace {
constexpr Shape odd{5, 7, 3}, wide{3, 4, 16}, vector{1, 1, 11};

/// A node that reads x, or dy if it is of the backward pass.
Node node_of(Op op, Shape in, Shape out) {
  Node node;
  node.op = op, node.in = in, node.out = node.mid = out;
  node.inputs = reads({graph::traits(op).family == graph::Family::gradient ? graph::Input::dy : graph::Input::x});
  return node;
}
}  // namespace

TEST_CASE("functors and their gradients") {
  for (Shape shape : {odd, wide, vector})
    for (int functor : {graph::relu_functor, reads_input, reads_output}) {
      const reference::Functor& f = reference_functors()[functor];
      Node node = node_of(Op::pointwise, shape, shape);
      node.epilogue.functor = functor;
      check_node(
          node, {shape},
          [&](int, std::vector<Map> in, Map y) {
            for (long i = 0; i < y.size(); i++) y[i] = f.f(in[0][i]);
          },
          1, 0);
      node.op = Op::pointwise_gradient, node.inputs = reads({Input::dy, Input::argument});
      check_node(
          node, {shape, shape},
          [&](int, std::vector<Map> in, Map y) {
            for (long i = 0; i < y.size(); i++) y[i] = in[0][i] * f.df(in[1][i]);
          },
          1, 0);
    }
}

TEST_CASE("sums of one to eight maps, over their own memory too") {
  for (Shape shape : {odd, wide})
    for (int count : {1, 2, 3, 8})
      for (int functor : {graph::no_functor, graph::relu_functor, reads_output}) {
        Node node = node_of(Op::sum, shape, shape);
        while (node.inputs.count < count) node.inputs.add(Input::x, node.inputs.count);
        node.epilogue.functor = functor;
        check_node(
            node, std::vector<Shape>(std::size_t(count), shape),
            [&](int, std::vector<Map> in, Map y) {
              for (long i = 0; i < y.size(); i++) {
                y[i] = 0;
                for (const Map& x : in) y[i] += x[i];
                if (functor >= 0) y[i] = reference_functors()[functor].f(y[i]);
              }
            },
            2, count > 1 ? 1 : 0);
      }
}

TEST_CASE("products of maps, and of a map with a vector, over their own memory too") {
  for (Shape shape : {odd, wide, vector})
    for (Shape factor : {shape, Shape{1, 1, shape.channels}}) {
      const auto reference = [](int, std::vector<Map> in, Map y) { reference::scale(in[0], in[1], y); };
      Node node = node_of(Op::scale, shape, shape);
      node.inputs = reads({Input::x, Input::factor});
      check_node(node, {shape, factor}, reference, 1, 0);
      if (factor == shape) check_node(node, {shape, factor}, reference, 1, 1);
    }
}

TEST_CASE("the larger of two maps, and its gradient, over their own memory too") {
  for (Shape shape : {odd, wide, vector}) {
    Node node = node_of(Op::maximum, shape, shape);
    node.inputs = reads({Input::x, Input::other});
    for (int over : {-1, 0, 1})
      check_node(
          node, {shape, shape}, [](int, std::vector<Map> in, Map y) { reference::maximum(in[0], in[1], y); }, 1, over);
    node.op = Op::maximum_gradient, node.inputs = reads({Input::dy, Input::x, Input::other});
    for (int over : {-1, 0})
      check_node(
          node, {shape, shape, shape},
          [](int, std::vector<Map> in, Map y) { reference::maximum_gradient(in[0], in[1], in[2], y); }, 1, over);
  }
}

TEST_CASE("the gradient of a maximum is halved where both are equal") {
  Node node = node_of(Op::maximum_gradient, vector, vector);
  node.inputs = reads({Input::dy, Input::x, Input::other});
  CallContext context;
  const Maps dy(vector, 1, 3), x(vector, 1, 0.5);
  for (double d : run_node(node, Element::fp32, 1, {dy, x, x}, context).y.values) CHECK(d == 1.5);
}

TEST_CASE("dropout draws the masks of every back end") {
  for (Shape shape : {odd, wide, vector})
    for (double probability : {0.25, 0.3, 0.0})
      for (graph::Share share : {graph::Share::element, graph::Share::channel, graph::Share::image})
        for (Op op : {Op::dropout, Op::dropout_gradient}) {
          Node node = node_of(op, shape, shape);
          node.probability = probability;
          node.share = share;
          node.layer = 4;
          check_node(
              node, {shape}, [&](int n, std::vector<Map> in, Map y) { reference::dropout(99, node, n, in[0], y); }, 1,
              0);
        }
}

TEST_CASE("bytes and floats become the input") {
  for_each_kind([&](Element e, int batch) {
    Random random{3, 0};
    Node node = node_of(Op::input, odd, odd);
    node.buffers = 2;
    const std::vector<float> buffers{9, 9, 0.01f, 0.02f, 0.03f, -1, 0, 1};
    std::vector<std::uint8_t> bytes(std::size_t(batch * odd.size()));
    std::vector<float> floats(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); i++)
      bytes[i] = std::uint8_t(random.below(256)), floats[i] = float(bytes[i]);
    const double scale[] = {double(buffers[2]), double(buffers[3]), double(buffers[4])}, shift[] = {-1, 0, 1};
    Maps wanted(odd, batch);
    for (int n = 0; n < batch; n++)
      reference::read_image({.bytes = bytes.data(), .count = batch}, n, scale, shift, wanted.of(n));
    for (bool as_bytes : {true, false}) {
      Bytes output(batch * odd.size() * 4);
      Call call;
      call.node = &node, call.element = e, call.batch = batch, call.output = output.data();
      call.buffers = const_cast<float*>(buffers.data());
      call.images = as_bytes ? static_cast<const void*>(bytes.data()) : floats.data();
      call.images_are_bytes = as_bytes;
      cuda::run_kernel(call);
      compare(download(output.data(), odd, batch, e), wanted, e);
    }
  });
}

TEST_CASE("concat, its slices, and their gradients") {
  for (const std::vector<int>& channels :  // in {2, 4, 2} a slice as wide as packs begins within one
       {std::vector<int>{3, 5}, {16, 8, 32}, {4, 12}, {2, 4, 2}, {1, 1, 1, 1, 1, 1, 1, 1}}) {
    std::vector<Shape> shapes;
    Shape all{3, 5, 0};
    for (int c : channels) shapes.push_back({3, 5, c}), all.channels += c;
    Node node = node_of(Op::concat, shapes[0], all);
    while (node.inputs.count < int(shapes.size())) node.inputs.add(Input::x, node.inputs.count);
    check_node(node, shapes, [&](int, std::vector<Map> in, Map y) {
      for (int k = 0, first = 0; k < int(in.size()); first += in[std::size_t(k++)].shape.channels)
        reference::copy(in[std::size_t(k)], reference::channels_of(y, first, in[std::size_t(k)].shape));
    });
    for (int k = 0, first = 0; k < int(shapes.size()); first += shapes[std::size_t(k++)].channels) {
      Node slice = node_of(Op::slice, all, shapes[std::size_t(k)]);
      slice.offset_channel = first;
      check_node(slice, {all}, [&](int, std::vector<Map> in, Map y) {
        reference::copy(reference::channels_of(in[0], first, y.shape), y);
      });
      Node back = node_of(Op::pad, shapes[std::size_t(k)], all);
      back.offset_channel = first;
      check_node(back, {shapes[std::size_t(k)]},
                 [&](int, std::vector<Map> in, Map y) { reference::pad(Padding::zeros, 0, 0, first, in[0], y); });
    }
  }
}

TEST_CASE("crop, broadcast, flatten and their gradients") {
  for (int channels : {3, 16}) {
    const Shape large{7, 9, channels}, small{4, 5, channels}, point{1, 1, channels}, flat{1, 1, 63 * channels};
    Node node = node_of(Op::crop, large, small);
    node.offset_y = 1, node.offset_x = 3;
    check_node(node, {large}, [&](int, std::vector<Map> in, Map y) { reference::crop(1, 3, in[0], y); });
    node.op = Op::pad, node.in = small, node.out = large;
    check_node(node, {small}, [&](int, std::vector<Map> in, Map y) { reference::crop_gradient(1, 3, in[0], y); });
    check_node(node_of(Op::flatten, large, flat), {large},
               [&](int, std::vector<Map> in, Map y) { reference::copy(in[0], y); });
    check_node(node_of(Op::unflatten, flat, large), {flat},
               [&](int, std::vector<Map> in, Map y) { reference::copy(in[0], y); });
    check_node(node_of(Op::broadcast, point, large), {point}, [&](int, std::vector<Map> in, Map y) {
      for (long i = 0; i < y.size(); i++) y[i] = in[0][i / y.shape.pixels()];
    });
  }
}

TEST_CASE("padding that repeats the map, and its gradient") {
  for (int channels : {3, 16})
    for (Padding padding : {Padding::zeros, Padding::reflect, Padding::replicate, Padding::circular}) {
      const Shape small{4, 5, channels}, large{9, 8, channels};
      Node node = node_of(Op::pad, small, large);
      node.offset_y = 3, node.offset_x = 1, node.padding = padding;
      check_node(node, {small}, [&](int, std::vector<Map> in, Map y) { reference::pad(padding, 3, 1, 0, in[0], y); });
      node.op = Op::pad_gradient, node.in = large, node.out = node.mid = small, node.inputs = reads({Input::dy});
      check_node(
          node, {large}, [&](int, std::vector<Map> in, Map y) { reference::pad_gradient(padding, 3, 1, in[0], y); }, 9);
    }
}

TEST_CASE("shuffles of channels and pixels") {
  for (int channels : {12, 32}) {
    const Shape deep{3, 5, channels}, wide{6, 10, channels / 4};
    for (int groups : {1, 2, 4}) {
      Node node = node_of(Op::channel_shuffle, deep, deep);
      node.groups = groups;
      check_node(node, {deep}, [&](int, std::vector<Map> in, Map y) { reference::channel_shuffle(groups, in[0], y); });
    }
    check_node(node_of(Op::pixel_shuffle, deep, wide), {deep},
               [&](int, std::vector<Map> in, Map y) { reference::pixel_shuffle(in[0], y); });
    check_node(node_of(Op::pixel_unshuffle, wide, deep), {wide},
               [&](int, std::vector<Map> in, Map y) { reference::pixel_unshuffle(in[0], y); });
  }
}

TEST_CASE("what is combined with an input's gradient: another gradient, what ReLU let through") {
  for (int kind = 1; kind < 4; kind++) {
    const bool adds = kind & 1, masks = kind & 2;
    const Node node = node_of(Op::convolution_input_gradient, odd, odd);
    for_each_kind([&](Element e, int batch) {
      Random random{9, 0};
      const Maps product = draw(random, odd, batch, e), other = draw(random, odd, batch, e),
                 y = draw(random, odd, batch, e);
      Maps wanted = product;
      for (std::size_t i = 0; i < wanted.values.size(); i++) {
        if (adds) wanted.values[i] += other.values[i];
        if (masks && !(y.values[i] > 0)) wanted.values[i] = 0;
      }
      Bytes given = upload(product, e), added = upload(other, e), mask = upload(y, e), output(batch * odd.size() * 4);
      Call call;
      call.node = &node, call.element = e, call.batch = batch;
      if (adds) call.inputs.add(Input::residual, added.data());
      if (masks) call.inputs.add(Input::mask, mask.data());
      for (bool over_itself : {false, true}) {
        call.output = over_itself ? given.data() : output.data();
        cuda::run_join(call, given.data());
        compare(download(call.output, odd, batch, e), wanted, e);
      }
    });
  }
}

}  // namespace cuda_kernels_elementwise
