// SPDX-License-Identifier: MIT
// The options that the result of a training depends on. Structured bindings name every option, so that a new one does
// not compile until it is decided here whether checkpoints store it.
#pragma once

#include <strata/core/compile_once.hpp>
#include <strata/core/condition.hpp>
#include <strata/train/options.hpp>

namespace strata::training::detail {

constexpr const char* word_of(Shuffle shuffle) {
  switch (shuffle) {
    case Shuffle::every_epoch: return "every_epoch";
    case Shuffle::once: return "once";
    case Shuffle::never: return "never";
  }
  return "unknown";
}
constexpr const char* word_of(Partial partial) {
  switch (partial) {
    case Partial::keep: return "keep";
    case Partial::drop: return "drop";
  }
  return "unknown";
}
inline std::string word_of(const Keep& keep) { return keep.by.empty() ? "last" : "best_" + keep.by; }
constexpr const char* word_of(Statistics statistics) {
  switch (statistics) {
    case Statistics::moving: return "moving";
    case Statistics::population: return "population";
  }
  return "unknown";
}
constexpr const char* word_of(Normalization input) {
  switch (input) {
    case Normalization::keep: return "keep";
    case Normalization::none: return "none";
    case Normalization::zerocenter: return "zerocenter";
    case Normalization::zscore: return "zscore";
    case Normalization::unit: return "unit";
  }
  return "unknown";
}
constexpr const char* word_of(Loss::Reduction reduction) {
  switch (reduction) {
    case Loss::Reduction::mean: return "mean";
    case Loss::Reduction::weighted_mean: return "weighted_mean";
    case Loss::Reduction::sum: return "sum";
    case Loss::Reduction::per_image: return "per_image";
  }
  return "unknown";
}

/// effective_micro_batch: what the training uses in the end. The names are those of the options and must not change:
/// checkpoints store them.
STRATA_ONCE core::Conditions conditions_of(const TrainOptions& options, int effective_micro_batch);

#if STRATA_HAS_BODIES

[[gnu::cold]] inline std::string words_of(const std::vector<float>& numbers) {
  std::string out;
  for (float number : numbers) out += (out.empty() ? "" : ",") + core::Conditions::exact(number);
  return out.empty() ? "none" : out;
}

[[gnu::cold]] inline void add_loss(core::Conditions& out, const std::string& name, const Loss& loss) {
  const auto& [reduction, scale, class_weights, positive_weights, numbers, family] = loss;
  if (family) out.add(name, family->name);
  out.add(name + ".reduction", word_of(reduction));
  out.add(name + ".scale", scale);
  out.add(name + ".class_weights", words_of(class_weights));
  if (!positive_weights.empty()) out.add(name + ".positive_weights", words_of(positive_weights));
  if (family)
    out.add(name + ".numbers", core::Conditions::exact(numbers[0]) + "," + core::Conditions::exact(numbers[1]));
}

[[gnu::cold]] STRATA_ONCE core::Conditions conditions_of(const TrainOptions& options, int effective_micro_batch) {
  const auto& [epochs, batch, micro_batch, optimizer, loss, losses, clip, shuffle, partial, validation, keep, average,
               statistics, input, checkpoints, observer, stop, groups, metrics, plateau] =
      options;  // epochs: checkpoints compare the rates that result; metrics decide nothing unless others name them
  core::Conditions out;
  out.add("batch", batch);
  out.add("micro_batch", effective_micro_batch);
  out.add("", optimizer.conditions());
  add_loss(out, "loss", loss);
  for (std::size_t h = 0; h < losses.size(); h++) add_loss(out, core::sentence("losses[", h, "]"), losses[h]);
  {
    const auto& [norm, value] = clip;
    out.add("clip.norm", norm);
    out.add("clip.value", value);
  }
  out.add("shuffle", word_of(shuffle));
  out.add("partial", word_of(partial));
  {
    const auto& [every, patience, by] = validation;
    out.add("validation.every", every);
    out.add("validation.patience", patience);
    if (patience > 0 && validation.measure() != "loss") out.add("validation.by", validation.measure());
  }
  if (keep != Keep::last) out.add("keep", word_of(keep));
  average.add_conditions(out);
  out.add("statistics", word_of(statistics));
  out.add("input", word_of(input));
  if (!groups.empty()) out.add("groups", words_of(groups));
  if (plateau) out.add("", plateau->conditions());
  return out;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training::detail
