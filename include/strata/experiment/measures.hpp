// SPDX-License-Identifier: MIT
// What budgets limit and best<> maximizes: numbers that the compiler knows of a network. Your own measure is a struct
// with the same two members.
#pragma once

#include <strata/cpu/cost.hpp>
#include <strata/experiment/declared_cost.hpp>
#include <strata/experiment/planned_size.hpp>

namespace strata::experiment {

/// Numbers that training may change: weights, biases, scales, shifts.
struct Parameters {
  static constexpr const char* name = "parameters";
  /// The number that the network `Net` has.
  template <class Net>
  static constexpr long of() {
    return declared_cost<Net>.parameters;
  }
};

/// Multiply-adds of the forward pass of one image.
struct Macs {
  static constexpr const char* name = "MACs";
  /// The number that the network `Net` has.
  template <class Net>
  static constexpr long of() {
    return declared_cost<Net>.macs;
  }
};

/// Bytes that the CPU's program allocates for a batch on one thread (arena_bytes), for the instruction set that the
/// file is compiled for. The compiler plans the network for it, which takes longer than to count.
template <int Batch = 1, cpu::Use For = cpu::Use::inference>
struct ArenaBytes {
  static constexpr const char* name =
      For == cpu::Use::inference ? "bytes of memory for inference" : "bytes of memory for training";
  /// The number that the network `Net` has.
  template <class Net>
  static constexpr long of() {
    if constexpr (Batch == 1 && For == cpu::Use::inference) return planned_size<Net>.arena_bytes;
    else return cpu::arena_bytes<Net, For>(Batch);
  }
};

/// Bytes of the weights as the CPU's inference of one image packs them, folded batch norms included.
struct PackedBytes {
  static constexpr const char* name = "bytes of packed weights";
  /// The number that the network `Net` has.
  template <class Net>
  static constexpr long of() {
    return planned_size<Net>.packed_bytes;
  }
};

}  // namespace strata::experiment
