// SPDX-License-Identifier: MIT
// What the passes know about each op: one entry per op, in the order of Op. A new op is an enumerator in graph.hpp and
// an entry here, with a gradient rule from gradients/. A pass names an op only where it recognizes a pattern.
#pragma once

#include <strata/graph/gradients/group_norm.hpp>
#include <strata/graph/gradients/joins.hpp>
#include <strata/graph/gradients/linear.hpp>
#include <strata/graph/gradients/normalize.hpp>
#include <strata/graph/gradients/plain.hpp>
#include <strata/graph/gradients/prelu.hpp>
#include <strata/graph/gradients/scale.hpp>
#include <strata/graph/gradients/shapes.hpp>

namespace strata::graph {

/// Ops of one family look alike in diagrams; all linear ones multiply by weights.
enum class Family : unsigned char {
  input,
  linear,  ///< y = weights x + bias: a batch norm after it can be folded into weights and bias
  norm,
  activation,  ///< element by element, or over the channels of a pixel
  pool,
  shape,  ///< joins values, or moves them to another shape
  loss,
  gradient  ///< of the backward pass
};

/// Which of a linear layer's products an op computes.
enum class Product : unsigned char { none, output, input_gradient, weight_gradient };

/// Which plans fuse a following op into this one.
enum class Fuses : unsigned char { never, in_inference, in_training };

/// When a later phase recomputes a value instead of reading it from memory (recompute.hpp).
enum class Recompute : unsigned char {
  never,
  always,
  few_macs  ///< if an element costs at most RecomputeOptions::macs_per_element
};

/// What a layer sets on its node besides shapes, window, groups, functor and weights. Hashes of networks cover it.
struct Attributes {
  bool resize = false;   ///< factor and mode
  bool offsets = false;  ///< the three
  bool uncounted = false;
  bool padding = false;
  bool epsilon = false, momentum = false, probability = false, share = false;
};

namespace overwrites {

constexpr bool none(const Node&, int) { return false; }
constexpr bool first_two(const Node&, int input) { return input < 2; }
template <Input Name>
constexpr bool only(const Node& node, int input) {
  return node.inputs.names[input] == Name;
}
constexpr bool dy_unless_pooled(const Node& node, int input) {
  return only<Input::dy>(node, input) && !node.epilogue.pools;
}

}  // namespace overwrites

namespace idle {

constexpr bool never(const Node&) { return false; }
constexpr bool at_one_size(const Node& node) { return node.out == node.in; }
constexpr bool with_one_tap(const Node& node) { return node.window == core::Window{}; }

}  // namespace idle

namespace macs_of {

constexpr long none(const Node&) { return 0; }
constexpr long convolution(const Node& n) { return n.mid.size() * n.window.taps() * n.in.channels / n.groups; }
constexpr long convolution_input(const Node& n) { return n.in.size() * n.window.taps() * n.out.channels / n.groups; }
constexpr long convolution_weights(const Node& n) { return n.out.size() * n.window.taps() * n.in.channels / n.groups; }
constexpr long depthwise(const Node& n) { return n.mid.size() * n.window.taps(); }
constexpr long depthwise_input(const Node& n) { return n.in.size() * n.window.taps(); }
constexpr long depthwise_weights(const Node& n) { return n.out.size() * n.window.taps(); }
constexpr long transposed(const Node& n) { return n.in.size() * n.window.taps() * n.out.channels; }
constexpr long transposed_input(const Node& n) { return n.out.size() * n.window.taps() * n.in.channels; }
constexpr long dense(const Node& n) { return n.in.size() * n.out.size(); }

}  // namespace macs_of

/// An entry. What it does not mention is no, none or never, which is safe for any op.
struct OpTraits {
  Op op;
  const char* name;
  Family family;
  GradientRule gradient = gradients::never;  ///< of all but gradients and ops of inference only
  Op of{};                                   ///< of a gradient: the forward op
  Extent extent = Extent::image;
  Product product = Product::none;
  long (*macs)(const Node&) = macs_of::none;  ///< multiply-accumulates per image
  Recompute by_group = Recompute::never;      ///< in plans by group
  bool by_node = false;                       ///< plans by node may recompute it: it is one or two passes over memory

