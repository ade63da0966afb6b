// SPDX-License-Identifier: MIT
// The losses of a back end against PyTorch's: the loss of a training's first update, and the parameters after it.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <strata/data/dataset.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/sgd.hpp>
#include <strata/train/trainer.hpp>

#include "../support/tolerance.hpp"
#include "losses.hpp"

namespace strata::testing {

using data::Dataset;
using training::Loss;
using training::Normalization;
using Reduction = Loss::Reduction;

using Classes = Network<Image<2, 3, 2>, Conv<1, 3>, PixelSoftmax>;
using Enlarged = Network<Image<2, 3, 2>, Conv<1, 3>, Upsample<2>, PixelSoftmax>;
using Values = Network<Image<2, 3, 2>, Conv<1, 3>>;
using Answers = Network<Image<2, 3, 2>, Conv<1, 3>, Sigmoid>;

inline constexpr Shape image{2, 3, 2};

struct log_cosh {
  static constexpr const char* name = "log_cosh";
  template <class T>
  static T f(T y, T target) {
    return std::log(std::cosh(y - target));
  }
  template <class T>
  static T df(T y, T target) {
    return std::tanh(y - target);
  }
};

template <class Targets>
Dataset samples(const Targets& targets) {
  return Dataset(image, golden::images, targets, long(targets.size()) / 3);
}

template <class Backend, class Net>
void check(const char* name, const Dataset& data, const Loss& loss, const golden::Update& expected) {
  Model<Net, Backend> model{{.threads = 1}};
  std::copy(golden::parameters.begin(), golden::parameters.end(), model.parameters().begin());
  const auto run = train(model, data,
                         {.epochs = 1,
                          .batch = 3,
                          .optimizer = Sgd{.rate = 0.5, .momentum = 0},
                          .loss = loss,
                          .input = Normalization::none});
  INFO(std::string(name));
  REQUIRE(run.history.size() == 1);
  CHECK(relative_error(run.history[0].loss, expected.loss) < 1e-6);
  CHECK(distance(model.parameters().data(), expected.parameters.data(), long(expected.parameters.size())) < 2e-6);
  // The same numbers are the loss of an evaluation before the update.
  std::copy(golden::parameters.begin(), golden::parameters.end(), model.parameters().begin());
  const double evaluated = evaluate(model, data, {.loss = loss}).loss;
  CHECK(relative_error(evaluated, expected.loss) < 3e-6);
  // Parts of a batch give the same update.
  const auto parts = train(model, data,
                           {.epochs = 1,
                            .batch = 3,
                            .micro_batch = 1,
                            .optimizer = Sgd{.rate = 0.5, .momentum = 0},
                            .loss = loss,
                            .input = Normalization::none});
  CHECK(relative_error(parts.history[0].loss, expected.loss) < 1e-6);
  CHECK(distance(model.parameters().data(), expected.parameters.data(), long(expected.parameters.size())) < 2e-6);
}

/// Losses of labels, one for each pixel.
template <class Backend>
void check_labels() {
  const Dataset labels = samples(golden::labels);
  const std::vector<float> weights{0.5f, 1.5f, 1.f};
  check<Backend, Classes>("by default", labels, {}, golden::cross_entropy);
  check<Backend, Classes>("CrossEntropy", labels, CrossEntropy{}, golden::cross_entropy);
  check<Backend, Classes>("by weight", labels,
                          CrossEntropy{.reduction = Reduction::weighted_mean, .class_weights = weights},
                          golden::cross_entropy_weighted);
  check<Backend, Classes>("by label", labels, CrossEntropy{.class_weights = weights}, golden::cross_entropy_per_label);
  check<Backend, Classes>(
      "smoothed", labels,
      CrossEntropy{.reduction = Reduction::weighted_mean, .class_weights = weights, .smoothing = 0.1},
      golden::cross_entropy_smoothed);
  check<Backend, Classes>("Focal", labels, Focal{.class_weights = weights}, golden::focal);
  check<Backend, Classes>("less", labels, Focal{.focusing = 0.5, .class_weights = weights}, golden::focal_less);
}

/// These, others, and those of probabilities.
template <class Backend>
void check_classes() {
  check_labels<Backend>();
  const Dataset labels = samples(golden::labels), shares = samples(golden::shares);
  const std::vector<float> weights{0.5f, 1.5f, 1.f};
  check<Backend, Classes>("Dice", labels, Dice{}, golden::dice);
  check<Backend, Classes>("and", labels, Dice{.smooth = 0.5, .cross_entropy = 0.75}, golden::dice_and_cross_entropy);
  check<Backend, Classes>("weighted", labels, Dice{.class_weights = weights}, golden::dice_weighted);
  check<Backend, Classes>("soft", shares, {}, golden::soft_cross_entropy);
  check<Backend, Classes>("soft", shares, CrossEntropy{.class_weights = weights, .smoothing = 0.1},
                          golden::soft_cross_entropy_smoothed);
  check<Backend, Classes>("KullbackLeibler", shares, KullbackLeibler{.reduction = Reduction::per_image},
                          golden::kullback_leibler);
}

/// Losses of labels on scores that they enlarge.
template <class Backend>
void check_enlarged_labels() {
  const Dataset many = samples(golden::many_labels);
  check<Backend, Enlarged>("smoothed", many, CrossEntropy{.smoothing = 0.1}, golden::enlarged_smoothed);
  check<Backend, Enlarged>("Focal", many, Focal{.class_weights = {0.5f, 1.5f, 1.f}}, golden::enlarged_focal);
}
template <class Backend>
void check_enlarged() {
  check_enlarged_labels<Backend>();
  const Dataset many = samples(golden::many_labels);
  check<Backend, Enlarged>("Dice", many, Dice{.cross_entropy = 0.5}, golden::enlarged_dice);
}

/// Losses of the output.
template <class Backend>
void check_values() {
  const Dataset values = samples(golden::values), missing = samples(golden::missing),
                answers = samples(golden::answers), shares = samples(golden::shares);
  const std::vector<float> weights{0.5f, 1.5f, 1.f}, positive{2.f, 0.5f, 1.25f};
  check<Backend, Values>("MeanSquaredError", values, MeanSquaredError{}, golden::squared);
  check<Backend, Values>("MeanAbsoluteError", values, MeanAbsoluteError{}, golden::absolute);
  check<Backend, Values>("Huber", values, Huber{.delta = 0.75}, golden::huber);
  check<Backend, Values>("missing", missing, MeanSquaredError{}, golden::squared_missing);
  check<Backend, Values>("missing", missing, Huber{}, golden::huber_missing);
  check<Backend, Values>("divergence", shares, KullbackLeibler{}, golden::divergence);
  check<Backend, Values>("divergence", shares, KullbackLeibler{.reduction = Reduction::per_image},
                         golden::divergence_per_image);
  check<Backend, Values>("CrossEntropy", samples(golden::labels), CrossEntropy{}, golden::logits_cross_entropy);
  check<Backend, Values>("BinaryCrossEntropy", answers, BinaryCrossEntropy{}, golden::binary);
  check<Backend, Values>("weighted", answers,
                         BinaryCrossEntropy{.class_weights = weights, .positive_weights = positive},
                         golden::binary_positive);
  check<Backend, Answers>("after Sigmoid", answers, BinaryCrossEntropy{}, golden::binary_of_sigmoid);
  check<Backend, Values>("Focal", answers, Focal{.balance = 0.25}, golden::binary_focal);
  check<Backend, Values>("Dice", answers, Dice{.smooth = 0.5}, golden::binary_dice);
  check<Backend, Values>("and", answers, Dice{.smooth = 0.5, .cross_entropy = 0.5},
                         golden::binary_dice_and_cross_entropy);
}

/// A loss that only the CPU computes.
template <class Backend>
void check_own() {
  const Dataset values = samples(golden::values);
  check<Backend, Values>("of one's own", values, training::OwnLoss<log_cosh>{}, golden::log_cosh);
}

/// A sum is not divided for the gradients, but by the number of labels or values in reports.
template <class Backend>
void check_sums() {
  golden::Update of_labels = golden::cross_entropy_sum, of_values = golden::squared_sum;
  of_labels.loss /= 16, of_values.loss /= 54;
  check<Backend, Classes>("sum", samples(golden::labels),
                          CrossEntropy{.reduction = Reduction::sum, .smoothing = 0.25}, of_labels);
  check<Backend, Values>("sum", samples(golden::values), MeanSquaredError{.reduction = Reduction::sum}, of_values);
}

}  // namespace strata::testing
