// SPDX-License-Identifier: MIT
// Batch norm in all its parts; epilogues, prologues and the gradient of a bias.
#include <strata/reference/batch_norm.hpp>
#include <strata/reference/pools.hpp>
#include <strata/reference/rearrange.hpp>

#include "../../support/cuda/kernel_check.hpp"

namespace cuda_kernels_normalize {

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::testing;

namespace {

/// What follows the product of a convolution or dense layer: its bias, and a batch norm that was folded into it.
cuda::ChannelNumbers after_product(const Call& call) {
  const Node& node = *call.node;
  cuda::ChannelNumbers numbers;
  if (node.folded.present)
    numbers = cuda::by_running(call.parameter(node.folded.scale), call.parameter(node.folded.shift),
                               call.buffers + node.folded.buffers, node.mid.channels, node.folded.epsilon);
  numbers.bias = call.parameter(node.bias);
  return numbers;
}

constexpr Shape odd{5, 7, 3}, wide{6, 4, 16}, vector{1, 1, 11}, many{40, 33, 8};
constexpr unsigned char second_layer[] = {0, 1, 0};  // keeps its statistics
constexpr Window tiles = Window::square(Axis::tiles(2));
constexpr Window overlapping = Window::square({.kernel = 3, .stride = 2, .before = 1, .after = 1});

Shape pooled_shape(const Window& w, Shape in) {
  return {w.rows.outputs(in.height), w.columns.outputs(in.width), in.channels};
}

std::vector<float> numbers(Random& random, int count, double low, double high) {
  std::vector<float> values(std::size_t(count), 0.f);
  for (float& x : values) x = float(low + (high - low) * double(random.uniform()));
  return values;
}
Doubles doubles(const std::vector<float>& x) { return Doubles(x.begin(), x.end()); }

/// What follows a batch norm.
struct Following {
  int functor = graph::no_functor;
  bool pools = false;
  Window pool{};
};
std::vector<Following> all_following() {
  std::vector<Following> all;
  for (int functor : {graph::no_functor, graph::relu_functor, reads_input, reads_output})
    for (int pools = 0; pools < 3; pools++) all.push_back({functor, pools > 0, pools == 1 ? tiles : overlapping});
  return all;
}
double apply(const Following& next, double z) { return next.functor < 0 ? z : reference_functors()[next.functor].f(z); }

/// Parameters [scale, shift] from offset 0.
struct Normalized {
  Node node;
  CallContext context;
  Doubles scale, shift, statistics;

