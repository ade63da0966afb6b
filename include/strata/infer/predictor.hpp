// SPDX-License-Identifier: MIT
// Inference for embedded use: one image, one thread, in storage of a size known at compile time. No heap, no
// exceptions, no RTTI, no threads; several predictors may run in several threads at once.
#pragma once

#include <strata/cpu/nhwc/solo.hpp>
#include <strata/graph/policy.hpp>
#include <strata/infer/header_weights.hpp>
#include <strata/spec/layer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace strata::infer {

/// A policy of a predictor with packed weights: its network reads images of floats as they are, with a scale of 1 and a
/// shift of 0. On a machine without vectors, they are then not copied.
struct Unscaled {
  static constexpr void apply(graph::PlanOptions&) {}
};

/// The place of one image among those of all sources, or of one result among those of all heads.
struct Part {
  std::size_t first = 0, floats = 0;  ///< the index of its first float; their number
};
/// The place of that source or head. One beyond the last: where the last ends.
template <class Net>
constexpr Part part_of(const graph::Port* ports, int port) {
  const auto floats = [&](int i) { return std::size_t(graph::lowered<Net>.graph.nodes[ports[i].value].out.size()); };
  Part part;
  for (int i = 0; i < port; i++) part.first += floats(i);
  if (port < graph::max_ports && ports[port].value >= 0) part.floats = floats(port);
  return part;
}

}  // namespace strata::infer

namespace strata {

/// Runs one network on one image at a time, in storage that the caller provides. Policies (graph/policy.hpp) are those
/// of CpuWith<...>, of which Exact takes the least memory for weights, and infer::Unscaled.
template <class Net, class... Policy>
class Predictor {
  static_assert(
      detail::is_network<Net>,
      "strata: Predictor<Net> predicts with a network, but Net is not one; write Predictor<Network<Image<H, W, C>, layers...>>");

  static constexpr graph::PlanOptions options = graph::plan_options<Policy...>();
  static constexpr bool scales = !(std::is_same_v<Policy, infer::Unscaled> || ...);
  static constexpr bool without_vectors = cpu::nhwc::width == 1;
  static constexpr std::size_t alignment = without_vectors ? alignof(long) : 64;
  static constexpr auto& net = graph::lowered<Net>;
  static constexpr cpu::nhwc::AtCaller caller{.image = without_vectors && !scales && net.source_count == 1,
                                              .result = without_vectors && net.inference_heads == 1};
  using Of = cpu::nhwc::SoloOf<Net, options, caller>;
  static constexpr std::size_t arena_floats = std::size_t(Of::program.floats(1, 1)),
                               activation_floats = std::size_t(Of::program.activation_floats(1, 1));

 public:
  /// Of one image, and of its scores; of the first source and head.
  static constexpr Shape input = input_shape<Net>, output = output_shape<Net>;
  /// Where the image of the source of that name is among the images of all sources, which follow one another in the
  /// order of the declaration. An empty name: the first source.
  template <core::FixedString Name = "">
  static constexpr infer::Part source = infer::part_of<Net>(net.sources, graph::source_number<Net, Name>);
  /// Where the result of the head of that name is among the results of all heads, likewise.
  template <core::FixedString Name = "">
  static constexpr infer::Part head = [] {
    static_assert(graph::head_number<Net, Name> < net.inference_heads,
                  "strata: a predictor leaves out the heads that are OnlyInTraining; name another");
    return infer::part_of<Net>(net.heads, graph::head_number<Net, Name>);
  }();
  /// The number of floats of the images of all sources.
  static constexpr std::size_t input_floats = infer::part_of<Net>(net.sources, net.source_count).first;
  /// The number of floats of the results of all heads.
  static constexpr std::size_t output_floats = infer::part_of<Net>(net.heads, net.inference_heads).first;
  /// The number of floats of all parameters.
  static constexpr std::size_t parameter_floats = std::size_t(graph::lowered<Net>.parameter_floats);
  /// The number of floats of all buffers.
  static constexpr std::size_t buffer_floats = std::size_t(graph::lowered<Net>.buffer_floats);

