// SPDX-License-Identifier: MIT
// Measures the metrics of an evaluation (metrics/metric.hpp): gives each the outputs of its head as probabilities, or
// as they are where they are values.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/metrics/metric.hpp>
#include <strata/train/heads.hpp>

namespace strata::training::detail {

/// The numbers that validations measure of every network that has them; metrics have other names, but for mae and rmse.
inline constexpr const char* measured_anyway[] = {"loss", "accuracy", "mean_accuracy", "mean_iou", "r2"};

/// What the outputs of a head are, for the loss that it is evaluated by.
inline metrics::OutputKind::Kind outputs_of(const core::LossTerm& term, core::HeadKind head, const Labels& labels) {
  using metrics::OutputKind;
  if (!labels.floats) return OutputKind::classes;
  const bool by_class = term.function && term.function->targets == core::Targets::classes;
  if (head == core::HeadKind::softmax || by_class) return OutputKind::distributions;
  return head == core::HeadKind::sigmoid || (term.function && term.function->decides) ? OutputKind::decisions
                                                                                      : OutputKind::values;
}

/// The metrics of one evaluation.
class Measurement {
 public:
  Measurement() = default;
  /// heads: those of inference. Throws Error, which begins with `whose`, for a name that is empty, too long or given
  /// twice, and for a head that there is not.
  Measurement(const std::vector<metrics::Metric>& metrics, const std::vector<TrainedHead>& heads, const char* whose);

  bool empty() const { return metrics_.empty(); }
  /// Whether outputs are needed of labels, in addition to their confusion matrix.
  bool reads_outputs() const {
    return std::any_of(metrics_.begin(), metrics_.end(), [](const auto& m) { return !m.of_confusion; });
  }
  /// Throws Error if a metric of head h does not measure such outputs. fits(), then add().
  void fits(int h, const core::LossTerm& term, const Labels& labels);
  /// Adds `count` images: scores [count][output] of head h, of which a softmax or a sigmoid at the end has made
  /// probabilities.
  void add(int h, const Labels& labels, int count, const float* scores);
  /// What was measured; confusion(h): of the labels of head h.
  template <class Confusion>
  std::vector<metrics::MetricValue> values(const Confusion& confusion) const {
    std::vector<metrics::MetricValue> out;
    for (std::size_t m = 0; m < metrics_.size(); m++) {
      const metrics::Metric& metric = metrics_[m];
      out.push_back({metric.name,
                     by_confusion(m) ? metric.of_confusion(confusion(head_[m]), metric.which) : meters_[m]->value()});
    }
    return out;
  }

 private:
  bool by_confusion(std::size_t m) const {
    return metrics_[m].of_confusion && are_[std::size_t(head_[m])] == metrics::OutputKind::classes;
  }

  std::vector<metrics::Metric> metrics_;
  std::vector<int> head_;  ///< by metric
  std::vector<std::unique_ptr<metrics::Meter>> meters_;
  std::vector<TrainedHead> heads_;
  std::vector<metrics::OutputKind::Kind> are_;  ///< by head
  std::string whose_;
};

#if STRATA_HAS_BODIES

[[gnu::cold]] STRATA_ONCE Measurement::Measurement(const std::vector<metrics::Metric>& metrics,
                                                   const std::vector<TrainedHead>& heads, const char* whose)
    : metrics_(metrics), heads_(heads), are_(heads.size(), metrics::OutputKind::classes), whose_(whose) {
  for (std::size_t m = 0; m < metrics.size(); m++) {
    const metrics::Metric& metric = metrics[m];
    if (!metric.meter) throw Error(whose, ": metric ", m, " measures nothing; give metrics::f1() or another");
    bool is_name = !metric.name.empty() && metric.name.size() <= 100;
    for (const char c : metric.name) is_name = is_name && static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
    if (!is_name)
      throw Error(whose, ": the name of metric ", m,
                  " is empty, longer than 100 bytes or has control characters; give "
                  "another");
    for (const char* other : measured_anyway)
      if (metric.name == other)
        throw Error(whose, ": the name of metric ", m, " is '", other, "', which is measured anyway; give another");
    for (std::size_t n = 0; n < m; n++)
      if (metrics[n].name == metric.name)
        throw Error(whose, ": the metric '", metric.name, "' is given twice; give it once, or another name");
    const auto head =
        std::find_if(heads.begin(), heads.end(), [&](const TrainedHead& h) { return h.name == metric.head; });
    if (!metric.head.empty() && head == heads.end())
      throw Error(whose, ": the metric '", metric.name, "' is of the head '", metric.head,
                  "', which inference does not have; give the name of one that it has, or none for the first");
    head_.push_back(metric.head.empty() ? 0 : int(head - heads.begin()));
    meters_.push_back(metric.meter->fresh());
  }
}

STRATA_ONCE void Measurement::fits(int h, const core::LossTerm& term, const Labels& labels) {
  const TrainedHead& head = heads_[std::size_t(h)];
  const metrics::OutputKind::Kind are = are_[std::size_t(h)] = outputs_of(term, head.kind, labels);
  // A sigmoid's outputs are values to a metric that knows no decisions.
  const unsigned also = head.kind == core::HeadKind::sigmoid && are == metrics::OutputKind::decisions
                            ? unsigned(metrics::OutputKind::values)
                            : 0;
  for (std::size_t m = 0; m < metrics_.size(); m++) {
    if (head_[m] != h) continue;
    const metrics::Metric& metric = metrics_[m];
    if (!(metric.measures & (are | also)))
      throw Error(whose_, ": the metric '", metric.name, "' measures ", metrics::words_of(metric.measures),
                  ", but the outputs are ", metrics::words_of(are), "; leave it out, or give another");
    if (head.output.channels < metric.channels)
      throw Error(whose_, ": the metric '", metric.name, "' needs ", metric.channels,
                  " classes or channels, but the output has ", head.output.channels, "; leave it out, or give another");
  }
}

STRATA_ONCE void Measurement::add(int h, const Labels& labels, int count, const float* scores) {
  const TrainedHead& head = heads_[std::size_t(h)];
  const metrics::OutputKind::Kind are = are_[std::size_t(h)];
  const Shape output = head.output;
  std::vector<float> probabilities;
  for (int i = 0; i < count; i++, scores += output.size()) {
    metrics::Scored image{.are = are, .outputs = scores, .pixels = output.pixels(), .channels = output.channels};
    if (labels.floats) image.targets = labels.floats + labels.row(i) * output.size();
    else image.labels = labels.values + labels.row(i) * output.pixels();
    if (head.kind == core::HeadKind::other && are != metrics::OutputKind::values) {  // logarithms of odds
      probabilities.assign(scores, scores + output.size());
      for (float* row = probabilities.data(); row < probabilities.data() + output.size(); row += output.channels) {
        const float most = *std::max_element(row, row + output.channels);
        float sum = 0;
        for (int c = 0; c < output.channels; c++)
          sum += row[c] = are == metrics::OutputKind::decisions ? 1 / (1 + std::exp(-row[c])) : std::exp(row[c] - most);
        for (int c = 0; c < output.channels && are != metrics::OutputKind::decisions; c++) row[c] /= sum;
      }
      image.outputs = probabilities.data();
    }
    for (std::size_t m = 0; m < metrics_.size(); m++)
      if (head_[m] == h && !by_confusion(m)) meters_[m]->add(image);
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training::detail
