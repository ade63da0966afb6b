// SPDX-License-Identifier: MIT
// The graph: an array of plain nodes. Every pass is a constexpr function from one such array to another; every back end
// executes the nodes of a plan. Nothing here depends on a layer type, a network or a machine. op_traits.hpp has what
// the passes know about each op.
#pragma once

#include <strata/core/at_least_one.hpp>
#include <strata/core/padding.hpp>
#include <strata/core/samples/sources.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/window.hpp>
#include <strata/graph/declared/inputs.hpp>

#include <cstdint>

namespace strata::graph {

/// What a node computes. y is its value, d_ is a gradient of the loss; inputs.hpp has the names of what it reads. Each
/// node has one value.
enum class Op : unsigned char {
  // --- forward; both modes
  input,                   ///< y = scale[c] * raw + shift[c]; buffers: scale[C], shift[C]
  convolution,             ///< y = sum w x + b; weights OIHW
  depthwise_convolution,   ///< channel c of y reads channel c / multiplier of x; weights [out][1][kh][kw]
  grouped_convolution,     ///< each of `groups` parts of y's channels reads its part of x's; weights
                           ///< [out][in / groups][kh][kw]
  transposed_convolution,  ///< the adjoint of a convolution from out to in; weights [in][out][kh][kw]
  dense,                   ///< y[o] = sum_i w[o][i] x[i] + b[o]; i runs over channel, row, column (CHW)
  batch_norm,              ///< y = scale (x - running_mean) / sqrt(running_var + epsilon) + shift; inference only
  group_statistics,        ///< [mean[G], 1/sqrt(variance + epsilon)[G]] of each of `groups` parts of x's channels, over
                           ///< the pixels under `window`: one, or the map
  group_norm,              ///< y = scale (x - mean) inv_std + shift by statistics of its own image; scale and shift
                           ///< by `share`; reads x, statistics
  channel_window,          ///< y[c] = the sum of x[c - before ... c + after], window.rows being the channels'; also in
                           ///< the backward pass
  pointwise,               ///< y = f(x), f = functor
  prelu,                   ///< y = x where x > 0, else slope x; the slopes are weights, by `share`
  max_pool,                ///< padding is ignored
  average_pool,            ///< padding counts as zeros; the divisor includes it, except what is `uncounted`
  adaptive_max_pool,       ///< of windows that cover x, one for each pixel of y (core/adaptive_axis.hpp)
  global_average_pool,
  dropout,      ///< training: y = x * keep / (1 - p), keep drawn by `share`; absent in inference
  softmax,      ///< over the channels of each pixel; of x, or of crop(resize(x)) as the attributes say
  sum,          ///< of all inputs
  concat,       ///< of all inputs along channels
  scale,        ///< y = x factor; factor has x's shape or one number per channel, 1 x 1 x C; also in the backward
                ///< pass, where x is dy and factor what the layer multiplies by
  maximum,      ///< the larger of x and other
  resize,       ///< bilinear by `factor`, as `mode` says
  resample,     ///< to the rows and columns of y, as `mode` says (resampling.hpp)
  resize_taps,  ///< the sum of a window's taps over an enlarged map. x has one map of C channels per tap k;
                ///< y[o](r, c) = sum over k of u[k C + o] at the pixel that tap k reads, u = crop(resize(x)),
                ///< zero outside u; + residual, if it has one
  crop,         ///< window of x: rows from offset_y, columns from offset_x
  broadcast,    ///< 1 x 1 x C -> H x W x C: x at every pixel
  // moves; in the backward pass of dy, as they are the gradients of one another
  flatten,          ///< H x W x C -> 1 x 1 x CHW in channel, row, column order
  unflatten,        ///< 1 x 1 x CHW -> H x W x C, back
  slice,            ///< channels [offset_channel, offset_channel + out.channels) of x
  pad,              ///< x in a larger map, at the three offsets; around it what `padding` says, in other channels zeros
  channel_shuffle,  ///< channel j G + g of y is channel g n + j of x, for G = `groups` of n channels
  pixel_shuffle,    ///< H x W x C R^2 -> HR x WR x C: y[c](r R + i, k R + j) = x[c R^2 + i R + j](r, k)
  pixel_unshuffle,  ///< HR x WR x C -> H x W x C R^2, back
  // --- training: forward
  batch_statistics,  ///< batch value [mean[C], 1/sqrt(variance + epsilon)[C]] of x; moves the running statistics
  normalize,         ///< z = scale (x - mean) inv_std + shift; y = pool(f(z)); reads x, statistics
  loss,              ///< d_x of the step's loss (core/losses); x: the logits of a softmax at the end, or the output;
                     ///< adds to the step's loss and counts. The scores are crop(resize(x)), of shape mid, as factor,
                     ///< mode and offsets say
  // --- training: backward. "x" is always the forward input of the layer, dy the gradient of its output
  convolution_input_gradient,              ///< reads dy, and the residual and mask that join_gradients.hpp adds
  convolution_weight_gradient,             ///< reads x, dy; no value; adds to the gradients of weights and bias
  depthwise_convolution_input_gradient,    ///< reads dy, likewise
  depthwise_convolution_weight_gradient,   ///< reads x, dy
  grouped_convolution_input_gradient,      ///< reads dy, likewise
  grouped_convolution_weight_gradient,     ///< reads x, dy
  transposed_convolution_input_gradient,   ///< reads dy, likewise
  transposed_convolution_weight_gradient,  ///< reads x, dy
  dense_input_gradient,                    ///< reads dy, likewise
  dense_weight_gradient,                   ///< reads x, dy
  normalize_reductions,                    ///< reads dy, x, statistics; batch value [sum dz[C], sum dz xhat[C]], the
                                           ///< sums over the batch, which are also the gradients of shift and scale
  normalize_input_gradient,                ///< reads dy, x, statistics, reductions
                                           ///< dx = scale inv_std (dz - sum dz / n - xhat sum dz xhat / n)
  group_norm_reductions,                   ///< reads dy, x, statistics; means of dz[G] and dz xhat[G], dz = scale dy
  group_norm_input_gradient,               ///< reads dy, x, statistics, reductions
                                           ///< dx = inv_std (dz - mean of dz - xhat mean of dz xhat)
  group_norm_weight_gradient,              ///< reads x, dy, statistics; sums of dy xhat and of dy
  pointwise_gradient,                      ///< reads dy, argument
  prelu_input_gradient,                    ///< reads dy, x
  prelu_weight_gradient,                   ///< reads x, dy; sums of dy x over negative x
  max_pool_gradient,                       ///< reads dy, x; goes to the first maximum of each window
  average_pool_gradient,                   ///< reads dy
  adaptive_max_pool_gradient,              ///< reads dy, x; goes to the first maximum of each window
  global_average_pool_gradient,            ///< reads dy
  dropout_gradient,                        ///< reads dy; the same mask, drawn again
  softmax_gradient,                        ///< reads dy, y
  scale_gradient,                          ///< reads dy, x; of a factor 1 x 1 x C: dy x, summed over the pixels
  maximum_gradient,                        ///< reads dy, x, other; dy where x is larger, half where both are equal
  resize_gradient,                         ///< reads dy
  resample_gradient,                       ///< reads dy
  resize_taps_gradient,                    ///< reads dy
  broadcast_gradient,                      ///< reads dy; summed over the pixels
  pad_gradient,                            ///< reads dy; summed over the places that show a pixel
};
inline constexpr int op_count = int(Op::pad_gradient) + 1;

/// The kind of a node's value.
enum class Extent : unsigned char {
  image,  ///< a tensor of shape `out` per image
  batch,  ///< out.channels numbers for the whole batch: a reduction, complete once all images are done
  none    ///< no value: the node only writes parameter gradients or sums
};

/// How `resize` and `resample` compute a pixel from its neighbors. `resize` knows the first two, `resample` all but the
/// second.
enum class Interpolation : unsigned char {
  half_pixel,       ///< bilinear, half-pixel centers, border replicated (align_corners = false)
  zero_extended,    ///< the fixed bilinear transposed convolution: kernel 2F, stride F, crop F/2, zeros outside
  aligned_corners,  ///< bilinear, the centers of the corners map to each other (align_corners = true)
  nearest,          ///< the input at floor(position in / out)
  area              ///< the mean of an adaptive pool's window (core/adaptive_axis.hpp)
};

/// Rows and columns along the border of a map.
struct Margins {
  int top = 0, left = 0, bottom = 0, right = 0;
  constexpr bool operator==(const Margins&) const = default;
};

/// Which elements of an image have a number in common: a draw of dropout, or a learned number.
enum class Share : unsigned char {
  element,  ///< none: C x H x W numbers, in that order
  channel,  ///< those of a channel: C numbers
  image     ///< all: one number
};

/// How a back end computes a 3x3 convolution of stride 1.
enum class Products : unsigned char {
  fewest,   ///< the cheapest way
  direct,   ///< nine products per pixel and pair of channels, with the rounding error of a plain sum
  winograd  ///< Winograd's tiles wherever possible, for comparisons
};

inline constexpr int no_functor = -1, relu_functor = 0;  ///< functors<Net>[0] is always ReLU

/// Training: the batch norm that a node applies to x as it reads it, by the statistics among its inputs.
struct Prologue {
  enum Kind : unsigned char {
    none,
    affine,      ///< scale (x - mean) inv_std + shift
    affine_relu  ///< a ReLU of that
  };
  Kind kind = none;
  int scale = -1, shift = -1;  ///< offsets into the parameters
  bool operator==(const Prologue&) const = default;
};

/// What a node does with what it computes: it adds the residual among its inputs, if there is one, applies a functor
/// and pools. A pointwise node does nothing else. A gradient has the epilogue of its forward node.
struct Epilogue {
  int functor = no_functor;  ///< ordinal in functors<Net>
  bool pools = false;        ///< by the maximum of each window of `pool`
  core::Window pool{};
  bool operator==(const Epilogue&) const = default;
};

/// Inference: the batch norm that is part of a node's weights and bias.
struct FoldedNorm {
  bool present = false;
  int scale = -1, shift = -1;  ///< offsets into the parameters; -1: 1 and 0
  int buffers = -1;            ///< offset of running_mean[C], running_var[C]
  double epsilon = 1e-5;
  bool operator==(const FoldedNorm&) const = default;
};

/// The part of a layer's weights that a convolution multiplies by (weight_view.hpp).
struct WeightPart {
  int inputs = 0;  ///< input channels of the layer's weights; 0: the node uses all the weights
  int first = 0;   ///< the first of those channels that the node reads
  int taps = 0;    ///< K > 0: the node is 1x1 and computes K maps: output k C + o has the weights w[o][i][k]; the
                   ///< layer's bias and the shift of a folded batch norm are added elsewhere
  bool operator==(const WeightPart&) const = default;
};

/// One operation, as plain numbers without pointers. Lowering creates it, passes rewrite it, kernels read it.
struct Node {
  Op op = Op::input;
  Shape in{};   ///< shape of the first input: of x, or of dy in the backward pass
  Shape out{};  ///< shape of the value; a batch value of n numbers is 1 x 1 x n
  Inputs inputs{};

