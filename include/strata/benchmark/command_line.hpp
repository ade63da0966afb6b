// SPDX-License-Identifier: MIT
// The command line of a benchmark program: words to options.
#pragma once

#include <strata/benchmark/control.hpp>
#include <strata/core/error.hpp>
#include <strata/core/text/number_text.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace strata::benchmarks {

/// What a benchmark program does.
struct Options {
  bool help = false, list = false;
  std::string table, tune;                 ///< of which network; empty: not asked for
  std::vector<std::string> before, after;  ///< result files to compare; empty: not asked for
  std::string against;                     ///< another program to compare with; empty: not asked for
  std::string roofline, csv;               ///< files to write; empty: none
  std::vector<int> batches, threads;       ///< empty: the defaults
  int rounds = 0;                          ///< 0: as many as fit into two seconds; three runs against a program
  bool onednn = false, markdown = false;
  std::vector<std::string> of_google{};  ///< words for Google Benchmark

  /// Whether the program runs the cases of Google Benchmark.
  bool runs_cases() const {
    return !help && !list && table.empty() && tune.empty() && before.empty() && against.empty();
  }
};

namespace detail {

/// The numbers of "1,8,1024".
inline std::vector<int> numbers_in(const std::string& option, std::string_view text) {
  std::vector<int> numbers;
  for (;;) {
    const std::size_t comma = text.find(',');
    const int number = core::number_in<int>(text.substr(0, comma)).value_or(0);
    if (number < 1 || number > 65'536)
      throw Error(option, ": '", std::string(text),
                  "' does not begin with a number from 1 to 65536; separate several "
                  "by commas, as in 1,8");
    numbers.push_back(number);
    if (comma == text.npos) return numbers;
    text.remove_prefix(comma + 1);
  }
}

inline std::vector<std::string> files_in(const std::string& option, std::string_view text) {
  std::vector<std::string> files;
  for (std::size_t comma = 0; comma != text.npos; text.remove_prefix(comma == text.npos ? text.size() : comma + 1)) {
    comma = text.find(',');
    files.emplace_back(text.substr(0, comma));
    if (files.back().empty()) throw Error(option, ": the name of a file is empty; separate several by commas");
  }
  return files;
}

/// Throws Error if options do not go together.
inline void check(const Options& o) {
  const int modes =
      int(o.list) + int(!o.table.empty()) + int(!o.tune.empty()) + int(!o.before.empty()) + int(!o.against.empty());
  if (modes > 1) throw Error("--list, --table, --tune, --compare and --against exclude each other; give one of them");
  const auto only = [](bool given, bool fits, const char* option, const char* with) {
    if (given && !fits) throw Error(option, " goes with ", with, " only; leave it out, or add that");
  };
  const bool tables = !o.table.empty() || !o.tune.empty(), cases = o.runs_cases(), against = !o.against.empty();
  only(!o.csv.empty(), !o.table.empty(), "--csv", "--table");
  only(o.rounds > 0, tables || against, "--rounds", "--table, --tune and --against");
  only(o.markdown, tables || against || !o.before.empty(), "--markdown", "--table, --tune, --compare and --against");
  only(o.onednn, !o.table.empty() || cases, "--onednn", "--table and the cases");
  only(!o.batches.empty() || !o.threads.empty(), tables || cases || against, "--batch or --threads",
       "--table, --tune and the cases");
  for (const std::string& word : o.of_google)
    only(word.starts_with("--benchmark_out"), !against, "--benchmark_out", "the cases");
  if (cases || o.help) return;
  only(!o.roofline.empty(), false, "--roofline", "the cases");
  if (!o.of_google.empty()) only(!against, false, o.of_google.front().c_str(), "the cases");
}

}  // namespace detail

/// What --help prints. program: its name.
inline std::string help_text(const std::string& program) {
  std::string out = program +
                    " [options]: measures neural networks and the kernels that strata generates for them.\n\n"
                    "Without one of the first five options it runs the cases of Google Benchmark: every kernel alone,\n"
                    "each network as a whole, and the machine itself, to compare with.\n\n";
  const auto line = [&](std::string words, const std::string& help) {
    words.resize(std::max<std::size_t>(words.size() + 2, 26), ' ');
    out += "  " + (help.empty() ? words.substr(0, words.find_last_not_of(' ') + 1) : words + help) + "\n";
  };
  line("--list", "print the networks");
  line("--table NAME", "print every kernel of a network within its steps: digits, digits/training");
  line("--tune NAME", "print both algorithms of every 3x3 convolution, and where the library's choice is the slower");
  line("--compare BEFORE AFTER",
       "compare two result files; exit status 1 if something became slower. Files of several");
  line("", "runs of one program, taken in turns, are separated by commas");
  line("--against PROGRAM", "run another program of the same benchmarks and this one in turns, three times each, and");
  line("", "compare; what looks slower runs again; exit status as with --compare");
  line("--batch N,...", "numbers of images at once; without it, what suits each network");
  line("--threads N,...", "numbers of threads; without it, all cores, and for whole networks one core too");
  line("--rounds N", "measurements of --table and --tune; without it, as many as fit into two seconds.");
  line("", "With --against, runs of each program");
  line("--onednn", "measure oneDNN's kernels for the convolutions too");
  line("--csv FILE", "write the kernels of --table NAME to a file as well");
  line("--markdown", "print --table, --tune, --compare and --against in Markdown");
  line("--roofline FILE.html", "write a page that shows the cases which ran below the roofs of this machine");
  out += "\nGoogle Benchmark's own options begin with --benchmark_. Those that are needed most:\n\n";
  line("--benchmark_list_tests", "print the names of the cases");
  line("--benchmark_filter=REGEX", "run the cases that match: 'digits/training/node', 'whole.*threads:2'");
  line("--benchmark_out=FILE", "write the results as JSON, which --compare reads");
  line("--benchmark_repetitions=N", "samples of each case; --compare needs 10");
  line("--benchmark_enable_random_interleaving=true", "");
  line("", "take the samples of all cases in turns");
  line("--benchmark_min_time=S", "seconds of each sample");
  return out;
}

/// The words for both programs of --against.
inline std::vector<std::string> words_for_both(const Options& options) {
  std::vector<std::string> words;
  const auto list = [&](const char* option, const std::vector<int>& numbers) {
    if (numbers.empty()) return;
    std::string text;
    for (const int number : numbers) text += (text.empty() ? "" : ",") + core::decimal(number);
    words.insert(words.end(), {option, text});
  };
  list("--batch", options.batches), list("--threads", options.threads);
  words.insert(words.end(), options.of_google.begin(), options.of_google.end());
  return words;
}

/// The words for Google Benchmark. Where results go to a file, its filter lets the control cases pass, too: --compare
/// needs them.
inline std::vector<std::string> words_for_google(const Options& options) {
  constexpr std::string_view filter = "--benchmark_filter=";
  std::vector<std::string> words = options.of_google;
  bool writes = false;
  for (const std::string& word : words) writes = writes || word.starts_with("--benchmark_out=");
  for (std::string& word : words) {
    if (!writes || !word.starts_with(filter)) continue;
    const std::string wanted = word.substr(filter.size());
    if (!wanted.empty() && wanted != "all" && wanted[0] != '-')  // -REGEX: those that do not match
      word = std::string(filter) + "(" + wanted + ")|^" + control_prefix;
  }
  return words;
}

/// The options that the words set. Throws Error for unknown words, wrong values, and options that do not go together.
inline Options options_from(const std::vector<std::string>& words) {
  Options o;
  for (std::size_t i = 0; i < words.size(); i++) {
    const std::string& option = words[i];
    const auto value = [&]() -> const std::string& {
      if (i + 1 == words.size()) throw Error(option, ": its value is missing; --help lists the options");
      if (words[i + 1].empty()) throw Error(option, ": its value is empty; --help lists the options");
      return words[++i];
    };
    if (option == "--help" || option == "-h") o.help = true;
    else if (option == "--list") o.list = true;
    else if (option == "--table") o.table = value();
    else if (option == "--tune") o.tune = value();
    else if (option == "--compare")
      o.before = detail::files_in(option, value()), o.after = detail::files_in(option, value());
    else if (option == "--against") o.against = value();
    else if (option == "--roofline") o.roofline = value();
    else if (option == "--csv") o.csv = value();
    else if (option == "--batch") o.batches = detail::numbers_in(option, value());
    else if (option == "--threads") o.threads = detail::numbers_in(option, value());
    else if (option == "--rounds") {
      const std::vector<int> rounds = detail::numbers_in(option, value());
      if (rounds.size() > 1) throw Error(option, ": several numbers are given; give one");
      o.rounds = rounds[0];
    } else if (option == "--onednn") o.onednn = true;
    else if (option == "--markdown") o.markdown = true;
    else if (option.starts_with("--benchmark_") || option.starts_with("--v=")) o.of_google.push_back(option);
    else throw Error(option, ": is not an option; --help lists them");
  }
  detail::check(o);
  return o;
}

}  // namespace strata::benchmarks
