// SPDX-License-Identifier: MIT
// The loss of a network on a set, with the accuracy and the confusion matrix of labels, or the errors of values.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/error.hpp>
#include <strata/core/losses/step_result.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/metrics/value_errors.hpp>

namespace strata::metrics {

/// Confusion matrix: counts[truth * classes + predicted].
struct Confusion {
  int classes = 0;           ///< number of classes
  std::vector<long> counts;  ///< labels: [classes][classes]

  Confusion() = default;
  /// Of n classes, without labels.
  explicit Confusion(int n) : classes(n), counts(std::size_t(n) * std::size_t(n)) {}
  /// The labels of class `truth` that were predicted as class `predicted`.
  long& at(int truth, int predicted) {
    return counts[std::size_t(truth) * std::size_t(classes) + std::size_t(predicted)];
  }
  long at(int truth, int predicted) const {
    return counts[std::size_t(truth) * std::size_t(classes) + std::size_t(predicted)];
  }
  /// Labels of a class.
  long of_class(int truth) const {
    long sum = 0;
    for (int p = 0; p < classes; p++) sum += at(truth, p);
    return sum;
  }
  /// All counted labels.
  long total() const {
    long sum = 0;
    for (long n : counts) sum += n;
    return sum;
  }
  /// The labels that were predicted correctly.
  long correct() const {
    long sum = 0;
    for (int c = 0; c < classes; c++) sum += at(c, c);
    return sum;
  }
  /// Share of the counted labels that were predicted correctly; 0 if there are none.
  double accuracy() const { return total() ? double(correct()) / double(total()) : 0; }
  /// Labels that were predicted as a class.
  long predicted_as(int predicted) const {
    long sum = 0;
    for (int t = 0; t < classes; t++) sum += at(t, predicted);
    return sum;
  }
  /// Labels that belong to a class or were predicted as it.
  long either(int c) const { return of_class(c) + predicted_as(c) - at(c, c); }
  /// Intersection over union (Jaccard index) of a class: at(c, c) / either(c); 0 if it neither occurs nor is predicted.
  double iou(int c) const { return either(c) ? double(at(c, c)) / double(either(c)) : 0; }
  /// Mean of the classes' accuracies over the classes that occur.
  double mean_accuracy() const;
  /// Mean of the classes' IoU over the classes that occur.
  double mean_iou() const;

  /// Share of the labels of a class that were found (recall); 0 if it does not occur.
  double accuracy(int truth) const { return of_class(truth) ? double(at(truth, truth)) / double(of_class(truth)) : 0; }

 private:
  template <class Value>
  double mean(Value value) const {
    double sum = 0;
    int occurring = 0;
    for (int c = 0; c < classes; c++)
      if (of_class(c)) sum += value(c), occurring++;
    return occurring ? sum / occurring : 0;
  }
};

/// What a metric measured (metric.hpp).
struct MetricValue {
  std::string name{};  ///< of the metric
  double value = 0;    ///< a fraction from 0 to 1, or for mae, rmse and your own any number; NaN: not defined
  bool operator==(const MetricValue&) const = default;
};

/// The result of evaluate() and of a validation.
struct Evaluation {
  double loss = 0;       ///< of the counted labels, with class weights if given: mean cross-entropy in nats, or another
                         ///< loss as its reduction says
  double accuracy = 0;   ///< fraction of the counted labels or decisions, from 0 to 1; 0 if there are none
  long counted = 0;      ///< labels, values or pixels that were not ignored
  double weight = 0;     ///< sum of the class weights of what is counted
  Confusion confusion;   ///< of the counted labels; empty where targets are floats
  ValueErrors errors{};  ///< of the outputs, where targets are values; empty where they are labels or probabilities

  std::vector<MetricValue> metrics{};  ///< in the order in which they were given, those of all heads

  std::string head{};               ///< whose evaluation it is; empty: that of all heads, or of the only one
  std::vector<Evaluation> heads{};  ///< of a network with several heads that of each, while `loss` is the sum of
                                    ///< theirs, each times its scale, and the rest that of the first head

