// SPDX-License-Identifier: MIT
// The work of a step, and the time that a processor needs for it: each part of the step takes the longer of its
// products' time and its traffic's, plus the launches of its kernels. All forecasts of time in this project come from
// here; what differs is where the rates come from: a data sheet, or a measurement.
#pragma once

#include <strata/graph/op_traits.hpp>
#include <strata/graph/weight_view.hpp>

#include <algorithm>

namespace strata::graph {

/// Some nodes of a step, for one image or a whole batch.
struct Piece {
  int channels = 0;     ///< the fewer of those that go into and come out of their products; 0: no products
  double kernels = 0;   ///< nodes
  double macs = 0;      ///< multiply-adds of the products as direct sums
  double products = 0;  ///< multiply-adds of the algorithms that compute them, fewer with Winograd's
  double bytes = 0;     ///< of values and weights that they read and write, each once

  constexpr bool operator==(const Piece&) const = default;
};

/// What a processor does per second, in practice rather than at its peak.
struct Rates {
  double products = 0;        ///< multiply-adds
  double plain_products = 0;  ///< the least that it does where channels are few
  int whole_channels = 1;     ///< fewer channels than these compute `products` in proportion
  double bytes = 0;
  double kernel_seconds = 0;  ///< between two kernels
};

/// Seconds of products, traffic and launches, each alone, and of all three together.
struct StepTime {
  double products = 0, bytes = 0, kernels = 0, seconds = 0;

  constexpr StepTime& operator+=(const StepTime& other) {
    products += other.products, bytes += other.bytes, kernels += other.kernels, seconds += other.seconds;
    return *this;
  }
};

constexpr StepTime time_of(const Piece& piece, const Rates& rates) {
  StepTime out;
  if (piece.products > 0) {
    const double filled = double(std::min(piece.channels, rates.whole_channels)) / rates.whole_channels;
    out.products = piece.products / std::max(rates.products * filled, rates.plain_products);
  }
  out.bytes = piece.bytes / rates.bytes;
  out.kernels = piece.kernels * rates.kernel_seconds;
  out.seconds = std::max(out.products, out.bytes) + out.kernels;
  return out;
}

/// The fewer of the channels that go into and come out of a node's products; 0: it computes none.
constexpr int narrowest(const Node& node) {
  if (product(node.op) == Product::none) return 0;
  if (forward_of(node.op) == Op::depthwise_convolution) return 1;
  const LayerChannels channels = layer_channels(node);
  const long in = forward_of(node.op) == Op::dense ? std::max(node.in.size(), node.out.size()) : channels.in;
  return int(std::min<long>(in / node.groups, channels.out));
}

/// Numbers per image that a node reads and writes, without weights: every value once.
template <class Nodes>
constexpr long value_numbers(const Nodes& nodes, int i) {
  const auto of = [](const Node& node) { return extent(node.op) == Extent::image ? node.out.size() : 0; };
  long numbers = of(nodes[i]);
  for (const int input : nodes[i].inputs) numbers += of(nodes[input]);
  return numbers;
}

/// The work of a training step: pieces per image, sorted by channels, and what each update adds.
struct StepWork {
  static constexpr int most = 16, whole = 64;  ///< pieces; channels from `whole` on share one

  Piece pieces[most]{};
  int count = 0;
  double update_bytes = 0;  ///< of weights, gradients and moments
  long working_set = 0;  ///< bytes that a thread walks over before it reads a value again; 0: all values of the batch

  constexpr bool operator==(const StepWork&) const = default;

  /// Adds nodes to the piece of their channels; if there is no room for another, to that of the next fewer channels.
  constexpr void add(Piece piece) {
    piece.channels = std::min(piece.channels, whole);
    int at = 0;
    while (at < count && pieces[at].channels < piece.channels) at++;
    const bool found = at < count && pieces[at].channels == piece.channels;
    if (!found && count == most) at = std::max(at - 1, 0);
    if (!found && count < most) {
      for (int k = count++; k > at; k--) pieces[k] = pieces[k - 1];
      pieces[at] = {.channels = piece.channels};
    }
    Piece& sum = pieces[at];
    sum.kernels += piece.kernels, sum.macs += piece.macs, sum.products += piece.products, sum.bytes += piece.bytes;
  }

  constexpr double kernels() const {
    double sum = 0;
    for (int k = 0; k < count; k++) sum += pieces[k].kernels;
    return sum;
  }
};

/// Bytes that an update moves per parameter: weights are packed twice, read twice; gradients written, summed, read; the
/// optimizer reads and writes weights and one moment.
inline constexpr double update_bytes_per_parameter = 4 * 12;

/// The work of a training plan: products(i) are the multiply-adds of node i's algorithm; `parameters`: of the network.
template <class Plan, class Products>
constexpr StepWork step_work(const Plan& plan, long parameters, const Products& products) {
  StepWork work;
  for (int i = 0; i < plan.count; i++)
    work.add({narrowest(plan.nodes[i]), 1, double(node_macs(plan.nodes[i])), products(i),
              4. * double(value_numbers(plan.nodes, i))});
  work.update_bytes = update_bytes_per_parameter * double(parameters);
  return work;
}

/// The time of a step with its update on a batch.
constexpr StepTime time_of(const StepWork& work, int batch, const Rates& rates) {
  StepTime sum = time_of(Piece{.bytes = work.update_bytes}, rates);
  for (int k = 0; k < work.count; k++) {
    Piece piece = work.pieces[k];
    piece.macs *= batch, piece.products *= batch, piece.bytes *= batch;
    sum += time_of(piece, rates);
  }
  return sum;
}

/// Seconds per update and per image of a validation or test.
struct Pace {
  double update = 0, image = 0;
};

/// The updates of a training and the images that it validates and tests on, repetitions included.
struct TrainingAmount {
  double updates = 0, images = 0;
};

/// Seconds of a whole training, without loading its data.
constexpr double training_seconds(const TrainingAmount& amount, const Pace& pace) {
  return amount.updates * pace.update + amount.images * pace.image;
}

}  // namespace strata::graph
