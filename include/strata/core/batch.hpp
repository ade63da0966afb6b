// SPDX-License-Identifier: MIT
// What a set of samples is to the training: anything that counts its samples and hands out batches of them.
#pragma once

#include <strata/core/views.hpp>

namespace strata {

struct Batch {
  Images images;
  Labels labels;
};

/// count() samples; batch(index, n) are samples index[0] ... index[n - 1], valid until the next call. Where the set also
/// has begin_epoch(order, n, seed) it is told what will be asked for: to load ahead, to draw its augmentation. Where it has
/// begin_epoch(order, n, seed, learner_changes) it is also told whether the learner applies Images::changes: then the batches of
/// the epoch may come unchanged with their changes.
template <class S>
concept Samples = requires(S& samples, const std::int32_t* index, int n) {
  int(samples.count());
  Batch(samples.batch(index, n));
};

}  // namespace strata
