// SPDX-License-Identifier: MIT
// Whether a loss fits a network and the targets of its data.
#pragma once

#include <strata/core/compile_once.hpp>
#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/losses/step_loss.hpp>
#include <strata/graph/lower.hpp>
#include <strata/spec/sigmoid.hpp>
#include <strata/train/loss.hpp>
#include <strata/train/survey.hpp>

namespace strata::training::detail {

/// What a value is the end of.
template <class Net>
constexpr core::HeadKind kind_of(const graph::Node& last) {
  if (last.op == graph::Op::softmax) return core::HeadKind::softmax;
  const int functor = last.op == graph::Op::pointwise ? last.epilogue.functor : graph::relu_functor;
  const bool is_sigmoid =
      graph::FunctorTags<graph::functors<Net>>::tags[functor] == &strata::detail::functor_tag<spec::sigmoid>;
  return is_sigmoid ? core::HeadKind::sigmoid : core::HeadKind::other;
}

/// What each head of a network ends in.
struct HeadKinds {
  core::HeadKind of[graph::max_ports]{};
};
template <class Net>
inline constexpr HeadKinds head_kinds = [] {
  constexpr auto& net = graph::lowered<Net>;
  HeadKinds kinds;
  for (int h = 0; h < net.head_count; h++) kinds.of[h] = kind_of<Net>(net.graph.nodes[net.heads[h].value]);
  return kinds;
}();
/// What a network, or its first head, ends in.
template <class Net>
inline constexpr core::HeadKind head_kind = head_kinds<Net>.of[0];

/// Whether the loss compares values that have errors, and no accuracy.
inline bool measures_values(const core::LossTerm& term) {
  return term.function && term.function->by_value && !term.function->decides;
}

/// What a step computes of the loss; points into it. Throws Error, which begins with `whose`, if it does not fit a
/// network that ends in this, or one of its numbers is out of range.
STRATA_ONCE core::LossTerm fitting_term(const Loss& loss, core::HeadKind head, int channels, const char* whose);

/// Throws Error for targets that the loss does not take, with the number of the sample. index: as check_labels.
STRATA_ONCE void check_targets(const core::LossTerm& term, const char* loss, const Labels& labels,
                               const std::int32_t* index, int count, Shape output, const char* whose);

#if STRATA_HAS_BODIES

[[gnu::cold]] inline void check_weights(const std::vector<float>& weights, const char* name, int channels,
                                        const char* whose) {
  if (!weights.empty() && int(weights.size()) != channels)
    throw Error(whose, ": loss.", name, " has ", weights.size(), " weights, and the network has ", channels,
                " classes; give one weight per class, or none");
  bool positive = weights.empty();
  for (std::size_t c = 0; c < weights.size(); c++) {
    if (weights[c] != 0 && !core::is_within(double(weights[c]), 1e-12, 1e12))
      throw Error(whose, ": loss.", name, "[", c, "] = ", weights[c], "; give 0 or a number from 1e-12 to 1e12");
    positive |= weights[c] != 0;
  }
  if (!positive)
    throw Error(whose, ": all loss.", name,
                " are 0, so nothing would be learned; give a nonzero weight to a class that occurs");
}

/// Throws Error for a number of the family that is out of its range.
[[gnu::cold]] inline void check_numbers(const Loss& loss, const char* whose) {
  for (int i = 0; loss.family && i < 2; i++) {
    const core::LossNumber& range = loss.family->numbers[i];
    const double given = loss.numbers[std::size_t(i)];
    if (!range.name || given == range.also || core::is_within(given, range.least, range.most)) continue;
    throw Error(whose, ": ", loss.name(), "::", range.name, " = ", given, "; give a number from ", range.least, " to ",
                range.most,
                range.also < range.least ? core::sentence(", or ", range.also, " for none") : std::string());
  }
  if (!core::is_within(loss.scale, 1e-12, 1e12))
    throw Error(whose, ": loss.scale = ", loss.scale, "; give a number from 1e-12 to 1e12");
}

STRATA_ONCE core::LossTerm fitting_term(const Loss& loss, core::HeadKind head, int channels, const char* whose) {
  check_weights(loss.class_weights, "class_weights", channels, whose);
  check_weights(loss.positive_weights, "positive_weights", channels, whose);
  check_numbers(loss, whose);
  core::LossTerm term;
  if (make_term(loss, head, term)) return term;
  if (!loss.family)
    throw Error(whose,
                ": the network does not end in Softmax or PixelSoftmax, so there is no loss by default; give one, "
                "as in {.loss = MeanSquaredError{}}");
  if (head == core::HeadKind::softmax)
    throw Error(
        whose, ": ", loss.name(),
        " compares the network's output with its targets, but in training the softmax at the end is part of the "
        "loss; leave it out, or use CrossEntropy, Focal, Dice or KullbackLeibler");
  throw Error(whose, ": ", loss.name(),
              " takes the output as logarithms, but the network ends in Sigmoid; leave it out, or use "
              "BinaryCrossEntropy or MeanSquaredError");
}

STRATA_ONCE void check_targets(const core::LossTerm& term, const char* loss, const Labels& labels,
                               const std::int32_t* index, int count, Shape output, const char* whose) {
  const long needed = labels.floats ? output.size() : output.pixels();
  if (labels.per_image != 0 && labels.per_image != needed)
    throw Error(whose, ": the samples have ", labels.per_image, labels.floats ? " floats" : " labels",
                " each, but the network's output is ", output.height, " x ", output.width, " x ", output.channels,
                "; give ", needed, " for each image");
  if (!labels.floats) {
    if (!labels.values && !labels.bytes)
      throw Error(whose, ": the samples have no labels; give Labels::values or Labels::floats");
    if (term.function && term.function->targets != core::Targets::classes)
      throw Error(whose, ": ", loss, " compares the output with floats, but the samples have labels; give ",
                  output.size(), " floats for each image as Labels::floats, or use CrossEntropy");
    return check_labels(labels, index, count, output.pixels(), output.channels, whose);
  }
  const bool bounded = !term.function || term.function->targets != core::Targets::values;
  for (int i = 0; i < count; i++) {
    const float* const targets = labels.floats + labels.row(i) * output.size();
    for (long k = 0; k < output.size(); k++) {
      if (core::is_missing(targets[k])) continue;
      if (core::is_finite(targets[k]) && (!bounded || (targets[k] >= 0 && targets[k] <= 1))) continue;
      throw Error(whose, ": sample ", index ? index[i] : i, " has the target ", double(targets[k]), " (row ",
                  k / output.channels / output.width, ", column ", k / output.channels % output.width, ", channel ",
                  k % output.channels, "); give ", bounded ? "numbers from 0 to 1" : "finite numbers",
                  ", or NaN where there is none");
    }
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training::detail
