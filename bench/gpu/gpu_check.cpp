// SPDX-License-Identifier: MIT
// gpu_check: whether the GPU back end computes on this machine what the reference computes. It prints a line for each
// node of each network and for each graph, in each precision, run eagerly and captured; bench/gpu/README.md explains
// it.
//
// The checks run in a worker. Where one does not survive a check, or says nothing for too long, the next worker goes on
// after that check.
#include <strata/core/error.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/cuda/runtime/device.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "checked_library.hpp"
#include "checks.hpp"
#include "reports.hpp"
#include "worker.hpp"

using strata::Error;

namespace {

using namespace gpu_check;

struct Settings {
  double budget = 240, silence = 60;   ///< seconds: of all; until a worker that says nothing is ended
  std::string only;                    ///< part of the names of the checks to run; empty: all
  std::string crash, hang;             ///< names of checks in which a worker crashes or hangs, to try what follows
  long first = -1;                     ///< this is the worker that begins with this check; -1: this starts workers
  bool list = false, version = false;  ///< prints the names of the checks; the version of the library
};

double seconds_value(const std::string& option, const char* given) {
  const auto number = strata::core::number_in<double>(given);
  if (!number || !(*number > 0 && *number < 1e6))
    throw Error(option, " ", given, ": is not a number of seconds; give one from 1 to 1000000");
  return *number;
}

Settings settings_of(int argc, char** argv) {
  Settings s;
  for (int i = 1; i < argc; i++) {
    const std::string option = argv[i];
    if (option == "--list" || option == "--version") {
      (option == "--list" ? s.list : s.version) = true;
      continue;
    }
    if (++i == argc) throw Error(option, ": its value is missing, or there is no such option; see bench/gpu/README.md");
    if (option == "--budget") s.budget = seconds_value(option, argv[i]);
    else if (option == "--silence") s.silence = seconds_value(option, argv[i]);
    else if (option == "--only") s.only = argv[i];
    else if (option == "--crash") s.crash = argv[i];
    else if (option == "--hang") s.hang = argv[i];
    else if (option == "--worker") s.first = std::atol(argv[i]);
    else
      throw Error(
          option,
          ": there is no such option; the options are --budget SECONDS, --silence SECONDS, --only TEXT, --list, --version, "
          "--crash NAME and --hang NAME");
  }
  return s;
}

std::vector<Check> chosen_checks(const Settings& s) {
  std::vector<Check> all = all_checks();
  std::erase_if(all, [&](const Check& c) { return c.name.find(s.only) == c.name.npos; });
  if (all.empty()) throw Error("--only ", s.only, ": no check has this in its name; --list prints their names");
  return all;
}

// --- the worker

void send_facts() {
  const strata::cuda::Device& device = strata::cuda::Device::current();
  int driver = 0, runtime = 0;
  (void)cudaDriverGetVersion(&driver);
  (void)cudaRuntimeGetVersion(&runtime);
  send_fact("device: " + device.name() + ", " + std::to_string(device.memory_bytes() >> 20) + " MiB");
  send_fact(strata::core::sentence("driver: for CUDA ", driver / 1000, ".", driver % 1000 / 10, "; runtime: ",
                                   runtime / 1000, ".", runtime % 1000 / 10, "; library: ", library_name()));
}

/// Whether the device still works for this process after an error.
bool device_is_well() { return cudaDeviceSynchronize() == cudaSuccess && cudaGetLastError() == cudaSuccess; }

/// Runs the checks from number s.first on. Returns 3 where the device is lost to this process.
int work(const Settings& s, const std::vector<Check>& checks) {
  send_doing("the start of CUDA and its library");
  send_facts();
  long reported = 0;
  for (std::size_t i = std::size_t(s.first); i < checks.size(); i++) {
    send_begin(i);
    if (checks[i].name == s.crash) std::abort();
    if (checks[i].name == s.hang) ::pause();
    bool lost = false;
    try {
      checks[i].run();
    } catch (const std::exception& error) {
      send_line({Verdict::fail, -1, checks[i].name, error.what()});
      lost = !device_is_well();
    }
    send_plans(plans_made() - reported);
    reported = plans_made();
    send_end(i);
    if (lost) return 3;
  }
  return 0;
}

// --- the process that starts workers

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> out{""};
  for (const char c : line)
    if (c == '\t') out.emplace_back();
    else out.back() += c;
  return out;
}

class Run {
 public:
  Run(const Settings& s, const std::vector<Check>& checks, const char* program)
      : settings_(s), checks_(checks), program_(program) {}

