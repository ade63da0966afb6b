// SPDX-License-Identifier: MIT
// bench_nodes: where the time of a network goes, node by node, against the peak of the machine and the speed of its
// memory measured in the same run, and on request against oneDNN; or (--tune) where the library's choice of algorithm
// was wrong.
#include <strata/core/error.hpp>
#include <strata/core/threads/available_cores.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "onednn.hpp"
#include "steps.hpp"
#include "table.hpp"
#include "tune.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::bench;

namespace {

const Subject* const subjects[] = {&digits_inference,    &digits_training,  &street_inference_360,
                                   &street_training_360, &street_inference, &street_training};

struct Options {
  const Subject* subject = nullptr;
  int batch = 0, threads = available_cores(), rounds = 0;
  std::string csv;
  bool onednn = false, markdown = false, tune = false;
};

double median(std::vector<double>& values) {
  const auto middle = values.begin() + long(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The measurements of all rounds: for each node the times of its runs and packs, and oneDNN's.
struct Rounds {
  std::vector<std::vector<double>> run, pack, rival;
  std::vector<double> whole, result;

  explicit Rounds(int nodes) : run(std::size_t(nodes)), pack(run), rival(run) {}
  void add(const Times& times, const std::vector<double>& others) {
    for (std::size_t i = 0; i < run.size(); i++) {
      run[i].push_back(times.run[i]), pack[i].push_back(times.pack[i]);
      if (!others.empty()) rival[i].push_back(others[i]);
    }
    whole.push_back(times.whole), result.push_back(times.result);
  }
};

template <class Program>
Report measure(const Options& options, const Program& program, Step (*make)(const Subject&, Inputs&, int, Workers&)) {
  const Subject& subject = *options.subject;
  Workers workers(options.threads);
  Report report{.title = subject.title, .images = options.batch, .threads = options.threads, .rounds = options.rounds};
  report.bandwidth = memory_bandwidth(workers);
  report.peak = peak_gflops(workers);
  Inputs inputs(subject, options.batch);
  const Step step = make(subject, inputs, options.batch, workers);
  std::unique_ptr<OneDnn> rival;
  if (options.onednn) {
    rival = std::make_unique<OneDnn>(program.nodes, program.count, options.batch, subject.training);
    report.rival = OneDnn::name();
  }

  Times times{.run = std::vector<double>(std::size_t(program.count)),
              .pack = std::vector<double>(std::size_t(program.count))};
  step(times);  // warms up: touches the memory
  Rounds rounds(program.count);
  for (int k = 0; k < options.rounds; k++) {
    step(times);
    std::vector<double> others;
    if (rival) {
      others = rival->round();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until its threads stop spinning
    }
    rounds.add(times, others);
    if (k % std::max(1, options.rounds / 8) == 0) report.peak = std::max(report.peak, peak_gflops(workers, 2));
  }
  report.whole = median(rounds.whole), report.result = median(rounds.result);
  for (int i = 0; i < program.count; i++) {
    const graph::Node& node = program.nodes[i];
    const std::size_t at = std::size_t(i);
    report.rows.push_back({.index = i,
                           .op = graph::name(node.op),
                           .layer = subject.layers[node.layer].path,
                           .work = work_of(program, i, options.batch, subject.training),
                           .run = median(rounds.run[at]),
                           .pack = median(rounds.pack[at]),
                           .rival = rival ? median(rounds.rival[at]) : 0,
                           .rival_kernel = rival ? rival->kernel(i) : ""});
  }
  return report;
}

const char* const usage =
    "bench_nodes NETWORK [--batch N] [--threads N] [--rounds N] [--onednn] [--markdown] [--csv FILE] [--tune]";

std::string names() {
  std::string all;
  for (const Subject* subject : subjects) all += (all.empty() ? "choose one of " : ", ") + std::string(subject->name);
  return all;
}

const Subject& find(const std::string& name) {
  for (const Subject* subject : subjects)
    if (subject->name == name) return *subject;
  throw Error("there is no network '", name, "'; ", names());
}

int number(const char* option, const char* text) {
  const int n = std::atoi(text);
  if (n < 1) throw Error(option, " ", text, ": give a number of at least 1");
  return n;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i++) {
    const std::string option = argv[i];
    const auto value = [&] {
      if (i + 1 == argc) throw Error(option, ": its value is missing");
      return argv[++i];
    };
    if (option == "--batch") options.batch = number("--batch", value());
    else if (option == "--threads") options.threads = number("--threads", value());
    else if (option == "--rounds") options.rounds = number("--rounds", value());
    else if (option == "--csv") options.csv = value();
    else if (option == "--onednn") options.onednn = true;
    else if (option == "--markdown") options.markdown = true;
    else if (option == "--tune") options.tune = true;
    else if (option.starts_with("-")) throw Error(option, ": there is no such option; ", usage);
    else options.subject = &find(option);
  }
  if (!options.subject) throw Error("a network is missing; ", usage, "; ", names());
  if (options.batch == 0) options.batch = options.subject->batch;
  if (options.rounds == 0) options.rounds = options.subject->rounds;
  return options;
}

}  // namespace

int main(int argc, char** argv) try {
  const Options options = parse(argc, argv);
  const Subject& subject = *options.subject;
  if (options.tune) {
    const auto choices = measure_choices(subject, options.batch, options.threads, options.rounds);
    return std::fputs(print(choices, options.markdown).c_str(), stdout), 0;
  }
  if (options.onednn) OneDnn::set_threads(options.threads, argv);
  const Report report = subject.in_lanes(options.batch) ? measure(options, *subject.groups, &by_group)
                                                        : measure(options, *subject.nodes, &by_node);
  std::fputs(print(report, options.markdown).c_str(), stdout);
  if (!options.csv.empty()) write_csv(report, options.csv);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_nodes: %s\n", error.what());
  return 1;
}
