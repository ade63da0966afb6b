// SPDX-License-Identifier: MIT
// The options of an experiment's run, and the rounds of its search: one, or those of successive halving (Jamieson and
// Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization").
#pragma once

#include <strata/core/error.hpp>

#include <string>
#include <vector>

namespace strata::experiment {

struct RunOptions {
  std::string out{};   ///< folder for the journal and the results
  int epochs = 10;     ///< of a training in the last round, and of the final; 0: as many as fit into `seconds`
  double seconds = 0;  ///< of a training; 0: all epochs
  int seeds = 1;       ///< trainings of each candidate in the last round, from seed 1; earlier rounds have one
  int halving =
      0;  ///< each round keeps one candidate in this many, and trains it this many times as long; 0: one round
  int first_epochs = 1;      ///< of the first round of several
  int final_seeds = 3;       ///< trainings of the winner and of the reference that are scored on the test set; 0: none
  double minutes = 0;        ///< for all of it: the search ends in time for the final; 0: no limit
  double limit_minutes = 0;  ///< for one training, after which its program is ended; 0: no limit
  int jobs = 0;              ///< trainings at once; 0: one per core available to this process
  int threads = 1;           ///< of each training
  bool quiet = false;        ///< print errors only
};

/// Throws Error for options out of range.
inline void check(const RunOptions& o) {
  const auto at_least = [](const char* name, double value, double least) {
    if (!(value >= least && value <= 1e9))
      throw Error(name, ": ", value, " is given; it must be from ", least, " to 1e9");
  };
  if (o.out.empty()) throw Error("--out: the folder has no name; give one");
  at_least("--epochs", o.epochs, o.seconds > 0 ? 0 : 1), at_least("--seconds", o.seconds, 0);
  at_least("--seeds", o.seeds, 1), at_least("--halving", o.halving, 0);
  at_least("--first-epochs", o.first_epochs, 1), at_least("--final-seeds", o.final_seeds, 0);
  at_least("--minutes", o.minutes, 0), at_least("--limit-minutes", o.limit_minutes, 0);
  at_least("--jobs", o.jobs, 0), at_least("--threads", o.threads, 1);
  if (o.halving == 1) throw Error("--halving: 1 keeps all candidates; give 2 or more, or 0 for one round");
  if (o.halving > 1 && o.seconds > 0)
    throw Error("--halving and --seconds: rounds are counted in epochs; give one of the two");
  if (o.halving > 1 && o.first_epochs > o.epochs)
    throw Error("--first-epochs: ", o.first_epochs, " is more than the ", o.epochs, " of --epochs");
}

/// A round: the epochs of each training, how many candidates it takes, and how often each is trained.
struct Round {
  int epochs = 0, candidates = 0, seeds = 1;
};

/// The rounds for a number of candidates. The last one has all epochs; a round keeps the best, at least one.
inline std::vector<Round> rounds_of(const RunOptions& options, int candidates) {
  if (options.halving < 2) return {{options.epochs, candidates, options.seeds}};
  std::vector<Round> out;
  long epochs = options.first_epochs;
  for (int left = candidates;; epochs *= options.halving, left = (left + options.halving - 1) / options.halving) {
    const bool last = epochs >= options.epochs;
    out.push_back({last ? options.epochs : int(epochs), left, last ? options.seeds : 1});
    if (last) return out;
  }
}

}  // namespace strata::experiment