  core::Window window{};  ///< convolutions, pools, group norms, channel windows and their gradients
  int groups = 1;         ///< grouped convolutions, group norms and their gradients, channel_shuffle
  Margins uncounted{};    ///< average pools and their gradients: the outermost padding, which divisors leave out
  Prologue prologue{};
  Epilogue epilogue{};
  Shape mid{};  ///< shape of what the op computes, before its epilogue pools; of a normalize's gradients: of x; of a
                ///< loss: of the scores

  int weights = -1, bias = -1;           ///< offsets in floats into the parameters (and their gradients); -1: none
  Products products = Products::fewest;  ///< of a 3x3 convolution of stride 1 and of its gradients
  bool frozen = false;                   ///< none of its parameters learns, so it computes no gradients for them
  WeightPart weight_part{};
  FoldedNorm folded{};
  int buffers = -1;  ///< offset into the buffers: input scale/shift, or running_mean[C], running_var[C]

  Share share = Share::element;  ///< dropout; parameters of group norm and prelu

  double epsilon = 1e-5;   ///< batch norm, group norm
  double momentum = 0.1;   ///< running = (1 - momentum) running + momentum batch
  double probability = 0;  ///< dropout
  int factor = 1;          ///< resize, loss, softmax
  Interpolation mode = Interpolation::half_pixel;
  int offset_y = 0, offset_x = 0, offset_channel = 0;  ///< crop, loss, softmax, slice, pad
  core::Padding padding = core::Padding::zeros;        ///< pad
  int port = 0;                                        ///< input: the number of its source; loss: that of its head

