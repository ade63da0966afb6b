// SPDX-License-Identifier: MIT
// The plan that a back end executes: order, phases and memory.
#pragma once

#include <strata/graph/declared/graph.hpp>

namespace strata::graph {

enum class Mode : unsigned char { inference, training };

/// Where a value lives. Sizes and offsets are in floats per image (frame, scratch) or in floats (fixed).
enum class Storage : unsigned char {
  none,
  frame,    ///< per group of images, alive across phases: arena + fixed + group * frame * lanes + offset * lanes
  scratch,  ///< private to a thread, alive within one phase and one group
  fixed     ///< one value for the batch
};

/// The place of a value in memory.
struct Place {
  Storage storage = Storage::none;
  long offset = 0, size = 0;
  constexpr bool operator==(const Place&) const = default;
};

/// The kind of execution that a plan is for.
struct Layout {
  int lanes = 1;          ///< images per group: tensors are (C, H, W, lanes); 1: (H, W, C), one image per group
  bool by_group = false;  ///< threads divide up the groups and run whole phases; else they divide up each node
  int align = 16;         ///< in floats: the alignment of every offset, before multiplication by lanes
};

/// Nodes in order of execution. Node i computes value i, stored at places[i]. phase[i] never decreases. Between two
/// phases there is a barrier over all images, since batch values of one phase are used in the next.
template <int Capacity>
struct Plan {
  static constexpr int capacity = Capacity;
  Node nodes[core::at_least_one(Capacity)]{};
  Place places[core::at_least_one(Capacity)]{};
  int phase[core::at_least_one(Capacity)]{};
  int count = 0, phases = 0, result = -1;
  OtherResults others{};   ///< of heads after the first one
  int forward_phases = 0;  ///< training: phases up to the last loss, enough for the forward pass alone
  long frame = 0, scratch = 0, fixed = 0;
};

}  // namespace strata::graph
