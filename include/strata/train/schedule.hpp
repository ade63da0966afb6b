// SPDX-License-Identifier: MIT
// The learning rate as a function of training progress.
#pragma once

#include <cmath>
#include <string>

#include <strata/core/compile_once.hpp>
#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>

#include <strata/core/condition.hpp>

namespace strata::training {

/// Training progress at one update; iteration and epoch count from 0.
struct Moment {
  long iteration = 0;             ///< updates made before this one
  long iterations_per_epoch = 1;  ///< updates per epoch
  int epochs = 1;                 ///< epochs of the whole training
  /// The epoch, from 0.
  long epoch() const { return iteration / iterations_per_epoch; }
  /// The updates of the whole training.
  long iterations() const { return iterations_per_epoch * epochs; }
};

/// The shape of one_cycle(), with PyTorch's names and defaults.
struct OneCycle {
  double pct_start = 0.3;         ///< the part of the updates in which the rate rises, from 0 to 1
  double div_factor = 25;         ///< the first rate is the highest divided by this, from 1e-12 to 1e12
  double final_div_factor = 1e4;  ///< the last rate is the first divided by this, from 1e-12 to 1e12
  bool linear = false;            ///< in straight lines instead of half cosines
  bool three_phase = false;       ///< falls to the first rate as slowly as it rose, and then to the last
  bool operator==(const OneCycle&) const = default;
};

/// The learning rate as a function of training progress: a number, or what constant(), piecewise(), cosine(), linear(),
/// polynomial(), exponential() and one_cycle() return. Plain data, so that optimizers stay trivially copyable. train()
/// throws Error for one with a fault().
class Schedule {
 public:
  /// Its formula: constant, piecewise, cosine, linear, polynomial, own (a function of yours), exponential or
  /// one_cycle.
  enum class Kind : unsigned char { constant, piecewise, cosine, linear, polynomial, own, exponential, one_cycle };

  /// A constant rate, from 1e-30 to 1e6.
  Schedule(double rate = 0.001) : rate_(rate) {}
  Schedule(Kind kind, double rate, double second, int period = 1)
      : kind_(kind), rate_(rate), second_(second), period_(period) {}
  /// A user-defined schedule: any function of the moment. Warm-up multiplies it too.
  explicit Schedule(double (*own)(const Moment&)) : kind_(Kind::own), own_(own) {}
  Schedule(double highest, const OneCycle& cycle) : kind_(Kind::one_cycle), rate_(highest), cycle_(cycle) {}

  /// A copy whose rate is multiplied by (iteration + 1) / `iterations` in the first `iterations` updates. Cosine,
  /// linear, polynomial, exponential and one-cycle schedules start after it.
  Schedule warm_up(long iterations) const {
    Schedule out = *this;
    out.warm_up_ = iterations;
    return out;
  }
  /// The same in epochs, rounded up to whole updates; it takes precedence over warm_up().
  Schedule warm_up_epochs(double epochs) const {
    Schedule out = *this;
    out.warm_up_epochs_ = epochs;
    return out;
  }

  /// The learning rate at m.
  double at(const Moment& m) const;

  /// Why no training can start with this schedule, as a clause that says what to give; empty if one can.
  std::string fault() const;
  /// Whether it has no fault().
  bool sensible() const { return fault().empty(); }
  /// The rate that it was made with: the first one but for warm-up, or the highest of a cycle.
  double rate() const { return rate_; }

  /// What its rates depend on. A user-defined function cannot be named: checkpoints compare its rates instead.
  core::Conditions conditions() const;

 private:
  const char* what_second() const {
    return kind_ == Kind::piecewise     ? "the factor of the learning rate"
           : kind_ == Kind::polynomial  ? "the power of the learning rate"
           : kind_ == Kind::exponential ? "the factor of the learning rate"
                                        : "the final learning rate";
  }
  /// The rate of a cycle after `done` of `updates`.
  double in_cycle(double done, double updates) const;