  int layer = -1;  ///< index in the table of layers; of a gradient: the layer of its forward node
  bool operator==(const Node&) const = default;
};

/// Whether the node belongs to a batch norm that keeps its running statistics in a training step (StepOptions::kept).
/// The value of batch_statistics is then the running statistics, which do not move. normalize_reductions computes the
/// gradients of scale and shift, but its value is zero, so the input gradient is that of a fixed affine map.
constexpr bool keeps_statistics(const Node& node, const unsigned char* kept) {
  return kept && node.layer >= 0 && kept[node.layer] != 0;
}

/// How many numbers the elements of a map share.
constexpr long shared_numbers(Share share, Shape map) {
  return share == Share::element ? map.size() : share == Share::channel ? map.channels : 1;
}

/// The number of the draw for channel c and pixel p of image n: n per_image + c per_channel + p per_pixel.
struct Draws {
  std::uint64_t per_image, per_channel, per_pixel;
  constexpr Draws(Share share, Shape map)
      : per_image(std::uint64_t(shared_numbers(share, map))),
        per_channel(share == Share::element   ? std::uint64_t(map.pixels())
                    : share == Share::channel ? 1
                                              : 0),
        per_pixel(share == Share::element ? 1 : 0) {}
  constexpr std::uint64_t operator()(long image, long channel, long pixel) const {
    return std::uint64_t(image) * per_image + std::uint64_t(channel) * per_channel + std::uint64_t(pixel) * per_pixel;
  }
};

/// Whether each pixel of a group norm has statistics of its own; else the map has.
constexpr bool normalizes_pixels(const Node& node) { return node.window.taps() == 1; }

using core::max_ports;

/// The results of the heads after the first one, in order.
struct OtherResults {
  int values[max_ports - 1] = {-1, -1, -1, -1, -1, -1, -1};
  int count = 0;
  constexpr void add(int value) { values[count++] = value; }
  constexpr const int* begin() const { return values; }
  constexpr const int* end() const { return values + count; }
  constexpr bool operator==(const OtherResults&) const = default;
};

/// Nodes in topological order: inputs precede their readers. The value of node i is value i.
template <int Capacity>
struct Graph {
  static constexpr int capacity = Capacity;
  Node nodes[core::at_least_one(Capacity)]{};
  int count = 0;
  int result = -1;        ///< the first head's output value (inference) or loss node (training)
  OtherResults others{};  ///< those of the other heads