  /// Whether targets are values, which have errors instead of an accuracy.
  bool measures_values() const { return !errors.channels.empty(); }
};

/// The class with the highest of scores[classes]; in a tie the first.
inline int most_probable(const float* scores, int classes) {
  int best = 0;
  for (int c = 1; c < classes; c++)
    if (scores[c] > scores[best]) best = c;
  return best;
}

namespace detail {

/// Adds `pixels` labels and their probabilities [pixels][classes]; e.loss is a sum until finish(). class_weights: or
/// null.
STRATA_ONCE void tally(Evaluation& e, const float* probabilities, const std::int32_t* labels, long pixels,
                       const float* class_weights = nullptr);
/// Adds the sums of another loss, and divides: by the number of images, unless it is 0, else by the weights or the
/// number of what is counted.
STRATA_ONCE void finish(Evaluation& e, const core::StepResult& sums, bool divide_by_weights, long images);
STRATA_ONCE void finish(Evaluation& e, bool divide_by_weights = false);

#if STRATA_HAS_BODIES

STRATA_ONCE void tally(Evaluation& e, const float* probabilities, const std::int32_t* labels, long pixels,
                       const float* class_weights) {
  const int classes = e.confusion.classes;
  for (long i = 0; i < pixels; i++) {
    if (labels[i] < 0) continue;
    const float* p = probabilities + i * classes;
    const float own = p[labels[i]];
    const double weight = class_weights ? double(class_weights[labels[i]]) : 1;
    e.loss -= weight * std::log(double(own < 1e-37f ? 1e-37f : own));  // NaN stays NaN
    e.weight += weight;
    e.confusion.at(labels[i], most_probable(p, classes))++;
    e.counted++;
  }
}
STRATA_ONCE void finish(Evaluation& e, const core::StepResult& sums, bool divide_by_weights, long images) {
  e.loss += sums.loss, e.weight += sums.weight, e.counted += sums.counted;
  const double divisor = images > 0 ? double(images) : divide_by_weights ? e.weight : double(e.counted);
  if (divisor > 0) e.loss /= divisor;
  const bool of_labels = e.confusion.total() > 0 || sums.counted == 0;
  e.accuracy = of_labels ? e.confusion.accuracy() : double(sums.correct) / double(sums.counted);
}
STRATA_ONCE void finish(Evaluation& e, bool divide_by_weights) { finish(e, {}, divide_by_weights, 0); }

#endif  // STRATA_HAS_BODIES

}  // namespace detail

/// Prints accuracy, loss and the number of labels on one line; of values, their loss and errors.
STRATA_ONCE void print(const Evaluation& e, std::FILE* out = stdout);

#if STRATA_HAS_BODIES

STRATA_ONCE void print(const Evaluation& e, std::FILE* out) {
  if (!e.heads.empty()) {
    std::fputs(core::sentence("loss ", core::fixed(e.loss, 4), " of ", e.heads.size(), " heads\n").c_str(), out);
    for (const Evaluation& of_head : e.heads) {
      std::fputs(core::sentence("  ", of_head.head, ": ").c_str(), out);
      print(of_head, out);
    }
    return;
  }
  if (e.measures_values()) {
    const ValueErrors& errors = e.errors;
    std::fputs(core::sentence("loss ", core::fixed(e.loss, 4), ", mean absolute error ", core::fixed(errors.mae(), 4),
                              ", root mean squared error ", core::fixed(errors.rmse(), 4), ", R2 ",
                              core::fixed(errors.r2(), 4), ", ", errors.count(), " values\n")
                   .c_str(),
               out);
    return;
  }
  std::fputs(core::sentence("accuracy ", core::fixed(e.accuracy, 4), ", loss ", core::fixed(e.loss, 4), ", ", e.counted,
                            " labels\n")
                 .c_str(),
             out);
}

STRATA_ONCE double Confusion::mean_accuracy() const {
  return mean([this](int c) { return accuracy(c); });
}

STRATA_ONCE double Confusion::mean_iou() const {
  return mean([this](int c) { return iou(c); });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::metrics

namespace strata {
using metrics::print;
}  // namespace strata