  /// Whether the value may overwrite the input of that index: a kernel by node never reads element e of it after it has
  /// written element e of the value.
  bool (*may_overwrite)(const Node&, int input) = overwrites::none;
  bool vanishes = false;                       ///< a rewrite may leave it out
  bool (*is_idle)(const Node&) = idle::never;  ///< the value is x: nothing changes if it is left out
  Fuses residual = Fuses::never, functor = Fuses::never, pool = Fuses::never;  ///< epilogues (fuse.hpp)
  Attributes declares{};
  bool prologue = false;  ///< can apply a batch norm while it reads x (absorb_normalize.hpp)
  bool joins = false;     ///< can add a gradient, then apply a ReLU's (join_gradients.hpp)
};

// clang-format off
inline constexpr OpTraits op_table[] = {
    // --- forward; both modes
    {.op = Op::input, .name = "input", .family = Family::input, .gradient = gradients::none, .by_node = true},
    {.op = Op::convolution, .name = "convolution", .family = Family::linear,
     .gradient = gradients::linear<Op::convolution_input_gradient, Op::convolution_weight_gradient>,
     .product = Product::output, .macs = macs_of::convolution, .by_group = Recompute::few_macs, .residual = Fuses::in_inference,
     .functor = Fuses::in_inference, .pool = Fuses::in_inference, .prologue = true},
    {.op = Op::depthwise_convolution, .name = "depthwise_convolution", .family = Family::linear,
     .gradient = gradients::linear<Op::depthwise_convolution_input_gradient, Op::depthwise_convolution_weight_gradient>,
     .product = Product::output, .macs = macs_of::depthwise, .residual = Fuses::in_inference,
     .functor = Fuses::in_inference},
    {.op = Op::grouped_convolution, .name = "grouped_convolution", .family = Family::linear,
     .gradient = gradients::linear<Op::grouped_convolution_input_gradient, Op::grouped_convolution_weight_gradient>,
     .product = Product::output, .macs = macs_of::convolution, .residual = Fuses::in_inference,
     .functor = Fuses::in_inference, .pool = Fuses::in_inference, .prologue = true},
    {.op = Op::transposed_convolution, .name = "transposed_convolution", .family = Family::linear,
     .gradient = gradients::linear<Op::transposed_convolution_input_gradient, Op::transposed_convolution_weight_gradient>,
     .product = Product::output, .macs = macs_of::transposed, .residual = Fuses::in_inference,
     .functor = Fuses::in_inference},
    {.op = Op::dense, .name = "dense", .family = Family::linear,
     .gradient = gradients::linear<Op::dense_input_gradient, Op::dense_weight_gradient>, .product = Product::output,
     .macs = macs_of::dense, .functor = Fuses::in_inference},
    {.op = Op::batch_norm, .name = "batch_norm", .family = Family::norm, .by_node = true, .may_overwrite = overwrites::only<Input::x>,
     .functor = Fuses::in_inference, .declares = {.epsilon = true, .momentum = true}},
    {.op = Op::group_statistics, .name = "group_statistics", .family = Family::norm, .gradient = gradients::none,
     .declares = {.epsilon = true}},
    {.op = Op::group_norm, .name = "group_norm", .family = Family::norm, .gradient = gradients::group_norm, .by_node = true,
     .may_overwrite = overwrites::only<Input::x>, .functor = Fuses::in_inference, .declares = {.share = true}},
    {.op = Op::channel_window, .name = "channel_window", .family = Family::shape, .gradient = gradients::channel_window,
     .by_node = true},
    {.op = Op::pointwise, .name = "pointwise", .family = Family::activation, .gradient = gradients::pointwise,
     .by_group = Recompute::always, .by_node = true, .may_overwrite = overwrites::only<Input::x>},
    {.op = Op::prelu, .name = "prelu", .family = Family::activation, .gradient = gradients::prelu, .by_node = true,
     .may_overwrite = overwrites::only<Input::x>, .declares = {.share = true}},
    {.op = Op::max_pool, .name = "max_pool", .family = Family::pool, .gradient = gradients::of_dy_and_x<Op::max_pool_gradient>,
     .by_group = Recompute::always, .by_node = true, .is_idle = idle::with_one_tap},
    {.op = Op::average_pool, .name = "average_pool", .family = Family::pool,
     .gradient = gradients::of_dy<Op::average_pool_gradient>, .by_node = true, .is_idle = idle::with_one_tap,
     .declares = {.uncounted = true}},
    {.op = Op::adaptive_max_pool, .name = "adaptive_max_pool", .family = Family::pool,
     .gradient = gradients::of_dy_and_x<Op::adaptive_max_pool_gradient>, .by_group = Recompute::always, .by_node = true},
    {.op = Op::global_average_pool, .name = "global_average_pool", .family = Family::pool,
     .gradient = gradients::of_dy<Op::global_average_pool_gradient>},
    {.op = Op::dropout, .name = "dropout", .family = Family::activation, .gradient = gradients::of_dy<Op::dropout_gradient>,
     .may_overwrite = overwrites::only<Input::x>, .vanishes = true, .declares = {.probability = true, .share = true}},
    {.op = Op::softmax, .name = "softmax", .family = Family::activation,
     .gradient = gradients::of_dy_and_y<Op::softmax_gradient>},
    {.op = Op::sum, .name = "sum", .family = Family::shape, .gradient = gradients::sum, .by_node = true,
     .may_overwrite = overwrites::first_two, .functor = Fuses::in_inference},
    {.op = Op::concat, .name = "concat", .family = Family::shape, .gradient = gradients::concat, .by_node = true},
    {.op = Op::scale, .name = "scale", .family = Family::shape, .gradient = gradients::scale, .by_node = true,
     .may_overwrite = overwrites::first_two},
    {.op = Op::maximum, .name = "maximum", .family = Family::shape, .gradient = gradients::maximum, .by_node = true,
     .may_overwrite = overwrites::first_two},
    {.op = Op::resize, .name = "resize", .family = Family::shape, .gradient = gradients::of_dy<Op::resize_gradient>,
     .by_node = true, .is_idle = idle::at_one_size, .declares = {.resize = true}},
    {.op = Op::resample, .name = "resample", .family = Family::shape, .gradient = gradients::of_dy<Op::resample_gradient>,
     .by_node = true, .is_idle = idle::at_one_size, .declares = {.resize = true}},
    {.op = Op::resize_taps, .name = "resize_taps", .family = Family::shape, .gradient = gradients::resize_taps,
     .may_overwrite = overwrites::only<Input::residual>, .functor = Fuses::in_inference},
    {.op = Op::crop, .name = "crop", .family = Family::shape, .gradient = gradients::of_dy<Op::pad>, .by_node = true,
     .vanishes = true, .is_idle = idle::at_one_size, .declares = {.offsets = true}},
    {.op = Op::broadcast, .name = "broadcast", .family = Family::shape, .gradient = gradients::of_dy<Op::broadcast_gradient>,
     .by_node = true},
    {.op = Op::flatten, .name = "flatten", .family = Family::shape, .gradient = gradients::of_dy<Op::unflatten>,
     .by_group = Recompute::always, .by_node = true, .vanishes = true},
    {.op = Op::unflatten, .name = "unflatten", .family = Family::shape, .gradient = gradients::of_dy<Op::flatten>,
     .by_node = true},
    {.op = Op::slice, .name = "slice", .family = Family::shape, .gradient = gradients::of_dy<Op::pad>, .by_node = true,
     .vanishes = true, .is_idle = idle::at_one_size, .declares = {.offsets = true}},
    {.op = Op::pad, .name = "pad", .family = Family::shape, .gradient = gradients::pad, .by_node = true,
     .vanishes = true, .is_idle = idle::at_one_size, .declares = {.offsets = true, .padding = true}},
    {.op = Op::channel_shuffle, .name = "channel_shuffle", .family = Family::shape, .gradient = gradients::channel_shuffle,
     .by_node = true},
    {.op = Op::pixel_shuffle, .name = "pixel_shuffle", .family = Family::shape,
     .gradient = gradients::of_dy<Op::pixel_unshuffle>, .by_node = true, .vanishes = true, .is_idle = idle::at_one_size},
    {.op = Op::pixel_unshuffle, .name = "pixel_unshuffle", .family = Family::shape,
     .gradient = gradients::of_dy<Op::pixel_shuffle>, .by_node = true, .vanishes = true, .is_idle = idle::at_one_size},
    // --- training: forward
    {.op = Op::batch_statistics, .name = "batch_statistics", .family = Family::norm, .gradient = gradients::none,
     .extent = Extent::batch},
    {.op = Op::normalize, .name = "normalize", .family = Family::norm, .gradient = gradients::normalize,
     .by_group = Recompute::always, .by_node = true, .functor = Fuses::in_training, .pool = Fuses::in_training},
    {.op = Op::loss, .name = "loss", .family = Family::loss, .gradient = gradients::own_value},
    // --- training: backward
    {.op = Op::convolution_input_gradient, .name = "convolution_input_gradient", .family = Family::gradient,
     .of = Op::convolution, .product = Product::input_gradient, .macs = macs_of::convolution_input, .joins = true},
    {.op = Op::convolution_weight_gradient, .name = "convolution_weight_gradient", .family = Family::gradient,
     .of = Op::convolution, .extent = Extent::none, .product = Product::weight_gradient, .macs = macs_of::convolution_weights,
     .prologue = true},
    {.op = Op::depthwise_convolution_input_gradient, .name = "depthwise_convolution_input_gradient",
     .family = Family::gradient, .of = Op::depthwise_convolution, .product = Product::input_gradient,
     .macs = macs_of::depthwise_input, .joins = true},
    {.op = Op::depthwise_convolution_weight_gradient, .name = "depthwise_convolution_weight_gradient",
     .family = Family::gradient, .of = Op::depthwise_convolution, .extent = Extent::none, .product = Product::weight_gradient,
     .macs = macs_of::depthwise_weights},
    {.op = Op::grouped_convolution_input_gradient, .name = "grouped_convolution_input_gradient",
     .family = Family::gradient, .of = Op::grouped_convolution, .product = Product::input_gradient,
     .macs = macs_of::convolution_input, .joins = true},
    {.op = Op::grouped_convolution_weight_gradient, .name = "grouped_convolution_weight_gradient",
     .family = Family::gradient, .of = Op::grouped_convolution, .extent = Extent::none,
     .product = Product::weight_gradient, .macs = macs_of::convolution_weights, .prologue = true},
    {.op = Op::transposed_convolution_input_gradient, .name = "transposed_convolution_input_gradient",
     .family = Family::gradient, .of = Op::transposed_convolution, .product = Product::input_gradient,
     .macs = macs_of::transposed_input, .joins = true},
    {.op = Op::transposed_convolution_weight_gradient, .name = "transposed_convolution_weight_gradient",
     .family = Family::gradient, .of = Op::transposed_convolution, .extent = Extent::none, .product = Product::weight_gradient,
     .macs = macs_of::transposed},
    {.op = Op::dense_input_gradient, .name = "dense_input_gradient", .family = Family::gradient, .of = Op::dense,
     .product = Product::input_gradient, .macs = macs_of::dense, .by_group = Recompute::few_macs, .joins = true},
    {.op = Op::dense_weight_gradient, .name = "dense_weight_gradient", .family = Family::gradient, .of = Op::dense,
     .extent = Extent::none, .product = Product::weight_gradient, .macs = macs_of::dense},
    {.op = Op::normalize_reductions, .name = "normalize_reductions", .family = Family::gradient, .of = Op::normalize,
     .extent = Extent::batch},
    {.op = Op::normalize_input_gradient, .name = "normalize_input_gradient", .family = Family::gradient, .of = Op::normalize,
     .may_overwrite = overwrites::dy_unless_pooled},
    {.op = Op::group_norm_reductions, .name = "group_norm_reductions", .family = Family::gradient, .of = Op::group_norm},
    {.op = Op::group_norm_input_gradient, .name = "group_norm_input_gradient", .family = Family::gradient,
     .of = Op::group_norm, .may_overwrite = overwrites::only<Input::dy>},
    {.op = Op::group_norm_weight_gradient, .name = "group_norm_weight_gradient", .family = Family::gradient,
     .of = Op::group_norm, .extent = Extent::none},
    {.op = Op::pointwise_gradient, .name = "pointwise_gradient", .family = Family::gradient, .of = Op::pointwise,
     .may_overwrite = overwrites::only<Input::dy>},
    {.op = Op::prelu_input_gradient, .name = "prelu_input_gradient", .family = Family::gradient, .of = Op::prelu,
     .may_overwrite = overwrites::only<Input::dy>},
    {.op = Op::prelu_weight_gradient, .name = "prelu_weight_gradient", .family = Family::gradient, .of = Op::prelu,
     .extent = Extent::none},
    {.op = Op::max_pool_gradient, .name = "max_pool_gradient", .family = Family::gradient, .of = Op::max_pool},
    {.op = Op::average_pool_gradient, .name = "average_pool_gradient", .family = Family::gradient, .of = Op::average_pool},
    {.op = Op::adaptive_max_pool_gradient, .name = "adaptive_max_pool_gradient", .family = Family::gradient,
     .of = Op::adaptive_max_pool},
    {.op = Op::global_average_pool_gradient, .name = "global_average_pool_gradient", .family = Family::gradient,
     .of = Op::global_average_pool},
    {.op = Op::dropout_gradient, .name = "dropout_gradient", .family = Family::gradient, .of = Op::dropout,
     .may_overwrite = overwrites::only<Input::dy>},
    {.op = Op::softmax_gradient, .name = "softmax_gradient", .family = Family::gradient, .of = Op::softmax,
     .may_overwrite = overwrites::only<Input::dy>},
    {.op = Op::scale_gradient, .name = "scale_gradient", .family = Family::gradient, .of = Op::scale},
    {.op = Op::maximum_gradient, .name = "maximum_gradient", .family = Family::gradient, .of = Op::maximum,
     .may_overwrite = overwrites::only<Input::dy>},
    {.op = Op::resize_gradient, .name = "resize_gradient", .family = Family::gradient, .of = Op::resize},
    {.op = Op::resample_gradient, .name = "resample_gradient", .family = Family::gradient, .of = Op::resample},
    {.op = Op::resize_taps_gradient, .name = "resize_taps_gradient", .family = Family::gradient, .of = Op::resize_taps},
    {.op = Op::broadcast_gradient, .name = "broadcast_gradient", .family = Family::gradient, .of = Op::broadcast},
    {.op = Op::pad_gradient, .name = "pad_gradient", .family = Family::gradient, .of = Op::pad},
};
// clang-format on

/// Whether a table has one entry per op, in the order of Op.
template <class Entry, std::size_t Count>
constexpr bool is_complete(const Entry (&table)[Count]) {
  for (std::size_t i = 0; i < Count; i++)
    if (table[i].op != Op(i)) return false;
  return Count == op_count;
}

static_assert(is_complete(op_table), "strata: the traits of ops are not one per Op, in its order");

/// The entry of the op, for passes. A program that reads it while it runs links every function in the table.
constexpr const OpTraits& traits(Op op) { return op_table[int(op)]; }

/// The parts of the table that programs read while they run, without its functions.
struct OpFacts {
  Extent extents[op_count]{};
  Product products[op_count]{};
  Op forward[op_count]{};
  constexpr OpFacts() {
    for (int i = 0; i < op_count; i++) {
      extents[i] = op_table[i].extent, products[i] = op_table[i].product;
      forward[i] = op_table[i].family == Family::gradient ? op_table[i].of : Op(i);
    }
  }
};
inline constexpr OpFacts op_facts;

struct OpNames {
  const char* names[op_count]{};
  constexpr OpNames() {
    for (int i = 0; i < op_count; i++) names[i] = op_table[i].name;
  }
};
inline constexpr OpNames op_names;

constexpr const char* name(Op op) { return op_names.names[int(op)]; }
constexpr Extent extent(Op op) { return op_facts.extents[int(op)]; }
constexpr Product product(Op op) { return op_facts.products[int(op)]; }
/// The forward op of a gradient; any other op itself.
constexpr Op forward_of(Op op) { return op_facts.forward[int(op)]; }
/// Whether the op is the forward pass of a layer that multiplies by weights.
constexpr bool is_linear(Op op) { return product(op) == Product::output; }
/// Multiply-accumulates per image.
constexpr long node_macs(const Node& node) { return traits(node.op).macs(node); }
/// Whether a forward node's value is its x.
constexpr bool is_idle(const Node& node) { return traits(node.op).is_idle(node); }
/// Whether a node of a plan by node may overwrite that input with its value.
constexpr bool may_overwrite(const Node& node, int input) { return traits(node.op).may_overwrite(node, input); }

}  // namespace strata::graph
