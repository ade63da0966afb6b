// SPDX-License-Identifier: MIT
// Optimizers against their formulas in double precision, one number at a time, and against PyTorch.
#include <strata/train/updater.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <strata/core/random.hpp>
#include <strata/train/adagrad.hpp>
#include <strata/train/adam.hpp>
#include <strata/train/lion.hpp>
#include <strata/train/rmsprop.hpp>

#include "../golden/optimizers.hpp"
#include "../support/tolerance.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::training;
using testing::relative_distance;
using testing::relative_error;

namespace {

constexpr int steps = 5;
double rate_at(int step) { return step < 3 ? 0.1 : 0.05; }

/// Three tensors of odd sizes: one spans several blocks, and some factors are not 1.
struct Table {
  graph::Tensor tensors[3]{};
  long floats = 0;
  Table() {
    const long sizes[3] = {13, 20001, 7};
    for (int t = 0; t < 3; t++) tensors[t].offset = int(floats), tensors[t].size = int(sizes[t]), floats += sizes[t];
    tensors[1].rate_factor = 0.5f, tensors[2].l2_factor = 0;
  }
};

/// One number's history.
struct Number {
  double w, m = 0, v = 0, c = 0;
};
/// The direction of one number, from its weight and state, gradient, step (from 1), rate of its tensor, that of the
/// step before, and L2 factor.
using Direction = std::function<double(Number&, double g, int step, double rate, double previous, double l2)>;

void compare(const Optimizer& optimizer, const Direction& direction, const Clip& clip = {}) {
  Table table;
  Workers workers(2);
  Random random{7, 0};
  std::vector<float> weights(std::size_t(table.floats)), gradients(weights.size());
  for (float& w : weights) w = random.uniform() - 0.5f;
  std::vector<Number> expected;
  for (float w : weights) expected.push_back({double(w)});
  const std::vector<float> before = weights;
  Updater updater(table.tensors, 3, table.floats, optimizer, clip);
  for (int step = 0; step < steps; step++) {
    double squares = 0;
    for (float& g : gradients) {
      g = random.uniform() - 0.5f;
      if (clip.value < HUGE_VAL) squares += std::pow(std::clamp(double(g), -clip.value, clip.value), 2);
      else squares += double(g) * double(g);
    }
    const std::vector<float> given = gradients;
    const double norm = std::sqrt(squares), factor = norm > clip.norm ? clip.norm / norm : 1;
    CHECK(updater.update(workers, weights.data(), gradients.data(), rate_at(step)));
    for (const graph::Tensor& t : table.tensors) {
      std::vector<double> d;
      double w2 = 0, d2 = 0;
      for (int i = t.offset; i < t.offset + t.size; i++) {
        const double g = std::clamp(double(given[std::size_t(i)]), -clip.value, clip.value) * factor;
        const double previous = rate_at(step ? step - 1 : 0) * double(t.rate_factor);
        d.push_back(direction(expected[std::size_t(i)], g, step + 1, rate_at(step) * double(t.rate_factor), previous,
                              double(t.l2_factor)));
        w2 += std::pow(expected[std::size_t(i)].w, 2), d2 += d.back() * d.back();
      }
      const double trust = optimizer.layerwise ? std::sqrt(w2 / d2) : 1;
      for (int i = 0; i < t.size; i++)
        expected[std::size_t(t.offset + i)].w -= rate_at(step) * double(t.rate_factor) * trust * d[std::size_t(i)];
    }
  }
  // Of the largest move, in float: the weights' rounding adds up over the steps, and Adam divides by small numbers.
  std::vector<double> moves, expected_moves;
  for (std::size_t i = 0; i < weights.size(); i++)
    moves.push_back(double(weights[i]) - double(before[i])),
        expected_moves.push_back(expected[i].w - double(before[i]));
  CHECK(relative_distance(moves.data(), expected_moves.data(), long(moves.size())) <= 3e-5);
}

Direction adam_direction(double l2, double decay, bool matlab, double epsilon) {
  return [=](Number& n, double gradient, int t, double, double, double factor) {
    const double g = gradient + l2 * factor * n.w;
    n.m = 0.9 * n.m + 0.1 * g, n.v = 0.999 * n.v + 0.001 * g * g;
    const double c1 = 1 - std::pow(0.9, t), c2 = 1 - std::pow(0.999, t);
    const double d =
        matlab ? std::sqrt(c2) / c1 * n.m / (std::sqrt(n.v) + epsilon) : n.m / c1 / (std::sqrt(n.v / c2) + epsilon);
    return d + decay * factor * n.w;
  };
}

/// Whether six updates give the golden numbers: in vectors, and in what is left of them.
bool agrees(const Optimizer& optimizer, const double (&expected)[golden::optimizer_numbers]) {
  constexpr int count = golden::optimizer_numbers, copies = 9;
  graph::Tensor tensor{};
  tensor.size = copies * count;
  Workers workers(1);
  std::vector<float> weights, gradients(copies * count);
  std::vector<double> moved(copies * count), wanted(copies * count);
  for (int i = 0; i < copies * count; i++) weights.push_back(golden::optimizer_start[i % count]);
  Updater updater(&tensor, 1, copies * count, optimizer, {});
  CHECK(updater.state().size() == std::size_t(copies * count * optimizer.slots));
  for (const auto& given : golden::optimizer_gradients) {
    for (int i = 0; i < copies * count; i++) gradients[std::size_t(i)] = given[i % count];
    CHECK(updater.update(workers, weights.data(), gradients.data(), optimizer.rate.rate()));
  }
  for (std::size_t i = 0; i < moved.size(); i++) {
    moved[i] = double(weights[i]) - double(golden::optimizer_start[i % count]);
    wanted[i] = expected[i % count] - double(golden::optimizer_start[i % count]);
  }
  return relative_distance(moved.data(), wanted.data(), long(moved.size())) <= 1e-5;
}

}  // namespace

