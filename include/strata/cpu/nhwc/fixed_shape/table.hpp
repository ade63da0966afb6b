// SPDX-License-Identifier: MIT
// Which nodes of an inference have a fixed-shape kernel: small convolutions, small dense layers, a softmax of one
// pixel. A large node gains nothing from it and would cost compile time, so it uses the general kernel.
#pragma once

#include <strata/cpu/nhwc/fixed_shape/convolution.hpp>
#include <strata/cpu/nhwc/fixed_shape/dense.hpp>
#include <strata/cpu/nhwc/fixed_shape/softmax.hpp>
#include <strata/cpu/nhwc/program.hpp>
#include <strata/graph/plans.hpp>

#include <utility>

namespace strata::cpu::nhwc::fixed_shape {

inline constexpr long max_macs = 1'000'000, max_floats = 1 << 15;
inline constexpr int max_channels = 64;
inline constexpr int max_nodes = 24;  ///< of a plan: each shape costs about 0.2 s of compile time

/// Whether the node is small enough for a fixed-shape kernel.
constexpr bool fits(const Node& node) {
  if (node.op == Op::softmax) return node.out.pixels() == 1 && node.in == node.out && node.out.channels <= max_channels;
  if (node.op == Op::dense) return graph::node_macs(node) <= max_macs && node.out.size() <= max_channels;
  return node.op == Op::convolution && !node.inputs.has(Input::residual) && node.weight_part.inputs == 0 &&
         graph::node_macs(node) <= max_macs && node.in.size() <= max_floats && node.mid.size() <= max_floats &&
         node.in.channels <= max_channels && node.mid.channels <= max_channels &&
         (!node.epilogue.pools || node.epilogue.pool.taps() <= ConvolutionKey::accumulators);
}

/// Whether the plan is small enough; a deep network uses the general kernels throughout.
template <class Plan>
constexpr bool suits(const Plan& plan) {
  return plan.count <= max_nodes;
}

/// Whether the image has a single reader, a fixed-shape convolution. Then the input node needs no value.
template <class Plan>
constexpr bool skips_input(const Plan& plan) {
  int readers = 0;
  for (int i = 0; i < plan.count; i++)
    for (const int input : plan.nodes[i].inputs)
      if (plan.nodes[input].op == Op::input) {
        if (plan.nodes[i].op != Op::convolution || !fits(plan.nodes[i])) return false;
        readers++;
      }
  return readers == 1;
}

constexpr ConvolutionKey convolution_key(const Node& node, bool reads_image = false) {
  ConvolutionKey key{
      .in = node.in, .mid = node.mid, .out = node.out, .window = node.window, .reads_image = reads_image};
  if (node.epilogue.pools)
    key.pool_height = node.epilogue.pool.kernel_height, key.pool_width = node.epilogue.pool.kernel_width;
  key.winograd = node.products == graph::Products::fewest
                     ? key.prefers_winograd()
                     : node.products == graph::Products::winograd && key.can_use_winograd();
  key.pairs = !key.winograd && key.prefers_pairs();
  return key;
}

/// The name, for users, of the fixed-shape kernel that runs the node of the plan; null if the general kernel does.
template <class Plan>
constexpr const char* name(const Plan& plan, const Node& node) {
  if (!suits(plan) || !fits(node)) return nullptr;
  return node.op == Op::convolution && convolution_key(node).winograd ? "fixed shape, Winograd" : "fixed shape";
}

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
  team.once([&] { pack_convolution<K>(w.weights, w.scale, w.bias, packed); });
}
template <DenseKey K>
void pack(const Node& node, const float* parameters, const float* buffers, float* folded, float* packed,
          core::Team& team) {
  const Weights w = folded_weights(node, parameters, buffers, folded, team);
  team.once([&] { pack_dense<K>(w.weights, w.scale, w.bias, packed); });
}
template <auto Key>
constexpr long packed_floats(const Node&) {
  return Key.packed_floats();
}
template <ConvolutionKey K>
constexpr long workspace_floats(const Node&) {
  return K.workspace_floats();
}

/// The choice of kernels for a plan that `suits`: of fixed shape where the node fits, else the general ones.
template <class Net, graph::PlanOptions Options>
struct Choice {
  static constexpr auto& plan = graph::inference_plan<Net, layout, Options>;

  static constexpr bool is_fixed_shape(int i) {
    return plan.nodes[i].op == Op::input ? skips_input(plan) : fits(plan.nodes[i]);
  }
  static constexpr bool reads_image(int i) {
    return plan.nodes[plan.nodes[i].inputs[Input::x]].op == Op::input && skips_input(plan);
  }

  template <int I>
  static constexpr Kernel kernel() {
    constexpr Node node = plan.nodes[I];
    if constexpr (!is_fixed_shape(I)) {
      return kernel_of(node);
    } else if constexpr (node.op == Op::convolution) {
      using F = typename FunctorAt<node.epilogue.functor, graph::functors<Net>>::type;
      constexpr ConvolutionKey key = convolution_key(node, reads_image(I));
      return {.run = fixed_shape::convolution<key, F>,
              .pack = fixed_shape::pack<key>,
              .packed = fixed_shape::packed_floats<key>,
              .workspace = fixed_shape::workspace_floats<key>};
    } else if constexpr (node.op == Op::dense) {
      using F = typename FunctorAt<node.epilogue.functor, graph::functors<Net>>::type;
      constexpr DenseKey key{node.in, int(node.out.size())};
      return {
          .run = fixed_shape::dense<key, F>, .pack = fixed_shape::pack<key>, .packed = fixed_shape::packed_floats<key>};
    } else if constexpr (node.op == Op::softmax) {
      return {fixed_shape::softmax<node.out.channels>};
    } else {
      return {nothing};
    }
  }

  template <class Plan>
  static constexpr Kernel of(const Plan&, int i) {
    return Table<std::make_integer_sequence<int, plan.count>>::kernels[i];
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