  /// The bytes of Storage: folded and packed weights, activations, and the input's scale and shift.
  static constexpr std::size_t bytes = (arena_floats + infer::input_buffer_floats<Net>)*sizeof(float);
  /// The memory of one predictor that folds and packs its weights itself.
  struct Storage {
    /// The packed weights, then the rest in the predictor's order.
    alignas(alignment) float floats[bytes / sizeof(float)];
  };

  /// The bytes of the weights once they are folded and packed, in Storage or in a header.
  static constexpr std::size_t packed_bytes = std::size_t(Of::program.packed_floats) * sizeof(float);
  /// The bytes of Activations.
  static constexpr std::size_t activation_bytes = activation_floats * sizeof(float);
  /// The memory of one predictor whose weights are packed already.
  struct Activations {
    alignas(alignment) float floats[activation_floats];  ///< in the predictor's own order
  };

  using Floats = std::span<const float, input_floats>;  ///< one image, [H][W][C]; of several sources, one after another
  using Bytes = std::span<const std::uint8_t, input_floats>;  ///< one image, [H][W][C], as bytes
  using Result = std::span<float, output_floats>;  ///< the scores, [H][W][C]; of several heads, one after another

  /// Folds and packs the weights into `storage`, which must outlive the predictor and serve no other one. Parameters
  /// and buffers are in the order of Model<Net> and of files; they are not needed after construction.
  Predictor(Storage& storage, std::span<const float, parameter_floats> parameters,
            std::span<const float, buffer_floats> buffers) noexcept requires(scales)
      : memory_(Of::program, storage.floats, activations_of(storage), 1), input_(storage.floats + arena_floats) {
    const cpu::nhwc::Memory memory(Of::packing_program, storage.floats, 1);
    std::copy_n(buffers.data(), infer::input_buffer_floats<Net>, storage.floats + arena_floats);
    const cpu::nhwc::Step step{.parameters = parameters.data(), .buffers = buffers.data()};
    core::Team alone;
    for (int i = 0; i < Of::program.count; i++) memory.pack(i, step, alone);
  }
  /// The same with the weights of a header that export_header wrote. Those of another network do not compile.
  template <infer::header_weights Weights>
  Predictor(Storage& storage, Weights) noexcept requires(scales)
      : Predictor(storage, infer::WeightsOfFiles<Net, Weights>::parameters(),
                  infer::WeightsOfFiles<Net, Weights>::buffers()) {}

  /// Reads the weights where they are, in a header that export_header wrote for this machine: all predictors of a
  /// program share them, and `activations` serves only this one, which it must outlive. Weights of another network,
  /// packed for another machine or with other policies do not compile.
  template <infer::header_weights Weights>
  Predictor(Activations& activations, Weights) noexcept
      : memory_(Of::program, infer::WeightsInPlace<Net, options, Weights>::packed(), activations.floats, 1),
        input_(infer::WeightsInPlace<Net, options, Weights>::input()) {
    if constexpr (!scales) infer::check_unscaled<Weights>();
  }
  /// Does not compile: the arrays are not of this network's sizes.
  template <std::size_t P, std::size_t B>
  requires(P != parameter_floats || B != buffer_floats)
      Predictor(Storage& storage, const float (&)[P], const float (&)[B])
      : Predictor(storage, std::span<const float, parameter_floats>(storage.floats, parameter_floats),
                  std::span<const float, buffer_floats>(storage.floats, buffer_floats)) {
    static_assert(
        P == parameter_floats && B == buffer_floats,
        "strata: the predictor is given parameters or buffers of another network; their arrays have parameter_floats and buffer_floats numbers of this Predictor");
  }
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  /// Writes the network's output for the image, [H][W][C] of `output`, to `result`, which must not overlap the image.
  void run(Floats image, Result result) noexcept { run(Given(image.data()), result); }
  void run(Bytes image, Result result) noexcept requires(scales) { run(Given(image.data()), result); }

