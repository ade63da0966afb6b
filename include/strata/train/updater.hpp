// SPDX-License-Identifier: MIT
// One update of all parameters: gradients are clipped, turned into directions and subtracted. The work is cut into
// blocks that do not depend on the number of threads, and sums run over them in order, so the results do not
// depend on it.
#pragma once

#include <cmath>
#include <vector>

#include <strata/core/aligned.hpp>
#include <strata/core/compile_once.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/cpu/same_flags.hpp>
#include <strata/graph/declared/network_tables.hpp>
#include <strata/train/optimizer.hpp>

namespace strata::training {

/// Gradient clipping. Clamps each gradient to [-value, value], then scales all down to the norm.
struct Clip {
  double norm = HUGE_VAL;   ///< largest Euclidean norm of all gradients, at least 1e-30; infinity: no limit
  double value = HUGE_VAL;  ///< largest magnitude of a gradient, at least 1e-30; infinity: no limit
};

/// Updates parameters on the host and holds the optimizer's state.
class Updater {
 public:
  /// `table` is not copied: it must outlive the updater.
  Updater(const graph::Tensor* table, int tensors, long floats, const Optimizer& optimizer, const Clip& clip);

  /// Updates the parameters at the learning rate `rate` and overwrites the gradients. Returns false, with no parameter
  /// changed, if the norm of the gradients is not finite (checked only when clipping by norm).
  bool update(core::Workers& workers, float* parameters, float* gradients, double rate);

  /// The Euclidean norm of the gradients, without those of frozen tensors.
  double gradient_norm(core::Workers& workers, const float* gradients);

  /// Multiplies all gradients x by factor.
  void scale(core::Workers& workers, float* x, float factor);

  // For checkpoints.
  core::Floats& state() { return state_; }
  long step() const { return step_; }
  double rate() const { return rate_; }
  void restore(long step, double rate) { step_ = step, rate_ = rate; }
  const Optimizer& optimizer() const { return optimizer_; }

 private:
  static constexpr long block = 8192, worth_a_fork = 1 << 17;
  struct Block {
    int tensor;
    long first, count;
  };

  template <class Body>
  void for_blocks(core::Workers& workers, Body&& body) {
    const int count = int(blocks_.size());
    if (floats_ < worth_a_fork) {
      for (int i = 0; i < count; i++) body(blocks_[std::size_t(i)], i);
    } else {
      workers.run(
          [&](core::Team& team) { team.for_each(count, [&](int i, int) { body(blocks_[std::size_t(i)], i); }); });
    }
  }

  static double squares(const float* x, long n) {
    double sum = 0;
    for (long at = 0; at < n; at += 512) {  // sums in float within a chunk, in double over the chunks
      const long length = n - at < 512 ? n - at : 512;
      core::simd::Vector wide(0.f);
      float rest = 0;
      long i = 0;
      for (; i + core::simd::lanes <= length; i += core::simd::lanes) {
        const core::simd::Vector v = core::simd::loadu(x + at + i);
        wide = core::simd::fma(v, v, wide);
      }
      for (; i < length; i++) rest += x[at + i] * x[at + i];
      sum += double(core::simd::sum(wide)) + double(rest);
    }
    return sum;
  }
  static void subtract(float* w, const float* d, float rate, long n) {
    detail::sweep(n, [&](long i, auto tag) STRATA_INLINE_LAMBDA {
      using T = decltype(tag);
      detail::write(w + i, detail::read<T>(w + i) - T(rate) * detail::read<T>(d + i));
    });
  }
  void measure_trust();

