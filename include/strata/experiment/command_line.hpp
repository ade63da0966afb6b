// SPDX-License-Identifier: MIT
// The command line of an experiment's program: words to options.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/experiment/rounds.hpp>

#include <optional>
#include <string>
#include <vector>

namespace strata::experiment {

namespace detail {

/// An option with a number.
struct NumberOption {
  const char *name, *help;
  int RunOptions::*whole = nullptr;
  double RunOptions::*real = nullptr;
};

inline constexpr NumberOption number_options[] = {
    {"--epochs", "epochs of a training in the last round, and of the final; 0: as many as fit into --seconds",
     &RunOptions::epochs},
    {"--seconds", "seconds of a training, instead of all epochs; 0: no limit", nullptr, &RunOptions::seconds},
    {"--seeds", "trainings of each candidate in the last round; earlier ones have one", &RunOptions::seeds},
    {"--halving", "successive halving: each round keeps one candidate in N, trained N times as long; 0: one round",
     &RunOptions::halving},
    {"--first-epochs", "epochs of the first of several rounds", &RunOptions::first_epochs},
    {"--final-seeds", "trainings of winner and reference for the test set; 0: none", &RunOptions::final_seeds},
    {"--minutes", "time for all of it: the search ends in time for the final; 0: no limit", nullptr,
     &RunOptions::minutes},
    {"--limit-minutes", "time for one training, after which its program is ended; 0: no limit", nullptr,
     &RunOptions::limit_minutes},
    {"--jobs", "trainings at once; 0: one per core", &RunOptions::jobs},
    {"--threads", "threads of each training", &RunOptions::threads},
};

template <class Value>
Value parsed(const std::string& option, const std::string& text) {
  const std::optional<Value> value = core::number_in<Value>(text);
  if (!value) throw Error(option, ": '", text, "' is not a number; --help lists the options");
  return *value;
}

}  // namespace detail

/// What --help prints; defaults: those of the task or the program.
inline std::string help_text(const std::string& program, const RunOptions& defaults) {
  std::string out = program +
                    " [options]: trains the candidates of the experiment, chooses the best on the validation set, and\n"
                    "scores it once on the test set. The same command continues an interrupted experiment.\n\n";
  const auto line = [&](std::string words, const std::string& help) {
    words.resize(std::max<std::size_t>(words.size() + 2, 22), ' ');
    out += "  " + words + help + "\n";
  };
  line("--out DIR", "folder for the journal, results.csv, results.json and report.html (" + defaults.out + ")");
  for (const detail::NumberOption& o : detail::number_options)
    line(std::string(o.name) + " N",
         std::string(o.help) + " (" + (o.whole ? core::decimal(defaults.*o.whole) : core::general(defaults.*o.real)) +
             ")");
  line("--quiet", "print errors only");
  line("--list", "print the candidates and end");
  return out;
}

/// The options that the words set. Throws Error for unknown words and for values that are not numbers.
inline RunOptions options_from(const std::vector<std::string>& words, RunOptions options) {
  for (std::size_t i = 0; i < words.size(); i++) {
    if (words[i] == "--quiet") {
      options.quiet = true;
      continue;
    }
    const detail::NumberOption* found = nullptr;
    for (const detail::NumberOption& o : detail::number_options)
      if (words[i] == o.name) found = &o;
    if (!found && words[i] != "--out") throw Error(words[i], ": is not an option; --help lists them");
    if (i + 1 == words.size()) throw Error(words[i], ": has no value; --help lists the options");
    const std::string &option = words[i], &value = words[++i];
    if (!found) options.out = value;
    else if (found->whole) options.*found->whole = detail::parsed<int>(option, value);
    else options.*found->real = detail::parsed<double>(option, value);
  }
  check(options);
  return options;
}

}  // namespace strata::experiment
