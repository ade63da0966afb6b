// SPDX-License-Identifier: MIT
// The area under the receiver operating characteristic: the probability that of a sample of a class and one of another
// the first gets the higher score for the class; equal scores count one half (Hanley and McNeil, 1982). Where images
// have one label or row of targets it is exact, by sorting all scores, which are kept until then: 4 bytes per image and
// channel, and as much for its label or targets. Of maps, scores are counted in 65536 equal intervals from 0 to 1,
// 1 MiB per class, and two in one interval count as equal.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <strata/core/compile_once.hpp>
#include <strata/core/losses/loss_term.hpp>
#include <strata/metrics/metric.hpp>

namespace strata::metrics {

/// Of labels and decisions: the mean over the classes, each against all others ("auc"), or that of one class
/// ("auc_1"). Of two classes it is that of class 1. A class that all or none belong to is left out; NaN if all are, or
/// a score is NaN.
STRATA_ONCE Metric auc(int which = -1);

#if STRATA_HAS_BODIES

namespace detail {

class AucMeter final : public Meter {
 public:
  explicit AucMeter(int which) : which_(which) {}
  std::unique_ptr<Meter> fresh() const override { return std::make_unique<AucMeter>(which_); }

  void add(const Scored& image) override {
    of_labels_ = image.labels != nullptr;
    classes_.resize(std::size_t(image.channels));
    for (long p = 0; p < image.pixels; p++) {
      if (of_labels_ && image.labels[p] < 0) continue;
      for (int c = 0; c < image.channels; c++) {
        const long i = p * image.channels + c;
        if ((which_ >= 0 && c != which_) || (!of_labels_ && core::is_missing(image.targets[i]))) continue;
        const bool belongs = of_labels_ ? image.labels[p] == c : image.targets[i] > 0.5f;
        classes_[std::size_t(c)].add(image.outputs[i], belongs, image.pixels > 1);
      }
    }
  }

  double value() const override {
    double sum = 0;
    int measured = 0;
    const bool one_of_two = which_ < 0 && of_labels_ && classes_.size() == 2;
    for (std::size_t c = one_of_two ? 1 : 0; c < classes_.size(); c++) {
      if (classes_[c].holds_nan) return std::numeric_limits<double>::quiet_NaN();
      const double area = classes_[c].area();
      if (area >= 0) sum += area, measured++;
    }
    return measured > 0 ? sum / measured : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  static constexpr int intervals = 65536;
  /// The scores of those that belong to a class and of the others.
  struct Class {
    std::vector<float> scores[2]{};
    std::vector<long> counts[2]{};
    bool holds_nan = false;

    void add(float score, bool belongs, bool counts_intervals) {
      if (score != score) holds_nan = true;
      else if (!counts_intervals) scores[belongs].push_back(score);
      else {
        for (std::vector<long>& numbers : counts) numbers.resize(intervals);
        counts[belongs][std::size_t(std::clamp(score * float(intervals), 0.f, float(intervals - 1)))]++;
      }
    }
    /// Below 0: not defined.
    double area() const {
      double others = 0, own = 0, below = 0, all[2] = {0, 0};  // pairs; counts up to 2^53 are exact
      if (!counts[0].empty()) {
        for (std::size_t i = 0; i < counts[0].size(); i++) {
          own = double(counts[1][i]), others = double(counts[0][i]);
          below += own * (all[0] + others / 2), all[0] += others, all[1] += own;
        }
      } else {
        std::vector<float> sorted[2]{scores[0], scores[1]};
        for (std::vector<float>& numbers : sorted) std::sort(numbers.begin(), numbers.end());
        std::size_t lower = 0, upper = 0;
        for (const float score : sorted[1]) {
          while (lower < sorted[0].size() && sorted[0][lower] < score) lower++;
          while (upper < sorted[0].size() && sorted[0][upper] <= score) upper++;
          below += double(lower + upper) / 2;
        }
        all[0] = double(sorted[0].size()), all[1] = double(sorted[1].size());
      }
      return all[0] > 0 && all[1] > 0 ? below / all[0] / all[1] : -1;
    }
  };

  int which_;
  bool of_labels_ = false;
  std::vector<Class> classes_;
};

}  // namespace detail

STRATA_ONCE Metric auc(int which) {
  return {.name = which < 0 ? std::string("auc") : core::sentence("auc_", which),
          .measures = OutputKind::classes | OutputKind::decisions,
          .meter = std::make_shared<detail::AucMeter>(which),
          .which = which,
          .channels = which + 1 > 1 ? which + 1 : 1};
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::metrics