  /// Returns the number of failures.
  int all() {
    while (next_ < checks_.size() && left() > 0) {
      const std::size_t before = next_;
      one_worker();
      useless_ = next_ == before ? useless_ + 1 : 0;
      if (useless_ == 2) break;  // workers cannot even begin
    }
    const bool useless = left() > 0 && next_ < checks_.size();  // the first check that is left is lost for it
    if (useless) print({Verdict::fail, -1, checks_[next_++].name, "no worker begins: " + last_end_});
    for (; next_ < checks_.size(); next_++)
      print({Verdict::not_run, -1, checks_[next_].name, useless ? "no worker begins" : "the time is over"});
    std::printf("%ld pass, %ld fail, %ld not run, in %.0f s; %d worker%s; %ld plans\n", counts_[0], counts_[1],
                counts_[2], seconds(), workers_, workers_ == 1 ? "" : "s", plans_);
    return int(std::min(counts_[1], 1'000'000L));
  }

 private:
  using Clock = std::chrono::steady_clock;
  double seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }
  double left() const { return settings_.budget - seconds(); }

  void one_worker() {
    std::vector<std::string> words{program_, "--worker", std::to_string(next_)};
    for (const auto& [option, value] :
         {std::pair{"--only", &settings_.only}, {"--crash", &settings_.crash}, {"--hang", &settings_.hang}})
      if (!value->empty()) words.insert(words.end(), {option, *value});
    Worker worker(words);
    workers_++;
    begun_ = false;
    doing_.clear();
    for (;;) {
      std::string line;
      const double patience = std::min(settings_.silence, left());
      switch (patience > 0 ? worker.read(line, int(patience * 1000) + 1) : Worker::Said::nothing) {
        case Worker::Said::line: take(line); break;
        case Worker::Said::nothing:
          if (left() > 0) lost(strata::core::sentence("it said nothing for ", settings_.silence, " s"));
          return;
        case Worker::Said::ended: {
          const std::string how = worker.end();
          if (worker.succeeded() && !begun_) next_ = checks_.size();
          else lost("its worker ended by " + how);
          return;
        }
      }
    }
  }

  /// The check that runs is lost, if one does.
  void lost(const std::string& how) {
    last_end_ = how + (doing_.empty() ? "" : ", in: " + doing_);
    if (!begun_) return;
    print({Verdict::fail, -1, checks_[next_].name, last_end_});
    next_++;
    begun_ = false;
  }

  void take(const std::string& line) {
    if (line.empty()) return;
    const std::vector<std::string> fields = fields_of(line);
    if (fields.size() < 2 || fields[0].size() != 1) {
      std::fprintf(stderr, "%s\n", line.c_str());
      return;
    }
    switch (fields[0][0]) {
      case 'B': begun_ = true, next_ = std::size_t(std::atol(fields[1].c_str())), doing_.clear(); break;
      case 'E': begun_ = false, next_++; break;
      case 'D': doing_ = fields[1]; break;
      case 'P': plans_ += std::atol(fields[1].c_str()); break;
      case 'F':
        if (workers_ == 1) std::printf("%s\n", fields[1].c_str());
        break;
      case 'L':
        if (fields.size() == 5)
          print({Verdict(std::atoi(fields[1].c_str())), std::atof(fields[2].c_str()), fields[3], fields[4]});
        break;
      default: std::fprintf(stderr, "%s\n", line.c_str());
    }
  }

  void print(const Line& line) {
    constexpr const char* words[] = {"pass", "fail", "not run"};
    const int verdict = int(line.verdict);
    counts_[verdict]++;
    char error[32] = "-";
    if (line.error >= 0) std::snprintf(error, sizeof error, "%.1e", line.error);
    std::printf("%-7s  %-7s  %s%s%s\n", words[verdict], error, line.what.c_str(), line.why.empty() ? "" : ": ",
                line.why.c_str());
    std::fflush(stdout);
  }

  const Settings& settings_;
  const std::vector<Check>& checks_;
  std::string program_;
  Clock::time_point started_ = Clock::now();
  std::size_t next_ = 0;  ///< the check that runs or, between checks, the one that comes
  bool begun_ = false;
  std::string doing_, last_end_;
  long counts_[3] = {0, 0, 0}, plans_ = 0;
  int workers_ = 0, useless_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  const Settings settings = settings_of(argc, argv);
  if (settings.version) return std::puts(library_name().c_str()) < 0;
  const std::vector<Check> checks = chosen_checks(settings);
  if (settings.first >= 0) return work(settings, checks);
  if (settings.list) {
    for (const Check& check : checks) std::printf("%s\n", check.name.c_str());
    return 0;
  }
  return Run(settings, checks, argv[0]).all() > 0 ? 1 : 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "gpu_check: %s\n", error.what());
  return 2;
}
