// SPDX-License-Identifier: MIT
// The last items of a checkpoint whose training measured metrics, reduced its rate at plateaus, or keeps its best model
// by something other than loss and mean IoU: the names of the metrics; three numbers for each value, the row of the
// history, the number of its name and the value; the state between plateaus; the factor of the rate in each row, or
// none; what the best model is kept by.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <strata/train/checkpoint_items.hpp>
#include <strata/train/options.hpp>

namespace strata::training::detail {

/// What a best model was kept by, where version 5 has a number for it.
inline std::int64_t code_of(const Keep& keep) {
  return keep == Keep::best_loss ? 1 : keep == Keep::best_mean_iou ? 2 : 3;
}

class Measurements {
 public:
  PlateauState plateau;

  Measurements() = default;
  /// Of a training.
  Measurements(const std::vector<Record>& history, const Keep& keep, const PlateauState& state) : plateau(state) {
    if (!keep.by.empty() && code_of(keep) == 3) kept_by_ = {keep.by};
    bool reduced = false;
    for (std::size_t row = 0; row < history.size(); row++) {
      reduced = reduced || history[row].plateau_factor != 1;
      for (const metrics::MetricValue& metric : history[row].metrics) {
        const auto at = std::find(names_.begin(), names_.end(), metric.name);
        values_.push_back({double(row), double(at - names_.begin()), metric.value});
        if (at == names_.end()) names_.push_back(metric.name);
      }
    }
    for (std::size_t row = 0; reduced && row < history.size(); row++) factors_.push_back(history[row].plateau_factor);
  }

  bool empty() const { return names_.empty() && kept_by_.empty() && factors_.empty() && plateau == PlateauState(); }

  void put(ItemWriter& out) const {
    const double state[] = {plateau.factor, plateau.best, double(plateau.validations), double(plateau.bad),
                            double(plateau.cooling)};
    put_words(out, names_);
    out.put(values_.data(), values_.size() * sizeof(Value));
    out.put(state, sizeof state);
    out.put(factors_.data(), factors_.size() * sizeof(double));
    put_words(out, kept_by_);
  }
  void get(ItemReader& in) {
    names_ = get_words(in);
    get_array(in, values_);
    double state[5];
    in.get(state);
    for (int i = 2; i < 5; i++)
      if (!(state[i] >= 0 && state[i] <= 9e15)) in.damaged();
    plateau = {state[0], state[1], std::int64_t(state[2]), std::int64_t(state[3]), std::int64_t(state[4])};
    get_array(in, factors_);
    kept_by_ = get_words(in);
    for (const Value& v : values_)
      if (!(v.row >= 0 && v.row <= 9e15 && v.name >= 0 && v.name < double(names_.size()))) in.damaged();
    for (std::size_t i = 1; i < values_.size(); i++)
      if (values_[i].row < values_[i - 1].row) in.damaged();
  }

  /// A clause that names the first number that no training of so many updates writes; empty if there is none.
  std::string implausible(std::int64_t iteration) const {
    for (const std::string& name : names_)
      if (name.empty() || name.size() > 100) return "a name of its metrics is invalid";
    if (kept_by_.size() > 1) return "its best model is kept by several measures";
    if (!values_.empty() && values_.back().row >= double(iteration)) return "its metrics have too many rows";
    if (!factors_.empty() && std::int64_t(factors_.size()) != iteration)
      return "its rates have too many or few factors";
    for (const double f : factors_)
      if (!(f >= 0 && f <= 1)) return core::sentence("a factor of its rates is ", f);
    return detail::implausible(plateau, iteration);
  }
  /// What the number of a best model means.
  Keep keep_of(std::int64_t number) const {
    return number == 1                           ? Keep::best_loss
           : number == 2                         ? Keep::best_mean_iou
           : number == 3 && kept_by_.size() == 1 ? Keep::best(kept_by_[0])
                                                 : Keep::last;
  }
  /// Of the rate in a row of the history, counted from 0.
  double factor(std::size_t row) const { return row < factors_.size() ? factors_[row] : 1; }
  /// Completes a row of the history.
  void fill(std::size_t row, Record& record) const {
    record.plateau_factor = factor(row);
    const auto first = std::lower_bound(values_.begin(), values_.end(), double(row),
                                        [](const Value& v, double r) { return v.row < r; });
    for (auto v = first; v != values_.end() && v->row == double(row); ++v)
      record.metrics.push_back({names_[std::size_t(v->name)], v->value});
  }

 private:
  struct Value {
    double row, name, value;
  };
  template <class T>
  static void get_array(ItemReader& in, std::vector<T>& out) {
    std::size_t bytes;
    const unsigned char* const from = in.get(bytes, sizeof(T));
    out.resize(bytes / sizeof(T));
    if (bytes) std::memcpy(out.data(), from, bytes);
  }

  std::vector<std::string> names_, kept_by_;
  std::vector<Value> values_;
  std::vector<double> factors_;
};

}  // namespace strata::training::detail
