// SPDX-License-Identifier: MIT
// The learning-rate finder (Smith, arXiv 1506.01186): a short training whose rate grows by the same factor in each
// update, from a rate that changes nothing to one that diverges.
#pragma once

#include <atomic>
#include <cmath>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/finite.hpp>
#include <strata/train/rate_curve.hpp>
#include <strata/train/trainer.hpp>

namespace strata::training {

/// How find_rate() searches.
struct RateSearch {
  double lowest = 1e-6, highest = 10;  ///< rates of the first and the last update, from 1e-12 to 1e6
  int updates = 100;                   ///< from 10 to 1000000
  double smoothing = 0.9;              ///< weight of the older losses in their exponential average, from 0 to 0.999
  double divergence = 4;  ///< ends the search where the smoothed loss is so many times its lowest, and more than the
                          ///< first; above 1
};

namespace detail {

/// Collects the losses of a training until it diverges or has made its updates.
class RateObserver {
 public:
  RateObserver(const RateSearch& search, const std::atomic<bool>* user_stop) : search_(search), user_stop_(user_stop) {}
  void operator()(const Progress& p) {
    if (p.event != Event::iteration || done_) return;
    add_loss(curve, p.record->rate, p.record->loss, search_.smoothing);
    const double now = curve.smoothed.back();
    if (curve.losses.size() == 1 || now < lowest_) lowest_ = now;
    curve.diverged = now > curve.smoothed.front() && now > lowest_ + (search_.divergence - 1) * std::abs(lowest_);
    done_ = curve.diverged || int(curve.losses.size()) == search_.updates ||
            (user_stop_ && user_stop_->load(std::memory_order_relaxed));
    stop = done_;
  }
  /// Ends the search.
  RateCurve finish(bool failed) {
    curve.diverged = curve.diverged || failed;
    curve.suggestion = steepest(curve, std::size_t(search_.updates < 100 ? search_.updates / 10 : 10));
    return std::move(curve);
  }

  RateCurve curve;
  std::atomic<bool> stop{false};

 private:
  const RateSearch& search_;
  const std::atomic<bool>* user_stop_;
  double lowest_ = 0;
  bool done_ = false;
};

/// The options of the short training. Throws Error for a number of the search that is out of its range.
STRATA_ONCE TrainOptions options_of_search(const TrainOptions& options, const RateSearch& search);

#if STRATA_HAS_BODIES

[[gnu::cold]] STRATA_ONCE TrainOptions options_of_search(const TrainOptions& options, const RateSearch& search) {
  if (!core::is_within(search.lowest, 1e-12, 1e6) || !core::is_within(search.highest, 1e-12, 1e6) ||
      search.lowest >= search.highest)
    throw Error("find_rate: the rates go from ", search.lowest, " to ", search.highest,
                "; give numbers from 1e-12 to 1000000, the lower one first");
  if (search.updates < 10 || search.updates > 1'000'000)
    throw Error("find_rate: updates = ", search.updates, "; give 10 to 1000000");
  if (!core::is_within(search.smoothing, 0, 0.999))
    throw Error("find_rate: smoothing = ", search.smoothing, "; give a number from 0 to 0.999");
  if (!core::is_within(search.divergence, 1, 1e12) || search.divergence == 1)
    throw Error("find_rate: divergence = ", search.divergence, "; give a number above 1");
  TrainOptions out = options;
  out.optimizer.rate =
      exponential(search.lowest, std::pow(search.highest / search.lowest, 1 / double(search.updates - 1)));
  out.epochs = search.updates;  // of at least one update each
  out.validation = {}, out.keep = Keep::last, out.statistics = Statistics::moving, out.checkpoints = {};
  out.metrics.clear(), out.plateau.reset();
  return out;
}

#endif  // STRATA_HAS_BODIES

}  // namespace detail

/// Trains with these options and growing rates, and returns the losses; then the model is what it was before, bit for
/// bit. `data` as in train(); only its training set is used. The schedule, validation, keep, metrics, plateau,
/// checkpoints and observer of the options do not count. The suggestion suits a constant rate or the highest rate of
/// one_cycle(). Throws Error as train() does, and for a number of the search that is out of its range.
template <class Net, class Backend, class Data>
RateCurve find_rate(Model<Net, Backend>& model, Data&& data, const TrainOptions& options = {},
                    const RateSearch& search = {}) {
  TrainOptions own = detail::options_of_search(options, search);
  detail::RateObserver observer(search, options.stop);
  own.observer = observe(observer), own.stop = &observer.stop;
  struct Restore {
    Model<Net, Backend>& model;
    std::vector<float> parameters, buffers;
    explicit Restore(Model<Net, Backend>& m) : model(m) {
      const auto& constant = m;
      parameters.assign(constant.parameters().begin(), constant.parameters().end());
      buffers.assign(constant.buffers().begin(), constant.buffers().end());
    }
    ~Restore() {
      std::copy(parameters.begin(), parameters.end(), model.parameters().begin());
      std::copy(buffers.begin(), buffers.end(), model.buffers().begin());
    }
  } restore(model);
  const auto [set, validation] = detail::sets_of(data);
  (void)validation;
  const Run run = train(model, *set, own);
  return observer.finish(run.status == Status::failed);
}

}  // namespace strata::training
