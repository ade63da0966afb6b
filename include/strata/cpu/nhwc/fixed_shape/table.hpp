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
  if (node.op == Op::dense) return graph::macs(node) <= max_macs && node.out.size() <= max_channels;
  return node.op == Op::convolution && !node.adds && node.weight_inputs == 0 && graph::macs(node) <= max_macs &&
         node.in.size() <= max_floats && node.mid.size() <= max_floats && node.in.channels <= max_channels &&
         node.mid.channels <= max_channels &&
         (!node.pools || node.pool.taps() <= ConvolutionKey::accumulators);
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
    for (int k = 0; k < plan.nodes[i].input_count; k++)
      if (plan.nodes[plan.nodes[i].inputs[k]].op == Op::input) {
        if (plan.nodes[i].op != Op::convolution || !fits(plan.nodes[i])) return false;
        readers++;
      }
  return readers == 1;
}

constexpr ConvolutionKey convolution_key(const Node& node, bool reads_image = false) {
  ConvolutionKey key{.in = node.in, .mid = node.mid, .out = node.out, .window = node.window, .reads_image = reads_image};
  if (node.pools) key.pool_height = node.pool.kernel_height, key.pool_width = node.pool.kernel_width;
  key.winograd = node.products == graph::Products::fewest     ? key.prefers_winograd()
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
struct FunctorAt<0, type_list<First, Rest...>> {
  using type = First;
};
template <int Ordinal, class First, class... Rest>
  requires(Ordinal > 0)
struct FunctorAt<Ordinal, type_list<First, Rest...>> : FunctorAt<Ordinal - 1, type_list<Rest...>> {};

inline void nothing(const Call&, Team&) {}

template <ConvolutionKey K>
void pack(const Node& node, const float* parameters, const float* buffers, float* folded, float* packed) {
  const Weights w(node, parameters, buffers, folded);
  pack_convolution<K>(w.weights, w.scale, w.bias, packed);
}
template <DenseKey K>
void pack(const Node& node, const float* parameters, const float* buffers, float* folded, float* packed) {
  const Weights w(node, parameters, buffers, folded);
  pack_dense<K>(w.weights, w.scale, w.bias, packed);
}

/// One entry per node of the inference plan; null where the general kernel runs.
template <class Net, graph::PlanOptions Options>
struct Table {
  static constexpr auto& plan = graph::inference_plan<Net, layout, Options>;
  static constexpr int size = plan.capacity > 0 ? plan.capacity : 1;
  Special run[size]{};
  SpecialPack pack[size]{};
  SpecialSizes sizes[size]{};

  constexpr bool serves_all() const {
    for (int i = 0; i < plan.count; i++)
      if (!sizes[i].special) return false;
    return true;
  }

  static constexpr bool reads_image(int i) { return plan.nodes[plan.nodes[i].inputs[0]].op == Op::input && skips_input(plan); }

  template <int I>
  constexpr void add() {
    constexpr Op op = plan.nodes[I].op;
    if constexpr (op == Op::input) {
      if (skips_input(plan)) run[I] = &nothing, sizes[I].special = true;
    } else if constexpr (fits(plan.nodes[I])) {
      using F = typename FunctorAt<plan.nodes[I].functor, functors<Net>>::type;
      if constexpr (op == Op::convolution) {
        constexpr ConvolutionKey key = convolution_key(plan.nodes[I], reads_image(I));
        run[I] = &fixed_shape::convolution<key, F>, pack[I] = &fixed_shape::pack<key>;
        sizes[I] = {true, key.packed_floats(), key.workspace_floats()};
      } else if constexpr (op == Op::dense) {
        constexpr DenseKey key{plan.nodes[I].in, int(plan.nodes[I].out.size())};
        run[I] = &fixed_shape::dense<key, F>, pack[I] = &fixed_shape::pack<key>;
        sizes[I] = {true, key.packed_floats(), 0};
      } else {
        run[I] = &fixed_shape::softmax<plan.nodes[I].out.channels>, sizes[I].special = true;
      }
    }
  }
};

/// The table of a network. Unless Enabled, it is empty: the general kernels run everywhere.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}, bool Enabled = true>
inline constexpr Table<Net, Options> table = [] {
  Table<Net, Options> t;
  if constexpr (Enabled && suits(Table<Net, Options>::plan))
    [&]<int... I>(std::integer_sequence<int, I...>) {
      const int order[] = {0, (t.template add<I>(), I)...};
      (void)order;
    }(std::make_integer_sequence<int, Table<Net, Options>::plan.count>{});
  return t;
}();

}  // namespace strata::cpu::nhwc::fixed_shape
