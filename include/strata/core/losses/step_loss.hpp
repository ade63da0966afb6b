// SPDX-License-Identifier: MIT
// What the loss node of a step computes, and by what its gradients are multiplied.
#pragma once

#include <strata/core/losses/class_losses.hpp>
#include <strata/core/samples/views.hpp>

namespace strata::core {

/// What the loss node of a head computes from these labels.
inline LossTerm loss_term(const StepOptions& options, const Labels& labels, int head = 0) {
  LossTerm term{.weights = head == 0 ? options.class_weights : nullptr};
  if (std::size_t(head) < options.losses.size()) term = options.losses[std::size_t(head)];
  if (!term.function && labels.floats) term.function = &cross_entropy_loss;
  return term;
}

/// Whether the loss compares with floats, never with labels.
inline bool takes_only_floats(const LossTerm& term) {
  return term.function && term.function->targets != Targets::classes;
}

/// The counted values, or pixels, of these targets, and the sum of their weights.
inline LabelSums sum_targets(const LossTerm& term, const Labels& labels, int count, long pixels, int channels) {
  if (!labels.floats) return sum_labels(labels, count, pixels, channels, term.weights);
  LabelSums sums;
  const bool by_value = term.function && term.function->by_value;
  for (int i = 0; i < count; i++) {
    const float* row = labels.floats + labels.row(i) * pixels * channels;
    for (long p = 0; p < pixels; p++, row += channels) {
      bool whole = true;
      for (int c = 0; c < channels; c++) {
        const bool missing = is_missing(row[c]);
        if (by_value && !missing) sums.counted++, sums.weight += term.weights ? double(term.weights[c]) : 1;
        whole = whole && !missing;
      }
      if (!by_value && whole) sums.counted++, sums.weight++;
    }
  }
  return sums;
}

/// The factor of the gradients of a head's loss: that of views.hpp, times the term's.
inline double loss_scale(const StepOptions& options, const LossTerm& term, int images, const Labels& labels,
                         long pixels, int channels) {
  using Divisor = LossTerm::Divisor;
  if (term.divisor == Divisor::none) return term.factor;
  if (term.divisor == Divisor::step && options.loss_scale != 0) return term.factor * options.loss_scale;
  StepOptions by = options;
  if (term.divisor != Divisor::step) by.loss_scale = 0, by.divide_by_weights = term.divisor == Divisor::weight;
  return term.factor * loss_scale(by, sum_targets(term, labels, images, pixels, channels));
}

}  // namespace strata::core
