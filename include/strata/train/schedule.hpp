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

/// The learning rate as a function of training progress: a number, or what constant(), piecewise(), cosine(), linear()
/// and polynomial() return. Plain data, so that optimizers stay trivially copyable. train() throws Error for one with a
/// fault().
class Schedule {
 public:
  /// Its formula: constant, piecewise, cosine, linear, polynomial, or a function of your own.
  enum class Kind : unsigned char { constant, piecewise, cosine, linear, polynomial, own };

  /// A constant rate, from 1e-30 to 1e6.
  Schedule(double rate = 0.001) : rate_(rate) {}
  Schedule(Kind kind, double rate, double second, int period = 1)
      : kind_(kind), rate_(rate), second_(second), period_(period) {}
  /// A user-defined schedule: any function of the moment. Warm-up multiplies it too.
  explicit Schedule(double (*own)(const Moment&)) : kind_(Kind::own), own_(own) {}

  /// A copy whose rate is multiplied by (iteration + 1) / `iterations` in the first `iterations` updates. Cosine,
  /// linear and polynomial schedules start after it.
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
  /// The rate that it was made with, which is the first one but for warm-up.
  double rate() const { return rate_; }

  /// What its rates depend on. A user-defined function cannot be named: checkpoints compare its rates instead.
  core::Conditions conditions() const;

 private:
  const char* what_second() const {
    return kind_ == Kind::piecewise    ? "the factor of the learning rate"
           : kind_ == Kind::polynomial ? "the power of the learning rate"
                                       : "the final learning rate";
  }

  static constexpr double pi = 3.14159265358979323846;
  Kind kind_ = Kind::constant;
  double rate_ = 0.001, second_ = 0;
  int period_ = 1;
  long warm_up_ = 0;
  double warm_up_epochs_ = 0;
  double (*own_)(const Moment&) = nullptr;
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

#if STRATA_HAS_BODIES

STRATA_ONCE double Schedule::at(const Moment& m) const {
  const double warm =
      warm_up_epochs_ > 0 ? std::ceil(warm_up_epochs_ * double(m.iterations_per_epoch)) : double(warm_up_);
  const double factor = double(m.iteration) < warm ? double(m.iteration + 1) / warm : 1;
  const double left = double(m.iterations()) - warm;
  double t = left > 0 ? (double(m.iteration) - warm) / left : 0;
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  const long periods = m.epoch() / (period_ > 0 ? period_ : 1);  // whole ones
  switch (kind_) {
    case Kind::constant: return factor * rate_;
    case Kind::piecewise: return factor * rate_ * std::pow(second_, double(periods));
    case Kind::cosine: return factor * (second_ + (rate_ - second_) * (1 + std::cos(pi * t)) / 2);
    case Kind::linear: return factor * (rate_ + (second_ - rate_) * t);
    case Kind::polynomial: return factor * rate_ * std::pow(1 - t, second_);
    case Kind::own: return factor * own_(m);
  }
  return rate_;
}

STRATA_ONCE std::string Schedule::fault() const {
  if (kind_ == Kind::own) return own_ ? "" : "the schedule is a null pointer; give a function";
  if (!core::is_within(rate_, 1e-30, 1e6))
    return core::sentence("the learning rate is ", rate_, "; give a number from 1e-30 to 1000000");
  if (!core::is_within(second_, 0, 1e6))
    return core::sentence(what_second(), " is ", second_, "; give a number from 0 to 1000000");
  if (period_ < 1) return core::sentence("the learning rate changes every ", period_, " epochs; give 1 or more");
  if (warm_up_ < 0) return core::sentence("the warm-up takes ", warm_up_, " iterations; give 0 or more");
  if (!core::is_within(warm_up_epochs_, 0, 1e8))
    return core::sentence("the warm-up takes ", warm_up_epochs_, " epochs; give a number from 0 to 100000000");
  return "";
}

STRATA_ONCE core::Conditions Schedule::conditions() const {
  const auto& [kind, rate, second, period, warm_up, warm_up_epochs, own] = *this;
  constexpr const char* names[] = {"constant", "piecewise", "cosine", "linear", "polynomial", "own"};
  core::Conditions out;
  out.add("optimizer.rate", kind == Kind::own ? "own" : names[int(kind)]);
  if (kind == Kind::own) return out;
  out.add("optimizer.rate.first", rate);
  if (kind == Kind::piecewise) out.add("optimizer.rate.factor", second), out.add("optimizer.rate.period", period);
  if (kind == Kind::cosine || kind == Kind::linear) out.add("optimizer.rate.end", second);
  if (kind == Kind::polynomial) out.add("optimizer.rate.power", second);
  out.add("optimizer.rate.warm_up", warm_up);
  out.add("optimizer.rate.warm_up_epochs", warm_up_epochs);
  return out;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training
