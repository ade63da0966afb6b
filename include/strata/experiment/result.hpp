// SPDX-License-Identifier: MIT
// What one training of one candidate came to.
#pragma once

#include <cstdint>
#include <string>

namespace strata::experiment {

enum class Outcome : unsigned char {
  trained,
  failed,     ///< the training ended with an error, such as a loss that is not finite
  crashed,    ///< its program was ended by a signal
  timed_out,  ///< it ran longer than the limit
  does_not_compile
};

inline constexpr const char* outcome_names[] = {"trained", "failed", "crashed", "timed out", "does not compile"};

/// One training. Measured numbers are 0 unless it was trained.
struct Result {
  std::string candidate;         ///< its name, or "reference"
  std::string stage = "search";  ///< "search", or "final": with the score on the test set
  Outcome outcome = Outcome::trained;
  std::string why;      ///< a sentence if it was not trained
  std::string program;  ///< digest of the candidate's program, which holds its network and its options
  std::string data;     ///< digest of the data
  std::uint64_t seed = 1;
  int epochs = 0;          ///< asked for; 0: as many as fit into the seconds
  double limit = 0;        ///< seconds of training asked for; 0: all epochs
  int trained_epochs = 0;  ///< begun
  double score = 0;        ///< on the validation set; more is better
  bool has_test = false;
  double test_score = 0;  ///< on the test set, of the final stage
  double loss = 0;        ///< on the validation set
  double seconds = 0;     ///< of training
  double images_per_second = 0;
  double latency = 0;                        ///< seconds, of one image on one thread
  long arena_bytes = 0, training_bytes = 0;  ///< of the plans: inference of one image, a training step
  long peak_bytes = 0;                       ///< resident memory of the training program
  long code_bytes = 0;                       ///< machine code of the candidate's linked program
  bool operator==(const Result&) const = default;
};

/// Whether two results answer the same question, so that one need not be computed anew.
inline bool same_question(const Result& a, const Result& b) {
  return a.candidate == b.candidate && a.stage == b.stage && a.program == b.program && a.seed == b.seed &&
         a.epochs == b.epochs && a.limit == b.limit;
}

}  // namespace strata::experiment
