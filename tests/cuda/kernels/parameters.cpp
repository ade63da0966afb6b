// SPDX-License-Identifier: MIT
// Parameters as a whole: their order on the device, copies in other element types, and updates against the CPU's
// updater.
#include <strata/train/adagrad.hpp>
#include <strata/train/adam.hpp>
#include <strata/train/average.hpp>
#include <strata/train/lion.hpp>
#include <strata/train/rmsprop.hpp>
#include <strata/train/updater.hpp>

#include "../../support/cuda/kernel_check.hpp"

#include <optional>

namespace cuda_kernels_parameters {

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::training;
using namespace strata::testing;

namespace {

std::vector<float> draw_floats(Random& random, long count, float range = 1) {
  std::vector<float> values(std::size_t(count), 0.f);
  for (float& x : values) x = range * (random.uniform() - 0.5f);
  return values;
}

/// Tensors of odd sizes: one spans several chunks, one is frozen, and some factors are not 1.
struct Table {
  graph::Tensor tensors[5]{};
  int floats = 0;
  Table() {
    const int sizes[5] = {13, 40001, 7, 33, 2048};
    for (int t = 0; t < 5; t++) tensors[t].offset = floats, tensors[t].size = sizes[t], floats += sizes[t];
    tensors[1].rate_factor = 0.5, tensors[2].l2_factor = 0, tensors[3].rate_factor = 0;
  }
};

/// The device's update, with all its memory on the host.
struct DeviceUpdater {
  Table table;
  cuda::UpdateTable lists{table.tensors, 5};
  std::vector<float> state;
  cuda::UpdateNumbers numbers;
  std::optional<cuda::LossSums> losses;  ///< of the step that the update ends
  cuda::UpdateOutcome outcome;
  Optimizer optimizer;
  long step = 0;
  double previous = 0;

  explicit DeviceUpdater(const Optimizer& o) : state(std::size_t(table.floats * o.slots)), optimizer(o) {}

