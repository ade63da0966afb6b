// SPDX-License-Identifier: MIT
// One update of all parameters: gradients are unscaled, clipped, turned into directions and subtracted. For a norm, 32
// lanes per chunk sum squares, and further launches add the partial sums in a fixed order; in double, so that no square
// overflows.
#pragma once

#include <strata/core/divide.hpp>
#include <strata/cuda/kernels/parameter_kernels.hpp>
#include <strata/cuda/kernels/workspace.hpp>
#include <strata/cuda/runtime/launch.hpp>

namespace strata::cuda::kernels {

using namespace functions;

inline constexpr int lanes_of_sum = 32;

/// The gradient that the norm is taken of: unscaled and clipped by value.
STRATA_DEVICE inline float prepared(float g, const UpdateNumbers& k) {
  g *= k.gradient_scale;
  return g > k.clip_value ? k.clip_value : g < -k.clip_value ? -k.clip_value : g;
}
STRATA_DEVICE inline bool is_finite(float x) { return x - x == 0; }

/// The sum of squares of a lane's gradients; NaN if `checks` is set and a gradient is not finite.
struct MeasureGradients {
  const UpdateChunk* chunks;
  const UpdateNumbers* numbers;
  const float* gradients;
  double* sums;

  STRATA_DEVICE void operator()(long i) const {
    const UpdateChunk chunk = chunks[i / lanes_of_sum];
    double sum = 0;
    bool finite = true;
    for (int e = int(i % lanes_of_sum); e < chunk.count && chunk.rate_factor != 0; e += lanes_of_sum) {
      const float raw = gradients[chunk.first + e];
      const double g = double(prepared(raw, *numbers));
      finite = finite && is_finite(raw);
      sum += g * g;
    }
    sums[i] = numbers->checks && !finite ? double(NAN) : sum;
  }
};

/// Each item adds up to `lanes_of_sum` numbers in order.
struct AddDoubles {
  const double* from;
  double* to;
  long count;

  STRATA_DEVICE void operator()(long i) const {
    double sum = 0;
    for (long k = i * lanes_of_sum; k < (i + 1) * lanes_of_sum && k < count; k++) sum += from[k];
    to[i] = sum;
  }
};

struct ChooseNumbers {
  const TurnNumbers* of_change;
  const UpdateOutcome* outcome;
  TurnNumbers* to;

  STRATA_DEVICE void operator()(long) const { *to = of_change[int(outcome->change)]; }
};

/// Decides norm, factor and whether to skip the update. sum: of squares, or null; losses: or null.
struct DecideUpdate {
  const double* sum;
  const LossSums* losses;
  const UpdateNumbers* numbers;
  UpdateOutcome* outcome;

  STRATA_DEVICE void operator()(long) const {
    UpdateOutcome o;
    o.halted = outcome->halted || (losses && !loss_is_finite());
    if (sum) {
      o.norm = square_root(*sum);
      if (o.norm > double(numbers->clip_norm)) o.factor = float(double(numbers->clip_norm) / (o.norm + 1e-6));
    }
    if (o.halted) o.change = Change::skipped;
    else if (losses && losses->counted == 0) o.change = Change::idle;
    else if (!(o.norm - o.norm == 0)) o.change = Change::skipped, o.halted = numbers->halts;
    *outcome = o;
  }

 private:
  STRATA_DEVICE bool loss_is_finite() const {
    const double divisor = divisor_of(numbers->divisor, *losses), loss = divisor > 0 ? losses->loss / divisor : 0;
    return loss - loss == 0;
  }
};

/// w -= rate d; if layerwise, only replaces the gradient by d.
template <core::UpdateFormula::Kind Kind, bool Layerwise>
struct StepParameters {
  const UpdateChunk* chunks;
  const UpdateNumbers* numbers;
  const UpdateOutcome* outcome;
  float *parameters, *gradients, *state;
  long floats;

