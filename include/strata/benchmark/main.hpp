// SPDX-License-Identifier: MIT
// Defines benchmark_main(), the main function of the program that strata_add_benchmark() of CMake builds; one file of
// it includes this. Macros say which libraries the program has: STRATA_BENCHMARK_GOOGLE, Google Benchmark, for the
// cases; STRATA_BENCHMARK_JSON, nlohmann-json, for --compare, --against and --roofline; STRATA_BENCHMARK_ONEDNN,
// oneDNN 2, for --onednn.
#pragma once

#include <strata/benchmark/command_line.hpp>
#include <strata/benchmark/measure.hpp>
#include <strata/benchmark/network_list.hpp>
#include <strata/benchmark/registry.hpp>
#include <strata/benchmark/tune.hpp>
#include <strata/core/files/file_writer.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/core/threads/available_cores.hpp>
#include <strata/report/machine.hpp>

#if defined(STRATA_BENCHMARK_GOOGLE)
#include <strata/benchmark/google.hpp>
#endif
#if defined(STRATA_BENCHMARK_JSON)
#include <strata/benchmark/against.hpp>
#include <strata/benchmark/roofline.hpp>
#include <strata/benchmark/samples.hpp>
#include <strata/benchmark/verdict_table.hpp>
#endif
#if defined(STRATA_BENCHMARK_ONEDNN)
#include <strata/benchmark/onednn.hpp>
#endif

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace strata::benchmarks {

namespace detail {

/// The words of main, as C programs pass them on.
struct Arguments {
  int count;
  char** words;
};

/// oneDNN, if the options ask for it. Restarts the program with this number of threads in the environment, unless it
/// is already set: oneDNN's OpenMP reads it only when it is loaded. No thread has been started yet.
inline RivalLibrary rival_of(const Options& options, const Arguments& arguments) {
  if (!options.onednn) return {};
#if defined(STRATA_BENCHMARK_ONEDNN)
  const char* const variable = "OMP_NUM_THREADS";
  const std::string wanted = core::decimal(most_threads(options.threads));
  const char* const set = std::getenv(variable);
  if (!set || set != wanted) {
    ::setenv(variable, wanted.c_str(), 1);
    ::execv("/proc/self/exe", arguments.words);
    throw Error("--onednn: the program could not be started again with ", variable, "=", wanted, "; set it yourself");
  }
  return onednn_library();
#else
  (void)arguments;
  throw Error("--onednn: this program was built without oneDNN; install libdnnl-dev, configure and build again");
#endif
}

/// Calls body(subject, options) for each of the subjects of a name, batches and numbers of threads.
template <class Body>
void for_each_measured(const Options& options, const std::string& name, const Body& body) {
  const std::vector<int> threads =
      options.threads.empty() ? std::vector<int>{core::available_cores()} : options.threads;
  for (const Subject* const subject : find(name))
    for (const int images : options.batches.empty() ? std::vector<int>{subject->batch} : options.batches)
      for (const int count : threads)
        body(*subject, MeasureOptions{.images = images, .threads = count, .rounds = options.rounds});
}

inline void print_tables(const Options& options, const RivalLibrary& rival) {
  if (!options.csv.empty() &&
      (find(options.table).size() > 1 || options.batches.size() > 1 || options.threads.size() > 1))
    throw Error("--csv: one file holds one table; name one use of the network, as in ", find(options.table)[0]->name(),
                ", and at most one --batch and one --threads");
  for_each_measured(options, options.table, [&](const Subject& subject, const MeasureOptions& wanted) {
    const Report report = measure(subject, wanted, rival);
    std::fputs((print(report, options.markdown) + "\n").c_str(), stdout);
    std::fflush(stdout);
    if (!options.csv.empty()) core::write_file(options.csv, csv_of(report));
  });
}

inline void print_choices(const Options& options) {
  for_each_measured(options, options.tune, [&](const Subject& subject, const MeasureOptions& wanted) {
    const std::string title = core::sentence(subject.name(), ", batch ", wanted.images, ", ", wanted.threads, " thread",
                                             wanted.threads == 1 ? "" : "s");
    const std::vector<Choice> choices = measure_choices(subject, wanted);
    std::fputs(((options.markdown ? "### " : "") + title + "\n\n" + print(choices, options.markdown) + "\n").c_str(),
               stdout);
    std::fflush(stdout);
  });
}

/// --compare and --against.
inline int compare_results(const Options& options) {
#if defined(STRATA_BENCHMARK_JSON)
  const auto read = [](const std::vector<std::string>& files) {
    std::vector<Samples> runs;
    runs.reserve(files.size());
    for (const std::string& file : files) runs.push_back(read_samples(file));
    return runs;
  };
  const Verdict verdict = options.against.empty()
                              ? compare(read(options.before), read(options.after))
                              : compare_in_turns({.before = options.against,
                                                  .after = std::filesystem::read_symlink("/proc/self/exe").string(),
                                                  .words = words_for_both(options),
                                                  .runs = options.rounds > 0 ? options.rounds : 3});
  std::fputs((options.markdown ? markdown_of(verdict) : text_of(verdict)).c_str(), stdout);
  return exit_status(verdict);
#else
  (void)options;
  throw Error(
      "--compare and --against: this program was built without nlohmann-json; install nlohmann-json3-dev, configure and "
      "build again");
#endif
}

#if defined(STRATA_BENCHMARK_GOOGLE)

#if defined(STRATA_BENCHMARK_JSON)
inline void write_roofline(const std::string& path, CaseRunner& runner) {
  std::vector<Point> points = runner.points();
  if (points.empty())
    throw Error("--roofline: no kernel ran, so there is no page; let --benchmark_filter match cases with '/node:'");
  std::vector<std::string> names;
  names.reserve(points.size());
  for (const Point& point : points) names.push_back(point.name);
  const std::string common = shorten(names);
  for (std::size_t i = 0; i < points.size(); i++) points[i].name = names[i];
  const int threads = runner.most_threads();
  const Peaks& peaks = runner.peaks_of(threads);
  const report::Machine machine = report::this_machine();
  const std::string where =
      core::sentence(machine.name, ": ", machine.cpu, "; ", threads, threads == 1 ? " thread; " : " threads; ",
                     machine.compiler, ", ", machine.flags);
  core::write_file(path, roofline_page(common.empty() ? "Roofline" : "Roofline of " + common, where, peaks, points));
  std::fprintf(stderr, "%s\n", core::printable(path).c_str());
}
#endif

inline int run_cases(const Options& options, const Arguments& arguments) {
#if !defined(STRATA_BENCHMARK_JSON)
  if (!options.roofline.empty())
    throw Error(
        "--roofline: this program was built without nlohmann-json; install nlohmann-json3-dev, configure and build again");
#endif
  const RivalLibrary rival = rival_of(options, arguments);
  std::vector<std::string> words{arguments.words[0]};
  for (const std::string& word : words_for_google(options)) words.push_back(word);
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  int count = int(pointers.size());
  pointers.push_back(nullptr);
  ::benchmark::Initialize(&count, pointers.data());
  if (count > 1) throw Error(pointers[1], ": is not an option of Google Benchmark; --help lists those needed most");
  const report::Machine machine = report::this_machine();
  ::benchmark::AddCustomContext("cpu", core::printable(machine.cpu));
  ::benchmark::AddCustomContext("compiler", core::printable(machine.compiler));
  ::benchmark::AddCustomContext("flags", core::printable(machine.flags));
  CaseRunner runner(rival);
  register_cases(runner, cases_of(subjects(), options.batches, options.threads, rival));
  const std::size_t ran = ::benchmark::RunSpecifiedBenchmarks();
  ::benchmark::Shutdown();
#if defined(STRATA_BENCHMARK_JSON)
  if (!options.roofline.empty()) write_roofline(options.roofline, runner);
#endif
  return ran > 0 ? 0 : 2;
}

#else

inline int run_cases(const Options&, const Arguments&) {
  throw Error(
      "this program was built without Google Benchmark, so it has --list, --table, --tune and --compare only; "
      "install libbenchmark-dev, configure and build again");
}

#endif

inline int run(const Options& options, const Arguments& arguments) {
  if (!options.before.empty() || !options.against.empty()) return compare_results(options);
  check_names();
  if (options.list) return std::fputs(network_list(subjects()).c_str(), stdout) < 0;
  if (!options.table.empty()) return print_tables(options, rival_of(options, arguments)), 0;
  if (!options.tune.empty()) return print_choices(options), 0;
  return run_cases(options, arguments);
}

}  // namespace detail

/// Runs the program `name` on the networks that its files declare. Returns the exit status: 0; 1 if a
/// comparison finds that something became slower or fails; 2 after an error, or if no case ran.
inline int benchmark_main(int argc, char** argv, const std::string& name) {
  try {
    const Options options = options_from(std::vector<std::string>(argv + 1, argv + argc));
    if (options.help) return std::fputs(help_text(name).c_str(), stdout) < 0;
    return detail::run(options, {argc, argv});
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "%s: there is not enough memory; give a smaller --batch\n", name.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), core::printable(error.what()).c_str());
  }
  return 2;
}

}  // namespace strata::benchmarks