  void update(std::vector<float>& parameters, std::vector<float> gradients, double rate, bool measures) {
    numbers.formula = optimizer.formula({step + 1, rate, step ? previous : rate, 1});
    numbers.rate = float(rate);
    Workspace workspace(cuda::update_workspace_bytes(int(lists.chunks.size()), 5));
    cuda::run_update({.kind = numbers.formula.kind,
                      .layerwise = optimizer.layerwise,
                      .measures = measures,
                      .chunk_count = int(lists.chunks.size()),
                      .tensors = 5,
                      .floats = table.floats,
                      .chunks = lists.chunks.data(),
                      .first_chunk = lists.first_chunk.data(),
                      .parameters = parameters.data(),
                      .gradients = gradients.data(),
                      .state = state.data(),
                      .numbers = &numbers,
                      .losses = losses ? &*losses : nullptr,
                      .outcome = &outcome,
                      .workspace = workspace.data()});
    CHECK(workspace.is_intact());
    if (outcome.change == cuda::Change::made) step++, previous = rate;
  }
};

void compare(const Optimizer& optimizer, const Clip& clip = {}, float gradient_scale = 1) {
  INFO(optimizer.name);
  DeviceUpdater device(optimizer);
  Workers workers(1);
  Updater updater(device.table.tensors, 5, device.table.floats, optimizer, clip);
  device.numbers.clip_value = float(clip.value), device.numbers.clip_norm = float(clip.norm);
  device.numbers.gradient_scale = gradient_scale;
  Random random{7, 0};
  std::vector<float> weights = draw_floats(random, device.table.floats), expected = weights;
  for (int step = 0; step < 5; step++) {
    std::vector<float> gradients = draw_floats(random, device.table.floats), scaled = gradients;
    const graph::Tensor& frozen = device.table.tensors[3];
    std::fill_n(gradients.begin() + frozen.offset, frozen.size, 0.f);  // frozen, so the device does not read it
    std::fill_n(scaled.begin() + frozen.offset, frozen.size, std::numeric_limits<float>::quiet_NaN());
    for (float& g : scaled) g /= gradient_scale;
    const double rate = step < 3 ? 0.1 : 0.05;
    std::vector<float> used = gradients;
    CHECK(updater.update(workers, expected.data(), used.data(), rate));
    device.update(weights, scaled, rate, clip.norm < HUGE_VAL);
    double worst = 0;
    for (std::size_t i = 0; i < weights.size(); i++)
      worst = std::fmax(worst, std::fabs(double(weights[i]) - double(expected[i])));
    CHECK(worst < 2e-6);
    CHECK(device.outcome.change == cuda::Change::made);
  }
}

}  // namespace

TEST_CASE("updates as on the CPU") {
  compare(Sgd{});
  compare(Sgd{.nesterov = true, .l2 = 1e-2, .decay = 1e-2});
  compare(Sgd{.l2 = 1e-2, .form = Form::matlab});
  compare(Adam{.l2 = 1e-2});
  compare(Adam{.form = Form::matlab});
  compare(AdamW{.decay = 0.1});
  compare(Lamb{});
  compare(RMSprop{.l2 = 1e-2});
  compare(RMSprop{.momentum = 0.9, .decay = 1e-2});
  compare(RMSprop{.alpha = 0.9, .epsilon = 1e-3, .centered = true});
  compare(RMSprop{.alpha = 0.9, .epsilon = 1e-3, .momentum = 0.5, .centered = true, .l2 = 1e-2});
  compare(Adagrad{.rate_decay = 0.1, .initial = 0.1, .l2 = 1e-2, .decay = 1e-2});
  compare(Lion{.decay = 0.1});
}

TEST_CASE("clipping and scaled gradients") {
  compare(Sgd{}, {.norm = 0.5});
  compare(Sgd{}, {.norm = 1e9});
  compare(Sgd{}, {.value = 0.1});
  compare(Adam{}, {.norm = 3, .value = 0.2}, 0x1p-10f);
  compare(Lamb{}, {.norm = 0.1}, 0x1p-3f);
}

TEST_CASE("a gradient that is not finite skips the update") {
  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    for (const Optimizer& optimizer : {Optimizer(Sgd{}), Optimizer(Adam{}), Optimizer(Lamb{})}) {
      DeviceUpdater device(optimizer);
      device.numbers.checks = true;
      device.numbers.clip_value = 1;  // would hide an infinite gradient
      Random random{8, 0};
      std::vector<float> weights = draw_floats(random, device.table.floats);
      device.update(weights, draw_floats(random, device.table.floats), 0.1, true);
      CHECK(device.outcome.change == cuda::Change::made);
      const std::vector<float> kept = weights, state = device.state;
      std::vector<float> gradients = draw_floats(random, device.table.floats);
      gradients[30011] = bad;
      device.update(weights, gradients, 0.1, true);
      CHECK(device.outcome.change == cuda::Change::skipped);
      CHECK(weights == kept);
      CHECK(device.state == state);
      device.update(weights, draw_floats(random, device.table.floats), 0.1, true);
      CHECK(device.outcome.change == cuda::Change::made);
      CHECK(weights != kept);
    }
}

TEST_CASE("a loss that is not finite, or a skipped update that halts, ends all updates") {
  Random random{9, 0};
  for (const bool by_loss : {true, false}) {
    DeviceUpdater device(Sgd{});
    device.numbers.checks = true, device.numbers.halts = true;
    device.losses = cuda::LossSums{.loss = 3, .weight = 2, .correct = 1, .counted = 4};
    std::vector<float> weights = draw_floats(random, device.table.floats);
    device.update(weights, draw_floats(random, device.table.floats), 0.1, true);
    CHECK(device.outcome.change == cuda::Change::made);
    const std::vector<float> kept = weights;
    std::vector<float> gradients = draw_floats(random, device.table.floats);
    if (by_loss) device.losses->loss = std::numeric_limits<double>::quiet_NaN();
    else gradients[30011] = HUGE_VALF;
    device.update(weights, gradients, 0.1, true);
    CHECK(device.outcome.halted);
    device.losses->loss = 3;
    device.update(weights, draw_floats(random, device.table.floats), 0.1, true);
    CHECK(device.outcome.change == cuda::Change::skipped);
    CHECK(weights == kept);
  }
}

TEST_CASE("without a counted label nothing changes, and the next update is made") {
  Random random{9, 1};
  DeviceUpdater device(Adam{});
  device.losses = cuda::LossSums{};
  std::vector<float> weights = draw_floats(random, device.table.floats);
  const std::vector<float> before = weights;
  device.update(weights, draw_floats(random, device.table.floats), 0.1, false);
  CHECK(device.outcome.change == cuda::Change::idle);
  CHECK(weights == before);
  device.losses->counted = 1;
  device.update(weights, draw_floats(random, device.table.floats), 0.1, false);
  CHECK(device.outcome.change == cuda::Change::made);
  CHECK(weights != before);
}

TEST_CASE("the numbers of a step are those for what became of the update before") {
  cuda::TurnNumbers turns[cuda::change_count], chosen;
  for (int c = 0; c < cuda::change_count; c++)
    turns[c].step.loss_scale = float(c + 1), turns[c].update.rate = 0.5f * float(c);
  for (int c = 0; c < cuda::change_count; c++) {
    const cuda::UpdateOutcome outcome{.change = cuda::Change(c)};
    cuda::run_choose_numbers(nullptr, turns, &outcome, &chosen);
    CHECK(chosen.step.loss_scale == float(c + 1));
    CHECK(chosen.update.rate == 0.5f * float(c));
  }
}

TEST_CASE("large gradients are not mistaken for infinite ones") {
  DeviceUpdater device(Sgd{});
  device.numbers.checks = true;
  std::vector<float> weights(std::size_t(device.table.floats), 1.f);
  device.update(weights, std::vector<float>(weights.size(), 3e38f), 0.1, true);
  CHECK(device.outcome.change == cuda::Change::made);
  CHECK(device.outcome.norm == doctest::Approx(double(3e38f) * std::sqrt(double(device.table.floats - 33))));
}

TEST_CASE("a user's own optimizer is refused") {
  cuda::ParameterUpdate update;
  update.kind = UpdateFormula::Kind::own;
  CHECK_THROWS_WITH(cuda::run_update(update), doctest::Contains("train with one of the library's"));
}

TEST_CASE("the copy that products read") {
  Random random{10, 0};
  const std::vector<float> given = draw_floats(random, 101, 4);
  for (Element e : elements) {
    Bytes memory(101 * cuda::bytes_of(e));
    cuda::run_copy_weights(nullptr, e, 101, given.data(), memory.data());
    cuda::with_element(e, [&](auto zero) {
      const auto* copies = static_cast<decltype(zero)*>(memory.data());
      for (int i = 0; i < 101; i++)
        CHECK(double(cuda::to_float(copies[i])) == rounded_to(e, double(given[std::size_t(i)])));
    });
  }
}

TEST_CASE("gradients in another element type, widened and added") {
  Random random{11, 0};
  const std::vector<float> given = draw_floats(random, 101, 4), before = draw_floats(random, 101);
  for (Element e : elements) {
    Bytes memory(101 * cuda::bytes_of(e));
    cuda::run_copy_weights(nullptr, e, 101, given.data(), memory.data());
    std::vector<float> widened(101), sums = before;
    cuda::run_widen(nullptr, e, 101, memory.data(), widened.data());
    cuda::run_add(nullptr, 101, widened.data(), sums.data());
    for (std::size_t i = 0; i < 101; i++) {
      CHECK(double(widened[i]) == rounded_to(e, double(given[i])));
      CHECK(sums[i] == before[i] + widened[i]);
    }
  }
}

TEST_CASE("an average moves toward the model, and a weight of 1 makes zeros its copy") {
  Random random{12, 0};
  const std::vector<float> first = draw_floats(random, 1003), second = draw_floats(random, 1003);
  std::vector<float> average(1003, 0.f), expected(1003, 0.f);
  Workers workers(1);
  cuda::run_move_average(nullptr, 1, 1003, first.data(), average.data());
  CHECK(average == first);
  cuda::run_move_average(nullptr, 0.3f, 1003, second.data(), average.data());
  training::detail::move_average(workers, expected.data(), first.data(), 1003, 1);
  CHECK(expected == first);
  training::detail::move_average(workers, expected.data(), second.data(), 1003, 0.3f);
  double worst = 0;
  for (std::size_t i = 0; i < 1003; i++) worst = std::fmax(worst, std::fabs(double(average[i]) - double(expected[i])));
  CHECK(worst < 1e-7);
}

}  // namespace cuda_kernels_parameters
