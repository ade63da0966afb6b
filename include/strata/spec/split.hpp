// SPDX-License-Identifier: MIT
// Names for parts of a map's channels: Split<Part<"left", 8>, Part<"right", 8>>, From<"right">, ...
#pragma once

#include <strata/spec/slice.hpp>
#include <strata/spec/tap.hpp>

namespace strata {

/// A part of a Split: `Count` channels with a name for From.
template <core::FixedString Name, int Count>
struct Part {
  static constexpr core::FixedString name = Name;  ///< as that of a Tap
  static constexpr int channels = Count;           ///< at least 1
  static constexpr void spell(core::Text& out) { out << "Part<\"" << Name.text << "\", " << Count << '>'; }
};

namespace detail {

/// A Part. (By its members: nvcc finds no specialization for a template with a name among its arguments.)
template <class T>
concept is_part = requires(core::Text& out) {
  T::name.text;
  T::channels;
  T::spell(out);
};

}  // namespace detail

/// Names consecutive parts of the channels, for From later in the network, and passes the input on: y = x.
/// H x W x C -> H x W x C. Part k begins where part k - 1 ends, and all channels are in one, as in PyTorch's split.
/// Refuses parts that are not all of the channels, and names as Tap does.
template <class... Parts>
struct Split {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{int(sizeof...(Parts)), 0, 1};
  static constexpr void spell(core::Text& out) {
    out << "Split<";
    int count = 0;
    (
        [&] {
          if (count++ > 0) out << ", ";
          if constexpr (detail::is_part<Parts>) Parts::spell(out);
          else out << "...";
        }(),
        ...);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    using graph::Reason;
    b.begin("Split", &spell);
    const Shape in = b.shape(x);
    if constexpr (!(detail::is_part<Parts> && ...)) {
      b.refuse(Reason::not_an_option, &spell, in, {}, "it takes Part<name, channels>");
    } else {
      if (((Parts::channels < 1) || ...)) b.refuse(Reason::size_not_positive, &spell, in);
      if ((0L + ... + Parts::channels) != in.channels) b.refuse(Reason::parts_are_not_all, &spell, in);
      int first = 0;
      (
          [&] {
            if (b.refused()) return;
            Tap<Parts::name>::lower(b, detail::add_slice(b, x, first, Parts::channels));
            first += Parts::channels;
          }(),
          ...);
      b.layers[b.layer_count - 1].out = in;  // rather than the last part's shape
    }
    return x;
  }
};

}  // namespace strata
