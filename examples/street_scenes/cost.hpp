// SPDX-License-Identifier: MIT
// What a training will take, before it begins.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "network.hpp"
#include "options.hpp"

namespace street_scenes {

/// Bytes. All but `program` are exact, but for the workspaces that cuDNN asks for on a GPU.
struct Cost {
  bool on_device = false;  ///< the network's computing is a GPU's, everything else the host's
  Memory network;
  long batches = 0;  ///< images and labels of a batch, and of those decoded ahead
  long cache = 0;    ///< decoded images that are kept
  long best = 0;     ///< the best model so far, where that is kept
  long program = 0;  ///< the constant: code, libraries, scores of an image, a file on its way
  long host() const { return (on_device ? network.host : network.computing()) + batches + cache + best + program; }
  long device() const { return on_device ? network.computing() : 0; }
};

/// CUDA and cuDNN take more than the program itself: an estimate.
inline constexpr long program_bytes = 128L << 20, program_bytes_beside_device = 1L << 30;

/// Without a cache. `images`: at once, the micro-batch.
Cost cost_of(const CompiledNetwork& network, const TrainSettings& settings, int images, const shared::Processor& processor);

/// Bytes of the host that may be taken: what was given in GB, or what the machine has free.
long memory_limit(double gigabytes);

/// Throws the sentence where a batch does not fit into the host's memory, with the largest that does. What fits a GPU the session
/// there says, which knows what cuDNN asks for.
void require_memory(const CompiledNetwork& network, const TrainSettings& settings, const shared::Processor& processor, long limit);

/// Of a decoded image with its labels, a byte a number.
long decoded_bytes(strata::Shape input);

inline constexpr int decoder_threads = 1, batches_ahead = 2;

int images_at_once(const TrainSettings& settings);

/// The parts of the memory, in words: the host's, and the GPU's.
using MemoryParts = std::vector<std::pair<std::string, long>>;
MemoryParts host_parts(const Cost&);
MemoryParts device_parts(const Cost&);

std::string gigabytes(long bytes);

}  // namespace street_scenes
