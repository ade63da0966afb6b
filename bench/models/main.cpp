// SPDX-License-Identifier: MIT
// bench_models: the speed of whole networks through the public API. Prints a table; with --serve it is one contestant
// of bench/peers (workers.py says how they speak); with --estimate it estimates the times on other GPUs.
#include "workload.hpp"

#include <strata/core/formulas/simd.hpp>
#include <strata/core/threads/available_cores.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>

using strata::Error;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Known {
  const char *name, *title;
  Workload (*make)(const std::string& name, int threads, const std::string& exchange);
  Workload (*make_on_device)(const std::string& name, int threads,
                             const std::string& exchange);  ///< null: built without CUDA
  bool one_thread;
  int rounds;
  double scale;
  const char* unit;
};
#if defined(STRATA_BENCH_CUDA)
constexpr auto digits_on_device = &digits_workload_cuda, street_on_device = &street_workload_cuda,
               street_360_on_device = &street_workload_360_cuda;
#else
constexpr decltype(&digits_workload) digits_on_device = nullptr, street_on_device = nullptr,
                                     street_360_on_device = nullptr;
#endif
constexpr Known workloads[] = {
    {"train", "digits: training epoch, 60,000 images, batch 1024", &digits_workload, digits_on_device, false, 5, 1,
     "s"},
    {"infer1", "digits: inference, batch 1", &digits_workload, digits_on_device, true, 15, 1e-6, "us"},
    {"infer1024", "digits: inference, batch 1024", &digits_workload, digits_on_device, false, 15, 1e-3, "ms"},
    {"street_train_360", "street scenes: training step, 360 x 480, batch 8", &street_workload_360, street_360_on_device,
     false, 3, 1, "s"},
    {"street_infer_360", "street scenes: inference, 360 x 480, batch 1", &street_workload_360, street_360_on_device,
     false, 9, 1e-3, "ms"},
    {"street_train", "street scenes: training step, 720 x 960, batch 8", &street_workload, street_on_device, false, 3,
     1, "s"},
    {"street_infer", "street scenes: inference, 720 x 960, batch 1", &street_workload, street_on_device, false, 9, 1e-3,
     "ms"},
};

const Known& find(const std::string& name) {
  std::string all;
  for (const Known& known : workloads) {
    if (known.name == name) return known;
    all += (all.empty() ? "" : ", ") + std::string(known.name);
  }
  throw Error("there is no workload '", name, "'; choose one of ", all);
}

Workload made(const Known& known, bool on_device, int threads, const std::string& exchange) {
  if (!on_device) return known.make(known.name, threads, exchange);
  if (!known.make_on_device)
    throw Error(
        "--device cuda: this program was built without CUDA; install the CUDA Toolkit, cuDNN and its front end, and configure again");
  return known.make_on_device(known.name, threads, exchange);
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

void serve(const Known& known, bool on_device, int threads, const std::string& exchange) {
  const Workload work = made(known, on_device, threads, exchange);
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("seconds %.9f\n", measure(work));
    std::fflush(stdout);
  }
  if (work.device_bytes) std::printf("device_kb %ld\n", work.device_bytes() / 1024);
  std::printf("peak_kb %ld\n", peak_kb());
}

struct Table {
  int rounds = 0;  ///< 0: each workload's default
  bool markdown = false, on_device = false;

  void titles() const {
    if (markdown)
      std::printf("| workload | threads | median | min | rounds | peak memory |%s\n|---|---:|---:|---:|---:|---:|%s\n",
                  on_device ? " device memory |" : "", on_device ? "---:|" : "");
    else
      std::printf("%-50s %7s %13s %10s %6s %11s%s\n", "workload", "threads", "median", "min", "rounds", "peak memory",
                  on_device ? "  device memory" : "");
    std::fflush(stdout);
  }
  void row(const Known& known, int threads) const {
    const Workload work = made(known, on_device, threads, "");
    const int count = rounds ? rounds : known.rounds;
    std::vector<double> seconds;
    for (int i = 0; i < count; i++) seconds.push_back(measure(work));
    std::sort(seconds.begin(), seconds.end());
    const char* const format =
        markdown ? "| %s | %d | %.3f %s | %.3f | %d | %.0f MB |" : "%-50s %7d %10.3f %-2s %10.3f %6d %8.0f MB";
    std::printf(format, known.title, threads, seconds[std::size_t(count) / 2] / known.scale, known.unit,
                seconds[0] / known.scale, count, double(peak_kb()) / 1024);
    if (work.device_bytes)
      std::printf(markdown ? " %.0f MB |" : "  %10.0f MB", double(work.device_bytes()) / (1 << 20));
    std::puts("");
    std::fflush(stdout);
  }
  /// Prints the row of a workload that runs in its own process, so that the peak memory is the workload's.
  void row_alone(const Known& known, int threads) const {
    const pid_t child = fork();
    if (child < 0) throw Error("cannot start a process for ", known.name, "; is there enough memory?");
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
    if (WIFEXITED(status) && WEXITSTATUS(status) == 1) std::exit(1);  // it has printed the reason
    if (status != 0)
      throw Error(known.name, " with ", threads, " threads failed; its process ended with status ", status);
  }
};

bool is_cuda(const std::string& device) {
  if (device != "cpu" && device != "cuda")
    throw Error("--device ", device, ": there is no such device; give cpu or cuda");
  return device == "cuda";
}

}  // namespace

int main(int argc, char** argv) try {
  std::string served, exchange, only;
  int threads = 0;
  bool estimates = false;
  Table table;
  for (int i = 1; i < argc; i++) {
    const std::string option = argv[i];
    if (option == "--markdown" || option == "--estimate") {
      (option == "--markdown" ? table.markdown : estimates) = true;
      continue;
    }
    if (++i == argc) throw Error(option, ": its value is missing, or there is no such option");
    if (option == "--serve") served = argv[i];
    else if (option == "--only") only = argv[i];
    else if (option == "--threads") threads = std::max(1, std::atoi(argv[i]));
    else if (option == "--rounds") table.rounds = std::max(1, std::atoi(argv[i]));
    else if (option == "--exchange") exchange = argv[i];
    else if (option == "--device") table.on_device = is_cuda(argv[i]);
    else
      throw Error(
          option,
          ": there is no such option; the options are --device cpu or cuda, --threads N, --only WORKLOAD, --rounds N, "
          "--markdown, --estimate, --serve WORKLOAD and --exchange DIR");
  }
  if (estimates) return print_estimates(table.markdown), 0;
  const int all = strata::core::available_cores();
  if (threads > all)
    std::fprintf(stderr, "bench_models: warning: --threads %d is more than the %d core%s this process may use\n",
                 threads, all, all == 1 ? "" : "s");
  if (!served.empty()) return serve(find(served), table.on_device, threads ? threads : all, exchange), 0;
  std::vector<int> counts = {1};
  if (threads) counts = {threads};
  else if (all > 1 && !table.on_device) counts.push_back(std::min(all, 2));
  if (!only.empty()) find(only);
  if (!table.markdown) std::printf("vectors of %d floats\n", strata::core::simd::lanes);
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
