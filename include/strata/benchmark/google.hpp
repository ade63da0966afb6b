// SPDX-License-Identifier: MIT
// The cases as Google Benchmark runs them, with what they reach: operations and bytes per second, and shares of the
// peaks of this machine. Needs Google Benchmark.
#pragma once

#include <strata/benchmark/case_names.hpp>
#include <strata/benchmark/control.hpp>
#include <strata/benchmark/counters.hpp>
#include <strata/benchmark/node_alone.hpp>
#include <strata/benchmark/node_roof.hpp>
#include <strata/benchmark/rival.hpp>
#include <strata/benchmark/roofline_plot.hpp>
#include <strata/benchmark/spread.hpp>
#include <strata/core/clock.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace strata::benchmarks {

/// Runs cases for Google Benchmark. It holds the memory of one subject at a time, so that neighbors in the list of
/// cases share it.
class CaseRunner {
 public:
  /// rival: of the cases that name one.
  explicit CaseRunner(RivalLibrary rival = {}) : library_(std::move(rival)) {}
  CaseRunner(const CaseRunner&) = delete;
  CaseRunner& operator=(const CaseRunner&) = delete;

  /// Runs one case.
  void run(::benchmark::State& state, const NetworkCase& c) {
    prepare(c);
    if (c.node < 0) return run_whole(state, c);
    const Peaks& peaks = peaks_of(c.threads);
    const Work work = work_of(*c.subject, c.node, c.images);
    const std::string name = name_of(c);
    double seconds = 0;
    call_ = {}, called_.clear();
    if (c.rival.empty()) {
      if (!nodes_) nodes_ = node_alone(*c.subject, *inputs_, c.images, *workers_);
      nodes_->prepare(c.node);
      seconds = measure(state, name, [&](int times) { nodes_->run(times); });
      state.SetLabel(work.shape + (work.algorithm.empty() ? "" : ", " + work.algorithm));
    } else {
      if (!rival_)
        rival_ =
            library_.make(c.subject->plan(c.images), c.subject->node_count(c.images), c.images, c.subject->training);
      seconds = measure(state, name, [&](int times) {
        for (int k = 0; k < times; k++) rival_->run(c.node);
      });
      state.SetLabel(rival_->kernel(c.node));
    }
    check_peak(work, seconds, c.threads);
    const NodeRoof roof = roof_of(peaks, work);
    report(state, work, roof.roof.seconds, seconds, peaks);
    Kernel& kernel = kernels_[name];
    kernel.threads = c.threads;
    kernel.point = {.name = name, .flops = 2 * work.actual, .bytes = roof.bytes, .roof = roof.roof.name};
    kernel.add(long(state.iterations()), seconds);
  }

  /// Runs a control case on so many threads.
  void run_control(::benchmark::State& state, const std::string& name, int threads) {
    if (!controls_) controls_ = std::make_unique<Controls>(threads);
    const bool is_fma = name == FmaControl::name;
    const double seconds = measure(state, name, [&](int times) {
      for (int k = 0; k < times; k++) is_fma ? controls_->fma() : controls_->memory();
    });
    if (is_fma) state.counters["GFLOP/s"] = 1e-9 * controls_->fma.flops() / seconds;
    else state.counters["GB/s"] = 1e-9 * controls_->memory.bytes() / seconds;
  }

  /// The peaks for a number of threads, measured at the first call.
  const Peaks& peaks_of(int threads) {
    auto at = peaks_.find(threads);
    if (at == peaks_.end()) {
      core::Workers workers(threads);
      at = peaks_.emplace(threads, measure_peaks(workers)).first;
    }
    return at->second;
  }

  /// The kernels that ran, each with its median time, for the largest number of threads among them; 0: none ran.
  int most_threads() const {
    int most = 0;
    for (const auto& [name, kernel] : kernels_) most = std::max(most, kernel.threads);
    return most;
  }
  std::vector<Point> points() const {
    std::vector<Point> points;
    for (const auto& [name, kernel] : kernels_) {
      if (kernel.threads != most_threads()) continue;
      points.push_back(kernel.point);
      points.back().seconds = spread_of(kernel.seconds).median;
    }
    return points;
  }

 private:
  struct Controls {
    core::Workers workers;
    FmaControl fma{workers};
    MemoryControl memory{workers};

    explicit Controls(int threads) : workers(threads) {}
  };

  /// The samples of a kernel that had the most iterations: the earlier ones only estimated them.
  struct Kernel {
    int threads = 0;
    Point point{};
    long iterations = 0;
    std::vector<double> seconds{};

    void add(long count, double sample) {
      if (count > iterations) iterations = count, seconds.clear();
      if (count == iterations) seconds.push_back(sample);
    }
  };

  void prepare(const NetworkCase& c) {
    if (subject_ == c.subject && images_ == c.images && workers_ && workers_->count() == c.threads) return;
    release();
    workers_ = std::make_unique<core::Workers>(c.threads);
    inputs_ = std::make_unique<Inputs>(*c.subject, c.images);
    counters_ = std::make_unique<Counters>(*workers_);
    subject_ = c.subject, images_ = c.images;
  }

