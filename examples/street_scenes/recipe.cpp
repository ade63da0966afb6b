// SPDX-License-Identifier: MIT
#include "recipe.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <strata/train/schedule.hpp>
#include <strata/train/sgd.hpp>

#include "../shared/resuming.hpp"

namespace street_scenes {

namespace {

constexpr double piecewise_factor = 0.3;  // the workshop's
constexpr int piecewise_period = 10;

strata::Schedule schedule(const TrainSettings& t) {
  if (t.schedule == "poly") return strata::polynomial(t.rate);
  if (t.schedule == "constant") return strata::constant(t.rate);
  return strata::piecewise(t.rate, piecewise_factor, piecewise_period);
}

}  // namespace

strata::TrainOptions recipe(const TrainSettings& t, long updates, std::vector<float> class_weights) {
  strata::TrainOptions options;
  options.epochs = t.epochs, options.batch = t.batch, options.micro_batch = t.micro_batch;
  options.optimizer = strata::Sgd{.rate = schedule(t), .momentum = t.momentum, .l2 = t.l2};
  options.loss.reduction = t.loss_norm == "weights" ? strata::Loss::Reduction::weighted_mean : strata::Loss::Reduction::mean;
  options.loss.class_weights = std::move(class_weights);
  options.partial = strata::Partial::drop;
  options.statistics = t.statistics == "population" ? strata::Statistics::population : strata::Statistics::moving;
  options.input = t.normalise == "imagenet" ? strata::Normalisation::keep : strata::Normalisation::zscore;
  const long every = t.validate_every == 0   ? std::numeric_limits<int>::max()
                     : t.validate_every == 1 ? 0
                                             : t.validate_every * updates;
  options.validation = {.every = int(std::min<long>(every, std::numeric_limits<int>::max())), .patience = t.patience};
  return options;
}

strata::Augmentation augmentation(const TrainSettings& t) {
  return {.reflect = t.reflect,
          .translate = t.translate,
          .scale_low = t.scale[0],
          .scale_high = t.scale[1],
          .brightness = t.brightness,
          .contrast = t.contrast};
}

strata::Initialise initialisation(const TrainSettings& t) {
  return t.init == "he"           ? strata::Initialise::he
         : t.init == "he-fan-out" ? strata::Initialise::he_fan_out
                                  : strata::Initialise::glorot;
}

strata::Conditions conditions_of(const TrainSettings& settings, const shared::Processor& processor, const strata::DeviceRecord& device) {
  // Elsewhere: data, drawn or not, by its digests; epochs by the rates that follow from them; device and precision as they are in
  // the end. Memory, cache and threads change no result; where updates are measured (--steps) nothing is kept.
  const auto& [data, generate, splits, resize, size, variant, weights, init, normalise, epochs, batch, micro_batch, steps, rate, l2,
               momentum, schedule, class_weights, loss_norm, statistics, reflect, translate, scale, brightness, contrast, validate_every,
               patience, of_device, precision, threads, memory, cache, seed, out, resume, resume_anyway, quiet] = settings;
  strata::Conditions conditions;
  conditions.add("--size", size);
  conditions.add("--variant", variant);
  conditions.add("--splits", splits);
  conditions.add("--resize", resize);
  conditions.add("--seed", seed);
  conditions.add("--batch", batch);
  conditions.add("--micro-batch", micro_batch > 0 && micro_batch < batch ? micro_batch : batch);
  conditions.add("--rate", rate);
  conditions.add("--schedule", schedule);
  conditions.add("--momentum", momentum);
  conditions.add("--l2", l2);
  conditions.add("--weights", shared::contents_of(weights));
  conditions.add("--init", init);
  conditions.add("--normalise", normalise);
  conditions.add("--class-weights", class_weights);
  conditions.add("--loss-norm", loss_norm);
  conditions.add("--statistics", statistics);
  conditions.add("--reflect", reflect);
  conditions.add("--translate", translate);
  conditions.add("--scale", strata::Conditions::exact(scale[0]) + " " + strata::Conditions::exact(scale[1]));
  conditions.add("--brightness", brightness);
  conditions.add("--contrast", contrast);
  conditions.add("--validate-every", validate_every);
  conditions.add("--patience", patience);
  shared::add_processor(conditions, processor, device);
  return conditions;
}

std::vector<std::pair<std::string, std::string>> describe(const TrainSettings& t) {
  std::string rate = fmt::format("{}, ", t.rate);
  if (t.schedule == "poly")
    rate += "times (1 - t)^0.9";
  else if (t.schedule == "constant")
    rate += "constant";
  else
    rate += fmt::format("times {} every {} epochs", piecewise_factor, piecewise_period);
  std::string changes = t.reflect ? "left-right reflection" : "";
  const auto change = [&](const std::string& what) { changes += (changes.empty() ? "" : ", ") + what; };
  if (t.translate) change(fmt::format("translation by up to {} pixels", t.translate));
  if (t.scale[0] != 1 || t.scale[1] != 1) change(fmt::format("scale {} to {}", t.scale[0], t.scale[1]));
  if (t.brightness > 0) change(fmt::format("brightness by up to {} %", 100 * t.brightness));
  if (t.contrast > 0) change(fmt::format("contrast by up to {} %", 100 * t.contrast));
  std::string batch = fmt::format("{} images", t.batch);
  if (t.micro_batch > 0 && t.micro_batch < t.batch) batch += fmt::format(", {} at once", t.micro_batch);
  return {
      {"solver", fmt::format("SGD with momentum {}, L2 {}", t.momentum, t.l2)},
      {"learning rate", rate},
      {"batch", batch},
      {"first weights", (t.weights.empty() ? "" : "trunk from " + t.weights + ", else ") + t.init},
      {"class weights", t.class_weights},
      {"loss divided by", t.loss_norm == "weights" ? "the weights of the labelled pixels" : "the number of labelled pixels"},
      {"augmentation", changes.empty() ? "none" : changes},
      {"batch norm for inference", t.statistics == "population" ? "statistics of the whole training set" : "moving statistics"},
      {"images scaled by",
       t.normalise == "imagenet" ? "ImageNet's mean and deviation" : "the training set's mean and deviation"}};
}

}  // namespace street_scenes
