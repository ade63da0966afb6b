// SPDX-License-Identifier: MIT
#include "recipe.hpp"

#include <strata/core/error.hpp>
#include <strata/train/schedule.hpp>

#include "../shared/resuming.hpp"

namespace digits {

namespace {

/// The workshop of 2021: MATLAB's Adam and defaults, rate 0.01, multiplied by 0.8 every ten epochs.
strata::TrainOptions workshop() {
  strata::TrainOptions options =
      strata::training::matlab_defaults(strata::training::matlab_adam(strata::training::piecewise(0.01, 0.8, 10)));
  options.validation.every = 10;
  return options;
}

/// For batches so large that an epoch has one or two updates: every image is used, each tensor moves by a fraction of
/// its norm (LAMB), and that fraction rises to 5 % over three epochs and falls to zero along half a cosine.
strata::TrainOptions large_batch() {
  strata::TrainOptions options;
  options.optimizer = strata::Lamb{.rate = strata::training::cosine(0.05).warm_up_epochs(3), .beta2 = 0.98, .decay = 0};
  options.statistics = strata::training::Statistics::population;
  options.validation.every = 10;
  return options;
}

}  // namespace

strata::TrainOptions recipe(const std::string& name, int epochs, int batch) {
  strata::TrainOptions options = name == "workshop" ? workshop() : large_batch();
  options.epochs = epochs;
  options.batch = batch;
  return options;
}

strata::core::Conditions conditions_of(const TrainSettings& settings, const shared::Processor& processor,
                                       const strata::report::DeviceRecord& device) {
  // Compared elsewhere: data by its digest, epochs by the rates that result, device and precision as resolved. The
  // search for a rate and the metrics change nothing.
  const auto& [data, transposed, filters, of_device, precision, recipe, out, tensorboard, epochs, batch, threads, seed,
               resume, resume_anyway, quiet, find_rate, metrics] = settings;
  strata::core::Conditions conditions;
  conditions.add("--filters", filters);
  conditions.add("--recipe", recipe);
  conditions.add("--batch", batch);
  conditions.add("--seed", seed);
  shared::add_processor(conditions, processor, device);
  return conditions;
}

std::string describe_recipe(const std::string& name) {
  if (name == "workshop") return "workshop: Adam, rate 0.01, times 0.8 every 10 epochs, L2 0.0001, shuffled once";
  return "large-batch: LAMB, rate 0.05 with a warm-up of 3 epochs and a half cosine, beta2 0.98, shuffled every epoch";
}

}  // namespace digits