  /// Measures the peaks again if a kernel exceeds that of multiply-adds, which then was measured while other programs
  /// took the cores. The better of all measurements counts; three times at most.
  void check_peak(const Work& work, double seconds, int threads) {
    Peaks& peaks = peaks_.at(threads);
    for (; again_ < 3 && 2e-9 * work.actual / seconds > peaks.gflops; again_++) {
      core::Workers workers(threads);
      const Peaks now = measure_peaks(workers);
      for (double Peaks::*rate : {&Peaks::gflops, &Peaks::l1, &Peaks::l2, &Peaks::l3, &Peaks::memory})
        peaks.*rate = std::max(peaks.*rate, now.*rate);
    }
  }

  /// Frees the memory of the subject.
  void release() {
    call_ = {}, called_.clear();
    nodes_.reset(), rival_.reset(), counters_.reset(), inputs_.reset(), workers_.reset();
    subject_ = nullptr;
  }

  void run_whole(::benchmark::State& state, const NetworkCase& c) {
    if (called_ != c.backend) {
      nodes_.reset(), call_ = {}, called_.clear();
      call_ = whole_network(*c.subject, c.backend, *inputs_, c.images, *workers_);
      called_ = c.backend;
      call_();  // warms up: touches the memory
    }
    const double seconds = measure(state, name_of(c), [&](int times) {
      for (int k = 0; k < times; k++) call_();
    });
    const Subject& s = *c.subject;
    const Peaks& peaks = peaks_of(c.threads);
    WholeWork whole;
    if (c.backend == "lanes") whole = whole_work(*s.groups, c.images, s.training, peaks);
    else if (c.backend == "nhwc") whole = whole_work(*s.nodes, c.images, s.training, peaks);
    else whole.work.effective = whole_work(*s.nodes, c.images, s.training, peaks).work.effective;
    report(state, whole.work, whole.roof_seconds, seconds, peaks);
    state.counters["images/s"] = c.images / seconds;
  }

  /// Runs what is measured as often as Google Benchmark wants, `times` at a stretch; returns the seconds of one.
  double measure(::benchmark::State& state, const std::string& name, const std::function<void(int times)>& run) {
    int& stretch = stretches_[name];
    if (stretch == 0) {  // short kernels run at least 50 us at a stretch, since it takes microseconds to begin one
      const double start = core::clock_seconds();
      run(1);
      stretch = int(std::clamp(50e-6 / std::max(core::clock_seconds() - start, 1e-8), 1., 1000.));
    }
    const bool counts_work = counters_ && counters_->available();
    if (counts_work) counters_->start();
    const double start = core::clock_seconds();
    while (state.KeepRunningBatch(stretch)) run(stretch);
    const double seconds = (core::clock_seconds() - start) / double(state.iterations());
    if (counts_work) {
      const Counts counts = counters_->stop();
      for (const Counter& counter : counters)
        if (counts.*counter.amount >= 0)
          state.counters[counter.name] = counts.*counter.amount / double(state.iterations());
    }
    return seconds;
  }

  /// Adds what the case reaches. roof_seconds: the least that the roofs allow; 0: not known.
  static void report(::benchmark::State& state, const Work& work, double roof_seconds, double seconds,
                     const Peaks& peaks) {
    if (work.effective > 0) state.counters["GFLOP/s"] = 2e-9 * work.effective / seconds;
    if (work.bytes > 0) state.counters["GB/s"] = 1e-9 * work.bytes / seconds;
    if (work.bytes > 0 && work.actual > 0) state.counters["FLOP/byte"] = 2 * work.actual / work.bytes;
    if (work.actual > 0 && peaks.gflops > 0) state.counters["of_peak"] = 2e-9 * work.actual / seconds / peaks.gflops;
    if (roof_seconds > 0) state.counters["of_roof"] = roof_seconds / seconds;
  }

  RivalLibrary library_;
  std::map<int, Peaks> peaks_{};
  int again_ = 0;  ///< how often peaks were measured again
  std::map<std::string, Kernel> kernels_{};
  std::map<std::string, int> stretches_{};
  std::unique_ptr<Controls> controls_{};
  // What belongs to one subject. Later members refer to earlier ones.
  const Subject* subject_ = nullptr;
  int images_ = 0;
  std::unique_ptr<core::Workers> workers_{};
  std::unique_ptr<Inputs> inputs_{};
  std::unique_ptr<Counters> counters_{};
  std::unique_ptr<Rival> rival_{};
  std::unique_ptr<NodeAlone> nodes_{};
  std::string called_{};  ///< the back end of call_
  Call call_{};
};

/// Registers the control cases and the cases. A case that throws fails with that sentence, and the others run. The
/// runner outlives the run.
inline void register_cases(CaseRunner& runner, const std::vector<NetworkCase>& cases) {
  const auto guarded = [](const std::string& name, auto&& body) {
    ::benchmark::RegisterBenchmark(name.c_str(), [body](::benchmark::State& state) {
      try {
        body(state);
      } catch (const std::bad_alloc&) {
        state.SkipWithError("there is not enough memory; give a smaller --batch");
      } catch (const std::exception& error) {
        state.SkipWithError(error.what());
      }
    })->Unit(::benchmark::kMicrosecond);
  };
  int most = 1;
  for (const NetworkCase& c : cases) most = std::max(most, c.threads);
  for (const char* const name : {FmaControl::name, MemoryControl::name})
    guarded(name, [&runner, name, most](::benchmark::State& state) { runner.run_control(state, name, most); });
  for (const NetworkCase& c : cases)
    guarded(name_of(c), [&runner, c](::benchmark::State& state) { runner.run(state, c); });
}

}  // namespace strata::benchmarks
