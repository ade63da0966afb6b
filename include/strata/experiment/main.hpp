// SPDX-License-Identifier: MIT
// Defines experiment_main(), the main function of the program that strata_experiment() of CMake builds; one file of it
// includes this. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <signal.h>

#include <strata/core/files/folder_lock.hpp>
#include <strata/experiment/command_line.hpp>
#include <strata/experiment/page.hpp>
#include <strata/experiment/runner.hpp>

#include <atomic>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace strata::experiment {

namespace detail {

inline std::atomic<bool> stop_requested{false};
inline std::atomic<int> stop_signal{0};

/// SIGINT (Ctrl-C), SIGTERM and SIGHUP ask to stop; a second one ends the program at once.
inline void listen_for_signals() {
  struct sigaction action {};
  action.sa_handler = [](int signal) { stop_signal = signal, stop_requested = true; };
  action.sa_flags = int(SA_RESTART | SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

/// The folder of this program's own file.
inline std::string own_folder() {
  char path[4096];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0 || size == ssize_t(sizeof path)) throw Error("experiment: cannot find its own file in /proc");
  return core::detail::folder_of(std::string(path, std::size_t(size)));
}

inline void write_results(const std::string& title, const Findings& findings, const Programs& programs,
                          const RunOptions& o) {
  const report::Machine machine = report::this_machine();
  const auto number = [](auto n) { return core::sentence(n); };
  std::vector<std::pair<std::string, std::string>> settings{
      {"epochs", o.epochs > 0 ? number(o.epochs) : "as many as fit into " + number(o.seconds) + " seconds"},
      {"seeds", number(o.seeds) + " in the search, " + number(o.final_seeds) + " in the final"},
      {"search", o.halving > 1 ? "successive halving: one in " + number(o.halving) + " is kept, from " +
                                     number(o.first_epochs) + " epochs"
                               : "one round"},
      {"trainings", number(findings.trainings) + " now, " + number(findings.repeated) + " from the journal; " +
                        number(o.threads) + (o.threads == 1 ? " thread each" : " threads each")},
      {"machine", machine.name + ": " + machine.cpu + ", " + number(machine.cores) + " threads"},
      {"compiled", machine.compiler + ", " + machine.flags}};
  core::write_file(o.out + "/results.csv", results_csv(findings));
  core::write_file(o.out + "/results.json", results_json(findings, programs));
  core::write_file(o.out + "/report.html", html(title, findings, programs, settings));
}

inline void list(const Programs& programs) {
  std::string out;
  for (const CandidateProgram& p : programs.candidates)
    out += core::padded(graph::detail::grouped(p.macs), 12) + " MACs" +
           core::padded(graph::detail::grouped(p.parameters), 12) + " parameters  " + core::printable(p.name) +
           (p.compile_error.empty() ? "" : "  (does not compile: " + core::printable(p.compile_error) + ")") + "\n";
  out += graph::detail::grouped(long(programs.candidates.size())) + " of " + graph::detail::grouped(programs.total) +
         " points are within the budgets\n";
  std::fputs(out.c_str(), stdout);
}

}  // namespace detail

/// Runs the experiment `name`, whose programs are in the folder NAME.candidates next to this program. `defaults`:
/// options that the command line may change. Returns the exit status: 0; 1 after an error; 128 and the signal's number
/// after one.
inline int experiment_main(int argc, char** argv, const std::string& name, RunOptions defaults = {}) {
  try {
    if (defaults.out.empty()) defaults.out = "runs/" + name;
    const std::vector<std::string> words(argv + 1, argv + argc);
    for (const std::string& word : words)
      if (word == "--help" || word == "-h") return std::fputs(help_text(name, defaults).c_str(), stdout) < 0;
    const Programs programs = read_programs(detail::own_folder() + "/" + name + ".candidates");
    if (words.size() == 1 && words[0] == "--list") return detail::list(programs), 0;
    const RunOptions options = options_from(words, defaults);
    detail::listen_for_signals();
    std::filesystem::create_directories(options.out);
    const core::FolderLock lock(options.out);
    Runner runner(programs, options, detail::stop_requested);
    const Findings findings = runner.run();
    detail::write_results(name, findings, programs, options);
    if (!options.quiet)
      std::fputs((results_text(findings, programs) + "\n" + core::printable(options.out) + "/report.html\n").c_str(),
                 stdout);
    return findings.interrupted ? 128 + (detail::stop_signal ? int(detail::stop_signal) : SIGTERM) : 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), core::printable(error.what()).c_str());
    return 1;
  }
}

}  // namespace strata::experiment