TEST_CASE("stochastic gradient descent") {
  const auto torch = [](bool nesterov) {
    return [=](Number& n, double gradient, int, double, double, double factor) {
      const double g = gradient + 0.01 * factor * n.w;
      n.m = 0.9 * n.m + g;
      return (nesterov ? g + 0.9 * n.m : n.m) + 0.02 * factor * n.w;
    };
  };
  compare(Sgd{.momentum = 0.9, .l2 = 0.01, .decay = 0.02}, torch(false));
  compare(Sgd{.momentum = 0.9, .nesterov = true, .l2 = 0.01, .decay = 0.02}, torch(true));
  // v = m v + rate g, w -= v: as a direction, v over the rate.
  compare(Sgd{.momentum = 0.9, .l2 = 0.01, .form = Form::matlab},
          [](Number& n, double gradient, int, double rate, double, double factor) {
            n.m = 0.9 * n.m + rate * (gradient + 0.01 * factor * n.w);
            return n.m / rate;
          });
}

TEST_CASE("Adam in both forms, AdamW, LAMB") {
  compare(Adam{.l2 = 0.01}, adam_direction(0.01, 0, false, 1e-8));
  compare(Adam{.epsilon = 1e-3, .l2 = 0.01, .form = Form::matlab}, adam_direction(0.01, 0, true, 1e-3));
  compare(AdamW{.decay = 0.1}, adam_direction(0, 0.1, false, 1e-8));
  compare(Lamb{.decay = 0.1}, adam_direction(0, 0.1, false, 1e-6));
}

TEST_CASE("optimizers as in PyTorch, and Lion as in its paper") {
  using namespace golden;
  CHECK(agrees(Sgd{.rate = 0.05, .momentum = 0.8, .nesterov = true, .l2 = 0.01}, after_nesterov));
  CHECK(agrees(RMSprop{.rate = 0.02}, after_rmsprop));
  CHECK(agrees(RMSprop{.rate = 0.02, .alpha = 0.9, .epsilon = 1e-4, .centered = true, .l2 = 0.01},
               after_rmsprop_centered));
  CHECK(agrees(RMSprop{.rate = 0.02, .alpha = 0.95, .momentum = 0.9}, after_rmsprop_momentum));
  CHECK(agrees(RMSprop{.rate = 0.02, .alpha = 0.9, .epsilon = 1e-3, .momentum = 0.5, .centered = true, .l2 = 0.1},
               after_rmsprop_all));
  CHECK(agrees(Adagrad{.rate = 0.05}, after_adagrad));
  CHECK(
      agrees(Adagrad{.rate = 0.05, .rate_decay = 0.1, .initial = 0.3, .epsilon = 1e-3, .l2 = 0.1}, after_adagrad_all));
  CHECK(agrees(Lion{.rate = 0.03}, after_lion));
  CHECK(agrees(Lion{.rate = 0.03, .beta1 = 0.5, .beta2 = 0.8, .decay = 0.2}, after_lion_decay));
}

