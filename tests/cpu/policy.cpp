// SPDX-License-Identifier: MIT
#include <strata/cpu/cost.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>
#include <strata/train/trainer.hpp>

#include <span>

#include "../support/check_backend.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::cpu;
using namespace strata::models;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Stored = CpuWith<Recompute<Again::nothing>>;
using FirstToo = CpuWith<Recompute<Again::first_convolution>>;
using Blocks = CpuWith<Recompute<Again::blocks>>;
using Plain = CpuWith<Exact, AsDeclared>;

/// Winograd wherever possible, as a user's own policy.
struct Tiles {
  static constexpr void apply(graph::PlanOptions& o) { o.products = graph::Products::winograd; }
};
using Everywhere = CpuWith<Tiles>;

/// Wide enough for Winograd in every part of a step.
template <class... Option>
using Wide =
    Network<Image<12, 16, 3>, Conv<3, 32>, BatchNorm, ReLU, Tap<"low">, Conv<3, 32, Stride<2>, Option...>, BatchNorm,
            ReLU, Residual<Sequential<Conv<3, 32, Option...>, BatchNorm, ReLU, Conv<3, 32, Option...>, BatchNorm>>,
            ReLU, Upsample<2>, Concat<From<"low">, Identity>, Conv<3, 32, Option...>, BatchNorm, ReLU, Upsample<2>,
            Conv<1, 4>, CropToInput, PixelSoftmax>;

/// The number of training nodes that use Winograd's products.
template <class Net, class Backend>
int winograd_nodes() {
  int nodes = 0;
  for (const auto algorithm : cpu::nhwc::TrainingOf<Net, Backend::options>::algorithms.of)
    nodes += algorithm == cpu::nhwc::Algorithm::winograd;
  return nodes;
}

template <class Backend, class Net = Wide<>>
std::vector<double> losses_of_training(int updates) {
  const reference::RandomData data = reference::smooth_data<Net>(4);
  Model<Net, Backend> model{{.seed = 3, .threads = 2}};
  typename Backend::template Training<Net> training(data.count, model.workers());
  Floats gradients(std::size_t(model.parameter_floats));
  std::vector<double> losses;
  for (int u = 0; u < updates; u++) {
    const StepResult step = training.step(model.parameters().data(), model.buffers().data(), data.image_view(),
                                          data.label_view(), gradients.data(), {});
    losses.push_back(step.loss);
    for (int i = 0; i < model.parameter_floats; i++) model.parameters()[i] -= 0.05f * gradients[std::size_t(i)];
  }
  return losses;
}

}  // namespace

TEST_CASE("Exact forbids Winograd, for a network or for single layers") {
  CHECK(winograd_nodes<Wide<>, Cpu>() > 6);
  CHECK(winograd_nodes<Wide<>, CpuWith<Exact>>() == 0);
  CHECK(winograd_nodes<Wide<Exact>, Cpu>() == 0);
  CHECK(winograd_nodes<Wide<Exact>, Everywhere>() < winograd_nodes<Wide<>, Everywhere>());
  CHECK(winograd_nodes<Wide<>, Everywhere>() > winograd_nodes<Wide<>, Cpu>());
  CHECK(arena_bytes<Wide<>, Use::inference, CpuWith<Exact>>(1) <
        arena_bytes<Wide<>>(1));  // Winograd packs larger weights
  CHECK(spelling_of<Network<Image<8, 8, 2>, Conv<3, 4, Exact>>>() ==
        std::string("Network<Image<8, 8, 2>, Conv<3, 4, Exact>>"));
}

TEST_CASE("small networks obey too, on one image and in lanes") {
  const std::string usual = to_text(summary<Digits<>>()), exact = to_text(summary<Digits<>, CpuWith<Exact>>());
  CHECK(usual.find("Winograd") != std::string::npos);
  CHECK(exact.find("Winograd") == std::string::npos);
}

TEST_CASE("every policy computes the same function and gradients") {
  check_backend<CpuWith<Exact>, Wide<>>({2}, {1, 2});
  check_backend<Plain, Wide<>>({2}, {1, 2});
  check_backend<Everywhere, Wide<>>({2}, {1, 2});
  check_backend<Stored, Wide<>>({2}, {1, 2});
  check_backend<FirstToo, Wide<>>({2}, {1, 2});
  check_backend<Blocks, Wide<>>({2}, {1, 2});
  check_backend<CpuWith<Exact>, Digits<4, 8, 16>>({17}, {2});
}

TEST_CASE("a training without Winograd goes the same way") {
  const std::vector<double> usual = losses_of_training<Cpu>(40), exact = losses_of_training<CpuWith<Exact>>(40);
  CHECK(exact.back() < 0.8 * exact.front());
  // Winograd's products differ by some 1e-6, which 40 updates enlarge.
  for (std::size_t u = 0; u < exact.size(); u++) CHECK(relative_error(usual[u], exact[u]) <= 1e-4);
}

TEST_CASE("what recomputation saves and costs is a constant") {
  using Street = DeepLabv3Plus<Image<360, 480, 3>, 11, TorchvisionLike>;
  constexpr TrainingCost stored = training_cost<Street, Stored>, usual = training_cost<Street>,
                         first = training_cost<Street, FirstToo>, blocks = training_cost<Street, Blocks>;
  static_assert(blocks.bytes < first.bytes && first.bytes < usual.bytes && usual.bytes < stored.bytes);
  static_assert(stored.macs == usual.macs && usual.macs < first.macs && first.macs < blocks.macs);
  long forward = 0;
  constexpr auto& plan = graph::training_forward<Street>;
  for (const graph::Node& node : std::span(plan.nodes, std::size_t(plan.count))) forward += graph::node_macs(node);
  CHECK(blocks.macs <= usual.macs + forward);  // nothing is computed a third time
  CHECK(2 * blocks.bytes < usual.bytes + usual.bytes / 2);
}
