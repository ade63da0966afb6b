// SPDX-License-Identifier: MIT
// Norms within an image, windows over channels, and learned slopes: what the elements of an image share.
#include <strata/reference/channel_window.hpp>
#include <strata/reference/group_norm.hpp>
#include <strata/reference/prelu.hpp>

#include "../../support/cuda/kernel_check.hpp"

namespace cuda_kernels_group_norm {

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::testing;

namespace {

constexpr Shape odd{5, 7, 6}, wide{3, 4, 16}, vector{1, 1, 12}, many{24, 25, 4};

std::vector<float> numbers(Random& random, long count, double low, double high) {
  std::vector<float> values(std::size_t(count), 0.f);
  for (float& x : values) x = float(low + (high - low) * double(random.uniform()));
  return values;
}

/// A group norm of a map, with scale and shift from offsets 1 and 1 + their number.
struct Case {
  Node norm, statistics;
  Doubles scale, shift;
  CallContext context;

  Case(Shape shape, int groups, bool each_pixel, Share share, bool affine) {
    norm.op = Op::group_norm, norm.in = norm.out = norm.mid = shape, norm.groups = groups, norm.share = share;
    if (!each_pixel) norm.window = {Axis::tiles(shape.height), Axis::tiles(shape.width)};
    statistics = norm;
    statistics.op = Op::group_statistics, statistics.epsilon = 1e-3;
    statistics.out = statistics.mid = {each_pixel ? shape.height : 1, each_pixel ? shape.width : 1, 2 * groups};
    const long count = shared_numbers(share, shape);
    Random random{17, 0};
    context.parameters = numbers(random, 2 * count + 1, -1.5, 1.5);
    context.gradients.assign(std::size_t(2 * count + 1), 7.f);
    if (!affine) return;
    norm.weights = 1, norm.bias = 1 + int(count);
    scale.assign(context.parameters.begin() + 1, context.parameters.begin() + 1 + count);
    shift.assign(context.parameters.begin() + 1 + count, context.parameters.end());
  }
  const double* scales() const { return scale.empty() ? nullptr : scale.data(); }
  const double* shifts() const { return shift.empty() ? nullptr : shift.data(); }
};

template <class Body>
void for_each_norm(Body body) {
  for (const Shape shape : {odd, wide, vector, many})
    for (const int groups : {1, 2, shape.channels})
      for (const bool each_pixel : {false, true})
        for (const Share share : {Share::channel, Share::element})
          for (const bool affine : {false, true}) {
            if (shape.channels / groups * (each_pixel ? 1 : shape.pixels()) == 1) continue;
            if (shape == many && (each_pixel || share == Share::element || groups != 2)) continue;
            INFO(shape.height, " x ", shape.width, " x ", shape.channels, ", ", groups, " groups, ", each_pixel);
            body(Case(shape, groups, each_pixel, share, affine));
          }
}

/// Statistics of the images by the reference, rounded as a value of the device is.
Maps statistics_of(const Case& norm, Maps& x, Element e) {
  Maps statistics(norm.statistics.out, x.batch);
  for (int n = 0; n < x.batch; n++) reference::group_statistics(norm.statistics, x.of(n), statistics.of(n));
  for (double& value : statistics.values) value = rounded_to(e, value);
  return statistics;
}

/// Whether both gradients of numbers that elements share are the sums over the batch, to a bound for so many terms.
void compare_sums(const std::vector<float>& given, long first, const Doubles& wanted, double terms) {
  double worst = 0;
  for (std::size_t k = 0; k < wanted.size(); k++) {
    const double off = std::fabs(double(given[std::size_t(first) + k]) - wanted[k]);
    if (!(off <= worst)) worst = off;
  }
  CHECK(worst <= 2e-5 * std::fmax(1, std::sqrt(terms)));
}

}  // namespace

TEST_CASE("statistics of groups, of a large mean too") {
  for_each_norm([](Case norm) {
    for (const double mean : {0., 100.})
      for_each_kind([&](Element e, int batch) {
        if (mean > 0 && e != Element::fp32) return;
        norm.statistics.inputs = reads({Input::x});
        Random random{1, 0};
        Maps x = draw(random, norm.norm.in, batch, e, mean - 1, mean + 1), wanted(norm.statistics.out, batch);
        for (int n = 0; n < batch; n++) reference::group_statistics(norm.statistics, x.of(n), wanted.of(n));
        compare(run_node(norm.statistics, e, batch, {x}, norm.context).y, wanted, e, mean > 0 ? 4 : 1);
      });
  });
}

TEST_CASE("the norm, over its own memory too, and with a functor") {
  for_each_norm([](Case norm) {
    for_each_kind([&](Element e, int batch) {
      norm.norm.inputs = reads({Input::x, Input::statistics});
      Random random{2, 0};
      Maps x = draw(random, norm.norm.in, batch, e), statistics = statistics_of(norm, x, e), wanted(x.shape, batch);
      for (int n = 0; n < batch; n++)
        reference::group_norm(norm.norm, norm.scales(), norm.shifts(), x.of(n), statistics.of(n), wanted.of(n));
      for (const int over : {-1, 0})
        compare(run_node(norm.norm, e, batch, {x, statistics}, norm.context, over).y, wanted, e);
      for (const int functor : {graph::relu_functor, reads_input}) {
        Node followed = norm.norm;
        followed.epilogue.functor = functor;
        Maps applied = wanted;
        for (double& y : applied.values) y = reference_functors()[functor].f(y);
        compare(run_node(followed, e, batch, {x, statistics}, norm.context).y, applied, e, functor > 0 ? 3 : 1);
      }
    });
  });
}

TEST_CASE("the gradients of the norm") {
  for_each_norm([](Case norm) {
    for_each_kind([&](Element e, int batch) {
      Random random{3, 0};
      Maps x = draw(random, norm.norm.in, batch, e), dy = draw(random, x.shape, batch, e),
           statistics = statistics_of(norm, x, e), means(statistics.shape, batch), dx(x.shape, batch);
      const std::size_t count = norm.scale.size();
      Doubles scale(count), shift(count);
      for (int n = 0; n < batch; n++) {
        reference::group_norm_reductions(norm.norm, norm.scales(), dy.of(n), x.of(n), statistics.of(n), means.of(n));
        if (count > 0)
          reference::group_norm_weight_gradient(norm.norm, dy.of(n), x.of(n), statistics.of(n), scale.data(),
                                                shift.data());
      }
      Node node = norm.norm;
      node.op = Op::group_norm_reductions, node.out = node.mid = means.shape;
      node.inputs = reads({Input::dy, Input::x, Input::statistics});
      compare(run_node(node, e, batch, {dy, x, statistics}, norm.context).y, means, e);
      for (double& value : means.values) value = rounded_to(e, value);
      for (int n = 0; n < batch; n++)
        reference::group_norm_input_gradient(norm.norm, norm.scales(), dy.of(n), x.of(n), statistics.of(n), means.of(n),
                                             dx.of(n));
      node.op = Op::group_norm_input_gradient, node.out = node.mid = x.shape;
      node.inputs = reads({Input::dy, Input::x, Input::statistics, Input::reductions});
      for (const int over : {-1, 0})
        compare(run_node(node, e, batch, {dy, x, statistics, means}, norm.context, over).y, dx, e);
      if (count == 0) return;
      node.op = Op::group_norm_weight_gradient, node.inputs = reads({Input::x, Input::dy, Input::statistics});
      run_node(node, e, batch, {x, dy, statistics}, norm.context);
      const double terms = double(batch) * double(x.shape.size()) / double(count);
      CHECK(norm.context.gradients[0] == 7);
      compare_sums(norm.context.gradients, 1, scale, terms);
      compare_sums(norm.context.gradients, 1 + long(count), shift, terms);
    });
  });
}

TEST_CASE("a window over channels, in both directions") {
  for (const Shape shape : {odd, wide, vector})
    for (const Axis& window : {Axis{.kernel = 5, .before = 2, .after = 2}, Axis{.kernel = 4, .before = 2, .after = 1},
                               Axis{.kernel = 4, .before = 1, .after = 2}, Axis{}}) {
      Node node;
      node.op = Op::channel_window, node.in = node.out = node.mid = shape, node.window.rows = window;
      node.inputs = reads({Input::x});
      check_node(
          node, {shape}, [&](int, std::vector<Map> in, Map y) { reference::channel_window(window, in[0], y); }, 2);
    }
}

TEST_CASE("learned slopes and their gradients") {
  for (const Shape shape : {odd, wide, many})
    for (const Share share : {Share::channel, Share::image})
      for_each_kind([&](Element e, int batch) {
        const std::size_t count = std::size_t(shared_numbers(share, shape));
        Random random{4, 0};
        CallContext context;
        context.parameters = numbers(random, long(count) + 1, -0.5, 0.5);
        context.gradients.assign(count + 1, 7.f);
        const Doubles slopes(context.parameters.begin() + 1, context.parameters.end());
        Doubles sums(count);
        Maps x = draw(random, shape, batch, e), dy = draw(random, shape, batch, e), y(shape, batch), dx(shape, batch);
        Node node;
        node.op = Op::prelu, node.in = node.out = node.mid = shape, node.share = share, node.weights = 1;
        for (int n = 0; n < batch; n++) {
          reference::prelu(node, slopes.data(), x.of(n), y.of(n));
          reference::prelu_input_gradient(node, slopes.data(), dy.of(n), x.of(n), dx.of(n));
          reference::prelu_weight_gradient(node, dy.of(n), x.of(n), sums.data());
        }
        node.inputs = reads({Input::x});
        for (const int over : {-1, 0}) compare(run_node(node, e, batch, {x}, context, over).y, y, e);
        node.op = Op::prelu_input_gradient, node.inputs = reads({Input::dy, Input::x});
        for (const int over : {-1, 0}) compare(run_node(node, e, batch, {dy, x}, context, over).y, dx, e);
        node.op = Op::prelu_weight_gradient, node.inputs = reads({Input::x, Input::dy});
        run_node(node, e, batch, {x, dy}, context);
        CHECK(context.gradients[0] == 7);
        compare_sums(context.gradients, 1, sums, double(batch) * double(shape.size()) / double(count));
      });
}

}  // namespace cuda_kernels_group_norm
