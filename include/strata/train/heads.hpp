// SPDX-License-Identifier: MIT
// Several heads in one training: each has its own loss and its own targets, and the gradients of all losses are added.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <strata/core/samples/sources.hpp>
#include <strata/graph/lower.hpp>
#include <strata/train/loss_fit.hpp>

namespace strata::training::detail {

/// A head of a network.
struct TrainedHead {
  std::string name;       ///< empty: the network has no other
  core::HeadKind kind{};  ///< what it ends in
  Shape output{};         ///< of one image
};

/// The heads of a network, those that are only in training last.
template <class Net>
std::vector<TrainedHead> heads_of() {
  constexpr auto& net = graph::lowered<Net>;
  std::vector<TrainedHead> heads;
  constexpr auto kinds = head_kinds<Net>;
  for (int h = 0; h < net.head_count; h++) {
    const std::string name(net.heads[h].name, ::strnlen(net.heads[h].name, sizeof net.heads[h].name));
    heads.push_back({name, kinds.of[h], net.graph.nodes[net.heads[h].value].out});
  }
  return heads;
}

/// Those of inference.
template <class Net>
std::vector<TrainedHead> inference_heads_of() {
  std::vector<TrainedHead> heads = heads_of<Net>();
  heads.resize(std::size_t(graph::lowered<Net>.inference_heads));
  return heads;
}

/// Throws Error unless there are labels of every head.
inline void check_heads(const Labels& labels, int heads, const char* whose) {
  if (heads > 1 && !labels.more)
    throw Error(whose, ": labels of one head were given, but the network has ", heads,
                "; give those of the others, in order, as Labels::more");
}

/// The losses of the heads, as a step computes them.
class HeadLosses {
 public:
  HeadLosses() = default;
  /// losses: one per head, or none: their defaults. Throws Error, which begins with `whose`, if there are not as many,
  /// or one does not fit its head.
  HeadLosses(const std::vector<Loss>& losses, const std::vector<TrainedHead>& heads, const char* whose)
      : heads_(heads), losses_(losses) {
    if (losses.empty()) losses_.resize(heads.size());
    if (losses_.size() != heads.size())
      throw Error(whose, ": ", losses.size(), " losses were given, but the network has ", heads.size(),
                  " heads; give one for each, in the order of Outputs");
    for (std::size_t h = 0; h < heads.size(); h++)
      terms_.push_back(fitting_term(losses_[h], heads[h].kind, heads[h].output.channels, place(h, whose).c_str()));
  }

  // The terms point into the losses, which a move takes along.
  HeadLosses(HeadLosses&&) = default;
  HeadLosses& operator=(HeadLosses&&) = default;

  bool empty() const { return terms_.empty(); }
  int count() const { return int(terms_.size()); }
  const Loss& loss(int h) const { return losses_[std::size_t(h)]; }

  /// The terms of a step on `images` images; valid until the next call.
  std::span<const core::LossTerm> terms(int images) {
    using Divisor = core::LossTerm::Divisor;
    for (std::size_t h = 0; h < terms_.size(); h++) {
      const Loss::Reduction reduction = losses_[h].reduction;
      terms_[h].divisor = reduction == Loss::Reduction::mean            ? Divisor::counted
                          : reduction == Loss::Reduction::weighted_mean ? Divisor::weight
                                                                        : Divisor::none;
      terms_[h].factor = losses_[h].scale / (reduction == Loss::Reduction::per_image ? images : 1);
    }
    return terms_;
  }
  /// The terms of steps on parts of these labels, of `images` images, whose gradients are added: each loss is divided
  /// by what all parts count. Valid until the next call.
  std::span<const core::LossTerm> terms_of_parts(const Labels& labels, int images) {
    terms(images);
    for (int h = 0; h < count(); h++) {
      core::LossTerm& term = terms_[std::size_t(h)];
      if (term.divisor == core::LossTerm::Divisor::none) continue;
      const core::LabelSums sums = sum_of(h, labels, images);
      const double divisor = term.divisor == core::LossTerm::Divisor::weight ? sums.weight : double(sums.counted);
      term.divisor = core::LossTerm::Divisor::none;
      term.factor = divisor > 0 ? term.factor / divisor : 0;
    }
    return terms_;
  }
  /// Of one image, by head.
  std::vector<Shape> outputs() const {
    std::vector<Shape> shapes;
    for (const TrainedHead& head : heads_) shapes.push_back(head.output);
    return shapes;
  }
  /// Bit h: whether the loss of head h takes floats only.
  unsigned takes_only_floats() const {
    unsigned mask = 0;
    for (int h = 0; h < count(); h++) mask |= unsigned(core::takes_only_floats(term(h))) << h;
    return mask;
  }
  /// The terms of all heads, without the numbers of a step.
  const std::vector<core::LossTerm>& all_terms() const { return terms_; }
  /// The term of a head, without the numbers of a step.
  const core::LossTerm& term(int h) const { return terms_[std::size_t(h)]; }

  /// The loss of a head whose sums these are, as reports give it.
  double loss_of(int h, const core::StepResult& sums, long images) const {
    const Loss::Reduction reduction = losses_[std::size_t(h)].reduction;
    const double divisor = reduction == Loss::Reduction::weighted_mean ? sums.weight
                           : reduction == Loss::Reduction::per_image   ? double(images)
                                                                       : double(sums.counted);
    return divisor > 0 ? sums.loss / divisor : 0;
  }
  /// One result for all heads: the sum over `images` images of all losses, each times its scale; and the counts of the
  /// first head, or where it has no labels the number of what others count.
  core::StepResult joined(const core::StepResult& first, const core::StepResult* others, long images) const {
    core::StepResult out{.weight = double(images), .correct = first.correct, .counted = first.counted};
    for (int h = 0; h < count(); h++) {
      const core::StepResult& sums = h == 0 ? first : others[h - 1];
      out.loss += loss(h).scale * loss_of(h, sums, images) * double(images);
      if (first.counted == 0) out.counted = std::max(out.counted, sums.counted);
    }
    return out;
  }

  /// Throws Error for targets that a head's loss does not take, as check_targets() does.
  void check(const Labels& labels, const std::int32_t* index, int images, const char* whose) const {
    check_heads(labels, count(), whose);
    for (std::size_t h = 0; h < terms_.size(); h++)
      check_targets(terms_[h], losses_[h].name(), core::head_of(labels, int(h)), index, images, heads_[h].output,
                    place(h, whose).c_str());
  }
  /// Adds what these labels count, of all heads.
  core::LabelSums sum(const Labels& labels, int images) const {
    core::LabelSums sums;
    for (int h = 0; h < count(); h++) sums += sum_of(h, labels, images);
    return sums;
  }

 private:
  core::LabelSums sum_of(int h, const Labels& labels, int images) const {
    const Labels& own = core::head_of(labels, h);
    const core::LossTerm term = core::loss_term({.losses = {&terms_[std::size_t(h)], 1}}, own);
    const Shape output = heads_[std::size_t(h)].output;
    return core::sum_targets(term, own, images, output.pixels(), output.channels);
  }
  std::string place(std::size_t h, const char* whose) const {
    return heads_.size() < 2 ? std::string(whose) : core::sentence(whose, ": head '", heads_[h].name, "'");
  }

  std::vector<TrainedHead> heads_;
  std::vector<Loss> losses_;
  std::vector<core::LossTerm> terms_;
};

}  // namespace strata::training::detail
