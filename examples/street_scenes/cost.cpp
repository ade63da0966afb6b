// SPDX-License-Identifier: MIT
#include "cost.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <strata/core/available_memory.hpp>
#include <strata/data/segmentation_set.hpp>

namespace street_scenes {

namespace {

/// The largest number of images per step that fits; 0: none.
int largest_that_fits(const CompiledNetwork& network, const TrainSettings& settings, const shared::Processor& processor,
                      long limit) {
  int fits = 0;
  for (int step = 1 << 12; step > 0; step /= 2)
    if (cost_of(network, settings, fits + step, processor).host() <= limit) fits += step;
  return fits;
}

}  // namespace

std::string gigabytes(long bytes) { return fmt::format("{:.2f} GB", double(bytes) / 1e9); }

long decoded_bytes(strata::Shape input) { return input.pixels() * 4L; }

int images_at_once(const TrainSettings& settings) {
  return settings.micro_batch > 0 ? std::min(settings.micro_batch, settings.batch) : settings.batch;
}

Cost cost_of(const CompiledNetwork& network, const TrainSettings& settings, int images,
             const shared::Processor& processor) {
  Cost cost;
  cost.on_device = processor.device != "cpu";
  cost.network = network.memory(images, images < settings.batch, processor);
  if (settings.keep != "last") cost.best = cost.network.model;
  const long decoded = decoded_bytes(network.input),
             of_a_batch = network.input.pixels() * (3L + 4);  // labels of 4 bytes
  const int queue = batches_ahead * images, decoders = strata::data::decoder_threads(queue);
  cost.batches = images * of_a_batch + (queue + decoders) * decoded + 2 * (of_a_batch + decoded);
  cost.program = cost.on_device ? program_bytes_beside_device : program_bytes;
  return cost;
}

namespace {

MemoryParts computing_parts(const Memory& network) {
  return {{"activations and gradients of a step", network.training},
          {"activations of a validation", network.validation},
          {"parameters, gradients, momentum", network.numbers}};
}

}  // namespace

MemoryParts host_parts(const Cost& cost) {
  MemoryParts parts = cost.on_device
                          ? MemoryParts{{"the host's copies of parameters, momentum and batches", cost.network.host}}
                          : computing_parts(cost.network);
  parts.insert(parts.end(),
               {{"images of a batch and of those read ahead", cost.batches}, {"cached decoded images", cost.cache}});
  if (cost.best > 0) parts.emplace_back("the best model so far", cost.best);
  parts.emplace_back(cost.on_device ? "program, CUDA and cuDNN (estimate)" : "program and libraries (at most)",
                     cost.program);
  return parts;
}

MemoryParts device_parts(const Cost& cost) {
  if (!cost.on_device) return {};
  MemoryParts parts = computing_parts(cost.network);
  parts.emplace_back("batches being copied", cost.network.inputs);
  return parts;
}

long memory_limit(double gigabytes) {
  if (gigabytes > 0) return long(gigabytes * 1e9);
  const long available = strata::core::available_memory();
  return available < 0 ? long(1e15) : available;
}

void require_memory(const CompiledNetwork& network, const TrainSettings& settings, const shared::Processor& processor,
                    long limit) {
  const int images = images_at_once(settings);
  const Cost cost = cost_of(network, settings, images, processor);
  if (cost.host() <= limit) return;
  const int fits = std::min(largest_that_fits(network, settings, processor, limit), images - 1);
  const std::string wanted = fmt::format(
      "--batch {}: training {} images of {} at once needs {}{}, but only {} {}", settings.batch, images, network.size,
      gigabytes(cost.host()), cost.on_device ? " of host memory" : " even with cheap values recomputed",
      gigabytes(limit), settings.memory > 0 ? "are allowed by --memory" : "are free");
  if (fits < 1)
    throw strata::Error(wanted, "; even one image does not fit: use a smaller --size or a machine with more memory");
  throw strata::Error(wanted, "; the largest batch that fits is ", fits, ", and --micro-batch ", fits,
                      " makes updates of ", settings.batch, " images by accumulating gradients, in ",
                      gigabytes(cost_of(network, settings, fits, processor).host()), " (batch norm then sees ", fits,
                      " images at a time)");
}

}  // namespace street_scenes
