// SPDX-License-Identifier: MIT
// Options of layers, as small types: Conv<3, 16, Stride<2>, NoBias>. Each one writes itself into spec::WindowOptions,
// which also records contradictions.
#pragma once

#include <strata/core/text/text.hpp>
#include <strata/graph/declared/builder.hpp>
#include <strata/spec/real.hpp>
#include <strata/spec/size.hpp>

namespace strata {

namespace spec {

/// The collected options of one layer.
struct WindowOptions {
  Size stride{1}, dilation{1};
  int pad[4] = {0, 0, 0, 0};  ///< top, left, bottom, right
  int multiplier = 1;
  int groups = 1;
  bool bias = true;
  bool rounds_up = false, excludes_padding = false;
  core::Padding mode = core::Padding::zeros;
  Size output_pad{0};
  int offset[2] = {0, 0};  ///< rows, columns
  graph::Products products = graph::Products::fewest;
  double weight_rate = 1, bias_rate = 1, weight_l2 = 1, bias_l2 = 0;

  // How many times each was given.
  int strides = 0, dilations = 0, paddings = 0, multipliers = 0, groupings = 0, biases = 0, rates = 0, l2s = 0,
      modes = 0, output_pads = 0, offsets = 0;
  bool same = false;
  const char* contradiction = nullptr;
  bool foreign = false;  ///< a type that is not an option was given

