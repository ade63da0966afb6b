// SPDX-License-Identifier: MIT
// bench_models: the speed of whole networks through the public API. Prints a table; with --serve it is one contestant of
// bench/peers (workers.py says how they speak).
#include "workload.hpp"

#include <strata/core/parallel.hpp>
#include <strata/core/simd.hpp>

#include <sys/resource.h>

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
  int threads;  ///< 0: as told
  int rounds;
  double scale;
  const char* unit;
};
constexpr Known workloads[] = {
    {"train", "digits: training epoch, 60,000 images, batch 1024", &digits_workload, 0, 5, 1, "s"},
    {"infer1", "digits: inference, batch 1, one thread", &digits_workload, 1, 15, 1e-6, "us"},
    {"infer1024", "digits: inference, batch 1024", &digits_workload, 0, 15, 1e-3, "ms"},
    {"street_train", "street scenes: training step, 720 x 960, batch 8", &street_workload, 0, 3, 1, "s"},
    {"street_infer", "street scenes: inference, 720 x 960, batch 1", &street_workload, 0, 9, 1e-3, "ms"},
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

void print_row(const Known& known, int threads) {
  const Workload work = known.make(known.name, known.threads ? known.threads : threads, "");
  std::vector<double> seconds;
  for (int i = 0; i < known.rounds; i++) seconds.push_back(measure(work));
  std::sort(seconds.begin(), seconds.end());
  std::printf("%-52s %10.3f %-2s  (min %.3f, median of %d; peak memory so far %.0f MB)\n", known.title,
              seconds[std::size_t(known.rounds) / 2] / known.scale, known.unit, seconds[0] / known.scale, known.rounds,
              double(peak_kb()) / 1024);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  std::string served, exchange, only;
  int threads = strata::Workers::hardware();
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (i + 1 == argc) throw Error(option, ": a value is missing behind it");
    if (option == "--serve") served = argv[i + 1];
    else if (option == "--only") only = argv[i + 1];
    else if (option == "--threads") threads = std::atoi(argv[i + 1]);
    else if (option == "--exchange") exchange = argv[i + 1];
    else
      throw Error(option, ": there is no such option; there are --threads N, --only WORKLOAD, --serve WORKLOAD and --exchange DIR");
  }
  if (threads < 1) throw Error("--threads: at least 1");
  if (!served.empty()) return serve(find(served), threads, exchange), 0;
  std::printf("%d threads where not said otherwise, vectors of %d floats\n", threads, strata::simd::lanes);
  if (!only.empty()) return print_row(find(only), threads), 0;
  for (const Known& known : workloads) print_row(known, threads);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_models: %s\n", error.what());
  return 1;
}
