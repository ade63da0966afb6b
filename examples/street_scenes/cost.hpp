// SPDX-License-Identifier: MIT
// The memory that a training needs, computed before it starts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "network.hpp"
#include "options.hpp"

namespace street_scenes {

/// In bytes. All but `program` are exact, apart from cuDNN's workspaces on a GPU, which are not included.
struct Cost {
  bool on_device = false;  ///< a GPU computes the network; everything else runs on the host
  Memory network;
  long batches = 0;  ///< images and labels of the batch and of those decoded ahead
  long cache = 0;    ///< decoded images that are cached
  long best = 0;     ///< the best model so far, if it is kept
  long program = 0;  ///< a constant: code, libraries, scores of an image, a file being read or written
  long host() const { return (on_device ? network.host : network.computing()) + batches + cache + best + program; }
  long device() const { return on_device ? network.computing() : 0; }
};

/// CUDA and cuDNN need more than the program itself: an estimate.
inline constexpr long program_bytes = 128L << 20, program_bytes_beside_device = 1L << 30;

/// The cost without a cache. `images`: per step, the micro-batch.
Cost cost_of(const CompiledNetwork& network, const TrainSettings& settings, int images,
             const shared::Processor& processor);

/// Bytes of host memory that may be used: `gigabytes`, or if that is 0, what is available.
long memory_limit(double gigabytes);

/// Throws strata::Error if the batch does not fit into host memory, and names the largest that does. The session on a
/// GPU checks the GPU's memory, since it knows cuDNN's workspaces.
void require_memory(const CompiledNetwork& network, const TrainSettings& settings, const shared::Processor& processor,
                    long limit);

/// Bytes of a decoded image with its labels, one byte per number.
long decoded_bytes(strata::Shape input);

inline constexpr int batches_ahead = 2;

int images_at_once(const TrainSettings& settings);

/// The parts of the memory, with names, on the host and on the GPU.
using MemoryParts = std::vector<std::pair<std::string, long>>;
MemoryParts host_parts(const Cost&);
MemoryParts device_parts(const Cost&);

std::string gigabytes(long bytes);

}  // namespace street_scenes
