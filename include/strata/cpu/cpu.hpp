// SPDX-License-Identifier: MIT
// The CPU back end. A network runs as one of two programs, chosen from the network and the batch size. Small networks
// at large batch sizes put images in vector lanes; everything else runs node by node on rows of channels (NHWC).
#pragma once

#include <strata/cpu/lanes/inference.hpp>
#include <strata/cpu/lanes/training.hpp>
#include <strata/cpu/nhwc/inference.hpp>
#include <strata/cpu/nhwc/training.hpp>
#include <strata/graph/policy.hpp>

#include <algorithm>
#include <optional>
#include <type_traits>

namespace strata {

namespace cpu {

/// Whether the network suits images in vector lanes: every operation is supported there, and no map of more than one
/// pixel has more than 64 channels or 64 Ki elements. For such networks, vectors of images beat vectors of channels.
template <class Net>
constexpr bool prefers_lanes() {
  for (int i = 0; i < graph::lowered<Net>.graph.count; i++) {
    const Shape shape = graph::lowered<Net>.graph.nodes[i].out;
    if (!lanes::supports(graph::lowered<Net>.graph.nodes[i].op)) return false;
    if (shape.pixels() > 1 && (shape.channels > 64 || shape.size() > 64 * 1024)) return false;
  }
  return true;
}

/// Inference on batches of up to max_batch images.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
class Inference {
  static constexpr bool has_lanes = prefers_lanes<Net>();
  struct None {
    None(int, core::Workers&) {}
    void load(const float*, const float*) {}
    void run(Images, float*) noexcept {}
    void run(Images, float* const*) noexcept {}
  };
  using Lanes = typename std::conditional_t<has_lanes, std::type_identity<lanes::Inference<Net, Options>>,
                                            std::type_identity<None>>::type;

 public:
  /// The smallest batch size at which a group of lanes is worth its padding. A single image runs faster on the
  /// fixed-shape kernels, even where a group holds only one image.
  static constexpr int min_lanes_batch = std::max(2, core::simd::lanes);

  /// The largest batch size that the NHWC program runs.
  static constexpr int max_nhwc_batch(int max_batch) {
    return !has_lanes || max_batch < min_lanes_batch ? max_batch : min_lanes_batch - 1;
  }

  /// max_batch > 0. The workers must outlive this object.
  Inference(int max_batch, core::Workers& workers) {
    images_.emplace(max_nhwc_batch(max_batch), workers);
    if (has_lanes && max_batch >= min_lanes_batch) groups_.emplace(max_batch, workers);
  }

  /// Folds batch norms and packs the weights. Parameters and buffers are in the order of Model. `buffers` must stay
  /// valid: run() reads the input's scale and shift.
  void load(const float* parameters, const float* buffers) {
    images_->load(parameters, buffers);
    if (groups_) groups_->load(parameters, buffers);
  }

  /// Writes the network's output to result[images.count][H][W][C]; images.count <= max_batch. Of several heads, one
  /// after another.
  void run(Images images, float* result) noexcept { run_on(images, result); }
  /// Writes the output of each head to results[head][images.count][H][W][C].
  void run(Images images, float* const* results) noexcept { run_on(images, results); }

 private:
  template <class Result>
  void run_on(const Images& images, Result result) noexcept {
    if (groups_ && images.count >= min_lanes_batch) groups_->run(images, result);
    else images_->run(images, result);
  }

  std::optional<nhwc::Inference<Net, Options>> images_;
  std::optional<Lanes> groups_;
};

/// Training steps on batches of up to max_batch images, by the program that suits the network.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
using Training = typename std::conditional_t<prefers_lanes<Net>(), std::type_identity<lanes::Training<Net, Options>>,
                                             std::type_identity<nhwc::Training<Net, Options>>>::type;

}  // namespace cpu

/// The back end for the CPU that the program is compiled for, with policies (graph/policy.hpp) for the whole network,
/// as in Model<Net, CpuWith<Exact>>. All policies compute the same function up to rounding.
template <class... Policy>
struct CpuWith {
  static constexpr const char* name = "cpu";
  static constexpr graph::PlanOptions options = graph::plan_options<Policy...>();  ///< what the policies say
  template <class Net>
  using Inference = cpu::Inference<Net, options>;
  template <class Net>
  using Training = cpu::Training<Net, options>;
};

/// The CPU back end with the default policies.
struct Cpu : CpuWith<> {};

}  // namespace strata
