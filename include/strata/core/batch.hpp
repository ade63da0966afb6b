// SPDX-License-Identifier: MIT
// What a set of samples is to the training: anything that counts its samples and hands out batches of them.
#pragma once

#include <type_traits>

#include <strata/core/views.hpp>

namespace strata {

struct Batch {
  Images images;
  Labels labels;
};

/// count() samples; batch(index, n) are samples index[0] ... index[n - 1], valid until the next call. Where the set also
/// has begin_epoch(order, n, seed) it is told what will be asked for: to load ahead, to draw its augmentation. Where it has
/// begin_epoch(order, n, seed, learner_changes) it is also told whether the learner applies Images::changes: then the batches of
/// the epoch may come unchanged with their changes. Where it has fill_outside(outside) (change.hpp) it is told, before its first
/// epoch, what numbers of an image the network's input makes 0: to show them where an augmentation looks beyond the image.
template <class S>
concept Samples = requires(S& samples, const std::int32_t* index, int n) {
  int(samples.count());
  Batch(samples.batch(index, n));
};

/// Sets that say `static constexpr bool in_memory = true` give the same numbers whenever they are asked, and at no
/// cost: a training looks at all of them before it changes anything.
template <class S>
inline constexpr bool is_in_memory = requires {
  requires std::remove_cvref_t<S>::in_memory;
};

}  // namespace strata
