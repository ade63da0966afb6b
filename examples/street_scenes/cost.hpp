// SPDX-License-Identifier: MIT
// What a training will take, before it begins.
#pragma once

#include <string>

#include "network.hpp"
#include "options.hpp"

namespace street_scenes {

/// Bytes. All but `program` are exact.
struct Cost {
  long training_plan = 0, validation_plan = 0;  ///< activations, packed weights, scratch
  long numbers = 0;                             ///< parameters, gradients, momentum, buffers
  long batches = 0;                             ///< images and labels of a batch, and of those decoded ahead
  long cache = 0;                               ///< decoded images that are kept
  long program = 0;                             ///< the constant: code, libraries, scores of an image, a file on its way
  long total() const { return training_plan + validation_plan + numbers + batches + cache + program; }
};

inline constexpr long program_bytes = 128L << 20;

/// Without a cache. `images`: at once, the micro-batch.
Cost cost_of(const CompiledNetwork& network, int images, int threads);

/// Bytes that may be taken: what was given in GB, or what the machine has free.
long memory_limit(double gigabytes);

/// Throws the sentence where a batch does not fit, with the largest that does.
void require_memory(const CompiledNetwork& network, const TrainSettings& settings, int threads, long limit);

/// Of a decoded image with its labels, a byte a number.
long decoded_bytes(strata::Shape input);

inline constexpr int decoder_threads = 1, batches_ahead = 2;

/// Images at once.
int images_at_once(const TrainSettings& settings);

std::string gigabytes(long bytes);

}  // namespace street_scenes
