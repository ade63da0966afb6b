// SPDX-License-Identifier: MIT
// The CPU back end: two programs of one network, chosen by what the network and the batch are. Images in vector lanes
// serve small networks at large batches; everything else runs node by node in rows of channels (NHWC).
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

/// A network is small where its widest layer has few channels: then vectors of images beat vectors of channels.
template <class Net>
constexpr bool prefers_lanes() {
  for (int i = 0; i < lowered<Net>.graph.count; i++) {
    const Shape shape = lowered<Net>.graph.nodes[i].out;
    if (!lanes::supports(lowered<Net>.graph.nodes[i].op)) return false;
    if (shape.pixels() > 1 && (shape.channels > 64 || shape.size() > 64 * 1024)) return false;
  }
  return true;
}

/// Inference of up to max_batch images at once.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
class Inference {
  static constexpr bool has_lanes = prefers_lanes<Net>();
  struct None {
    None(int, Workers&) {}
    void load(const float*, const float*) {}
    void run(Images, float*) noexcept {}
  };
  using Lanes = typename std::conditional_t<has_lanes, std::type_identity<lanes::Inference<Net, Options>>, std::type_identity<None>>::type;

 public:
  /// From this many images on a group of lanes is worth its padding. A single image is better served by kernels of fixed
  /// shape, even where a group is one image.
  static constexpr int lanes_from = std::max(2, simd::lanes);

  /// The largest batch that is run image by image.
  static constexpr int images_at_once(int max_batch) {
    return !has_lanes || max_batch < lanes_from ? max_batch : lanes_from - 1;
  }

  Inference(int max_batch, Workers& workers) {
    images_.emplace(images_at_once(max_batch), workers);
    if (has_lanes && max_batch >= lanes_from) groups_.emplace(max_batch, workers);
  }

  void load(const float* parameters, const float* buffers) {
    images_->load(parameters, buffers);
    if (groups_) groups_->load(parameters, buffers);
  }

  /// result[count][H][W][C]
  void run(Images images, float* result) noexcept {
    if (groups_ && images.count >= lanes_from) groups_->run(images, result);
    else images_->run(images, result);
  }

 private:
  std::optional<nhwc::Inference<Net, Options>> images_;
  std::optional<Lanes> groups_;
};

template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
using Training = typename std::conditional_t<prefers_lanes<Net>(), std::type_identity<lanes::Training<Net, Options>>,
                                             std::type_identity<nhwc::Training<Net, Options>>>::type;

}  // namespace cpu

/// The CPU that the program is compiled for, with policies (policy.hpp) for the whole network: Model<Net, CpuWith<Exact>>.
/// All compute the same function but for rounding.
template <class... Policy>
struct CpuWith {
  static constexpr const char* name = "cpu";
  static constexpr graph::PlanOptions options = plan_options<Policy...>();
  template <class Net>
  using Inference = cpu::Inference<Net, options>;
  template <class Net>
  using Training = cpu::Training<Net, options>;
};

/// Without any.
struct Cpu : CpuWith<> {};

}  // namespace strata
