// SPDX-License-Identifier: MIT
// The adjoint of a convolution that maps the output to the input: each input pixel adds w x to a window of the output.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/times.hpp>
#include <strata/spec/windowed.hpp>

namespace strata {

/// Transposed convolution with `Channels` output channels, a number or Times<...> of the input's, as PyTorch's
/// ConvTranspose2d.
/// y[o, r stride + k dilation - pad, ...] = b[o] + the sum of all w[i, o, k, l] x[i, r, ...] that fall there.
/// H x W x C -> H' x W' x Channels: without Pad, or with Same, H' = H stride; with Pad, which crops the output,
/// H' = (H - 1) stride + dilation (kernel - 1) + 1 - top - bottom, + OutputPad. Options: Stride, Dilation, Pad, Same,
/// OutputPad (with Pad), NoBias, RateFactor, L2Factor. Weights [in][out][kh][kw]; bias [out]. Refuses a stride larger
/// than the kernel without Pad, padding that removes all rows or columns, and an OutputPad that is not below the
/// stride.
template <Size Kernel, int Channels = 0, class... Option>
struct TransposedConv {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 2, 1};
  static constexpr void spell(core::Text& out) {
    out << "TransposedConv<" << Kernel << ", ";
    detail::spell_channels(out, Channels);
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("TransposedConv", &spell);
    const Shape in = b.shape(x);
    const spec::WindowOptions o = detail::parse_options<Option...>();
    detail::check_options(b, &spell, in, o, {.output_pad = true});
    const int channels = detail::output_channels(b, &spell, in, Channels);
    // `w` is the window of the forward convolution whose adjoint this is; it slides over the output.
    core::Window w = detail::given_window(Kernel, o);
    const bool valid = detail::is_valid(w);
    const Shape full{w.rows.reach(in.height), w.columns.reach(in.width), channels};
    if (o.paddings == 0 || o.same) {
      w = {cropped_as_same(w.rows, in.height), cropped_as_same(w.columns, in.width)};
      if (full.height < in.height * w.rows.stride || full.width < in.width * w.columns.stride)
        b.refuse(graph::Reason::options_contradict, &spell, in, {}, "the stride is larger than the kernel");
    }
    if (o.output_pads > 0) {
      if (o.paddings == 0 || o.same)
        b.refuse(graph::Reason::options_contradict, &spell, in, {}, "OutputPad adds to what Pad leaves, not to Same");
      const auto exceeds = [](int rows, const core::Axis& axis) { return rows < 0 || rows >= axis.stride; };
      if (exceeds(o.output_pad.height, w.rows) || exceeds(o.output_pad.width, w.columns))
        b.refuse(graph::Reason::number_out_of_range, &spell, in, {}, "OutputPad is not below the stride");
      w.rows.after -= o.output_pad.height, w.columns.after -= o.output_pad.width;
    }
    const Shape out{w.rows.inputs(in.height), w.columns.inputs(in.width), channels};
    if (!valid) b.refuse(graph::Reason::size_not_positive, &spell, in);
    if (out.height < 1 || out.width < 1) b.refuse(graph::Reason::pad_removes_all, &spell, in, full);
    if (b.refused()) return x;
    graph::Node node{.op = graph::Op::transposed_convolution, .out = out, .window = w};
    detail::add_weights(b, node,
                        {.rank = 4,
                         .dims = {in.channels, channels, w.rows.kernel, w.columns.kernel},
                         .fan_in = in.channels * w.taps(),
                         .fan_out = channels * w.taps()},
                        channels, o);
    return b.add(node, x);
  }

 private:
  /// The axis that crops the output to `in` times the stride.
  static constexpr core::Axis cropped_as_same(core::Axis axis, int in) {
    const int removed = axis.reach(in) - in * axis.stride;
    axis.before = removed / 2, axis.after = removed - removed / 2;
    return axis;
  }
};

}  // namespace strata
