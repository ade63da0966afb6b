// SPDX-License-Identifier: MIT
// bench_models: the speed of whole networks through the public API. Prints a table; with --serve it is one contestant of
// bench/peers (workers.py says how they speak).
#include "workload.hpp"

#include <strata/core/parallel.hpp>
#include <strata/core/simd.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>

using strata::Error;

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Known {
  const char *name, *title;
  Workload (*make)(const std::string& name, int threads, const std::string& exchange);
  bool one_thread;
  int rounds;
  double scale;
  const char* unit;
};
constexpr Known workloads[] = {
    {"train", "digits: training epoch, 60,000 images, batch 1024", &digits_workload, false, 5, 1, "s"},
    {"infer1", "digits: inference, batch 1", &digits_workload, true, 15, 1e-6, "us"},
    {"infer1024", "digits: inference, batch 1024", &digits_workload, false, 15, 1e-3, "ms"},
    {"street_train_360", "street scenes: training step, 360 x 480, batch 8", &street_workload_360, false, 3, 1, "s"},
    {"street_infer_360", "street scenes: inference, 360 x 480, batch 1", &street_workload_360, false, 9, 1e-3, "ms"},
    {"street_train", "street scenes: training step, 720 x 960, batch 8", &street_workload, false, 3, 1, "s"},
    {"street_infer", "street scenes: inference, 720 x 960, batch 1", &street_workload, false, 9, 1e-3, "ms"},
};

const Known& find(const std::string& name) {
  std::string all;
  for (const Known& known : workloads) {
    if (known.name == name) return known;
    all += (all.empty() ? "" : ", ") + std::string(known.name);
  }
  throw Error("there is no workload '", name, "'; choose of ", all);
}

double measure(const Workload& work) {
  const double started = now();
  for (int i = 0; i < work.calls; i++) work.once();
  return (now() - started) / work.calls;
}

long peak_kb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

void serve(const Known& known, int threads, const std::string& exchange) {
  const Workload work = known.make(known.name, threads, exchange);
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("seconds %.9f\n", measure(work));
    std::fflush(stdout);
  }
  std::printf("peak_kb %ld\n", peak_kb());
}

struct Table {
  int rounds = 0;  ///< 0: each workload's own
  bool markdown = false;

  void titles() const {
    if (markdown) std::puts("| workload | threads | median | min | rounds | peak memory |\n|---|---:|---:|---:|---:|---:|");
    else std::printf("%-50s %7s %13s %10s %6s %11s\n", "workload", "threads", "median", "min", "rounds", "peak memory");
    std::fflush(stdout);
  }
  void row(const Known& known, int threads) const {
    const Workload work = known.make(known.name, threads, "");
    const int count = rounds ? rounds : known.rounds;
    std::vector<double> seconds;
    for (int i = 0; i < count; i++) seconds.push_back(measure(work));
    std::sort(seconds.begin(), seconds.end());
    std::printf(markdown ? "| %s | %d | %.3f %s | %.3f | %d | %.0f MB |\n" : "%-50s %7d %10.3f %-2s %10.3f %6d %8.0f MB\n", known.title,
                threads, seconds[std::size_t(count) / 2] / known.scale, known.unit, seconds[0] / known.scale, count,
                double(peak_kb()) / 1024);
    std::fflush(stdout);
  }
  /// In a process of its own, so that the peak of the memory is the workload's.
  void row_alone(const Known& known, int threads) const {
    const pid_t child = fork();
    if (child < 0) throw Error("no process could be started for ", known.name, "; too little memory?");
    if (child == 0) {
      try {
        row(known, threads);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_models: %s\n", error.what());
        _exit(1);
      }
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) throw Error(known.name, " with ", threads, " threads failed; its process ended with status ", status);
  }
};

}  // namespace

int main(int argc, char** argv) try {
  std::string served, exchange, only;
  int threads = 0;
  Table table;
  for (int i = 1; i < argc; i++) {
    const std::string option = argv[i];
    if (option == "--markdown") {
      table.markdown = true;
      continue;
    }
    if (++i == argc) throw Error(option, ": a value is missing behind it, or there is no such option");
    if (option == "--serve") served = argv[i];
    else if (option == "--only") only = argv[i];
    else if (option == "--threads") threads = std::max(1, std::atoi(argv[i]));
    else if (option == "--rounds") table.rounds = std::max(1, std::atoi(argv[i]));
    else if (option == "--exchange") exchange = argv[i];
    else
      throw Error(option, ": there is no such option; there are --threads N, --only WORKLOAD, --rounds N, --markdown, "
                          "--serve WORKLOAD and --exchange DIR");
  }
  const int all = strata::Workers::hardware();
  if (!served.empty()) return serve(find(served), threads ? threads : all, exchange), 0;
  std::vector<int> counts = {1};
  if (threads) counts = {threads};
  else if (all > 1) counts.push_back(std::min(all, 2));
  if (!only.empty()) find(only);
  if (!table.markdown) std::printf("vectors of %d floats\n", strata::simd::lanes);
  table.titles();
  for (const Known& known : workloads) {
    if (!only.empty() && only != known.name) continue;
    for (const int count : counts)
      if (count == 1 || !known.one_thread) table.row_alone(known, count);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_models: %s\n", error.what());
  return 1;
}
