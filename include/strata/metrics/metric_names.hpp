// SPDX-License-Identifier: MIT
// The metrics of values, and each metric by its name.
#pragma once

#include <strata/core/compile_once.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/metrics/auc.hpp>
#include <strata/metrics/class_metrics.hpp>
#include <strata/metrics/metric.hpp>

namespace strata::metrics {

/// Of values, decisions and distributions: the mean absolute error, sum |y - t| / n ("mae").
STRATA_ONCE Metric mae();
/// Likewise: the root of the mean squared error, sqrt(sum (y - t)^2 / n) ("rmse").
STRATA_ONCE Metric rmse();

/// The metric of that name: "top5", "precision", "recall", "f1", "auc", of one class "f1_3" and so on, "mae", "rmse".
/// Throws Error for any other.
STRATA_ONCE Metric by_name(const std::string& name);

#if STRATA_HAS_BODIES

namespace detail {

template <double (ValueErrors::*What)() const>
class ErrorMeter final : public Meter {
 public:
  std::unique_ptr<Meter> fresh() const override { return std::make_unique<ErrorMeter>(); }
  void add(const Scored& image) override {
    if (errors_.channels.empty()) errors_ = ValueErrors(image.channels);
    errors_.add(image.outputs, image.targets, image.pixels);
  }
  double value() const override { return (errors_.*What)(); }

 private:
  ValueErrors errors_;
};

template <double (ValueErrors::*What)() const>
Metric error_metric(const char* name) {
  return {.name = name,
          .better = Better::lower,
          .measures = OutputKind::values | OutputKind::decisions | OutputKind::distributions,
          .meter = std::make_shared<ErrorMeter<What>>()};
}

}  // namespace detail

STRATA_ONCE Metric mae() { return detail::error_metric<&ValueErrors::mae>("mae"); }
STRATA_ONCE Metric rmse() { return detail::error_metric<&ValueErrors::rmse>("rmse"); }

[[gnu::cold]] STRATA_ONCE Metric by_name(const std::string& name) {
  const auto number_after = [&](std::size_t at) {  // below 0: none from 0 to 99999
    if (at >= name.size() || name.size() - at > 5) return -1;
    int number = 0;
    for (; at < name.size(); at++) {
      if (name[at] < '0' || name[at] > '9') return -1;
      number = 10 * number + (name[at] - '0');
    }
    return number;
  };
  if (name == "mae") return mae();
  if (name == "rmse") return rmse();
  if (name.starts_with("top") && number_after(3) > 0) return top(number_after(3));
  const std::size_t end = std::min(name.find('_'), name.size());
  const std::string kind = name.substr(0, end);
  const int which = end < name.size() ? number_after(end + 1) : -1;
  if (end == name.size() || which >= 0) {
    if (kind == "precision") return precision(which);
    if (kind == "recall") return recall(which);
    if (kind == "f1") return f1(which);
    if (kind == "auc") return auc(which);
  }
  throw Error("there is no metric '", name,
              "'; give top5 or another number, precision, recall, f1 or auc, of one class as in f1_3, mae or rmse");
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::metrics
