// SPDX-License-Identifier: MIT
// The digits network against PyTorch: names, inference, gradients, statistics, three steps of four optimizers.
#include "digits.hpp"

#include <strata/models/digits.hpp>
#include <strata/train/adam.hpp>

#include "../support/cpu_lanes.hpp"
#include "../support/cpu_nhwc.hpp"
#include "check_golden.hpp"

namespace golden_digits {

using namespace strata;
using namespace strata::graph;
using namespace strata::training;
using namespace strata::testing;
using Net = Digits<>;

namespace {
const reference::RandomData& golden_data() {
  static const reference::RandomData drawn = reference::draw_data(lowered<Net>, 17, 36);  // make_digits.py says why
  return drawn;
}
const GoldenStep step{golden::digits_scores, golden::digits_gradients, golden::digits_buffers, golden::digits_loss};
}

TEST_CASE("names") { check_names<Net>(golden::digits_gradients); }
TEST_CASE("the reference") { check_golden<Reference, Net>(golden_data(), step, 1e-6, 1e-6); }
TEST_CASE("images in vector lanes") { check_golden<Lanes, Net>(golden_data(), step, 1e-5, 2e-4); }
TEST_CASE("node by node") { check_golden<Nhwc, Net>(golden_data(), step, 1e-5, 2e-4); }
TEST_CASE("three steps") {
  const auto check = [](const Optimizer& optimizer, const std::vector<golden::Tensor>& expected, double loss) {
    INFO(std::string(optimizer.name));
    check_steps<Lanes, Net>(golden_data(), optimizer, golden::digits_gradients, expected, loss, 1e-3);
  };
  check(Sgd{.rate = 0.05, .momentum = 0.9, .l2 = 0.01}, golden::digits_after_sgd, golden::digits_loss_after_sgd);
  check(Sgd{.rate = 0.02, .momentum = 0.8, .nesterov = true}, golden::digits_after_nesterov, golden::digits_loss_after_nesterov);
  check(Adam{.rate = 0.003, .l2 = 0.01}, golden::digits_after_adam, golden::digits_loss_after_adam);
  check(AdamW{.rate = 0.003, .decay = 0.1}, golden::digits_after_adamw, golden::digits_loss_after_adamw);
}

}  // namespace golden_digits
