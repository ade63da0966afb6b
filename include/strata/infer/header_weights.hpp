// SPDX-License-Identifier: MIT
// What a predictor requires of the weights in a header that export_header wrote. A program with the weights of another
// network, or packed for another machine, does not compile.
#pragma once

#include <strata/cpu/nhwc/inference_of.hpp>
#include <strata/graph/policy.hpp>
#include <strata/graph/structural_hash.hpp>
#include <strata/infer/packed_format.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace strata::infer {

/// Floats of the scale and shift of every source, the first buffers of a network.
template <class Net>
inline constexpr std::size_t input_buffer_floats = [] {
  std::size_t floats = 0;
  for (int s = 0; s < graph::lowered<Net>.source_count; s++)
    floats += 2 * std::size_t(graph::lowered<Net>.graph.nodes[graph::lowered<Net>.sources[s].value].out.channels);
  return floats;
}();

/// Weights in the order of Model<Net> and of files.
template <class W>
concept weights_of_files = requires {
  { W::network } -> std::convertible_to<std::uint64_t>;
  { W::parameters() } -> std::same_as<const float*>;
  { W::buffers() } -> std::same_as<const float*>;
};

/// Weights that are folded and packed for one machine.
template <class W>
concept packed_weights = requires {
  { W::network } -> std::convertible_to<std::uint64_t>;
  { W::format } -> std::convertible_to<std::uint64_t>;
  { W::packed() } -> std::same_as<const float*>;
  { W::input() } -> std::same_as<const float*>;
};

/// Weights of either form.
template <class W>
concept header_weights = weights_of_files<W> || packed_weights<W>;

namespace detail {

template <class Net, class Weights>
constexpr void check_network() {
  static_assert(Weights::network == graph::structural_hash<Net>,
                "strata: the header holds the weights of another network than this predictor's; export those of this "
                "network, or predict with that one");
  static_assert(std::endian::native == std::endian::little,
                "strata: the header holds little-endian numbers, but this machine is big-endian; read a file instead");
}

}  // namespace detail

/// The parameters and buffers of a header, which must be those of Net.
template <class Net, header_weights Weights>
struct WeightsOfFiles {
  static constexpr std::size_t parameter_floats = std::size_t(graph::lowered<Net>.parameter_floats),
                               buffer_floats = std::size_t(graph::lowered<Net>.buffer_floats);
  static_assert(
      weights_of_files<Weights>,
      "strata: the header's weights are packed already; give them a predictor's Activations, not its Storage");

  static std::span<const float, parameter_floats> parameters() {
    detail::check_network<Net, Weights>();
    return std::span<const float, parameter_floats>(Weights::parameters(), parameter_floats);
  }
  static std::span<const float, buffer_floats> buffers() {
    return std::span<const float, buffer_floats>(Weights::buffers(), buffer_floats);
  }
};

/// The packed weights of a header, which must be those of Net, for this machine and these policies.
template <class Net, graph::PlanOptions Options, header_weights Weights>
struct WeightsInPlace {
  static_assert(packed_weights<Weights>,
                "strata: the header's weights are not packed; give them a predictor's Storage, or export them for a "
                "target");

  static const float* packed() {
    detail::check_network<Net, Weights>();
    static_assert(Weights::format == packed_format<Net, Options>,
                  "strata: the header's weights are packed for another machine or other policies than this "
                  "predictor's; export them for the machine that this program is compiled for, with the predictor's "
                  "policies");
    return Weights::packed();
  }
  static const float* input() { return Weights::input(); }
};

/// Refuses weights of a network that scales its images.
template <header_weights Weights>
constexpr void check_unscaled() {
  constexpr bool holds = [] {
    for (const float scale : Weights::input_scale)
      if (scale != 1) return false;
    for (const float shift : Weights::input_shift)
      if (shift != 0) return false;
    return true;
  }();
  static_assert(holds,
                "strata: the header's network scales its images, but the predictor is infer::Unscaled; leave "
                "that policy out");
}

}  // namespace strata::infer
