// SPDX-License-Identifier: MIT
// Files identify a tensor by its name: the path of its layer and its role there. Two tensors of the same name could be
// saved but not loaded, so such a network is rejected.
#pragma once

#include <strata/core/random.hpp>
#include <strata/graph/declared/builder.hpp>

namespace strata::graph {

/// Slots of a hash table for `names` names: a power of two, with at least half of the slots free.
constexpr int name_slots(int names) {
  int slots = 2;
  while (slots < 2 * names) slots *= 2;
  return slots;
}

/// Rejects the network if two tensors have the same name; the error is reported for the later layer. slots: slot_count
/// zeros, as many as name_slots() returns.
constexpr void refuse_equal_names(Builder& b, int* slots, int slot_count) {
  const auto tensor = [&b](int t) -> const Tensor& {
    return t < b.parameter_count ? b.parameters[t] : b.buffers[t - b.parameter_count];
  };
  for (int t = 0; t < b.parameter_count + b.buffer_count && !b.refused(); t++) {
    const char* const path = b.layers[tensor(t).layer].path;
    const char* const leaf = leaf_name(tensor(t).role);
    std::uint64_t hash = 0;
    for (const char* c = path; *c; c++) hash = hash * 31 + static_cast<unsigned char>(*c);
    for (const char* c = leaf; *c; c++) hash = hash * 31 + static_cast<unsigned char>(*c);
    int slot = int(core::mix(hash, 0) % std::uint64_t(slot_count));
    for (; slots[slot] > 0; slot = (slot + 1) % slot_count) {
      const Tensor& other = tensor(slots[slot] - 1);
      if (!core::same_text(leaf, leaf_name(other.role)) || !core::same_text(path, b.layers[other.layer].path)) continue;
      const int later = tensor(t).layer > other.layer ? tensor(t).layer : other.layer;
      Shape given{};
      for (int i = b.node_count - 1; i >= 0; i--)
        if (b.nodes[i].layer == later) given = b.nodes[i].in;
      b.leave(0);
      b.enter(path);
      b.refuse(Reason::name_taken, b.spells[later], given, {}, tensor_name(b.layers, tensor(t)).text);
      break;
    }
    slots[slot] = t + 1;
  }
}

}  // namespace strata::graph
