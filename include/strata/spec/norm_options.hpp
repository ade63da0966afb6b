// SPDX-License-Identifier: MIT
// Options of norms, and what the norms within an image have in common: GroupNorm, LayerNorm, InstanceNorm.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

namespace spec {

/// The collected options of one norm.
struct NormOptions {
  double epsilon = 1e-5;                               ///< added to each variance, > 0
  bool affine = true;                                  ///< with scale and shift
  bool each_pixel = false;                             ///< statistics of each pixel
  graph::Products products = graph::Products::fewest;  ///< other than this if Exact was given

  int epsilons = 0;      ///< number of those that were given
  bool with = false;     ///< Affine was given
  bool without = false;  ///< NoAffine was given
  bool foreign = false;  ///< a type that is not an option of norms was given
};

}  // namespace spec

/// A norm adds `E` to each variance, E > 0; the default is 1e-5.
template <Real E>
struct Epsilon {
  static constexpr void apply(spec::NormOptions& o) { o.epsilon = E.value, o.epsilons++; }
  static constexpr void spell(core::Text& out) { out << "Epsilon<" << E.value << '>'; }
};

/// The norm has a learned scale and shift: the default of all norms but InstanceNorm.
struct Affine {
  static constexpr void apply(spec::NormOptions& o) { o.affine = o.with = true; }
  static constexpr void spell(core::Text& out) { out << "Affine"; }
};

/// The norm has neither scale nor shift: its means are 0 and its variances 1. The default of InstanceNorm.
struct NoAffine {
  static constexpr void apply(spec::NormOptions& o) { o.affine = false, o.without = true; }
  static constexpr void spell(core::Text& out) { out << "NoAffine"; }
};

/// Each pixel has statistics of its own, over its channels, as in ConvNeXt (Liu et al., arXiv 2201.03545); without it,
/// the whole map has.
struct EachPixel {
  static constexpr void apply(spec::NormOptions& o) { o.each_pixel = true; }
  static constexpr void spell(core::Text& out) { out << "EachPixel"; }
};

namespace detail {

template <class Option>
constexpr void apply_norm_option(spec::NormOptions& options) {
  if constexpr (requires { Option::apply(options); }) Option::apply(options);
  else options.foreign = true;
}

template <class... Option>
constexpr spec::NormOptions parse_norm_options(bool affine) {
  spec::NormOptions options{.affine = affine};
  (apply_norm_option<Option>(options), ...);
  return options;
}

/// "Kind", or "KindWith<Epsilon<1e-06>, EachPixel>".
template <class... Option>
constexpr void spell_norm(core::Text& out, const char* kind) {
  out << kind;
  if constexpr (sizeof...(Option) > 0) {
    core::Text options;
    spell_options<Option...>(options);
    out << "With<" << options.text + 2 << '>';  // without the first comma
  }
}

/// Rejects options of norms that contradict each other, and an epsilon out of its range.
constexpr void check_norm_options(graph::Builder& b, graph::SpellFunction spell, Shape in, const spec::NormOptions& o) {
  if (o.foreign) b.refuse(graph::Reason::not_an_option, spell, in);
  if (o.products != graph::Products::fewest) b.refuse(graph::Reason::option_not_taken, spell, in, {}, "Exact");
  if (o.with && o.without)
    b.refuse(graph::Reason::options_contradict, spell, in, {}, "Affine and NoAffine exclude each other");
  if (o.epsilons > 1) b.refuse(graph::Reason::options_contradict, spell, in, {}, "Epsilon is given twice");
  if (!(o.epsilon > 0)) b.refuse(graph::Reason::epsilon_not_positive, spell, in);
}

/// Adds the statistics of `groups` parts of the channels, of the map or of each pixel, and the norm by them. `share`:
/// which elements have a scale and a shift in common.
constexpr int lower_group_norm(graph::Builder& b, int x, const char* kind, graph::SpellFunction spell, int groups,
                               graph::Share share, const spec::NormOptions& o) {
  b.begin(kind, spell);
  const Shape in = b.shape(x);
  check_norm_options(b, spell, in, o);
  if (groups < 1 || in.channels % groups != 0) b.refuse(graph::Reason::groups_do_not_divide, spell, in);
  if (b.refused()) return x;
  const long numbers = in.channels / groups * (o.each_pixel ? 1L : in.pixels());
  if (numbers == 1) b.refuse(graph::Reason::norm_of_one_number, spell, in);
  if (b.refused()) return x;
  core::Window window{};
  if (!o.each_pixel) window = {core::Axis::tiles(in.height), core::Axis::tiles(in.width)};
  const Shape means{o.each_pixel ? in.height : 1, o.each_pixel ? in.width : 1, 2 * groups};
  const int statistics = b.add(
      {.op = graph::Op::group_statistics, .out = means, .window = window, .groups = groups, .epsilon = o.epsilon}, x);
  if (in.pixels() == 1) share = graph::Share::channel;
  graph::Node node{.op = graph::Op::group_norm, .out = in, .window = window, .groups = groups, .share = share};
  if (o.affine) {
    graph::Tensor tensor{.role = graph::Role::scale, .rank = 1, .dims = {in.channels, 1, 1, 1}};
    if (share == graph::Share::element) tensor.rank = 3, tensor.dims[1] = in.height, tensor.dims[2] = in.width;
    node.weights = b.parameter(tensor);
    tensor.role = graph::Role::shift;
    node.bias = b.parameter(tensor);
  }
  const int y = b.add(node, x);
  b.nodes[y].inputs.add(graph::Input::statistics, statistics);
  return y;
}

}  // namespace detail
}  // namespace strata
