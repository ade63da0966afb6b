// SPDX-License-Identifier: MIT
#include "cost.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <strata/core/available_memory.hpp>

namespace street_scenes {

namespace {

/// The most images whose training fits; 0: none.
int largest_that_fits(const CompiledNetwork& network, int threads, long limit) {
  int fits = 0;
  for (int step = 1 << 12; step > 0; step /= 2)
    if (cost_of(network, fits + step, threads).total() <= limit) fits += step;
  return fits;
}

}  // namespace

std::string gigabytes(long bytes) { return fmt::format("{:.2f} GB", double(bytes) / 1e9); }

long decoded_bytes(strata::Shape input) { return input.pixels() * 4L; }

int images_at_once(const TrainSettings& settings) {
  return settings.micro_batch > 0 ? std::min(settings.micro_batch, settings.batch) : settings.batch;
}

Cost cost_of(const CompiledNetwork& network, int images, int threads) {
  const Facts facts = network.facts();
  Cost cost;
  cost.training_plan = network.training_bytes(images, threads);
  cost.validation_plan = network.inference_bytes(1, threads);
  cost.numbers = facts.number_bytes + 2 * facts.parameter_bytes;
  const long decoded = decoded_bytes(network.input), of_a_batch = network.input.pixels() * (3L + 4);  // labels of 4 bytes
  cost.batches = images * of_a_batch + (batches_ahead * images + decoder_threads) * decoded + 2 * (of_a_batch + decoded);
  cost.program = program_bytes;
  return cost;
}

long memory_limit(double gigabytes) {
  if (gigabytes > 0) return long(gigabytes * 1e9);
  const long available = strata::available_memory();
  return available < 0 ? long(1e15) : available;
}

void require_memory(const CompiledNetwork& network, const TrainSettings& settings, int threads, long limit) {
  const int images = images_at_once(settings);
  const long needed = cost_of(network, images, threads).total();
  if (needed <= limit) return;
  const int fits = std::min(largest_that_fits(network, threads, limit), images - 1);
  const std::string wanted =
      fmt::format("--batch {}: training {} images of {} at once takes {}, and {} {}", settings.batch, images, network.size,
                  gigabytes(needed), gigabytes(limit), settings.memory > 0 ? "are allowed by --memory" : "are free");
  if (fits < 1) throw strata::Error(wanted, "; even one image does not fit: take a smaller --size or a machine with more memory");
  throw strata::Error(wanted, ", with what is cheap to compute twice not stored; the largest batch that fits is ", fits,
                      ", and --micro-batch ", fits, " makes updates of ", settings.batch,
                      " images by accumulating gradients, in ", gigabytes(cost_of(network, fits, threads).total()),
                      " (batch norm then sees ", fits, " images at a time)");
}

}  // namespace street_scenes