  static constexpr double pi = 3.14159265358979323846;
  Kind kind_ = Kind::constant;
  double rate_ = 0.001, second_ = 0;
  int period_ = 1;
  long warm_up_ = 0;
  double warm_up_epochs_ = 0;
  double (*own_)(const Moment&) = nullptr;
  OneCycle cycle_{};
};

/// `rate` in every update.
inline Schedule constant(double rate) { return Schedule(rate); }
/// MATLAB's "piecewise": `rate` times `factor`^floor(epoch / `period_epochs`), where epochs count from 0.
inline Schedule piecewise(double rate, double factor, int period_epochs) {
  return Schedule(Schedule::Kind::piecewise, rate, factor, period_epochs);
}
/// From `rate` to `end` along half a cosine: end + (rate - end) (1 + cos(pi t)) / 2 (Loshchilov and Hutter, arXiv
/// 1608.03983). t, from 0 to 1, is the part of the updates after warm-up that is done.
inline Schedule cosine(double rate, double end = 0) { return Schedule(Schedule::Kind::cosine, rate, end); }
/// From `rate` to `end` in a straight line: rate + (end - rate) t, with t as in cosine().
inline Schedule linear(double rate, double end = 0) { return Schedule(Schedule::Kind::linear, rate, end); }
/// From `rate` to 0: rate (1 - t)^power, with t as in cosine(); "poly" of the segmentation literature.
inline Schedule polynomial(double rate, double power = 0.9) {
  return Schedule(Schedule::Kind::polynomial, rate, power);
}
/// `rate` times `factor`^i in update i after warm-up, counted from 0.
inline Schedule exponential(double rate, double factor) { return Schedule(Schedule::Kind::exponential, rate, factor); }
/// One cycle (Smith and Topin, arXiv 1708.07120), as PyTorch's OneCycleLR: from highest / div_factor up to `highest` in
/// the first pct_start of the updates, then down to highest / (div_factor final_div_factor) in the last one. Momentum
/// stays as it is.
inline Schedule one_cycle(double highest, const OneCycle& cycle = {}) { return Schedule(highest, cycle); }

#if STRATA_HAS_BODIES

STRATA_ONCE double Schedule::at(const Moment& m) const {
  const double warm =
      warm_up_epochs_ > 0 ? std::ceil(warm_up_epochs_ * double(m.iterations_per_epoch)) : double(warm_up_);
  const double factor = double(m.iteration) < warm ? double(m.iteration + 1) / warm : 1;
  const double left = double(m.iterations()) - warm, done = std::fmax(double(m.iteration) - warm, 0.);  // of updates
  const double t = left > 0 ? std::fmin(done / left, 1.) : 0;
  const long periods = m.epoch() / (period_ > 0 ? period_ : 1);  // whole ones
  switch (kind_) {
    case Kind::constant: return factor * rate_;
    case Kind::piecewise: return factor * rate_ * std::pow(second_, double(periods));
    case Kind::cosine: return factor * (second_ + (rate_ - second_) * (1 + std::cos(pi * t)) / 2);
    case Kind::linear: return factor * (rate_ + (second_ - rate_) * t);
    case Kind::polynomial: return factor * rate_ * std::pow(1 - t, second_);
    case Kind::own: return factor * own_(m);
    case Kind::exponential: return factor * rate_ * std::pow(second_, done);
    case Kind::one_cycle: return factor * in_cycle(done, left);
  }
  return rate_;
}

STRATA_ONCE double Schedule::in_cycle(double done, double updates) const {
  const double first = rate_ / cycle_.div_factor, last = first / cycle_.final_div_factor;
  const double top = cycle_.pct_start * updates - 1, end = updates - 1, back = cycle_.three_phase ? 2 * top : end;
  const auto between = [&](double from, double to, double begin, double phase_end) {
    const double t = phase_end > begin ? std::fmin((done - begin) / (phase_end - begin), 1.) : 1;
    return cycle_.linear ? from + (to - from) * t : to + (from - to) * (1 + std::cos(pi * t)) / 2;
  };
  if (done <= top) return between(first, rate_, 0, top);
  if (done <= back && cycle_.three_phase) return between(rate_, first, top, back);
  return cycle_.three_phase ? between(first, last, back, end) : between(rate_, last, top, end);
}

STRATA_ONCE std::string Schedule::fault() const {
  if (kind_ == Kind::own) return own_ ? "" : "the schedule is a null pointer; give a function";
  if (!core::is_within(rate_, 1e-30, 1e6))
    return core::sentence("the learning rate is ", rate_, "; give a number from 1e-30 to 1000000");
  const auto& [pct_start, div_factor, final_div_factor, linear, three_phase] = cycle_;
  if (!core::is_within(pct_start, 0, three_phase ? 0.5 : 1))
    return core::sentence("pct_start of the learning rate's cycle is ", pct_start, "; give a number from 0 to ",
                          three_phase ? "0.5, since it falls for as long" : "1");
  for (const double divisor : {div_factor, final_div_factor})
    if (!core::is_within(divisor, 1e-12, 1e12))
      return core::sentence("a divisor of the learning rate's cycle is ", divisor,
                            "; give a number from 1e-12 to 1e12");
  if (!core::is_within(second_, 0, 1e6))
    return core::sentence(what_second(), " is ", second_, "; give a number from 0 to 1000000");
  if (period_ < 1) return core::sentence("the learning rate changes every ", period_, " epochs; give 1 or more");
  if (warm_up_ < 0) return core::sentence("the warm-up takes ", warm_up_, " iterations; give 0 or more");
  if (!core::is_within(warm_up_epochs_, 0, 1e8))
    return core::sentence("the warm-up takes ", warm_up_epochs_, " epochs; give a number from 0 to 100000000");
  return "";
}

STRATA_ONCE core::Conditions Schedule::conditions() const {
  const auto& [kind, rate, second, period, warm_up, warm_up_epochs, own, cycle] = *this;
  constexpr const char* names[] = {"constant",   "piecewise", "cosine",      "linear",
                                   "polynomial", "own",       "exponential", "one_cycle"};
  core::Conditions out;
  out.add("optimizer.rate", kind == Kind::own ? "own" : names[int(kind)]);
  if (kind == Kind::own) return out;
  out.add("optimizer.rate.first", rate);
  if (kind == Kind::piecewise) out.add("optimizer.rate.factor", second), out.add("optimizer.rate.period", period);
  if (kind == Kind::cosine || kind == Kind::linear) out.add("optimizer.rate.end", second);
  if (kind == Kind::polynomial) out.add("optimizer.rate.power", second);
  if (kind == Kind::exponential) out.add("optimizer.rate.factor", second);
  if (kind == Kind::one_cycle) {
    const auto& [pct_start, div_factor, final_div_factor, is_linear, three_phase] = cycle;
    out.add("optimizer.rate.pct_start", pct_start);
    out.add("optimizer.rate.div_factor", div_factor);
    out.add("optimizer.rate.final_div_factor", final_div_factor);
    out.add("optimizer.rate.shape",
            core::sentence(is_linear ? "linear" : "cosine", three_phase ? " in three phases" : ""));
  }
  out.add("optimizer.rate.warm_up", warm_up);
  out.add("optimizer.rate.warm_up_epochs", warm_up_epochs);
  return out;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training