  const graph::Tensor* table_;
  Optimizer optimizer_;
  Clip clip_;
  long floats_;
  core::Floats state_;
  std::vector<Block> blocks_;
  std::vector<double> sums_, trust_;
  long step_ = 0;
  double rate_ = 0;
};

#if STRATA_HAS_BODIES

STRATA_ONCE Updater::Updater(const graph::Tensor* table, int tensors, long floats, const Optimizer& optimizer,
                             const Clip& clip)
    : table_(table), optimizer_(optimizer), clip_(clip), floats_(floats) {
  state_.resize(std::size_t(floats) * std::size_t(optimizer.slots));
  for (int t = 0; t < tensors; t++)
    for (long at = 0; at < table[t].size; at += block)
      blocks_.push_back({t, table[t].offset + at, table[t].size - at < block ? table[t].size - at : block});
  sums_.resize(2 * blocks_.size());
  trust_.resize(std::size_t(tensors), 1.);
}

STRATA_ONCE bool Updater::update(core::Workers& workers, float* parameters, float* gradients, double rate) {
  if (clip_.value < HUGE_VAL) {
    const float bound = float(clip_.value);
    for_blocks(workers, [&](const Block& b, int) {
      for (long i = b.first; i < b.first + b.count; i++) {
        const float g = gradients[i];
        gradients[i] = g > bound ? bound : g < -bound ? -bound : g;
      }
    });
  }
  if (clip_.norm < HUGE_VAL) {
    const double norm = gradient_norm(workers, gradients);
    if (!core::is_finite(norm)) return false;
    if (norm > clip_.norm) scale(workers, gradients, float(clip_.norm / (norm + 1e-6)));
  }
  const long step = step_ + 1;
  const double previous = step_ ? rate_ : rate;
  for_blocks(workers, [&](const Block& b, int index) {
    const graph::Tensor& tensor = table_[b.tensor];
    const double own = rate * tensor.rate_factor;
    if (own == 0) return;
    float *w = parameters + b.first, *g = gradients + b.first;
    float* state[Optimizer::max_slots] = {};
    for (int s = 0; s < optimizer_.slots; s++) state[s] = state_.data() + s * floats_ + b.first;
    optimizer_.direction({step, own, previous * tensor.rate_factor, tensor.l2_factor}, b.count, w, g, state);
    if (optimizer_.layerwise) {
      sums_[std::size_t(2 * index)] = squares(w, b.count);
      sums_[std::size_t(2 * index + 1)] = squares(g, b.count);
    } else {
      subtract(w, g, float(own), b.count);
    }
  });
  if (optimizer_.layerwise) {
    measure_trust();
    for_blocks(workers, [&](const Block& b, int) {
      const double own = rate * table_[b.tensor].rate_factor * trust_[std::size_t(b.tensor)];
      if (table_[b.tensor].rate_factor != 0) subtract(parameters + b.first, gradients + b.first, float(own), b.count);
    });
  }
  step_ = step;
  rate_ = rate;
  return true;
}

STRATA_ONCE double Updater::gradient_norm(core::Workers& workers, const float* gradients) {
  for_blocks(workers, [&](const Block& b, int index) {
    sums_[std::size_t(index)] = table_[b.tensor].rate_factor != 0 ? squares(gradients + b.first, b.count) : 0;
  });
  double sum = 0;
  for (std::size_t i = 0; i < blocks_.size(); i++) sum += sums_[i];
  return std::sqrt(sum);
}

STRATA_ONCE void Updater::scale(core::Workers& workers, float* x, float factor) {
  for_blocks(workers, [&](const Block& b, int) {
    for (long i = b.first; i < b.first + b.count; i++) x[i] *= factor;
  });
}

STRATA_ONCE void Updater::measure_trust() {
  std::vector<double> weights(trust_.size()), directions(trust_.size());
  for (std::size_t i = 0; i < blocks_.size(); i++) {
    const auto tensor = std::size_t(blocks_[i].tensor);
    weights[tensor] += sums_[2 * i];
    directions[tensor] += sums_[2 * i + 1];
  }
  for (std::size_t t = 0; t < trust_.size(); t++)
    trust_[t] = weights[t] > 0 && directions[t] > 0 ? std::sqrt(weights[t] / directions[t]) : 1;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training
