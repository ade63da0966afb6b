// SPDX-License-Identifier: MIT
// The functors of a network, as a table of functions over rows.
#pragma once

#include <strata/cpu/nhwc/call.hpp>
#include <strata/spec/functor.hpp>

namespace strata::cpu::nhwc {

template <class F>
void apply_row(float* x, long count) {
  sweep(
      count, [&](long i) { core::simd::storeu(x + i, F::f(core::simd::loadu(x + i))); },
      [&](long i) { x[i] = F::f(x[i]); });
}

template <class F>
void scale_row(float* dy, const float* v, long count) {
  sweep(
      count, [&](long i) { core::simd::storeu(dy + i, core::simd::loadu(dy + i) * F::df(core::simd::loadu(v + i))); },
      [&](long i) { dy[i] *= F::df(v[i]); });
}

template <class List>
struct FunctorTable;
template <class... F>
struct FunctorTable<spec::type_list<F...>> {
  static constexpr Functor table[] = {{&apply_row<F>, &scale_row<F>, F::needs == Needs::input}...};
};

}  // namespace strata::cpu::nhwc
