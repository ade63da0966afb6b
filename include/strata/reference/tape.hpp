// SPDX-License-Identifier: MIT
// A declared network, executed node by node: forward in either mode, then backward through the same nodes in reverse.
// It shares nothing with the passes of graph/: no node is rewritten, fused, differentiated into others or placed in an
// arena. Every value of the batch is kept.
#pragma once

#include <strata/graph/plan.hpp>
#include <strata/reference/batch_norm.hpp>
#include <strata/reference/elementwise.hpp>
#include <strata/reference/linear.hpp>
#include <strata/reference/pools.hpp>
#include <strata/reference/rearrange.hpp>

namespace strata::reference {

/// A lowered network whose type is erased.
struct Declaration {
  const graph::Node* nodes = nullptr;
  int count = 0, result = -1;
  const Functor* functors = nullptr;
  long parameters = 0, buffers = 0;
};

class Tape {
 public:
  using Op = graph::Op;
  using Node = graph::Node;

  Tape(const Declaration& net, int images)
      : net_(net), images_(images), values_(std::size_t(net.count)), adjoints_(std::size_t(net.count)), statistics_(std::size_t(net.count)) {
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
    double momentum = -1;    ///< < 0: each layer's own
    std::uint64_t seed = 0;  ///< of dropout's masks
    const unsigned char* kept = nullptr;  ///< per layer: whether a batch norm keeps its statistics; null: none does
  };

  /// Requires the images in node 0. Training updates the running statistics in `buffers`, except those that are kept.
  void forward(const double* parameters, double* buffers, ForwardOptions options) {
    options_ = options;
    for (int i = 1; i < net_.count; i++) {
      if (net_.nodes[i].op == Op::batch_norm) prepare_statistics(i, buffers);
      for (int n = 0; n < images_; n++) compute(i, n, parameters);
    }
  }

  /// After a forward pass in training: propagates adjoint(last), which the caller has set, to all nodes before it. Adds
  /// to `gradients`.
  void backward(int last, const double* parameters, double* gradients) {
    for (int i = 0; i < last; i++) adjoints_[std::size_t(i)].assign(adjoints_[std::size_t(i)].size(), 0);
    for (int i = last; i > 0; i--) {
      if (net_.nodes[i].op == Op::batch_norm) add_batch_norm_gradients(i, parameters, gradients);
      else for (int n = 0; n < images_; n++) add_gradients(i, n, parameters, gradients);
    }
  }

 private:
  Map map(std::vector<Doubles>& of, int i, int n) {
    const Shape shape = net_.nodes[i].out;
    return {of[std::size_t(i)].data() + n * shape.size(), shape};
  }
  static const double* at(const double* parameters, int offset) { return offset < 0 ? nullptr : parameters + offset; }

  void prepare_statistics(int i, double* buffers) {
    const Node& node = net_.nodes[i];
    const int channels = node.out.channels;
    double* running = buffers + node.buffers;
    Doubles& statistics = statistics_[std::size_t(i)];
    statistics.assign(std::size_t(2 * channels), 0);
    if (options_.mode == graph::Mode::inference || graph::keeps_statistics(node, options_.kept))
      return running_statistics(running, channels, node.epsilon, statistics.data());
    Moments moments(channels);
    for (int n = 0; n < images_; n++) moments.add(value(node.inputs[0], n));
    inverse_deviations(moments, node.epsilon, statistics.data());
    move_statistics(moments, options_.momentum < 0 ? node.momentum : options_.momentum, running);
  }

  void compute(int i, int n, const double* parameters) {
    const Node& node = net_.nodes[i];
    const Map x = value(node.inputs[0], n), y = value(i, n);
    switch (node.op) {
      case Op::convolution:
      case Op::depthwise_convolution:
      case Op::transposed_convolution:
      case Op::dense: return linear(node.op, node.window, parameters + node.weights, at(parameters, node.bias), x, y);
      case Op::batch_norm:
        return normalize(statistics_[std::size_t(i)].data(), parameters + node.weights, parameters + node.bias, x, y);
      case Op::pointwise:
        for (long e = 0; e < x.size(); e++) y[e] = net_.functors[node.functor].f(x[e]);
        return;
      case Op::max_pool: return max_pool(node.window, x, y);
      case Op::average_pool: return average_pool(node.window, x, y);
      case Op::global_average_pool: return global_average_pool(x, y);
      case Op::broadcast: return broadcast(x, y);
      case Op::dropout:
        if (options_.mode == graph::Mode::inference) return copy(x, y);
        return dropout(options_.seed, node.layer, n, node.probability, x, y);
      case Op::softmax: return softmax(x, y);
      case Op::sum:
        copy(x, y);
        for (int k = 1; k < node.input_count; k++) add(value(node.inputs[k], n), y);
        return;
      case Op::concat:
        for (int k = 0, first = 0; k < node.input_count; k++) {
          const Map part = value(node.inputs[k], n);
          copy(part, channels_of(y, first, part.shape));
          first += part.shape.channels;
        }
        return;
      case Op::resize: return resize(node.mode, node.factor, x, y);
      case Op::crop: return crop(node.offset_y, node.offset_x, x, y);
      default: return copy(x, y);  // flatten
    }
  }

