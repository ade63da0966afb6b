// SPDX-License-Identifier: MIT
// A declared network, executed node by node: forward in either mode, then backward through the same nodes in reverse.
// It shares nothing with the passes of graph/: no node is rewritten, fused, differentiated into others or placed in an
// arena. Every value of the batch is kept.
#pragma once

#include <strata/graph/plan.hpp>
#include <strata/reference/batch_norm.hpp>
#include <strata/reference/channel_window.hpp>
#include <strata/reference/elementwise.hpp>
#include <strata/reference/group_norm.hpp>
#include <strata/reference/linear.hpp>
#include <strata/reference/maximum.hpp>
#include <strata/reference/pools.hpp>
#include <strata/reference/prelu.hpp>
#include <strata/reference/rearrange.hpp>
#include <strata/reference/resample.hpp>
#include <strata/reference/scale.hpp>

#include <iterator>

namespace strata::reference {

/// A lowered network whose type is erased.
struct Declaration {
  const graph::Node* nodes = nullptr;
  int count = 0, result = -1;
  graph::OtherResults others{};
  int inference_heads = 1;
  const Functor* functors = nullptr;
  long parameters = 0, buffers = 0;
};

class Tape {
 public:
  using Input = graph::Input;
  using Op = graph::Op;
  using Node = graph::Node;

  Tape(const Declaration& net, int images)
      : net_(net),
        images_(images),
        values_(std::size_t(net.count)),
        adjoints_(std::size_t(net.count)),
        statistics_(std::size_t(net.count)) {
    for (int i = 0; i < net.count; i++) {
      values_[std::size_t(i)].resize(std::size_t(images * net.nodes[i].out.size()));
      adjoints_[std::size_t(i)].resize(std::size_t(images * net.nodes[i].out.size()));
    }
  }

  const Declaration& net() const { return net_; }
  int images() const { return images_; }
  /// The value of node i for image n, and the gradient of the loss with respect to it.
  Map value(int i, int n) { return map(values_, i, n); }
  Map adjoint(int i, int n) { return map(adjoints_, i, n); }

  struct ForwardOptions {
    graph::Mode mode = graph::Mode::training;
    double momentum = -1;                 ///< < 0: each layer's own
    std::uint64_t seed = 0;               ///< of dropout's masks
    const unsigned char* kept = nullptr;  ///< per layer: whether a batch norm keeps its statistics; null: none does
  };

  /// Requires the images in the nodes that are inputs. Training updates the running statistics in `buffers`, except
  /// those that are kept.
  void forward(const double* parameters, double* buffers, ForwardOptions options) {
    options_ = options;
    for (int i = 1; i < net_.count; i++) {
      if (net_.nodes[i].op == Op::input) continue;
      if (net_.nodes[i].op == Op::batch_norm) prepare_statistics(i, buffers);
      for (int n = 0; n < images_; n++) compute(i, n, parameters);
    }
  }

  /// Sets all adjoints to 0.
  void clear_adjoints() {
    for (Doubles& of_node : adjoints_) of_node.assign(of_node.size(), 0);
  }
  /// After a forward pass in training: propagates the adjoints, which the caller has cleared and then set where losses
  /// are, to all nodes before. Adds to `gradients`.
  void backward(const double* parameters, double* gradients) {
    for (int i = net_.count - 1; i > 0; i--) {
      if (net_.nodes[i].op == Op::input) continue;
      if (net_.nodes[i].op == Op::batch_norm) add_batch_norm_gradients(i, parameters, gradients);
      else
        for (int n = 0; n < images_; n++) add_gradients(i, n, parameters, gradients);
    }
  }

 private:
  Map map(std::vector<Doubles>& of, int i, int n) {
    const Shape shape = net_.nodes[i].out;
    return {of[std::size_t(i)].data() + n * shape.size(), shape};
  }

  void prepare_statistics(int i, double* buffers) {
    const Node& node = net_.nodes[i];
    const int channels = node.out.channels;
    double* running = buffers + node.buffers;
    Doubles& statistics = statistics_[std::size_t(i)];
    statistics.assign(std::size_t(2 * channels), 0);
    if (options_.mode == graph::Mode::inference || graph::keeps_statistics(node, options_.kept))
      return running_statistics(running, channels, node.epsilon, statistics.data());
    Moments moments(channels);
    for (int n = 0; n < images_; n++) moments.add(value(node.inputs[Input::x], n));
    inverse_deviations(moments, node.epsilon, statistics.data());
    move_statistics(moments, options_.momentum < 0 ? node.momentum : options_.momentum, running);
  }

