// SPDX-License-Identifier: MIT
// The fixed-shape kernels of an inference, for the nodes that choose.hpp gives them.
#pragma once

#include <strata/cpu/nhwc/fixed_shape/choose.hpp>
#include <strata/cpu/nhwc/fixed_shape/convolution.hpp>
#include <strata/cpu/nhwc/fixed_shape/dense.hpp>
#include <strata/cpu/nhwc/fixed_shape/softmax.hpp>
#include <strata/cpu/nhwc/program.hpp>
#include <strata/spec/functor.hpp>

#include <utility>

namespace strata::cpu::nhwc::fixed_shape {

/// The functor with this ordinal; void for none.
template <int Ordinal, class List>
struct FunctorAt {
  using type = void;
};
template <class First, class... Rest>
struct FunctorAt<0, spec::type_list<First, Rest...>> {
  using type = First;
};
template <int Ordinal, class First, class... Rest>
requires(Ordinal > 0) struct FunctorAt<Ordinal, spec::type_list<First, Rest...>>
    : FunctorAt<Ordinal - 1, spec::type_list<Rest...>> {
};

inline void nothing(const Call&, core::Team&) {}

template <ConvolutionKey K>
void pack(const Node& node, const float* parameters, const float* buffers, float* folded, float* packed,
          core::Team& team) {
  const Weights w = folded_weights(node, parameters, buffers, folded, team);
  team.once([&] { pack_convolution(K, w.weights, w.scale, w.bias, packed); });
}
template <DenseKey K>
void pack(const Node& node, const float* parameters, const float* buffers, float* folded, float* packed,
          core::Team& team) {
  const Weights w = folded_weights(node, parameters, buffers, folded, team);
  team.once([&] { pack_dense(K, w.weights, w.scale, w.bias, packed); });
}
template <auto Key>
constexpr long packed_floats(const Node&) {
  return Key.packed_floats();
}
template <ConvolutionKey K>
constexpr long workspace_floats(const Node&) {
  return K.workspace_floats();
}

/// The kernels of a plan that `suits`, as its algorithms say. Chosen: the Choices of Plan.
template <const auto& Plan, const auto& Chosen, class Functors>
struct Kernels {
  template <int I>
  static constexpr Kernel kernel() {
    constexpr Node node = Plan.nodes[I];
    constexpr Algorithm algorithm = Chosen.of[I];
    if constexpr (!traits(algorithm).fixed_shape) {
      return kernel_of(node.op, algorithm);
    } else if constexpr (node.op == Op::convolution) {
      using F = typename FunctorAt<node.epilogue.functor, Functors>::type;
      constexpr ConvolutionKey key =
          convolution_key(node, algorithm, Chosen.of[node.inputs[graph::Input::x]] == Algorithm::skipped);
      return {.run = fixed_shape::convolution<key, F>,
              .pack = fixed_shape::pack<key>,
              .packed = fixed_shape::packed_floats<key>,
              .workspace = fixed_shape::workspace_floats<key>};
    } else if constexpr (node.op == Op::dense) {
      using F = typename FunctorAt<node.epilogue.functor, Functors>::type;
      constexpr DenseKey key{node.in, int(node.out.size())};
      return {
          .run = fixed_shape::dense<key, F>, .pack = fixed_shape::pack<key>, .packed = fixed_shape::packed_floats<key>};
    } else if constexpr (node.op == Op::softmax) {
      return {fixed_shape::softmax<node.out.channels>};
    } else {
      static_assert(algorithm == Algorithm::skipped, "strata: an op has no kernel of fixed shape, but was given one");
      return {nothing};
    }
  }

  template <class P, class C>
  static constexpr Kernel of(const P&, const C&, int i) {
    return Table<std::make_integer_sequence<int, Plan.count>>::kernels[i];
  }

 private:
  template <class Sequence>
  struct Table;
  template <int... I>
  struct Table<std::integer_sequence<int, I...>> {
    static constexpr Kernel kernels[sizeof...(I)] = {kernel<I>()...};
  };
};

}  // namespace strata::cpu::nhwc::fixed_shape
