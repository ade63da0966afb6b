// SPDX-License-Identifier: MIT
// DeepLabv3+ as PyTorch writes it against PyTorch: names, inference, every gradient, statistics, an update. (PyTorch
// in float differs from itself in double by 1.5e-5 of the scores and 3e-5 of the gradients.)
#include "deeplab_torchvision.hpp"

#include <strata/cpu/nhwc/training.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/train/sgd.hpp>

#include "../support/cpu_nhwc.hpp"
#include "check_golden.hpp"

using namespace strata;
using namespace strata::graph;
using namespace strata::models;
using namespace strata::testing;

namespace {
namespace torchvision {

using Net = DeepLabv3Plus<Image<40, 42, 3>, 5, TorchvisionLike>;

const reference::RandomData& golden_data() {
  static const reference::RandomData drawn = reference::draw_data(lowered<Net>, 2, 6);
  return drawn;
}
const GoldenStep step{golden::torchvision_scores, golden::torchvision_gradients, golden::torchvision_buffers, golden::torchvision_loss};

TEST_CASE("names") { check_names<Net>(golden::torchvision_gradients); }
TEST_CASE("the reference") { check_golden<Reference, Net>(golden_data(), step, 1e-6, 1e-6); }
TEST_CASE("node by node") { check_golden<Nhwc, Net>(golden_data(), step, 1e-5, 2e-4); }
TEST_CASE("an update") {
  check_steps<Nhwc, Net>(golden_data(), Sgd{.rate = 0.03, .momentum = 0.9, .l2 = 5e-4}, golden::torchvision_gradients, golden::torchvision_after_sgd,
                         golden::torchvision_loss_after_sgd, 1e-3, 1);
}

}  // namespace torchvision
}  // namespace