  STRATA_DEVICE void operator()(long i) const {
    const UpdateChunk chunk = chunks[i / update_chunk];
    const int e = int(i % update_chunk);
    if (e >= chunk.count || chunk.rate_factor == 0 || outcome->change != Change::made) return;
    const long at = chunk.first + e;
    const float weight = parameters[at], gradient = prepared(gradients[at], *numbers) * outcome->factor;
    const float d = direction(chunk.l2_factor, weight, gradient, state + at);
    if constexpr (Layerwise) gradients[at] = d;
    else parameters[at] = weight - numbers->rate * chunk.rate_factor * d;
  }

 private:
  STRATA_DEVICE float direction(float l2_factor, float weight, float gradient, float* own) const {
    const core::UpdateFormula& formula = numbers->formula;
    if constexpr (Kind == core::UpdateFormula::Kind::sgd) {
      return core::direction_of(of_tensor(formula.sgd, l2_factor), weight, gradient, own[0]);
    } else if constexpr (Kind == core::UpdateFormula::Kind::adam) {
      return core::direction_of(of_tensor(formula.adam, l2_factor), weight, gradient, own[0], own[floats]);
    } else if constexpr (Kind == core::UpdateFormula::Kind::rmsprop) {
      const core::RmspropCoefficients k = of_tensor(formula.rmsprop, l2_factor);
      float* const last = own + (k.has_velocity ? 2 : 1) * floats;
      float velocity = k.has_velocity ? own[floats] : 0, mean = k.centered ? *last : 0;
      const float d = core::direction_of(k, weight, gradient, own[0], velocity, mean);
      if (k.has_velocity) own[floats] = velocity;
      if (k.centered) *last = mean;
      return d;
    } else if constexpr (Kind == core::UpdateFormula::Kind::adagrad) {
      return core::direction_of(of_tensor(formula.adagrad, l2_factor), weight, gradient, own[0]);
    } else {
      static_assert(Kind == core::UpdateFormula::Kind::lion);
      core::LionCoefficients k = formula.lion;
      k.decoupled_decay *= l2_factor;
      return core::direction_of(k, weight, gradient, own[0]);
    }
  }
  /// The coefficients k of a tensor whose factor is 1, for one whose factor is l2_factor.
  template <class Coefficients>
  STRATA_DEVICE static Coefficients of_tensor(Coefficients k, float l2_factor) {
    k.l2 *= l2_factor, k.decoupled_decay *= l2_factor;
    return k;
  }
};

/// Sums of squares of a lane's weights and directions: [weights, directions][chunk][lane].
struct MeasureTrust {
  const UpdateChunk* chunks;
  const float *parameters, *directions;
  double* sums;
  long count;  ///< lanes of all chunks

  STRATA_DEVICE void operator()(long i) const {
    const UpdateChunk chunk = chunks[i / lanes_of_sum];
    double weights = 0, steps = 0;
    for (int e = int(i % lanes_of_sum); e < chunk.count && chunk.rate_factor != 0; e += lanes_of_sum) {
      const double w = double(parameters[chunk.first + e]), d = double(directions[chunk.first + e]);
      weights += w * w, steps += d * d;
    }
    sums[i] = weights, sums[count + i] = steps;
  }
};

/// Lane l of a tensor adds its chunks l, l + 32, ...: [weights, directions][tensor][lane].
struct AddTensorLanes {
  const int* first_chunk;
  const double* chunks;
  double* lanes;
  int chunk_count, tensors;

  STRATA_DEVICE void operator()(long i) const {
    const int tensor = int(i / lanes_of_sum);
    double weights = 0, steps = 0;
    for (int c = first_chunk[tensor] + int(i % lanes_of_sum); c < first_chunk[tensor + 1]; c += lanes_of_sum)
      weights += chunks[c], steps += chunks[chunk_count + c];
    lanes[i] = weights, lanes[long(tensors) * lanes_of_sum + i] = steps;
  }
};

/// |w| / |d| of each tensor, 1 if either is 0; sums: of squares, [weights, directions][tensor].
struct Trust {
  const double* sums;
  float* trust;
  int tensors;

