// SPDX-License-Identifier: MIT
#include "recipe.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <strata/train/schedule.hpp>

#include "../shared/resuming.hpp"

namespace zoo {

namespace {

/// Epochs over which the rate rises: a tenth of the training, at most two.
double warm_up(const TrainSettings& settings) { return std::min(2., 0.1 * settings.epochs); }

}  // namespace

TrainSettings resolved(const TrainSettings& given, const CompiledNetwork& network) {
  TrainSettings settings = given;
  settings.network = network.name;
  if (settings.rate == 0) settings.rate = network.trainable->rate;
  return settings;
}

strata::TrainOptions recipe(const TrainSettings& settings) {
  strata::TrainOptions options;
  options.epochs = settings.epochs;
  options.batch = settings.batch;
  options.optimizer =
      strata::AdamW{.rate = strata::training::cosine(settings.rate).warm_up_epochs(warm_up(settings)), .decay = 0.05};
  options.keep = settings.keep == "best" ? strata::Keep::best_loss : strata::Keep::last;
  return options;
}

strata::core::Conditions conditions_of(const TrainSettings& settings, const shared::Processor& processor,
                                       const strata::report::DeviceRecord& device) {
  // Compared elsewhere: data by its digest, and so the share that validates; rate and epochs by the rates that result.
  const auto& [network, data, keep, out, tensorboard, epochs, batch, threads, rate, validation, seed, resume,
               resume_anyway, quiet] = settings;
  strata::core::Conditions conditions;
  conditions.add("the network", network);
  conditions.add("--batch", batch);
  conditions.add("--keep", keep);
  conditions.add("--seed", seed);
  shared::add_processor(conditions, processor, device);
  return conditions;
}

std::string describe_recipe(const TrainSettings& settings) {
  return fmt::format(
      "AdamW, decay 0.05, rate {:g} after a warm-up of {:g} epochs, then half a cosine to 0; weights as He et al.; "
      "the model kept is that of the {}",
      settings.rate, warm_up(settings),
      settings.keep == "best" ? "epoch with the lowest validation loss" : "last epoch");
}

}  // namespace zoo
