// SPDX-License-Identifier: MIT
// The optimizer interface: a small trivially copyable struct that turns a gradient into a direction d, in place; the
// weights then become w - rate d. Users can write their own, with the members that `Optimizes` lists.
#pragma once

#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <string>
#include <type_traits>

#include <strata/core/compile_once.hpp>
#include <strata/core/condition.hpp>
#include <strata/core/digest.hpp>
#include <strata/core/formulas/simd.hpp>
#include <strata/core/formulas/update_formulas.hpp>
#include <strata/train/schedule.hpp>

namespace strata::training {

/// One update of one tensor, as an optimizer sees it.
struct Update {
  long step = 1;             ///< 1 at the first update
  double rate = 0;           ///< of this tensor: the schedule's rate times the tensor's rate_factor
  double previous_rate = 0;  ///< at the previous update; equals rate at the first
  double l2_factor = 1;      ///< of this tensor: multiplies the optimizer's l2 and decay
};

/// The members that every optimizer has.
template <class O>
concept Optimizes = std::is_trivially_copyable_v<O> &&
    requires(const O& o, const Update& u, long n, const float* w, float* g, float* const* state) {
  O::name;       // const char*, stored in checkpoints
  O::slots;      // floats of state for each parameter
  O::layerwise;  // whether the step of each tensor is scaled by |w| / |d|
  Schedule(o.rate);
  o.direction(u, n, w, g, state);
};  // optional: conditions(), squares, coefficients(), fault(), used_slots(); see Optimizer

namespace detail {

/// "momentum is 2; give a number from 0 to below 1"; empty if x is from `least` to `most`, and
/// below 1 if `most` is 1.
STRATA_ONCE std::string unless_within(const char* what, double x, double least, double most);

/// The first string that is not empty; empty if all are.
STRATA_ONCE std::string first_fault(std::initializer_list<std::string> faults);

#if STRATA_HAS_BODIES

STRATA_ONCE std::string unless_within(const char* what, double x, double least, double most) {
  if (core::is_within(x, least, most) && !(most == 1 && x == most)) return "";
  return core::sentence(what, " is ", x, "; give a number from ", least, most == 1 ? " to below " : " to ", most);
}

STRATA_ONCE std::string first_fault(std::initializer_list<std::string> faults) {
  for (const std::string& fault : faults)
    if (!fault.empty()) return fault;
  return "";
}

#endif  // STRATA_HAS_BODIES

}  // namespace detail

/// Any optimizer, held by value: w -= rate d, where d is the direction that it makes of the gradient.
class Optimizer {
 public:
  static constexpr std::size_t capacity = 256;  ///< bytes of numbers that an optimizer may hold

  /// Holds a copy of o.
  template <Optimizes O>
  Optimizer(const O& o);

  /// Replaces the gradients g[n] of one tensor's parameters w[n] by their directions; state[s] is their slot s, [n].
  void direction(const Update& u, long n, const float* w, float* g, float* const* state) const {
    direction_(storage_, u, n, w, g, state);
  }

  /// The same as coefficients, for an update on a GPU; of kind `own` if the optimizer has no `coefficients`.
  core::UpdateFormula formula(const Update& u) const {
    return formula_ ? formula_(storage_, u) : core::UpdateFormula();
  }

  /// Why no training can start with these settings, as a clause that says what to give; empty if one can. An optimizer
  /// may have its own fault().
  std::string fault() const;

  /// What its updates depend on: its name, its rate, and what it adds in `void conditions(Conditions&) const`; without
  /// that member, a digest of directions that it computes.
  core::Conditions conditions() const;

  static constexpr int max_slots = 4;  ///< floats of state that an optimizer may keep per parameter
  Schedule rate;                       ///< learning rate
  const char* name;                    ///< stored in checkpoints
  int slots;                           ///< floats of state per parameter: O::slots, or fewer by o.used_slots()
  bool layerwise;                      ///< whether the step of each tensor is scaled by |w| / |d|
  int squares = -1;                    ///< index of the slot that is never negative (O::squares); -1: none

