// SPDX-License-Identifier: MIT
#include "recipe.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include <strata/models/resnet18_weights.hpp>
#include <strata/train/schedule.hpp>
#include <strata/train/sgd.hpp>

#include "../shared/resuming.hpp"
#include "network.hpp"

namespace street_scenes {

namespace {

strata::training::Schedule schedule(const TrainSettings& t) {
  const strata::training::Schedule of_rate = t.schedule == "poly"     ? strata::training::polynomial(t.rate)
                                             : t.schedule == "cosine" ? strata::training::cosine(t.rate)
                                             : t.schedule == "constant"
                                                 ? strata::training::constant(t.rate)
                                                 : strata::training::piecewise(t.rate, t.drop_factor, t.drop_period);
  return of_rate.warm_up_epochs(t.warm_up);
}

strata::Keep kept(const TrainSettings& t) {
  return t.keep == "best"        ? strata::Keep::best_mean_iou
         : t.keep == "best-loss" ? strata::Keep::best_loss
                                 : strata::Keep::last;
}

bool keeps_statistics(const TrainSettings& t) { return t.trunk_statistics == "kept"; }

/// As --depths spells them: "2,2,2,3".
std::string spelled(const std::array<int, 4>& depths) {
  return fmt::format("{},{},{},{}", depths[0], depths[1], depths[2], depths[3]);
}

/// --depths, by default those in the file with the trunk's weights. Throws strata::Error if the two do not match.
std::string depths_of(const TrainSettings& t) {
  if (t.weights.empty() && t.depths.empty()) return usual_depths;
  if (t.weights.empty() || (t.weights_partly && !t.depths.empty())) return t.depths;
  std::string stored = spelled(strata::models::trunk_depths(t.weights, t.weights_prefix));
  constexpr const char* part_of_it = "--weights-partly to load what fits";
  const shared::Words choices = depths_choices();
  if (!shared::one_of(choices, stored).empty())
    throw strata::Error(t.weights, ": holds a trunk of depths ", stored,
                        ", for which there is no network; give --depths ", shared::joined(choices, " or "), ", and ",
                        part_of_it);
  if (!t.depths.empty() && t.depths != stored)
    throw strata::Error("--depths ", t.depths, ": ", t.weights, " holds a trunk of depths ", stored, "; give --depths ",
                        stored, ", or ", part_of_it);
  return stored;
}

}  // namespace

TrainSettings resolved(TrainSettings t) {
  t.depths = depths_of(t);
  if (t.normalize.empty()) t.normalize = t.weights.empty() ? "trainset" : "imagenet";
  const TrainSettings usual;
  if (t.schedule != "piecewise" && (t.drop_factor != usual.drop_factor || t.drop_period != usual.drop_period))
    throw strata::Error(
        "--schedule ", t.schedule,
        ": --drop-factor and --drop-period apply only to piecewise; omit them, or use --schedule piecewise");
  if (keeps_statistics(t) && t.weights.empty())
    throw strata::Error("--trunk-statistics kept: needs the statistics of a trained trunk; give its --weights");
  if (t.warm_up > 0 && t.warm_up >= t.epochs)
    throw strata::Error("--warm-up ", t.warm_up, ": the training ends after --epochs ", t.epochs,
                        "; warm up for fewer epochs");
  if (t.keep != "last" && t.validate_every == 0)
    throw strata::Error("--keep ", t.keep, ": --validate-every 0 validates only the last epoch; give 1 or more");
  return t;
}

strata::TrainOptions recipe(const TrainSettings& t, long updates, std::vector<float> class_weights) {
  strata::TrainOptions options;
  options.epochs = t.epochs, options.batch = t.batch, options.micro_batch = t.micro_batch;
  options.optimizer = strata::Sgd{.rate = schedule(t), .momentum = t.momentum, .l2 = t.l2};
  if (t.trunk_rate != 1 || keeps_statistics(t))
    options.groups = {{.prefix = "backbone", .rate = t.trunk_rate, .keeps_statistics = keeps_statistics(t)}};
  options.keep = kept(t);
  options.loss.reduction = t.loss_norm == "weights" ? strata::training::Loss::Reduction::weighted_mean
                                                    : strata::training::Loss::Reduction::mean;
  options.loss.class_weights = std::move(class_weights);
  options.partial = strata::training::Partial::drop;
  options.statistics =
      t.statistics == "population" ? strata::training::Statistics::population : strata::training::Statistics::moving;
  options.input =
      t.normalize == "imagenet" ? strata::training::Normalization::keep : strata::training::Normalization::zscore;
  const long every = t.validate_every == 0   ? std::numeric_limits<int>::max()
                     : t.validate_every == 1 ? 0
                                             : t.validate_every * updates;
  options.validation = {.every = int(std::min<long>(every, std::numeric_limits<int>::max())), .patience = t.patience};
  return options;
}

strata::data::Augmentation augmentation(const TrainSettings& t) {
  return {.reflect = t.reflect,
          .translate = t.translate,
          .scale_low = t.scale[0],
          .scale_high = t.scale[1],
          .brightness = t.brightness,
          .contrast = t.contrast};
}

strata::Initialize initialization(const TrainSettings& t) {
  return t.init == "he"           ? strata::Initialize::he
         : t.init == "he-fan-out" ? strata::Initialize::he_fan_out
                                  : strata::Initialize::glorot;
}

strata::core::Conditions conditions_of(const TrainSettings& settings, const shared::Processor& processor,
                                       const strata::report::DeviceRecord& device) {
  // Compared elsewhere: data, drawn or not, by its digests; epochs by the rates that result; device and precision as
  // resolved. Memory, cache and threads change no result; measurements (--steps) save nothing. The precision of the
  // saved model does not affect the training. Options that were added later are included only if they differ from the
  // earlier behavior.
  const auto& [data, generate, splits, resize, size, variant, depths, weights, weights_prefix, weights_partly, init,
               normalize, epochs, batch, micro_batch, steps, rate, l2, momentum, drop_factor, drop_period, warm_up,
               trunk_rate, trunk_statistics, schedule, class_weights, loss_norm, statistics, reflect, translate, scale,
               brightness, contrast, validate_every, patience, keep, save_precision, of_device, precision, threads,
               memory, cache, seed, out, tensorboard, resume, resume_anyway, quiet] = settings;
  const TrainSettings usual;
  strata::core::Conditions conditions;
  conditions.add("--size", size);
  conditions.add("--variant", variant);
  const auto add_unless = [&](const char* name, const auto& value, const auto& as_before) {
    if (value != as_before) conditions.add(name, value);
  };
  add_unless("--depths", depths, usual_depths);
  conditions.add("--splits", splits);
  conditions.add("--resize", resize);
  conditions.add("--seed", seed);
  conditions.add("--batch", batch);
  conditions.add("--micro-batch", micro_batch > 0 && micro_batch < batch ? micro_batch : batch);
  conditions.add("--rate", rate);
  conditions.add("--schedule", schedule);
  add_unless("--drop-factor", drop_factor, usual.drop_factor);
  add_unless("--drop-period", drop_period, usual.drop_period);
  add_unless("--warm-up", warm_up, usual.warm_up);
  add_unless("--trunk-rate", trunk_rate, usual.trunk_rate);
  add_unless("--trunk-statistics", trunk_statistics, usual.trunk_statistics);
  conditions.add("--momentum", momentum);
  conditions.add("--l2", l2);
  conditions.add("--weights", shared::contents_of(weights));
  add_unless("--weights-prefix", weights_prefix, usual.weights_prefix);
  add_unless("--weights-partly", weights_partly, usual.weights_partly);
  conditions.add("--init", init);
  conditions.add("--normalise", normalize);  // the option's old name, which checkpoints store
  conditions.add("--class-weights", class_weights);
  conditions.add("--loss-norm", loss_norm);
  conditions.add("--statistics", statistics);
  conditions.add("--reflect", reflect);
  conditions.add("--translate", translate);
  conditions.add("--scale",
                 strata::core::Conditions::exact(scale[0]) + " " + strata::core::Conditions::exact(scale[1]));
  conditions.add("--brightness", brightness);
  conditions.add("--contrast", contrast);
  conditions.add("--validate-every", validate_every);
  conditions.add("--patience", patience);
  add_unless("--keep", keep, usual.keep);
  shared::add_processor(conditions, processor, device);
  return conditions;
}

std::vector<std::pair<std::string, std::string>> describe(const TrainSettings& t) {
  std::string rate = fmt::format("{}, ", t.rate);
  if (t.schedule == "poly") rate += "times (1 - t)^0.9";
  else if (t.schedule == "cosine") rate += "times (1 + cos(pi t)) / 2";
  else if (t.schedule == "constant") rate += "constant";
  else rate += fmt::format("times {} every {} epochs", t.drop_factor, t.drop_period);
  if (t.warm_up > 0) rate += fmt::format(", after a warm-up of {} epochs", t.warm_up);
  std::string trunk = fmt::format("depths {}", t.depths);
  if (t.trunk_rate == 0) trunk += ", frozen";
  else if (t.trunk_rate != 1) trunk += fmt::format(", learns at {} times the rate", t.trunk_rate);
  if (keeps_statistics(t)) trunk += ", its batch norm keeps the statistics of the file";
  std::string changes = t.reflect ? "left-right reflection" : "";
  const auto change = [&](const std::string& what) { changes += (changes.empty() ? "" : ", ") + what; };
  if (t.translate) change(fmt::format("translation by up to {} pixels", t.translate));
  if (t.scale[0] != 1 || t.scale[1] != 1) change(fmt::format("scale {} to {}", t.scale[0], t.scale[1]));
  if (t.brightness > 0) change(fmt::format("brightness by up to {} %", 100 * t.brightness));
  if (t.contrast > 0) change(fmt::format("contrast by up to {} %", 100 * t.contrast));
  std::string batch = fmt::format("{} images", t.batch);
  if (t.micro_batch > 0 && t.micro_batch < t.batch) batch += fmt::format(", {} at once", t.micro_batch);
  return {{"solver", fmt::format("SGD with momentum {}, L2 {}", t.momentum, t.l2)},
          {"learning rate", rate},
          {"trunk", trunk},
          {"batch", batch},
          {"initial weights", (t.weights.empty() ? "" : "trunk from " + t.weights + ", the rest ") + t.init},
          {"class weights", t.class_weights},
          {"loss divided by",
           t.loss_norm == "weights" ? "the weights of the labeled pixels" : "the number of labeled pixels"},
          {"augmentation", changes.empty() ? "none" : changes},
          {"batch norm for inference",
           t.statistics == "population" ? "statistics of the whole training set" : "moving statistics"},
          {"images scaled by", t.normalize == "imagenet" ? "ImageNet's mean and standard deviation"
                                                         : "the training set's mean and standard deviation"},
          {"model kept", fmt::format("{}, saved in {}",
                                     t.keep == "best"        ? "that of the best validation by mean IoU"
                                     : t.keep == "best-loss" ? "that of the best validation by loss"
                                                             : "that of the last epoch",
                                     t.save_precision)}};
}

}  // namespace street_scenes
