// SPDX-License-Identifier: MIT
// The adjoint of a convolution that maps the output to the input: each input pixel adds w x to a window of the output.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// Transposed convolution with `Channels` output channels, as PyTorch's ConvTranspose2d.
/// y[o, r stride + k dilation - pad, ...] = b[o] + the sum of all w[i, o, k, l] x[i, r, ...] that fall there.
/// H x W x C -> H' x W' x Channels: without Pad, or with Same, H' = H stride; with Pad, which crops the output,
/// H' = (H - 1) stride + dilation (kernel - 1) + 1 - top - bottom. Options: Stride, Dilation, Pad, Same, NoBias,
/// RateFactor, L2Factor. Weights [in][out][kh][kw]; bias [out]. Refuses a stride larger than the kernel without Pad,
/// and padding that removes all rows or columns.
template <Size Kernel, int Channels, class... Option>
struct TransposedConv {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 2, 1};
  static constexpr void spell(core::Text& out) {
    out << "TransposedConv<" << Kernel << ", " << Channels;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("TransposedConv", &spell);
    const Shape in = b.shape(x);
    const spec::WindowOptions o = detail::parse_options<Option...>();
    detail::check_options(b, &spell, in, o, {});
    if (Channels < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    // `w` is the window of the forward convolution whose adjoint this is; it slides over the output.
    const Shape full{(in.height - 1) * o.stride.height + (Kernel.height - 1) * o.dilation.height + 1,
                     (in.width - 1) * o.stride.width + (Kernel.width - 1) * o.dilation.width + 1, Channels};
    Shape out = full;
    core::Window w{Kernel.height, Kernel.width, o.stride.height, o.stride.width, o.dilation.height, o.dilation.width};
    const bool same = o.paddings == 0 || o.same;
    if (same) {
      out = {in.height * o.stride.height, in.width * o.stride.width, Channels};
      const int rows = full.height - out.height, columns = full.width - out.width;
      if (rows < 0 || columns < 0)
        b.refuse(graph::Reason::options_contradict, &spell, in, {}, "the stride is larger than the kernel");
      w.pad_top = rows / 2, w.pad_bottom = rows - rows / 2, w.pad_left = columns / 2,
      w.pad_right = columns - columns / 2;
    } else {
      w.pad_top = o.pad[0], w.pad_left = o.pad[1], w.pad_bottom = o.pad[2], w.pad_right = o.pad[3];
      out = {full.height - o.pad[0] - o.pad[2], full.width - o.pad[1] - o.pad[3], Channels};
    }
    if (Kernel.height < 1 || Kernel.width < 1 || o.stride.height < 1 || o.stride.width < 1 || o.dilation.height < 1 ||
        o.dilation.width < 1 || o.pad[0] < 0 || o.pad[1] < 0 || o.pad[2] < 0 || o.pad[3] < 0)
      b.refuse(graph::Reason::size_not_positive, &spell, in);
    if (out.height < 1 || out.width < 1) b.refuse(graph::Reason::pad_removes_all, &spell, in, full);
    if (b.refused()) return x;
    graph::Node node{.op = graph::Op::transposed_convolution, .out = out, .window = w};
    detail::add_weights(b, node,
                        {.rank = 4,
                         .dims = {in.channels, Channels, w.kernel_height, w.kernel_width},
                         .fan_in = in.channels * w.taps(),
                         .fan_out = Channels * w.taps()},
                        Channels, o);
    return b.add(node, x);
  }
};

}  // namespace strata