 private:
  /// Adds a digest of the directions of a few updates, which differs between different settings.
  template <class O>
  static void probe(const O& o, core::Conditions& out) {
    constexpr int count = 3;
    float slots[max_slots][count] = {}, *state[max_slots] = {slots[0], slots[1], slots[2], slots[3]};
    const float w[2][count] = {{0.5f, -1.25f, 3}, {0.375f, -1.125f, 2.5f}};
    core::Digest digest;
    for (const Update u :
         {Update{1, 0.0625, 0.0625, 1}, Update{2, 0.03125, 0.0625, 1}, Update{3, 0.03125, 0.03125, 0.5}}) {
      float g[count] = {0.75f, -0.125f, float(u.step)};
      o.direction(u, count, w[u.step % 2], g, state);
      digest.add(g, sizeof g);
    }
    out.add("optimizer's directions", digest.text());
  }

  alignas(16) unsigned char storage_[capacity] = {};
  void (*conditions_)(const void*, core::Conditions&) = nullptr;
  void (*direction_)(const void*, const Update&, long, const float*, float*, float* const*) = nullptr;
  core::UpdateFormula (*formula_)(const void*, const Update&) = nullptr;
  std::string (*fault_)(const void*) = nullptr;
};

template <Optimizes O>
Optimizer::Optimizer(const O& o) : rate(o.rate), name(O::name), slots(O::slots), layerwise(O::layerwise) {
  static_assert(sizeof(O) <= capacity && alignof(O) <= 16, "strata: an optimizer holds at most 256 bytes of numbers");
  static_assert(O::slots >= 0 && O::slots <= max_slots, "strata: an optimizer keeps at most 4 floats per parameter");
  std::memcpy(storage_, &o, sizeof(O));
  direction_ = [](const void* self, const Update& u, long n, const float* w, float* g, float* const* state) {
    static_cast<const O*>(self)->direction(u, n, w, g, state);
  };
  conditions_ = [](const void* self, core::Conditions& out) {
    if constexpr (requires { o.conditions(out); }) static_cast<const O*>(self)->conditions(out);
    else probe(*static_cast<const O*>(self), out);
  };
  if constexpr (requires { O::squares; }) squares = O::squares;
  if constexpr (requires { int(o.used_slots()); }) slots = o.used_slots();
  if constexpr (requires(const Update& u) { core::UpdateFormula(o.coefficients(u)); })
    formula_ = [](const void* self, const Update& u) {
      return core::UpdateFormula(static_cast<const O*>(self)->coefficients(u));
    };
  if constexpr (requires { std::string(o.fault()); })
    fault_ = [](const void* self) -> std::string { return static_cast<const O*>(self)->fault(); };
}

namespace detail {

/// Calls body(i, T()) over [0, n), with T = core::simd::Vector for whole vectors, then float. Bodies use read<T> and
/// write.
template <class Body>
[[gnu::always_inline]] inline void sweep(long n, Body&& body) {
  long i = 0;
  for (; i + core::simd::lanes <= n; i += core::simd::lanes) body(i, core::simd::Vector());
  for (; i < n; i++) body(i, 0.f);
}
using core::simd::read;
using core::simd::write;

/// Replaces the gradients g[n] of weights w[n] by the directions that core::direction_of makes with these coefficients,
/// and updates each slot, [n].
template <class Coefficients, class... Slot>
inline void replace_by_directions(const Coefficients& k, long n, const float* w, float* g, Slot* const... slot) {
  sweep(n, [&](long i, auto tag) STRATA_INLINE_LAMBDA {
    using T = decltype(tag);
    [&](auto... state) STRATA_INLINE_LAMBDA {
      const T d = core::direction_of(k, read<T>(w + i), read<T>(g + i), state...);
      (write(slot + i, state), ...);
      write(g + i, d);
    }(read<T>(slot + i)...);
  });
}

}  // namespace detail

#if STRATA_HAS_BODIES

STRATA_ONCE std::string Optimizer::fault() const {
  return detail::first_fault({rate.fault(), fault_ ? fault_(storage_) : std::string()});
}

STRATA_ONCE core::Conditions Optimizer::conditions() const {
  core::Conditions out{{"optimizer", name}};
  conditions_(storage_, out);
  out.add("", rate.conditions());
  return out;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training