  /// A node at one image: its values, and in the backward pass what comes in and goes out. dx starts at 0 and is added
  /// to the adjoint of x.
  struct At {
    Tape& tape;
    int i, n;
    const Node& node;
    Map x, y;
    const double *weights, *bias;  ///< null: none
    Map dy{}, dx{};
    double* gradients = nullptr;

    const Functor& functor() const { return tape.net_.functors[node.epilogue.functor]; }
    Map statistics() const { return tape.value(node.inputs[Input::statistics], n); }
    Map other() const { return tape.value(node.inputs[Input::other], n); }
    Map other_adjoint() const { return tape.adjoint(node.inputs[Input::other], n); }
    Map factor() const { return tape.value(node.inputs[Input::factor], n); }
    Map factor_adjoint() const { return tape.adjoint(node.inputs[Input::factor], n); }
    Map input(int k) const { return tape.value(node.inputs[k], n); }
    Map input_adjoint(int k) const { return tape.adjoint(node.inputs[k], n); }
  };

  /// What an op that a network may declare computes for one image, and its gradients.
  struct Entry {
    Op op;
    void (*forward)(const At&);
    void (*backward)(const At&);
  };

  static void forward_linear(const At& a) {
    linear(a.node.op, a.node.window, a.weights, a.bias, a.x, a.y, a.node.groups);
  }
  static void backward_linear(const At& a) {
    const Node& node = a.node;
    if (!node.frozen)
      linear_weight_gradient(node.op, node.window, a.x, a.dy, a.gradients + node.weights,
                             node.bias < 0 ? nullptr : a.gradients + node.bias, node.groups);
    linear_input_gradient(node.op, node.window, a.weights, a.dy, a.dx, node.groups);
  }
  static void forward_batch_norm(const At& a) {
    normalize(a.tape.statistics_[std::size_t(a.i)].data(), a.weights, a.bias, a.x, a.y);
  }
  static void backward_group_norm(const At& a) {
    const Node& node = a.node;
    if (a.weights && !node.frozen)
      group_norm_weight_gradient(node, a.dy, a.x, a.statistics(), a.gradients + node.weights, a.gradients + node.bias);
    Doubles own(std::size_t(a.statistics().size()));
    const Map means{own.data(), a.statistics().shape};
    group_norm_reductions(node, a.weights, a.dy, a.x, a.statistics(), means);
    group_norm_input_gradient(node, a.weights, a.dy, a.x, a.statistics(), means, a.dx);
  }
  static void backward_prelu(const At& a) {
    if (!a.node.frozen) prelu_weight_gradient(a.node, a.dy, a.x, a.gradients + a.node.weights);
    prelu_input_gradient(a.node, a.weights, a.dy, a.x, a.dx);
  }
  static void backward_maximum(const At& a) {
    Doubles own(std::size_t(a.x.size()));
    const Map of_other{own.data(), a.x.shape};
    maximum_gradient(a.dy, a.x, a.other(), a.dx);
    maximum_gradient(a.dy, a.other(), a.x, of_other);
    add(of_other, a.other_adjoint());
  }
  static void forward_dropout(const At& a) {
    const ForwardOptions& options = a.tape.options_;
    if (options.mode == graph::Mode::inference) copy(a.x, a.y);
    else dropout(options.seed, a.node, a.n, a.x, a.y);
  }
  static void backward_dropout(const At& a) { dropout(a.tape.options_.seed, a.node, a.n, a.dy, a.dx); }
  static void forward_concat(const At& a) {
    for (int k = 0, first = 0; k < a.node.inputs.count; first += a.input(k++).shape.channels)
      copy(a.input(k), channels_of(a.y, first, a.input(k).shape));
  }
  static void backward_concat(const At& a) {
    for (int k = 0, first = 0; k < a.node.inputs.count; first += a.input(k++).shape.channels)
      add(channels_of(a.dy, first, a.input(k).shape), a.input_adjoint(k));
  }