  Normalized(Op op, Shape shape, const Following& next, std::initializer_list<Input> names) {
    Random random{17, 0};
    const int c = shape.channels;
    node.inputs = reads(names);
    node.op = op, node.mid = shape, node.epilogue.functor = next.functor, node.epilogue.pools = next.pools,
    node.epilogue.pool = next.pool;
    node.weights = 0, node.bias = c;
    context.parameters = numbers(random, 2 * c, -1.5, 1.5);
    context.gradients.assign(std::size_t(2 * c), std::numeric_limits<float>::quiet_NaN());
    std::vector<float> both = numbers(random, c, -0.3, 0.3), deviations = numbers(random, c, 0.7, 1.6);
    both.insert(both.end(), deviations.begin(), deviations.end());
    context.batch_values = {both};
    statistics = doubles(both);
    scale.assign(context.parameters.begin(), context.parameters.begin() + c);
    shift.assign(context.parameters.begin() + c, context.parameters.end());
  }
  Doubles z(Map x) const {
    Doubles z(std::size_t(x.size()));
    reference::normalize(statistics.data(), scale.data(), shift.data(), x, {z.data(), x.shape});
    return z;
  }
  /// unpool(dy) f'(z). A functor with its own launch works on stored values: z and f(z) are rounded, and so may tie
  /// within a window.
  Doubles dz(const Following& next, Map dy, Map x, Element e) const {
    const auto stored = [&](double value) { return next.functor > 0 ? rounded_to(e, value) : value; };
    Doubles before = z(x), after(before.size()), dz(before.size());
    for (std::size_t i = 0; i < before.size(); i++)
      before[i] = stored(before[i]), after[i] = stored(apply(next, before[i]));
    if (next.pools) reference::max_pool_gradient(next.pool, dy, {after.data(), x.shape}, {dz.data(), x.shape});
    else reference::copy(dy, {dz.data(), x.shape});
    if (next.functor >= 0) {
      const reference::Functor& f = reference_functors()[next.functor];
      for (std::size_t i = 0; i < dz.size(); i++) dz[i] *= f.df(f.reads_input ? before[i] : after[i]);
    }
    return dz;
  }
};

/// How often a number is rounded on its way: a functor with its own launch works on stored values.
double steps(const Following& next) { return next.functor > 0 ? 4 : 1; }

}  // namespace

TEST_CASE("normalize, whatever follows it") {
  for (const Following& next : all_following())
    for (Shape shape : {odd, wide}) {
      Normalized n(Op::normalize, shape, next, {Input::x, Input::statistics});
      n.node.in = shape, n.node.out = next.pools ? pooled_shape(next.pool, shape) : shape;
      for_each_kind([&](Element e, int batch) {
        Random random{1, 0};
        Maps x = draw(random, shape, batch, e), wanted(n.node.out, batch);
        for (int i = 0; i < batch; i++) {
          Doubles z = n.z(x.of(i));
          for (double& value : z) value = apply(next, value);
          if (next.pools) reference::max_pool(next.pool, {z.data(), shape}, wanted.of(i));
          else reference::copy({z.data(), shape}, wanted.of(i));
        }
        compare(run_node(n.node, e, batch, {x}, n.context).y, wanted, e, steps(next));
      });
    }
}

TEST_CASE("both gradients of normalize; with kept statistics the input's is that of an affine map") {
  for (const Following& next : all_following())
    for (Shape shape : {odd, wide}) {
      const int c = shape.channels;
      Normalized n(Op::normalize_reductions, shape, next, {Input::dy, Input::x, Input::statistics});
      n.node.in = next.pools ? pooled_shape(next.pool, shape) : shape, n.node.out = {1, 1, 2 * c};
      for_each_kind([&](Element e, int batch) {
        Random random{2, 0};
        Maps dy = draw(random, n.node.in, batch, e), x = draw(random, shape, batch, e), wanted(shape, batch);
        Doubles sums(std::size_t(2 * c)), dz;
        for (int i = 0; i < batch; i++) {
          dz = n.dz(next, dy.of(i), x.of(i), e);
          reference::add_reductions(n.statistics.data(), {dz.data(), shape}, x.of(i), sums.data());
        }
        for (bool frozen : {false, true}) {
          Normalized own = n;
          own.node.frozen = frozen;
          const std::vector<float> given = run_node(own.node, e, batch, {dy, x}, own.context).batch_value;
          // Terms are exact except where dz is stored and is not a single dy: with a functor in its own launch, or
          // windows that overlap.
          const double terms = double(batch) * double(shape.pixels());
          const bool rounded = e != Element::fp32 && (next.functor > 0 || (next.pools && next.pool == overlapping));
          for (int k = 0; k < 2 * c; k++) {
            CHECK(std::fabs(double(given[std::size_t(k)]) - sums[std::size_t(k)]) <=
                  (rounded ? 4 * bound_of(e) : 2e-5) * std::sqrt(terms));
            const float gradient = own.context.gradients[std::size_t(k < c ? c + k : k - c)];
            CHECK((frozen ? std::isnan(gradient) : gradient == given[std::size_t(k)]));
          }
          const std::vector<float> gradients = own.context.gradients;
          own.node.layer = 1, own.context.kept = second_layer;
          for (float value : run_node(own.node, e, batch, {dy, x}, own.context).batch_value) CHECK(value == 0);
          CHECK((frozen || own.context.gradients == gradients));
        }
        Normalized own = n;
        own.node.op = Op::normalize_input_gradient, own.node.out = shape, own.node.inputs.add(Input::reductions, 3);
        own.context.batch_values.push_back(std::vector<float>(sums.begin(), sums.end()));
        for (int i = 0; i < batch; i++) {
          dz = n.dz(next, dy.of(i), x.of(i), e);
          reference::normalize_input_gradient(n.statistics.data(), sums.data(), n.scale.data(),
                                              double(batch) * shape.pixels(), {dz.data(), shape}, x.of(i),
                                              wanted.of(i));
        }
        compare(run_node(own.node, e, batch, {dy, x}, own.context).y, wanted, e, 2 * steps(next));
        if (!next.pools) compare(run_node(own.node, e, batch, {dy, x}, own.context, 0).y, wanted, e, 2 * steps(next));
      });
    }
}

TEST_CASE("statistics of a batch, of a large mean too, move the running ones") {
  for (Shape shape : {odd, wide, vector, many})
    for (double mean : {0.0, 300.0})
      for (float momentum : {-1.f, 0.25f})
        for_each_kind([&](Element e, int batch) {
          if (mean > 0 && e == Element::bf16) return;  // one unit in the last place of 300 is 2
          const int c = shape.channels;
          Random random{5, 0};
          Maps x = draw(random, shape, batch, e, mean - 1, mean + 1);
          Node node;
          node.op = Op::batch_statistics, node.in = node.mid = shape, node.out = {1, 1, 2 * c}, node.buffers = 1;
          node.inputs = reads({Input::x});
          CallContext context;
          context.numbers.momentum = momentum;
          context.buffers = numbers(random, 2 * c + 1, 0.5, 1.5);
          Doubles running = doubles(context.buffers), statistics(std::size_t(2 * c));
          reference::Moments moments(c);
          for (int n = 0; n < batch; n++) moments.add(x.of(n));
          reference::inverse_deviations(moments, node.epsilon, statistics.data());
          reference::move_statistics(moments, momentum < 0 ? node.momentum : double(momentum), running.data() + 1);
          const auto agrees = [&](const std::vector<float>& given) {
            for (int k = 0; k < 2 * c; k++) {
              CHECK(double(given[std::size_t(k)]) == doctest::Approx(statistics[std::size_t(k)]).epsilon(2e-5));
              CHECK(double(context.buffers[std::size_t(k + 1)]) ==
                    doctest::Approx(running[std::size_t(k + 1)]).epsilon(2e-5));
            }
          };
          const std::vector<float> before = context.buffers;
          agrees(run_node(node, e, batch, {x}, context).batch_value);
          if (mean > 0 || double(batch) * shape.pixels() == 1) return;  // sums of squares lose the variance
          std::vector<float> sums(std::size_t(2 * c)), given(std::size_t(2 * c), NAN);
          for (int k = 0; k < c; k++) {
            double sum = 0, squares = 0;
            for (int n = 0; n < batch; n++)
              for (int p = 0; p < shape.pixels(); p++) {
                const double value = x.of(n)[long(k) * shape.pixels() + p];
                sum += value, squares += value * value;
              }
            sums[std::size_t(k)] = float(sum), sums[std::size_t(c + k)] = float(squares);
          }
          context.buffers = before;
          Call call;
          call.node = &node, call.batch = batch, call.output = given.data();
          call.buffers = context.buffers.data(), call.numbers = &context.numbers;
          cuda::run_finish_statistics(call, sums.data(), sums.data() + c);
          agrees(given);
        });
}

TEST_CASE("kept statistics are the running ones, which do not move") {
  for (Shape shape : {odd, vector}) {
    const int c = shape.channels;
    Node node;
    node.op = Op::batch_statistics, node.in = node.mid = shape, node.out = {1, 1, 2 * c}, node.buffers = 1,
    node.layer = 1, node.inputs = reads({Input::x});
    for_each_kind([&](Element e, int batch) {
      Random random{6, 0};
      CallContext context;
      context.kept = second_layer, context.numbers.momentum = 0.25f;
      context.buffers = numbers(random, 2 * c + 1, 0.5, 1.5);
      const std::vector<float> before = context.buffers;
      Maps x = draw(random, shape, batch, e);
      std::vector<float> finished(std::size_t(2 * c), NAN);
      const std::vector<float> sums(std::size_t(2 * c), NAN),
          given = run_node(node, e, batch, {x}, context).batch_value;
      Call call;
      call.node = &node, call.batch = batch, call.output = finished.data(), call.buffers = context.buffers.data(),
      call.kept = second_layer;
      cuda::run_finish_statistics(call, sums.data(), sums.data() + c);
      CHECK(finished == given);
      CHECK(context.buffers == before);
      for (int k = 0; k < c; k++) {
        CHECK(given[std::size_t(k)] == before[std::size_t(1 + k)]);
        const double variance = double(before[std::size_t(1 + c + k)]);
        CHECK(double(given[std::size_t(c + k)]) ==
              doctest::Approx(1 / std::sqrt(variance + node.epsilon)).epsilon(1e-6));
      }
      node.layer = 2;
      CHECK(run_node(node, e, batch, {x}, context).batch_value != given);
      CHECK(context.buffers != before);
      node.layer = 1;
    });
  }
}

TEST_CASE("batch norm by running statistics") {
  for (int functor : {graph::no_functor, graph::relu_functor, reads_input}) {
    Node node;
    node.op = Op::batch_norm, node.in = node.out = node.mid = wide, node.epilogue.functor = functor;
    node.weights = 0, node.bias = 16, node.buffers = 0, node.inputs = reads({Input::x});
    for_each_kind([&](Element e, int batch) {
      Random random{6, 0};
      CallContext context;
      context.parameters = numbers(random, 32, -1, 1), context.buffers = numbers(random, 32, 0.5, 1.5);
      Maps x = draw(random, wide, batch, e), wanted(wide, batch);
      Doubles scale = doubles(context.parameters), statistics = doubles(context.buffers);
      for (std::size_t c = 16; c < 32; c++) statistics[c] = 1 / std::sqrt(statistics[c] + node.epsilon);
      for (int n = 0; n < batch; n++)
        reference::normalize(statistics.data(), scale.data(), scale.data() + 16, x.of(n), wanted.of(n));
      for (double& y : wanted.values) y = apply({functor}, y);
      compare(run_node(node, e, batch, {x}, context).y, wanted, e, functor > 0 ? 3 : 1);
      compare(run_node(node, e, batch, {x}, context, 0).y, wanted, e, functor > 0 ? 3 : 1);
    });
  }
}

TEST_CASE("what follows a product: bias, folded batch norm, residual, functor, pool") {
  for (const Following& next : all_following())
    for (int kind = 0; kind < 4; kind++) {
      const bool folds = kind & 1, adds = kind & 2;
      Node node;
      node.op = Op::convolution, node.mid = wide, node.out = next.pools ? pooled_shape(next.pool, wide) : wide;
      node.epilogue.functor = next.functor, node.epilogue.pools = next.pools, node.epilogue.pool = next.pool,
      node.bias = 0, node.folded = {.present = folds, .scale = 16, .shift = 32, .buffers = 0};
      for_each_kind([&](Element e, int batch) {
        Random random{7, 0};
        const std::vector<float> parameters = numbers(random, 48, -1, 1);
        std::vector<float> buffers = numbers(random, 32, 0.5, 1.5);
        Maps product = draw(random, wide, batch, e), other = draw(random, wide, batch, e), wanted(node.out, batch);
        for (int n = 0; n < batch; n++) {
          Doubles z(std::size_t(wide.size()));
          for (long i = 0; i < wide.size(); i++) {
            const std::size_t c = std::size_t(i / wide.pixels());
            double value = product.of(n)[i] + double(parameters[c]);
            if (folds)
              value = double(parameters[16 + c]) * (value - double(buffers[c])) /
                          std::sqrt(double(buffers[16 + c]) + node.folded.epsilon) +
                      double(parameters[32 + c]);
            if (adds) value += other.of(n)[i];
            z[std::size_t(i)] = apply(next, value);
          }
          if (next.pools) reference::max_pool(next.pool, {z.data(), wide}, wanted.of(n));
          else reference::copy({z.data(), wide}, wanted.of(n));
        }
        Bytes given = upload(product, e), residual = upload(other, e), output(batch * node.out.size() * 4);
        Workspace workspace(cuda::epilogue_workspace_bytes(node, e, batch));
        Call call;
        call.node = &node, call.element = e, call.batch = batch, call.workspace = workspace.data();
        if (adds) call.inputs.add(Input::residual, residual.data());
        call.parameters = parameters.data(), call.buffers = buffers.data(), call.functors = device_functors();
        for (bool over_itself : {false, true}) {
          if (over_itself && next.pools) continue;
          call.output = over_itself ? given.data() : output.data();
          cuda::run_epilogue(call, given.data(), after_product(call));
          compare(download(call.output, node.out, batch, e), wanted, e, steps(next));
        }
        CHECK(workspace.is_intact());
      });
    }
}

TEST_CASE("the batch norm before a product") {
  for (graph::Prologue::Kind kind : {graph::Prologue::affine, graph::Prologue::affine_relu}) {
    Normalized n(Op::convolution, odd, {}, {Input::x, Input::statistics});
    n.node.in = odd, n.node.prologue = {kind, 0, odd.channels};
    for_each_kind([&](Element e, int batch) {
      Random random{8, 0};
      Maps x = draw(random, odd, batch, e), wanted(odd, batch);
      for (int i = 0; i < batch; i++) reference::copy({n.z(x.of(i)).data(), odd}, wanted.of(i));
      if (kind == graph::Prologue::affine_relu)
        for (double& y : wanted.values) y = std::fmax(y, 0.);
      Bytes raw = upload(x, e), output(batch * odd.size() * 4);
      Call call;
      call.node = &n.node, call.element = e, call.batch = batch;
      call.inputs.add(Input::x, raw.data());
      call.inputs.add(Input::statistics, n.context.batch_values[0].data());
      call.parameters = n.context.parameters.data();
      cuda::run_prologue(call, output.data());
      compare(download(output.data(), odd, batch, e), wanted, e);
      const Element numbers = cuda::prologue_element(e);
      const Shape channels{1, 1, odd.channels};
      Bytes scales(4L * odd.channels), shifts(4L * odd.channels);
      cuda::run_prologue_coefficients(call, scales.data(), shifts.data());
      const Maps scale = download(scales.data(), channels, 1, numbers),
                 shift = download(shifts.data(), channels, 1, numbers);
      Maps by_numbers = x;
      for (int i = 0; i < batch; i++)
        for (long k = 0; k < odd.size(); k++) {
          const std::size_t c = std::size_t(k / odd.pixels());
          double& y = by_numbers.of(i)[k];
          y = scale.values[c] * y + shift.values[c];
          if (kind == graph::Prologue::affine_relu) y = std::fmax(y, 0.);
        }
      compare(by_numbers, wanted, numbers);
    });
  }
}

TEST_CASE("the gradient of a bias") {
  for (Shape shape : {odd, wide, vector, many}) {
    Node node;
    node.op = Op::convolution_weight_gradient, node.out = shape, node.bias = 1;
    for_each_kind([&](Element e, int batch) {
      Random random{9, 0};
      Maps dy = draw(random, shape, batch, e);
      Doubles sums(std::size_t(shape.channels));
      for (int n = 0; n < batch; n++)
        for (long i = 0; i < shape.size(); i++) sums[std::size_t(i / shape.pixels())] += dy.of(n)[i];
      Bytes given = upload(dy, e);
      std::vector<float> gradients(std::size_t(shape.channels + 1), std::numeric_limits<float>::quiet_NaN());
      Workspace workspace(cuda::bias_gradient_workspace_bytes(node, batch));
      Call call;
      call.node = &node, call.element = e, call.batch = batch, call.inputs.add(Input::dy, given.data());
      call.gradients = gradients.data(), call.workspace = workspace.data();
      cuda::run_bias_gradient(call);
      CHECK(workspace.is_intact());
      for (int c = 0; c < shape.channels; c++)
        CHECK(std::fabs(double(gradients[std::size_t(c + 1)]) - sums[std::size_t(c)]) <=
              1e-6 * std::sqrt(double(batch) * shape.pixels()));
    });
  }
}

TEST_CASE("reductions that a graph has made are the gradients of shift and scale") {
  for (int kind = 0; kind < 4; kind++) {
    const bool frozen = kind & 1, kept = kind & 2;
    Node node;
    node.layer = kept ? 1 : 2;
    node.op = Op::normalize_reductions, node.mid = odd, node.weights = 2, node.bias = 3 + odd.channels,
    node.frozen = frozen;
    const std::size_t c = std::size_t(odd.channels);
    std::vector<float> value(2 * c), gradients(4 + 2 * c, 7.f);
    for (std::size_t k = 0; k < value.size(); k++) value[k] = float(k) + 0.5f;
    Call call;
    call.node = &node, call.output = value.data(), call.gradients = gradients.data(), call.kept = second_layer;
    const std::vector<float> made = value;
    cuda::run_keep_reductions(call);
    CHECK(value == (kept ? std::vector<float>(2 * c, 0.f) : made));
    for (std::size_t k = 0; k < c; k++) {
      CHECK(gradients[2 + k] == (frozen ? 7.f : made[c + k]));
      CHECK(gradients[3 + c + k] == (frozen ? 7.f : made[k]));
    }
    for (const std::size_t outside : {std::size_t(0), std::size_t(1), 2 + c, 3 + 2 * c})
      CHECK(gradients[outside] == 7.f);
  }
}

}  // namespace cuda_kernels_normalize
