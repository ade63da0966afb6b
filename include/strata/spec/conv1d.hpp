// SPDX-License-Identifier: MIT
// Convolutions over signals.
#pragma once

#include <strata/spec/conv.hpp>
#include <strata/spec/one_row.hpp>

namespace strata {

/// Convolution along a signal, with `Channels` output channels, a number or Times<...> of the input's.
/// y[o, t] = b[o] + sum over i, k of w[o, i, k] x[i, t stride + k dilation - pad], as PyTorch's Conv1d.
/// H x W x C -> H x W' x Channels, where H is 1, with the W' of Conv. Options: those of Conv; Pad<both> or Pad<before,
/// after>. Weights [out][in / groups][k]; bias [out]. Refuses a map of several rows, and what Conv refuses.
template <int Kernel, int Channels = 0, class... Option>
struct Conv1d {
  using functors = spec::type_list<>;
  /// What its options say.
  static constexpr spec::WindowOptions options = detail::parse_options<typename detail::OneRow<Option>::type...>();
  static constexpr graph::Bound bound = detail::convolution_bound(options);
  static constexpr void spell(core::Text& out) {
    out << "Conv1d<" << Kernel << ", ";
    detail::spell_channels(out, Channels);
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    const Shape in = b.shape(x);
    if (in.height != 1) b.refuse(graph::Reason::signal_expected, &spell, in);
    if (options.pad[0] != 0 || options.pad[2] != 0)
      b.refuse(graph::Reason::option_not_taken, &spell, in, {}, "Pad with four numbers");
    return detail::lower_convolution(b, x, "Conv1d", &spell, Size{1, Kernel}, Channels, options, 3);
  }
};

}  // namespace strata