  /// The most probable class of the image; only for networks with one class per image. Of several heads, the first
  /// one's.
  int classify(Floats image) noexcept { return classify(Given(image.data())); }
  int classify(Bytes image) noexcept requires(scales) { return classify(Given(image.data())); }
  /// Does not compile: the array is not one image.
  template <class Number, std::size_t N>
  requires(N != input_floats) int classify(const Number (&)[N]) {
    static_assert(
        N == input_floats,
        "strata: classify(image) is given an array that is not one image of the network's input; it has input_floats numbers of this Predictor");
    return -1;
  }

 private:
  static float* activations_of(Storage& storage) {
    return storage.floats + Of::program.packed_floats + Of::program.folded_floats;
  }
  /// The images of all sources, given one after another.
  struct Given {
    Images of[std::size_t(net.source_count)]{};
    explicit Given(const float* images) {
      for (int s = 0; s < net.source_count; s++)
        of[s] = {.floats = images + infer::part_of<Net>(net.sources, s).first, .count = 1, .more = of + 1};
    }
    explicit Given(const std::uint8_t* images) {
      for (int s = 0; s < net.source_count; s++)
        of[s] = {.bytes = images + infer::part_of<Net>(net.sources, s).first, .count = 1, .more = of + 1};
    }
  };

  /// If the result is at the caller, the last node writes to `result`; otherwise the first head's scores are where this
  /// points to.
  const float* forward(const Given& image, float* result) noexcept {
    const cpu::nhwc::Step step{
        .buffers = input_, .images = image.of[0], .result = result, .functors = Of::program.functors};
    core::Team alone;
    for (int i = 0; i < Of::program.count; i++) memory_.run(i, step, alone, nullptr);
    return caller.result ? result : memory_.value(Of::program.result);
  }
  void run(const Given& image, Result result) noexcept {
    (void)forward(image, result.data());
    float* to = result.data();
    for (int h = 0; h < net.inference_heads && !caller.result; h++) {
      const int value = graph::result_of(Of::program, h);
      to = std::copy_n(memory_.value(value), Of::program.nodes[value].out.size(), to);
    }
  }
  int classify(const Given& image) noexcept {
    static_assert(output.pixels() == 1,
                  "strata: classify(image) chooses one class per image, but this network ends in a map of pixels; use "
                  "run(image, result) and choose for each pixel");
    float room[caller.result ? output_floats : 1];
    const float* scores = forward(image, room);
    return int(std::max_element(scores, scores + output.channels) - scores);
  }

  cpu::nhwc::Memory memory_;
  const float* input_;  ///< scale[C], shift[C]: the first buffers, the only ones that inference reads
};

/// A predictor that contains its storage. It is large: make it static, or a member of a static object.
template <class Net, class... Policy>
class StaticPredictor {
 public:
  using Of = Predictor<Net, Policy...>;  ///< what it contains

  /// Folds and packs the weights, as Predictor: parameter_floats and buffer_floats of them, one tensor after another,
  /// in the order of Model<Net>.
  StaticPredictor(std::span<const float, Of::parameter_floats> parameters,
                  std::span<const float, Of::buffer_floats> buffers) noexcept
      : predictor_(storage_, parameters, buffers) {}
  /// The same with the weights of a header that export_header wrote.
  template <infer::header_weights Weights>
  explicit StaticPredictor(Weights weights) noexcept : predictor_(storage_, weights) {}

  /// Writes the network's output for the image, [H][W][C] of `output`, to `result`.
  void run(typename Of::Floats image, typename Of::Result result) noexcept { predictor_.run(image, result); }
  void run(typename Of::Bytes image, typename Of::Result result) noexcept { predictor_.run(image, result); }
  /// The most probable class of the image, [H][W][C]; only for networks with one class per image.
  int classify(typename Of::Floats image) noexcept { return predictor_.classify(image); }
  int classify(typename Of::Bytes image) noexcept { return predictor_.classify(image); }

 private:
  typename Of::Storage storage_;
  Of predictor_;
};

}  // namespace strata