  /// Appends a node; returns its value.
  constexpr int add(const Node& node) {
    nodes[count] = node;
    return count++;
  }
};

/// What an average pool divides the sum of a window by: the number of its taps on the input and on padding that counts.
struct AverageDivisor {
  core::Window window;
  Margins uncounted;
  int height, width;  ///< of the input

  constexpr AverageDivisor(const Node& node, Shape x)
      : window(node.window), uncounted(node.uncounted), height(x.height), width(x.width) {}
  constexpr int operator()(int row, int column) const {
    return window.rows.taps_within(row, uncounted.top - window.rows.before,
                                   height + window.rows.after - uncounted.bottom) *
           window.columns.taps_within(column, uncounted.left - window.columns.before,
                                      width + window.columns.after - uncounted.right);
  }
};

// --- of a graph, plan or program: what it computes for each head

/// The number of its heads; 0: it has no result.
template <class G>
constexpr int result_count(const G& g) {
  return g.result < 0 ? 0 : 1 + g.others.count;
}
/// The result of a head.
template <class G>
constexpr int result_of(const G& g, int head) {
  return head == 0 ? g.result : g.others.values[head - 1];
}
/// The first head of which `value` is the result; -1: none.
template <class G>
constexpr int head_of(const G& g, int value) {
  for (int head = 0; head < result_count(g); head++)
    if (result_of(g, head) == value) return head;
  return -1;
}
/// The last of the results; in training, the forward pass ends there. -1: none.
template <class G>
constexpr int last_result(const G& g) {
  int last = g.result;
  for (const int other : g.others) last = other > last ? other : last;
  return last;
}
/// Floats of all results for one image.
template <class G>
constexpr long result_floats(const G& g) {
  long floats = 0;
  for (int head = 0; head < result_count(g); head++) floats += g.nodes[result_of(g, head)].out.size();
  return floats;
}
/// Where each head's results of `images` images are, if all are in one array, one head after another.
template <class G, class Float>
constexpr void split_results(const G& g, long images, Float* all, Float** results) {
  for (int head = 0; head < result_count(g); head++) {
    results[head] = all;
    all += images * g.nodes[result_of(g, head)].out.size();
  }
}
/// The number of sources.
template <class G>
constexpr int source_count(const G& g) {
  int sources = 0;
  for (int i = 0; i < g.count; i++)
    if (g.nodes[i].op == Op::input && g.nodes[i].port >= sources) sources = g.nodes[i].port + 1;
  return sources;
}

/// The shape of the enlarged, cropped map that the window of resize_taps, or of its gradient, slides over. y: the shape
/// of the output of resize_taps.
constexpr Shape enlarged_map(const Node& node, Shape y) {
  return {node.window.rows.inputs(y.height), node.window.columns.inputs(y.width), y.channels};
}

}  // namespace strata::graph
