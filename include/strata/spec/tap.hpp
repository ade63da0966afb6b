// SPDX-License-Identifier: MIT
// Names a value for use later in the network: Tap<"low"> ... From<"low">, CropTo<"low">. Sources have names likewise.
#pragma once

#include <strata/core/text/text.hpp>
#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

namespace detail {

/// The index of the tap of that name, or -1.
constexpr int find_tap(const graph::Builder& b, const char* name) {
  for (int i = 0; i < b.tap_count; i++)
    if (core::same_text(b.taps[i].name, name)) return i;
  return -1;
}

/// The value that the tap `name` names. Rejects the network if no earlier tap has that name.
constexpr int tapped_value(graph::Builder& b, const char* name, graph::SpellFunction spell, int x) {
  const int tap = find_tap(b, name);
  if (tap < 0) {
    b.refuse(graph::Reason::unknown_tap, spell, b.shape(x), {}, name);
    return x;
  }
  b.taps[tap].uses++;
  return b.taps[tap].value;
}

}  // namespace detail

/// Names the value at this position, for From and CropTo later in the network, and passes it on: y = x.
/// H x W x C -> H x W x C. Refuses a name that an earlier Tap has, one that nothing reads, and the 65th tap of a
/// network.
template <core::FixedString Name>
struct Tap {
  using functors = spec::type_list<>;
  static constexpr core::FixedString name = Name;  ///< of the value
  static constexpr graph::Bound bound{};
  static constexpr void spell(core::Text& out) { out << "Tap<\"" << Name.text << "\">"; }
  static constexpr int lower(graph::Builder& b, int x) {
    if (const int other = detail::find_tap(b, name.text); other >= 0)
      b.refuse(b.taps[other].is_source ? graph::Reason::name_of_another_port : graph::Reason::duplicate_tap, &spell,
               b.shape(x), {}, name.text);
    b.add_tap(name.text, x, &spell);
    return x;
  }
};

/// Continues from the value that Tap<Name> or a Source of that name gives, instead of the one before it: y = that
/// value. H x W x C -> the shape there. Refuses a name that no Tap before it and no source has.
template <core::FixedString Name>
struct From {
  using functors = spec::type_list<>;
  static constexpr core::FixedString name = Name;  ///< of the Tap
  static constexpr graph::Bound bound{};
  static constexpr void spell(core::Text& out) { out << "From<\"" << Name.text << "\">"; }
  static constexpr int lower(graph::Builder& b, int x) { return detail::tapped_value(b, name.text, &spell, x); }
};

}  // namespace strata