  /// The declared ops come first in Op, and in its order.
  static constexpr Entry table[] = {
      {Op::input, nullptr, nullptr},
      {Op::convolution, forward_linear, backward_linear},
      {Op::depthwise_convolution, forward_linear, backward_linear},
      {Op::grouped_convolution, forward_linear, backward_linear},
      {Op::transposed_convolution, forward_linear, backward_linear},
      {Op::dense, forward_linear, backward_linear},
      {Op::batch_norm, forward_batch_norm, nullptr},  // add_batch_norm_gradients
      {Op::group_statistics, [](const At& a) { group_statistics(a.node, a.x, a.y); },
       [](const At&) {}},  // the gradient of the norm goes past them
      {Op::group_norm, [](const At& a) { group_norm(a.node, a.weights, a.bias, a.x, a.statistics(), a.y); },
       backward_group_norm},
      {Op::channel_window, [](const At& a) { channel_window(a.node.window.rows, a.x, a.y); },
       [](const At& a) {
         core::Axis channels = a.node.window.rows;
         std::swap(channels.before, channels.after);
         channel_window(channels, a.dy, a.dx);
       }},
      {Op::pointwise,
       [](const At& a) {
         for (long e = 0; e < a.x.size(); e++) a.y[e] = a.functor().f(a.x[e]);
       },
       [](const At& a) {
         for (long e = 0; e < a.x.size(); e++) a.dx[e] = a.dy[e] * a.functor().slope(a.x[e]);
       }},
      {Op::prelu, [](const At& a) { prelu(a.node, a.weights, a.x, a.y); }, backward_prelu},
      {Op::max_pool, [](const At& a) { max_pool(a.node.window, a.x, a.y); },
       [](const At& a) { max_pool_gradient(a.node.window, a.dy, a.x, a.dx); }},
      {Op::average_pool, [](const At& a) { average_pool(a.node.window, a.node.uncounted, a.x, a.y); },
       [](const At& a) { average_pool_gradient(a.node.window, a.node.uncounted, a.dy, a.dx); }},
      {Op::adaptive_max_pool, [](const At& a) { adaptive_max_pool(a.x, a.y); },
       [](const At& a) { adaptive_max_pool_gradient(a.dy, a.x, a.dx); }},
      {Op::global_average_pool, [](const At& a) { global_average_pool(a.x, a.y); },
       [](const At& a) { global_average_pool_gradient(a.dy, a.dx); }},
      {Op::dropout, forward_dropout, backward_dropout},
      {Op::softmax, [](const At& a) { softmax(a.x, a.y); }, [](const At& a) { softmax_gradient(a.dy, a.y, a.dx); }},
      {Op::sum,
       [](const At& a) {
         copy(a.x, a.y);
         for (int k = 1; k < a.node.inputs.count; k++) add(a.input(k), a.y);
       },
       [](const At& a) {
         for (int k = 0; k < a.node.inputs.count; k++) add(a.dy, a.input_adjoint(k));
       }},
      {Op::concat, forward_concat, backward_concat},
      {Op::scale, [](const At& a) { scale(a.x, a.factor(), a.y); },
       [](const At& a) {
         scale(a.dy, a.factor(), a.dx);
         scale_gradient(a.dy, a.x, a.factor_adjoint());
       }},
      {Op::maximum, [](const At& a) { maximum(a.x, a.other(), a.y); }, backward_maximum},
      {Op::resize, [](const At& a) { resize(a.node.mode, a.node.factor, a.x, a.y); },
       [](const At& a) { resize_gradient(a.node.mode, a.node.factor, a.dy, a.dx); }},
      {Op::resample, [](const At& a) { resample(a.node.mode, a.x, a.y); },
       [](const At& a) { resample_gradient(a.node.mode, a.dy, a.dx); }},
      {Op::resize_taps, nullptr, nullptr},  // only passes create it
      {Op::crop, [](const At& a) { crop(a.node.offset_y, a.node.offset_x, a.x, a.y); },
       [](const At& a) { crop_gradient(a.node.offset_y, a.node.offset_x, a.dy, a.dx); }},
      {Op::broadcast, [](const At& a) { broadcast(a.x, a.y); }, [](const At& a) { broadcast_gradient(a.dy, a.dx); }},
      {Op::flatten, [](const At& a) { copy(a.x, a.y); }, [](const At& a) { copy(a.dy, a.dx); }},
      {Op::unflatten, [](const At& a) { copy(a.x, a.y); }, [](const At& a) { copy(a.dy, a.dx); }},
      {Op::slice, [](const At& a) { copy(channels_of(a.x, a.node.offset_channel, a.y.shape), a.y); },
       [](const At& a) { copy(a.dy, channels_of(a.dx, a.node.offset_channel, a.y.shape)); }},
      {Op::pad,
       [](const At& a) { pad(a.node.padding, a.node.offset_y, a.node.offset_x, a.node.offset_channel, a.x, a.y); },
       [](const At& a) { pad_gradient(a.node.padding, a.node.offset_y, a.node.offset_x, a.dy, a.dx); }},
      {Op::channel_shuffle, [](const At& a) { channel_shuffle(a.node.groups, a.x, a.y); },
       [](const At& a) { channel_shuffle(a.y.shape.channels / a.node.groups, a.dy, a.dx); }},
      {Op::pixel_shuffle, [](const At& a) { pixel_shuffle(a.x, a.y); },
       [](const At& a) { pixel_unshuffle(a.dy, a.dx); }},
      {Op::pixel_unshuffle, [](const At& a) { pixel_unshuffle(a.x, a.y); },
       [](const At& a) { pixel_shuffle(a.dy, a.dx); }},
  };
  static_assert(
      [] {
        for (int i = 0; i < int(std::size(table)); i++)
          if (table[i].op != Op(i)) return false;
        return Op(std::size(table)) == Op::batch_statistics;
      }(),
      "strata: the reference's table is not one entry per declared Op, in its order");