  /// The gradients through node i for image n, added to those that its inputs already have.
  void add_gradients(int i, int n, const double* parameters, double* gradients) {
    const Node& node = net_.nodes[i];
    const Map x = value(node.inputs[0], n), y = value(i, n), dy = adjoint(i, n), total = adjoint(node.inputs[0], n);
    Doubles own(std::size_t(x.size()));
    const Map dx{own.data(), x.shape};
    switch (node.op) {
      case Op::convolution:
      case Op::depthwise_convolution:
      case Op::transposed_convolution:
      case Op::dense:
        if (!node.frozen)
          linear_weight_gradient(node.op, node.window, x, dy, gradients + node.weights, node.bias < 0 ? nullptr : gradients + node.bias);
        linear_input_gradient(node.op, node.window, parameters + node.weights, dy, dx);
        break;
      case Op::pointwise:
        for (long e = 0; e < x.size(); e++) dx[e] = dy[e] * net_.functors[node.functor].slope(x[e]);
        break;
      case Op::max_pool: max_pool_gradient(node.window, dy, x, dx); break;
      case Op::average_pool: average_pool_gradient(node.window, dy, dx); break;
      case Op::global_average_pool: global_average_pool_gradient(dy, dx); break;
      case Op::broadcast: broadcast_gradient(dy, dx); break;
      case Op::dropout: dropout(options_.seed, node.layer, n, node.probability, dy, dx); break;
      case Op::softmax: softmax_gradient(dy, y, dx); break;
      case Op::sum:
        for (int k = 0; k < node.input_count; k++) add(dy, adjoint(node.inputs[k], n));
        return;
      case Op::concat:
        for (int k = 0, first = 0; k < node.input_count; k++) {
          const Map part = adjoint(node.inputs[k], n);
          add(channels_of(dy, first, part.shape), part);
          first += part.shape.channels;
        }
        return;
      case Op::resize: resize_gradient(node.mode, node.factor, dy, dx); break;
      case Op::crop: crop_gradient(node.offset_y, node.offset_x, dy, dx); break;
      default: copy(dy, dx);  // flatten
    }
    add(dx, total);
  }

  /// Batch norm couples the images of the batch, unless it keeps its statistics.
  void add_batch_norm_gradients(int i, const double* parameters, double* gradients) {
    const Node& node = net_.nodes[i];
    const int channels = node.out.channels;
    const double* statistics = statistics_[std::size_t(i)].data();
    Doubles sums(std::size_t(2 * channels)), own(std::size_t(node.out.size()));
    for (int n = 0; n < images_; n++) add_reductions(statistics, adjoint(i, n), value(node.inputs[0], n), sums.data());
    for (int c = 0; c < channels && !node.frozen; c++) {
      gradients[node.bias + c] += sums[std::size_t(c)];
      gradients[node.weights + c] += sums[std::size_t(channels + c)];
    }
    if (graph::keeps_statistics(node, options_.kept)) sums.assign(sums.size(), 0);
    const double elements = double(images_) * node.out.pixels();
    for (int n = 0; n < images_; n++) {
      const Map dx{own.data(), node.out};
      normalize_input_gradient(statistics, sums.data(), parameters + node.weights, elements, adjoint(i, n), value(node.inputs[0], n), dx);
      add(dx, adjoint(node.inputs[0], n));
    }
  }

  Declaration net_;
  int images_;
  ForwardOptions options_{};
  std::vector<Doubles> values_, adjoints_, statistics_;
};

}  // namespace strata::reference