TEST_CASE("RMSprop, Adagrad and Lion with the rates and factors of tensors") {
  compare(RMSprop{.alpha = 0.9, .momentum = 0.5, .centered = true, .l2 = 0.01, .decay = 0.02},
          [](Number& n, double gradient, int, double, double, double factor) {
            const double g = gradient + 0.01 * factor * n.w;
            n.v = 0.9 * n.v + 0.1 * g * g, n.c = 0.9 * n.c + 0.1 * g;
            n.m = 0.5 * n.m + g / (std::sqrt(n.v - n.c * n.c) + 1e-8);
            return n.m + 0.02 * factor * n.w;
          });
  compare(Adagrad{.rate_decay = 0.1, .l2 = 0.01, .decay = 0.02},
          [](Number& n, double gradient, int t, double, double, double factor) {
            const double g = gradient + 0.01 * factor * n.w;
            n.v += g * g;
            return g / (1 + (t - 1) * 0.1) / (std::sqrt(n.v) + 1e-10) + 0.02 * factor * n.w;
          });
  compare(Lion{.decay = 0.02}, [](Number& n, double g, int, double, double, double factor) {
    const double mixed = 0.9 * n.m + 0.1 * g;
    n.m = 0.99 * n.m + 0.01 * g;
    return (mixed > 0) - (mixed < 0) + 0.02 * factor * n.w;
  });
}

TEST_CASE("RMSprop keeps what it needs, and Lion steps nowhere without a gradient and shows one that is NaN") {
  CHECK(Optimizer(RMSprop{}).slots == 1);
  CHECK(Optimizer(RMSprop{.momentum = 0.1}).slots == 2);
  CHECK(Optimizer(RMSprop{.centered = true}).slots == 2);
  CHECK(Optimizer(RMSprop{.momentum = 0.1, .centered = true}).slots == 3);
  graph::Tensor tensor{};
  tensor.size = 2;
  Workers workers(1);
  float weights[2] = {1, 1}, gradients[2] = {0, NAN};
  Updater(&tensor, 1, 2, Lion{}, {}).update(workers, weights, gradients, 0.5);
  CHECK(weights[0] == 1);
  CHECK(std::isnan(weights[1]));
}

TEST_CASE("gradients are clipped by value, then by norm") {
  const Direction plain = [](Number&, double g, int, double, double, double) { return g; };
  compare(Sgd{.momentum = 0}, plain, {.value = 0.2});
  compare(Sgd{.momentum = 0}, plain, {.norm = 3});
  compare(Sgd{.momentum = 0}, plain, {.norm = 3, .value = 0.2});
  compare(Sgd{.momentum = 0}, plain, {.norm = 1e6});
}

TEST_CASE("a norm that is NaN changes nothing") {
  Table table;
  Workers workers(1);
  std::vector<float> weights(std::size_t(table.floats), 1.f), gradients(weights.size(), 1.f);
  gradients[100] = NAN;
  Updater updater(table.tensors, 3, table.floats, Adam{}, {.norm = 1});
  CHECK(!updater.update(workers, weights.data(), gradients.data(), 0.1));
  CHECK(weights == std::vector<float>(weights.size(), 1.f));
  CHECK(updater.step() == 0);
}

TEST_CASE("LAMB takes the plain step where a tensor is zero") {
  graph::Tensor tensor{};
  tensor.size = 9;
  Workers workers(1);
  std::vector<float> weights(9, 0.f), gradients(9, 2.f);
  Updater updater(&tensor, 1, 9, Lamb{.decay = 0}, {});
  updater.update(workers, weights.data(), gradients.data(), 0.5);
  for (float w : weights) CHECK(relative_error(w, -0.5) <= 1e-6);  // epsilon is 1e-6 of the direction's 2
}

TEST_CASE("the number of threads changes no bit") {
  graph::Tensor tensor{};
  tensor.size = 300'001;
  const auto weights_of = [&](int threads) {
    Workers workers(threads);
    Random random{3, 0};
    std::vector<float> weights(300'001), gradients(weights.size());
    for (std::size_t i = 0; i < weights.size(); i++)
      weights[i] = random.uniform(), gradients[i] = random.uniform() - 0.5f;
    Updater updater(&tensor, 1, long(weights.size()), Lamb{}, {.norm = 1});
    updater.update(workers, weights.data(), gradients.data(), 0.1);
    return weights;
  };
  CHECK(weights_of(1) == weights_of(3));
}