  STRATA_DEVICE void operator()(long t) const {
    trust[t] = sums[t] > 0 && sums[tensors + t] > 0 ? float(square_root(sums[t] / sums[tensors + t])) : 1.f;
  }
};

/// w -= rate trust d
struct StepLayers {
  const UpdateChunk* chunks;
  const UpdateNumbers* numbers;
  const UpdateOutcome* outcome;
  const float *trust, *directions;
  float* parameters;

  STRATA_DEVICE void operator()(long i) const {
    const UpdateChunk chunk = chunks[i / update_chunk];
    const int e = int(i % update_chunk);
    if (e >= chunk.count || chunk.rate_factor == 0 || outcome->change != Change::made) return;
    const long at = chunk.first + e;
    parameters[at] -= numbers->rate * chunk.rate_factor * trust[chunk.tensor] * directions[at];
  }
};

struct UpdateWorkspace {
  double *lanes, *chunks, *tensor_lanes, *tensors;  ///< two sums each
  float* trust;
  UpdateWorkspace(WorkspaceAllocator& allocator, int chunk_count, int tensor_count)
      : lanes(allocator.take<double>(2L * chunk_count * lanes_of_sum)),
        chunks(allocator.take<double>(2L * chunk_count)),
        tensor_lanes(allocator.take<double>(2L * tensor_count * lanes_of_sum)),
        tensors(allocator.take<double>(2L * tensor_count)),
        trust(allocator.take<float>(tensor_count)) {}
};

/// Sums all lanes; returns the address of the sum.
inline const double* sum_of_lanes(const ParameterUpdate& u, const UpdateWorkspace& workspace) {
  double *from = workspace.lanes, *to = workspace.chunks;
  for (long left = long(u.chunk_count) * lanes_of_sum; left > 1;) {
    const long next = core::ceil_divide(left, lanes_of_sum);
    for_each(u.stream, "gradient_norm", next, AddDoubles{from, to, left});
    double* const done = to;
    to = from, from = done, left = next;
  }
  return from;
}

template <core::UpdateFormula::Kind Kind>
void update(const ParameterUpdate& u, const UpdateWorkspace& workspace) {
  const long lanes = long(u.chunk_count) * lanes_of_sum, items = long(u.chunk_count) * update_chunk;
  if (u.measures)
    for_each(u.stream, "measure_gradients", lanes, MeasureGradients{u.chunks, u.numbers, u.gradients, workspace.lanes});
  for_each(u.stream, "decide_update", 1,
           DecideUpdate{u.measures ? sum_of_lanes(u, workspace) : nullptr, u.losses, u.numbers, u.outcome});
  if (!u.layerwise) {
    for_each(u.stream, "update", items,
             StepParameters<Kind, false>{u.chunks, u.numbers, u.outcome, u.parameters, u.gradients, u.state, u.floats});
    return;
  }
  for_each(u.stream, "update_directions", items,
           StepParameters<Kind, true>{u.chunks, u.numbers, u.outcome, u.parameters, u.gradients, u.state, u.floats});
  const long tensor_lanes = long(u.tensors) * lanes_of_sum;
  for_each(u.stream, "measure_trust", lanes, MeasureTrust{u.chunks, u.parameters, u.gradients, workspace.lanes, lanes});
  for_each(u.stream, "measure_trust", 2L * u.chunk_count, AddDoubles{workspace.lanes, workspace.chunks, 2 * lanes});
  for_each(u.stream, "measure_trust", tensor_lanes,
           AddTensorLanes{u.first_chunk, workspace.chunks, workspace.tensor_lanes, u.chunk_count, u.tensors});
  for_each(u.stream, "measure_trust", 2L * u.tensors,
           AddDoubles{workspace.tensor_lanes, workspace.tensors, 2 * tensor_lanes});
  for_each(u.stream, "trust", u.tensors, Trust{workspace.tensors, workspace.trust, u.tensors});
  for_each(u.stream, "update", items,
           StepLayers{u.chunks, u.numbers, u.outcome, workspace.trust, u.gradients, u.parameters});
}

}  // namespace strata::cuda::kernels
