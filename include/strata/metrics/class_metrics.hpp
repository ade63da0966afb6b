// SPDX-License-Identifier: MIT
// Metrics of classes and decisions that follow from counts. With found = what belongs to a class and was predicted as
// it, predicted = all that was, actual = all that belongs to it:
//   precision  found / predicted
//   recall     found / actual
//   F1         2 found / (predicted + actual), the harmonic mean of the two
// 0 / 0 is 0. Over all classes it is their mean ("macro"); a class that neither occurs nor is predicted is left out.
// A decision is yes above 0.5, and each channel is a class of its own. As in scikit-learn, whose macro means of
// decisions count channels that have neither as 0.
#pragma once

#include <strata/core/compile_once.hpp>
#include <strata/core/losses/loss_term.hpp>
#include <strata/metrics/metric.hpp>

namespace strata::metrics {

/// Of labels: the share whose class is among the `k` most probable, from 0 to 1 ("top5"); of equal probabilities those
/// of the first classes. Throws Error if k is below 1.
STRATA_ONCE Metric top(int k);
/// Of labels and decisions: the mean over the classes ("precision"), or that of one class ("precision_3").
STRATA_ONCE Metric precision(int which = -1);
/// Likewise ("recall").
STRATA_ONCE Metric recall(int which = -1);
/// Likewise ("f1").
STRATA_ONCE Metric f1(int which = -1);

#if STRATA_HAS_BODIES

namespace detail {

/// What precision and recall follow from, of a class.
struct ClassCounts {
  long found = 0, predicted = 0, actual = 0;
};
inline double quotient(long part, long whole) { return whole > 0 ? double(part) / double(whole) : 0; }
inline double precision_of(const ClassCounts& c) { return quotient(c.found, c.predicted); }
inline double recall_of(const ClassCounts& c) { return quotient(c.found, c.actual); }
inline double f1_of(const ClassCounts& c) { return quotient(2 * c.found, c.predicted + c.actual); }

/// Of class `which`, or the mean over the classes that occur or are predicted; counts(c): of class c.
template <double (*Score)(const ClassCounts&), class Counts>
double score_of(int classes, int which, const Counts& counts) {
  if (which >= 0) return Score(counts(which));
  double sum = 0;
  int occurring = 0;
  for (int c = 0; c < classes; c++) {
    const ClassCounts of_class = counts(c);
    if (of_class.predicted + of_class.actual > 0) sum += Score(of_class), occurring++;
  }
  return occurring > 0 ? sum / occurring : 0;
}
template <double (*Score)(const ClassCounts&)>
double score_of_labels(const Confusion& confusion, int which) {
  return score_of<Score>(confusion.classes, which, [&](int c) {
    return ClassCounts{confusion.at(c, c), confusion.predicted_as(c), confusion.of_class(c)};
  });
}

/// The scores of decisions.
template <double (*Score)(const ClassCounts&)>
class DecisionMeter final : public Meter {
 public:
  explicit DecisionMeter(int which) : which_(which) {}
  std::unique_ptr<Meter> fresh() const override { return std::make_unique<DecisionMeter>(which_); }
  void add(const Scored& image) override {
    counts_.resize(std::size_t(image.channels));
    for (long i = 0; i < image.pixels * image.channels; i++) {
      if (core::is_missing(image.targets[i])) continue;
      const bool yes = image.outputs[i] > 0.5f, truth = image.targets[i] > 0.5f;
      ClassCounts& counts = counts_[std::size_t(i % image.channels)];
      counts.found += yes && truth, counts.predicted += yes, counts.actual += truth;
    }
  }
  double value() const override {
    if (counts_.empty()) return 0;
    return score_of<Score>(int(counts_.size()), which_, [&](int c) { return counts_[std::size_t(c)]; });
  }

 private:
  int which_;
  std::vector<ClassCounts> counts_;
};

template <double (*Score)(const ClassCounts&)>
Metric class_metric(const char* name, int which) {
  return {.name = which < 0 ? std::string(name) : core::sentence(name, '_', which),
          .measures = OutputKind::classes | OutputKind::decisions,
          .meter = std::make_shared<DecisionMeter<Score>>(which),
          .of_confusion = score_of_labels<Score>,
          .which = which,
          .channels = which + 1 > 1 ? which + 1 : 1};
}

class TopMeter final : public Meter {
 public:
  explicit TopMeter(int k) : k_(k) {}
  std::unique_ptr<Meter> fresh() const override { return std::make_unique<TopMeter>(k_); }
  void add(const Scored& image) override {
    for (long p = 0; p < image.pixels; p++) {
      const int label = image.labels[p];
      if (label < 0) continue;
      const float* const row = image.outputs + p * image.channels;
      int ahead = 0;  // NaN is ahead of nothing, and all are ahead of NaN
      for (int c = 0; c < image.channels; c++)
        ahead += c != label && !(row[c] < row[label]) && (row[c] > row[label] || c < label || row[label] != row[label]);
      counted_++, found_ += ahead < k_;
    }
  }
  double value() const override { return quotient(found_, counted_); }

 private:
  int k_;
  long counted_ = 0, found_ = 0;
};

}  // namespace detail

STRATA_ONCE Metric top(int k) {
  if (k < 1) throw Error("metrics::top: k is ", k, "; give 1 or more");
  return {.name = core::sentence("top", k),
          .measures = OutputKind::classes,
          .meter = std::make_shared<detail::TopMeter>(k),
          .channels = k};
}
STRATA_ONCE Metric precision(int which) { return detail::class_metric<detail::precision_of>("precision", which); }
STRATA_ONCE Metric recall(int which) { return detail::class_metric<detail::recall_of>("recall", which); }
STRATA_ONCE Metric f1(int which) { return detail::class_metric<detail::f1_of>("f1", which); }

#endif  // STRATA_HAS_BODIES

}  // namespace strata::metrics
