// SPDX-License-Identifier: MIT
// Measures all nodes of a subject within its steps, round by round, and a rival's kernels in turn with them.
#pragma once

#include <strata/benchmark/clocked_step.hpp>
#include <strata/benchmark/rival.hpp>
#include <strata/benchmark/spread.hpp>
#include <strata/benchmark/table.hpp>
#include <strata/core/clock.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace strata::benchmarks {

/// What is measured.
struct MeasureOptions {
  int images = 1;
  int threads = 1;
  int rounds = 0;  ///< 0: as many as fit into two seconds, from 3 to 200
};

namespace detail {

/// The measurements of all rounds: for each node the times of its runs and packs, and the rival's.
struct Rounds {
  std::vector<std::vector<double>> run, pack, rival;
  std::vector<double> whole{}, result{};

  explicit Rounds(int nodes) : run(std::size_t(nodes)), pack(run), rival(run) {}
  void add(const Times& times) {
    for (std::size_t i = 0; i < run.size(); i++) run[i].push_back(times.run[i]), pack[i].push_back(times.pack[i]);
    whole.push_back(times.whole), result.push_back(times.result);
  }
};

inline int rounds_of(int wanted, double seconds_of_a_step) {
  return wanted > 0 ? wanted : int(std::clamp(2 / std::max(seconds_of_a_step, 1e-6), 3., 200.));
}

}  // namespace detail

/// Measures a subject, and the rival's kernels if there is one.
inline Report measure(const Subject& subject, const MeasureOptions& options, const RivalLibrary& library = {}) {
  const int images = options.images, count = subject.node_count(images);
  const graph::Node* const nodes = subject.plan(images);
  core::Workers workers(options.threads);
  Report report{.title = subject.name(), .images = images, .threads = workers.count(), .peaks = measure_peaks(workers)};
  const Inputs inputs(subject, images);
  const Step step = clocked_step(subject, inputs, images, workers);
  const std::unique_ptr<Rival> rival = library ? library.make(nodes, count, images, subject.training) : nullptr;
  report.rival = library.name;

  Times times(count);
  step(times);  // warms up: touches the memory
  step(times);
  report.rounds = detail::rounds_of(options.rounds, times.whole);
  detail::Rounds rounds(count);
  for (int k = 0; k < report.rounds; k++) {
    step(times);
    rounds.add(times);
    for (int i = 0; rival && i < count; i++) {
      if (!library.has(nodes[i])) continue;
      const double start = core::clock_seconds();
      rival->run(i);
      rounds.rival[std::size_t(i)].push_back(core::clock_seconds() - start);
    }
    if (rival) std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until its threads stop spinning
    if (k % std::max(1, report.rounds / 8) == 0)
      report.peaks.gflops = std::max(report.peaks.gflops, report::peak_gflops(workers, 2));
  }
  report.whole = spread_of(rounds.whole).median, report.result = spread_of(rounds.result).median;
  for (int i = 0; i < count; i++) {
    const std::size_t at = std::size_t(i);
    report.rows.push_back({.index = i,
                           .op = graph::name(nodes[i].op),
                           .layer = subject.layers[nodes[i].layer].path,
                           .work = work_of(subject, i, images),
                           .run = spread_of(rounds.run[at]).median,
                           .pack = spread_of(rounds.pack[at]).median});
    if (!rival || !library.has(nodes[i])) continue;
    report.rows.back().rival = spread_of(rounds.rival[at]).median, report.rows.back().rival_kernel = rival->kernel(i);
  }
  return report;
}

}  // namespace strata::benchmarks