  At at(int i, int n, const double* parameters) {
    const Node& node = net_.nodes[i];
    const auto of = [&](int offset) { return offset < 0 ? nullptr : parameters + offset; };
    return {*this, i, n, node, value(node.inputs[Input::x], n), value(i, n), of(node.weights), of(node.bias)};
  }

  void compute(int i, int n, const double* parameters) { table[int(net_.nodes[i].op)].forward(at(i, n, parameters)); }

  /// The gradients through node i for image n, added to those that its inputs already have.
  void add_gradients(int i, int n, const double* parameters, double* gradients) {
    At a = at(i, n, parameters);
    Doubles own(std::size_t(a.x.size()));
    a.dy = adjoint(i, n), a.dx = {own.data(), a.x.shape}, a.gradients = gradients;
    table[int(a.node.op)].backward(a);
    add(a.dx, adjoint(a.node.inputs[Input::x], n));
  }

  /// Batch norm couples the images of the batch, unless it keeps its statistics.
  void add_batch_norm_gradients(int i, const double* parameters, double* gradients) {
    const Node& node = net_.nodes[i];
    const int channels = node.out.channels;
    const double* statistics = statistics_[std::size_t(i)].data();
    Doubles sums(std::size_t(2 * channels)), own(std::size_t(node.out.size()));
    for (int n = 0; n < images_; n++)
      add_reductions(statistics, adjoint(i, n), value(node.inputs[Input::x], n), sums.data());
    for (int c = 0; c < channels && !node.frozen && node.weights >= 0; c++) {
      gradients[node.bias + c] += sums[std::size_t(c)];
      gradients[node.weights + c] += sums[std::size_t(channels + c)];
    }
    if (graph::keeps_statistics(node, options_.kept)) sums.assign(sums.size(), 0);
    const double elements = double(images_) * node.out.pixels();
    for (int n = 0; n < images_; n++) {
      const Map dx{own.data(), node.out};
      normalize_input_gradient(statistics, sums.data(), node.weights < 0 ? nullptr : parameters + node.weights,
                               elements, adjoint(i, n), value(node.inputs[Input::x], n), dx);
      add(dx, adjoint(node.inputs[Input::x], n));
    }
  }

  Declaration net_;
  int images_;
  ForwardOptions options_{};
  std::vector<Doubles> values_, adjoints_, statistics_;
};

}  // namespace strata::reference
