// SPDX-License-Identifier: MIT
// What the training requires of a set of samples: their count, and batches of them.
#pragma once

#include <type_traits>

#include <strata/core/samples/views.hpp>

namespace strata::core {

/// Images and their labels, as views.
struct Batch {
  Images images;  ///< how many, and where
  Labels labels;  ///< of these images
};

/// A set of count() samples; batch(index, n) returns samples index[0] ... index[n - 1], valid until the next call. On a
/// GPU, a training calls it on a thread of its own, but never during another call.
/// Optional members:
/// - begin_epoch(order, n, seed) announces the samples of the next epoch, so that the set can load them ahead and draw
///   its augmentation. Where several processes share a batch, these are the samples that this one computes.
/// - begin_epoch(order, n, seed, learner_transforms) also says whether the learner applies Images::transforms; if so,
///   the set may return unchanged images together with their transforms.
/// - byte_batch(index, n) returns the same batch with its labels as bytes (Labels::bytes).
/// - labels_below() returns a number that all labels are below. If the network has as many classes, a GPU's labels are
///   not checked batch by batch; one that breaks the promise is ignored.
/// - has_float_targets() says whether batches have Labels::floats, of a set whose samples are not read beforehand.
/// - fill_outside(outside) (image_transform.hpp) gives, before the first epoch, the pixel values that the network's
///   input maps to 0, as bytes, as floats or, by two functions, as both; an augmentation shows them beyond the edge of
///   an image.
template <class S>
concept Samples = requires(S& samples, const std::int32_t* index, int n) {
  int(samples.count());
  Batch(samples.batch(index, n));
};

/// Whether a set declares `static constexpr bool in_memory = true`: it returns the same numbers on every call, at no
/// cost, so a training checks all of them before it changes anything.
template <class S>
inline constexpr bool is_in_memory = requires {
  requires std::remove_cvref_t<S>::in_memory;
};

}  // namespace strata::core

namespace strata {
using core::Batch;
}  // namespace strata
