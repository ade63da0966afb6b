// SPDX-License-Identifier: MIT
// Order, phases and memory: what every back end executes.
#pragma once

#include <strata/graph/graph.hpp>

namespace strata::graph {

enum class Mode : unsigned char { inference, training };

/// Where a value lives. Sizes and offsets are floats a image (frame, scratch) or floats (fixed).
enum class Storage : unsigned char {
  none,
  frame,    ///< one frame a group of images, alive across phases: arena + fixed + group * frame * lanes + offset * lanes
  scratch,  ///< private to a thread, alive within one phase and one group
  fixed     ///< one for the batch
};

struct Place {
  Storage storage = Storage::none;
  long offset = 0, size = 0;
  constexpr bool operator==(const Place&) const = default;
};

/// Which execution a plan is for.
struct Layout {
  int lanes = 1;          ///< images in one group: tensors are (C, H, W, lanes); 1: (H, W, C), one image a group
  bool by_group = false;  ///< threads share out groups and run whole phases; else threads share out each node
  int align = 16;         ///< floats: every offset is a multiple (of a lane-less tensor)
};

/// Nodes in order of execution. Node i makes value i, at places[i]. phase[i] never falls; a barrier over all images
/// stands between two phases, since a batch value made in one is used in the next.
template <int Capacity>
struct Plan {
  static constexpr int capacity = Capacity;
  Node nodes[Capacity > 0 ? Capacity : 1]{};
  Place places[Capacity > 0 ? Capacity : 1]{};
  int phase[Capacity > 0 ? Capacity : 1]{};
  int count = 0, phases = 0, result = -1;
  int forward_phases = 0;  ///< phases that the forward pass alone needs (training)
  long frame = 0, scratch = 0, fixed = 0;
};

}  // namespace strata::graph