  /// Counts an option; `repeated` is the error if it is not the first.
  constexpr void count_once(int& count, const char* repeated) {
    if (++count > 1 && !contradiction) contradiction = repeated;
  }
};

}  // namespace spec

/// The stride of a window in rows and columns of its input, at least 1; the default is 1, and the kernel size for
/// pools.
template <Size S>
struct Stride {
  static constexpr void apply(spec::WindowOptions& o) {
    o.stride = S, o.count_once(o.strides, "Stride is given twice");
  }
  static constexpr void spell(core::Text& out) { out << "Stride<" << S << '>'; }
};

/// The spacing of a window's taps in rows and columns of its input, at least 1; the default is 1.
/// Taps are the elements under the kernel: 3 of them at dilation 2 cover 5 rows ("a trous", Yu and Koltun, arXiv
/// 1511.07122).
template <Size D>
struct Dilation {
  static constexpr void apply(spec::WindowOptions& o) {
    o.dilation = D, o.count_once(o.dilations, "Dilation is given twice");
  }
  static constexpr void spell(core::Text& out) { out << "Dilation<" << D << '>'; }
};

/// Padding around the input, in rows and columns, at least 0: Pad<all>, Pad<rows, columns> or Pad<top, left, bottom,
/// right>. The default is Same for convolutions, and 0 for pools. Convolutions and average pools read zeros there, max
/// pools nothing; a TransposedConv loses so many rows and columns of its output.
template <int... P>
struct Pad {
  static constexpr void apply(spec::WindowOptions& o) {
    constexpr int count = sizeof...(P);
    if (count != 1 && count != 2 && count != 4) o.contradiction = "Pad has 1, 2 or 4 numbers";
    constexpr int given[] = {P..., 0, 0, 0, 0};
    for (int side = 0; side < 4; side++) o.pad[side] = given[count == 1 ? 0 : count == 2 ? side % 2 : side];
    o.count_once(o.paddings, o.same ? "Pad and Same exclude each other" : "Pad is given twice");
  }
  static constexpr void spell(core::Text& out) {
    out << "Pad<";
    int i = 0;
    ((out << (i++ ? ", " : "") << P), ...);
    out << '>';
  }
};

/// Pads so that output = ceil(input / stride). An odd row or column goes to the bottom or right. The default for
/// convolutions, which accept a kernel larger than their input only if Same or Pad is given.
struct Same {
  static constexpr void apply(spec::WindowOptions& o) {
    o.count_once(o.paddings, o.same ? "Same is given twice" : "Pad and Same exclude each other");
    o.same = true;
  }
  static constexpr void spell(core::Text& out) { out << "Same"; }
};

/// Rounds the number of a pool's outputs up instead of down, as PyTorch's ceil_mode: a last window may reach beyond
/// the padding if it begins on the input or on the padding before it. A maximum ignores what is beyond, and no average
/// counts it. The default is to round down.
struct CeilMode {
  static constexpr void apply(spec::WindowOptions& o) { o.rounds_up = true; }
  static constexpr void spell(core::Text& out) { out << "CeilMode"; }
};

/// Leaves padding out of an average's divisor, as PyTorch's count_include_pad = False: at the border, fewer elements
/// are averaged. Without this option, padding counts as zeros.
struct ExcludePadding {
  static constexpr void apply(spec::WindowOptions& o) { o.excludes_padding = true; }
  static constexpr void spell(core::Text& out) { out << "ExcludePadding"; }
};

/// The padding shows the input mirrored at its border pixels, which are not repeated; without this option, or Replicate
/// or Circular, it shows zeros. It must be smaller than the input.
struct Reflect {
  static constexpr void apply(spec::WindowOptions& o) {
    o.mode = core::Padding::reflect;
    o.count_once(o.modes, "Reflect, Replicate and Circular exclude each other");
  }
  static constexpr void spell(core::Text& out) { out << "Reflect"; }
};

/// The padding repeats the input's border pixels; without this option, or Reflect or Circular, it shows zeros.
struct Replicate {
  static constexpr void apply(spec::WindowOptions& o) {
    o.mode = core::Padding::replicate;
    o.count_once(o.modes, "Reflect, Replicate and Circular exclude each other");
  }
  static constexpr void spell(core::Text& out) { out << "Replicate"; }
};

/// The padding shows the input's other side, as if it were a ring; without this option, or Reflect or Replicate, it
/// shows zeros. It must not be larger than the input.
struct Circular {
  static constexpr void apply(spec::WindowOptions& o) {
    o.mode = core::Padding::circular;
    o.count_once(o.modes, "Reflect, Replicate and Circular exclude each other");
  }
  static constexpr void spell(core::Text& out) { out << "Circular"; }
};

/// Rows and columns that a TransposedConv has at the bottom and right of its output beyond those that its windows
/// reach, at least 0 and less than the stride; the default is 0. PyTorch's output_padding: it tells which of the sizes
/// is meant from which a convolution of that stride makes the input's.
template <Size S>
struct OutputPad {
  static constexpr void apply(spec::WindowOptions& o) {
    o.output_pad = S, o.count_once(o.output_pads, "OutputPad is given twice");
  }
  static constexpr void spell(core::Text& out) { out << "OutputPad<" << S << '>'; }
};

/// Where the smaller map is in the larger one, of a Crop or PadTo: `Top` rows down and `Left` columns to the right, at
/// least 0; the default is the center.
template <int Top, int Left>
struct Offset {
  static constexpr void apply(spec::WindowOptions& o) {
    o.offset[0] = Top, o.offset[1] = Left;
    o.count_once(o.offsets, "Offset is given twice");
  }
  static constexpr void spell(core::Text& out) { out << "Offset<" << Top << ", " << Left << '>'; }
};

/// The filters, and output channels, per input channel of a DepthwiseConv; the default is 1.
template <int M>
struct Multiplier {
  static constexpr void apply(spec::WindowOptions& o) {
    o.multiplier = M;
    o.count_once(o.multipliers, "Multiplier is given twice");
  }
  static constexpr void spell(core::Text& out) { out << "Multiplier<" << M << '>'; }
};

/// Cuts the input and output channels into `Count` parts; each part of the output reads its part of the input. The
/// default is 1.
template <int Count>
struct Groups {
  static constexpr void apply(spec::WindowOptions& o) {
    o.groups = Count;
    o.count_once(o.groupings, "Groups is given twice");
  }
  static constexpr void spell(core::Text& out) { out << "Groups<" << Count << '>'; }
};

/// The layer has no bias; without this option it has one, of one number per output channel.
struct NoBias {
  static constexpr void apply(spec::WindowOptions& o) {
    o.bias = false;
    o.count_once(o.biases, "NoBias is given twice");
  }
  static constexpr void spell(core::Text& out) { out << "NoBias"; }
};

/// Computes the convolution by direct sums only. Otherwise a back end may choose Winograd's algorithm, which needs
/// fewer products but has three to five times the rounding error. CpuWith<Exact> sets it for the whole network.
struct Exact {
  template <class Options>
  static constexpr void apply(Options& o) {
    o.products = graph::Products::direct;
  }
  static constexpr void spell(core::Text& out) { out << "Exact"; }
};

/// Multiplies the learning rate of the weights and of the bias; 0 freezes them. The default is 1 and 1.
template <Real Weights, Real Bias = Real{1}>
struct RateFactor {
  static constexpr void apply(spec::WindowOptions& o) {
    o.weight_rate = Weights.value, o.bias_rate = Bias.value;
    o.count_once(o.rates, "RateFactor is given twice");
  }
  static constexpr void spell(core::Text& out) { out << "RateFactor<" << Weights.value << ", " << Bias.value << '>'; }
};

/// Multiplies L2 regularization and weight decay of the weights and of the bias. The default is 1 and 0.
template <Real Weights, Real Bias = Real{0}>
struct L2Factor {
  static constexpr void apply(spec::WindowOptions& o) {
    o.weight_l2 = Weights.value, o.bias_l2 = Bias.value;
    o.count_once(o.l2s, "L2Factor is given twice");
  }
  static constexpr void spell(core::Text& out) { out << "L2Factor<" << Weights.value << ", " << Bias.value << '>'; }
};

namespace detail {

template <class Option>
constexpr void apply_option(spec::WindowOptions& options) {
  if constexpr (requires { Option::apply(options); }) Option::apply(options);
  else options.foreign = true;
}

template <class... Option>
constexpr spec::WindowOptions parse_options() {
  spec::WindowOptions options;
  (apply_option<Option>(options), ...);
  return options;
}

template <class... Option>
constexpr void spell_options(core::Text& out) {
  (
      [&] {
        if constexpr (requires { Option::spell(out); }) {
          out << ", ";
          Option::spell(out);
        }
      }(),
      ...);
}

/// The kinds of options that a layer takes.
struct Takes {
  bool window = true;       ///< Stride, Pad, Same
  bool dilation = true;     ///< Dilation
  bool multiplier = false;  ///< Multiplier
  bool weights = true;      ///< NoBias, RateFactor, L2Factor
  bool exact = false;       ///< Exact
  bool groups = false;      ///< Groups
  bool ceil_mode = false;   ///< CeilMode
  bool divisor = false;     ///< ExcludePadding
  bool modes = false;       ///< Reflect, Replicate, Circular
  bool output_pad = false;  ///< OutputPad
  bool offset = false;      ///< Offset
};

/// Rejects options that contradict each other, and those that the layer does not take.
constexpr void check_options(graph::Builder& b, graph::SpellFunction spell, Shape in, const spec::WindowOptions& o,
                             Takes takes) {
  if (o.foreign) b.refuse(graph::Reason::not_an_option, spell, in);
  if (o.contradiction) b.refuse(graph::Reason::options_contradict, spell, in, {}, o.contradiction);
  const char* extra = !takes.window && o.strides > 0                          ? "Stride"
                      : !takes.window && o.paddings > 0                       ? (o.same ? "Same" : "Pad")
                      : !takes.dilation && o.dilations > 0                    ? "Dilation"
                      : !takes.multiplier && o.multipliers > 0                ? "Multiplier"
                      : !takes.weights && o.biases > 0                        ? "NoBias"
                      : !takes.weights && o.rates > 0                         ? "RateFactor"
                      : !takes.weights && o.l2s > 0                           ? "L2Factor"
                      : !takes.groups && o.groupings > 0                      ? "Groups"
                      : !takes.ceil_mode && o.rounds_up                       ? "CeilMode"
                      : !takes.divisor && o.excludes_padding                  ? "ExcludePadding"
                      : !takes.output_pad && o.output_pads > 0                ? "OutputPad"
                      : !takes.offset && o.offsets > 0                        ? "Offset"
                      : !takes.modes && o.mode == core::Padding::reflect      ? "Reflect"
                      : !takes.modes && o.mode == core::Padding::replicate    ? "Replicate"
                      : !takes.modes && o.mode == core::Padding::circular     ? "Circular"
                      : !takes.exact && o.products == graph::Products::direct ? "Exact"
                                                                              : nullptr;
  if (o.rounds_up && o.same)
    b.refuse(graph::Reason::options_contradict, spell, in, {}, "CeilMode and Same exclude each other");
  if (extra) b.refuse(graph::Reason::option_not_taken, spell, in, {}, extra);
}

}  // namespace detail
}  // namespace strata
