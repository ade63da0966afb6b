// SPDX-License-Identifier: MIT
// Records of runs that never ran, with known times.
#pragma once

#include <strata/report/run_record.hpp>

#include <string>

namespace strata::testing {

/// A digits training of `updates` updates of `seconds` each, after a first one of twice as long.
inline report::RunRecord made_run(int batch, int threads, double seconds, int updates = 5) {
  report::RunRecord r;
  r.status = "complete", r.task = "digits", r.network = "Digits<8,16,32>", r.hash = "2-0123456789abcdef";
  r.parameters = 21690, r.macs = 523712, r.arena_bytes = 1'000'000 + 20'000L * batch,
  r.peak_rss_bytes = 51'000'000 + 20'000L * batch;
  r.threads = threads, r.batch = batch, r.epochs = 5, r.iterations = updates;
  r.seconds = {.load = 0.5, .train = seconds * (updates + 1), .validate = 0, .total = seconds * (updates + 1) + 1};
  r.seconds.per_iteration = r.seconds.train / updates;
  r.seed = 1;
  r.dataset = {"MNIST", 52'500, 7'500, 10'000, 10, 54'950'000};
  r.accuracy = {0.99, 0.98, 0.97};
  r.machine = {.name = "here",
               .cpu = "a processor",
               .compiler = "gcc 12.2",
               .flags = "AVX2",
               .cores = 4,
               .ram_bytes = 16'000'000'000};
  r.device = device_of(r.machine);
  r.conditions = {{"--recipe", "workshop"}, {"--batch", std::to_string(batch)}, {"training pixels of digest", "01"}};
  for (int i = 1; i <= updates; i++)
    r.history.push_back(
        {.epoch = 1, .iteration = i, .seconds = seconds * (i + 1), .loss = 1, .rate = 0.01, .train_accuracy = 0.5});
  return r;
}

}  // namespace strata::testing
