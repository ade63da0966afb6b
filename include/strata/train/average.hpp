// SPDX-License-Identifier: MIT
// An average of the models along a training, which often generalizes better than the last of them. The training goes on
// from its own weights, which the average does not change.
#pragma once

#include <algorithm>
#include <string>

#include <strata/core/aligned.hpp>
#include <strata/core/compile_once.hpp>
#include <strata/core/condition.hpp>
#include <strata/core/error.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/train/optimizer.hpp>

namespace strata::training {

/// An exponential moving average of parameters and buffers (Polyak and Juditsky, 1992, with a decay): a copy of the
/// first model that counts; then, with the models 2, 3, ... n, a = d a + (1 - d) model, where d is `decay` or, with
/// warms_up, the smaller of it and n / (n + 9), which forgets the first models sooner.
struct ExponentialAverage {
  double decay = 0.999;  ///< from 0 to below 1
  bool warms_up = true;  ///< whether d rises to `decay`: 0.18, 0.25, 0.31, ...
  int from_epoch = 1;    ///< the first epoch, from 1, whose models count
  long every = 1;        ///< updates between the models that count, 1 or more
};

/// The mean of all models that count (stochastic weight averaging: Izmailov et al., arXiv 1803.05407), best along a
/// constant or cyclic rate. The statistics of batch norms are computed for it, over the training set, before each
/// validation and at the end: a network with batch norms needs Statistics::population.
struct EqualAverage {
  int from_epoch = 1;  ///< the first epoch, from 1, whose models count
  long every = 0;      ///< updates between the models that count; 0: the one at the end of each epoch
};

/// Either of them, or none.
struct Average {
  /// Which average.
  enum class Kind : unsigned char {
    none,         ///< no average
    exponential,  ///< an ExponentialAverage
    equal         ///< an EqualAverage
  };
  Kind kind = Kind::none;  ///< which of them
  double decay = 0;        ///< from 0 to below 1, of an ExponentialAverage
  bool warms_up = false;   ///< likewise
  int from_epoch = 1;      ///< the first epoch, from 1, whose models count
  long every = 0;          ///< updates between the models that count; 0: an epoch

  Average() = default;  ///< none
  /// The average a.
  Average(const ExponentialAverage& a)
      : kind(Kind::exponential), decay(a.decay), warms_up(a.warms_up), from_epoch(a.from_epoch), every(a.every) {}
  /// The average a.
  Average(const EqualAverage& a) : kind(Kind::equal), from_epoch(a.from_epoch), every(a.every) {}

  /// Throws Error, with what to give instead, if a training of so many epochs has no such average.
  void check(int epochs) const;
  /// Adds what checkpoints compare.
  void add_conditions(core::Conditions& out) const;
};

/// The average of a training so far, on the host.
struct AveragedModel {
  Average how{};                         ///< which average it is
  long per_epoch = 1;                    ///< updates
  long since = 0;                        ///< the iteration after which models count, if they would earlier
  core::Floats parameters{}, buffers{};  ///< zeros before the first model; empty: there is no average

  /// Updates from one model that counts to the next.
  long period() const { return how.every > 0 ? how.every : per_epoch; }
  /// The number of models that the average consists of after an iteration.
  long count(long iteration) const {
    if (how.kind == Average::Kind::none) return 0;
    const long from = std::max(since, long(how.from_epoch - 1) * per_epoch);
    return iteration <= from ? 0 : iteration / period() - from / period();
  }
  /// The weight of the model after an iteration in its average with the models before; 0: it does not count.
  double weight(long iteration) const {
    const long models = count(iteration);
    if (models == 0 || iteration % period() != 0) return 0;
    if (models == 1 || how.kind == Average::Kind::equal) return 1 / double(models);
    const double rising = double(models) / double(models + 9);
    return 1 - (how.warms_up && rising < how.decay ? rising : how.decay);
  }
  /// Begins anew: only models after this iteration count.
  void restart(long iteration) {
    since = iteration;
    std::fill(parameters.begin(), parameters.end(), 0.f), std::fill(buffers.begin(), buffers.end(), 0.f);
  }
  /// Exchanges the average and a model: its parameters and its buffers, as many as these arrays have.
  void exchange(float* with_parameters, float* with_buffers) {
    std::swap_ranges(parameters.begin(), parameters.end(), with_parameters);
    std::swap_ranges(buffers.begin(), buffers.end(), with_buffers);
  }
};

namespace detail {

/// Shows the average, if it has models after `iteration`, in place of a model on the host, until hide() or its own end.
class ShownAverage {
 public:
  ShownAverage(AveragedModel& average, long iteration, float* parameters, float* buffers)
      : average_(average.count(iteration) > 0 ? &average : nullptr), parameters_(parameters), buffers_(buffers) {
    if (average_) average_->exchange(parameters_, buffers_);
  }
  ShownAverage(const ShownAverage&) = delete;
  ShownAverage& operator=(const ShownAverage&) = delete;
  ~ShownAverage() { hide(); }
  bool is_shown() const { return average_; }
  void hide() {
    if (average_) average_->exchange(parameters_, buffers_);
    average_ = nullptr;
  }

 private:
  AveragedModel* average_;
  float *parameters_, *buffers_;
};

/// average += weight (now - average), of `count` numbers. The number of threads changes no bit.
STRATA_ONCE void move_average(core::Workers& workers, float* average, const float* now, long count, double weight);

}  // namespace detail

#if STRATA_HAS_BODIES

[[gnu::cold]] STRATA_ONCE void Average::check(int epochs) const {
  if (kind == Kind::none) return;
  const std::string fault =
      kind == Kind::exponential ? detail::unless_within("average.decay", decay, 0, 1) : std::string();
  if (!fault.empty()) throw Error("train: ", fault);
  if (from_epoch < 1 || from_epoch > epochs)
    throw Error("train: average.from_epoch = ", from_epoch, "; give the number of an epoch, from 1 to ", epochs);
  if (kind == Kind::exponential && every < 1)
    throw Error("train: average.every = ", every, "; give a number of updates, 1 or more");
  if (every < 0)
    throw Error("train: average.every = ", every, "; give a number of updates, or 0 for the end of each epoch");
}

[[gnu::cold]] STRATA_ONCE void Average::add_conditions(core::Conditions& out) const {
  const auto& [which, forgets, rises, epoch, updates] = *this;
  if (which == Kind::none) return;
  out.add("average", which == Kind::equal ? "equal" : "exponential");
  if (which == Kind::exponential) out.add("average.decay", forgets), out.add("average.warms_up", rises);
  out.add("average.from_epoch", epoch);
  out.add("average.every", updates);
}

STRATA_ONCE void detail::move_average(core::Workers& workers, float* average, const float* now, long count,
                                      double weight) {
  constexpr long block = 8192, worth_a_fork = 1 << 17;
  const auto move = [&](long first) {
    detail::sweep(std::min(block, count - first), [&](long i, auto tag) STRATA_INLINE_LAMBDA {
      using T = decltype(tag);
      float* const to = average + first + i;
      detail::write(to, core::averaged(detail::read<T>(to), detail::read<T>(now + first + i), T(float(weight))));
    });
  };
  if (count < worth_a_fork)
    for (long first = 0; first < count; first += block) move(first);
  else
    workers.run([&](core::Team& team) {
      team.for_each(int((count + block - 1) / block), [&](int i, int) { move(long(i) * block); });
    });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training
