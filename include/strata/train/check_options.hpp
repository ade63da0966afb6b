// SPDX-License-Identifier: MIT
// Checks the options of a training before anything changes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/text/text.hpp>
#include <strata/train/options.hpp>

namespace strata::training::detail {

/// Throws Error, with what to give instead, if an option is invalid for this many samples. The loss is checked by
/// fitting_term().
STRATA_ONCE void check_options(const TrainOptions& o, int samples, bool validates);

inline bool needs_checkpoint(Resume resume) { return resume == Resume::yes || resume == Resume::anyway; }

#if STRATA_HAS_BODIES

[[gnu::cold]] STRATA_ONCE void check_options(const TrainOptions& o, int samples, bool validates) {
  if (samples < 1) throw Error("train: the training set is empty; give it at least one sample");
  if (o.epochs < 1 || o.epochs > 100'000'000) throw Error("train: epochs = ", o.epochs, "; give 1 to 100000000");
  if (o.batch < 1) throw Error("train: batch = ", o.batch, "; give the number of images per update, 1 or more");
  if (o.micro_batch < 0)
    throw Error("train: micro_batch = ", o.micro_batch, "; give the number of images at once, or 0 for all");
  if (o.partial == Partial::drop && o.batch > samples)
    throw Error("train: a batch of ", o.batch, " images is larger than the training set of ", samples,
                ", and partial batches are dropped, so nothing would be learned; use a smaller batch or Partial::keep");
  if (const std::string fault = o.optimizer.fault(); !fault.empty()) throw Error("train: ", fault);
  const auto bounds = [](double x) {
    return core::is_finite(x) ? x >= 1e-30 : core::same_text(core::not_finite_name(x), "infinity");
  };
  if (!bounds(o.clip.norm))
    throw Error("train: clip.norm = ", o.clip.norm, "; give a number from 1e-30, or infinity for no clipping");
  if (!bounds(o.clip.value))
    throw Error("train: clip.value = ", o.clip.value, "; give a number from 1e-30, or infinity for no clipping");
  if (o.validation.every < 0)
    throw Error("train: validation.every = ", o.validation.every,
                "; give a number of iterations, or 0 for once per epoch");
  if (o.validation.patience < 0)
    throw Error("train: validation.patience = ", o.validation.patience,
                "; give a number of validations, or 0 for no limit");
  if (o.validation.patience > 0 && !validates)
    throw Error("train: patience needs a validation set; give data.validation");
  if (o.keep != Keep::last && !validates)
    throw Error("train: keeping the best model needs a validation set; give data.validation, or keep the last");
  o.average.check(o.epochs);
  if (o.plateau && !validates)
    throw Error("train: plateau needs a validation set; give data.validation, or a schedule that lowers the rate");
  if (const std::string fault = o.plateau ? o.plateau->fault() : ""; !fault.empty()) throw Error("train: ", fault);
  if (o.checkpoints.every_epochs < 0)
    throw Error("train: checkpoints.every_epochs = ", o.checkpoints.every_epochs,
                "; give a number of epochs, or 0 for none");
  if (o.checkpoints.every_iterations < 0)
    throw Error("train: checkpoints.every_iterations = ", o.checkpoints.every_iterations,
                "; give a number of iterations, or 0 for none");
  if (needs_checkpoint(o.checkpoints.resume) && o.checkpoints.path.empty())
    throw Error("train: there is no checkpoint to resume from; give checkpoints.path");
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training::detail
