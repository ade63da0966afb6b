// SPDX-License-Identifier: MIT
// What the final stage says: whether the winner beats the reference, by how much, and whether the seeds could have
// decided it.
#pragma once

#include <strata/core/text/number_text.hpp>
#include <strata/experiment/standing.hpp>

#include <string>
#include <vector>

namespace strata::experiment {

/// The scores of the final stage: on the test set, or on the validation set if the data have no test set.
struct FinalScores {
  bool on_test = true;
  Spread score;
};

inline FinalScores final_scores(const std::vector<Result>& results) {
  FinalScores out;
  std::vector<double> scores;
  for (const Result& r : results)
    if (r.outcome == Outcome::trained) out.on_test = out.on_test && r.has_test;
  for (const Result& r : results)
    if (r.outcome == Outcome::trained) scores.push_back(out.on_test ? r.test_score : r.score);
  out.score = spread_of(scores);
  return out;
}

/// "0.9912 ± 0.0004 (0.9908 to 0.9916, 3 seeds)"
inline std::string spread_text(const Spread& s, int digits = 4) {
  using core::fixed;
  if (s.count == 0) return "not measured";
  std::string out = fixed(s.mean, digits);
  if (s.count > 1)
    out += " ± " + fixed(s.deviation, digits) + " (" + fixed(s.least, digits) + " to " + fixed(s.most, digits) + ", " +
           std::to_string(s.count) + " seeds)";
  return out;
}

/// One sentence about winner and reference; more is better.
inline std::string verdict(const std::vector<Result>& winner, const std::vector<Result>& reference,
                           const std::string& score_name) {
  const FinalScores w = final_scores(winner), r = final_scores(reference);
  if (w.score.count == 0) return "The winner has not been trained for the final yet.";
  const std::string set = w.on_test ? "test set" : "validation set";
  const std::string own = "Its " + score_name + " on the " + set + " is " + spread_text(w.score);
  if (reference.empty()) return own + ".";
  if (r.score.count == 0) return own + "; the reference has not been trained.";
  const double difference = w.score.mean - r.score.mean;
  const std::string by = core::fixed(std::abs(difference), 4);
  const std::string both = own + ", that of the reference " + spread_text(r.score) + ". ";
  if (w.score.count < 2 || r.score.count < 2)
    return both + "The winner is " + (difference >= 0 ? "better" : "worse") + " by " + by +
           ", but one seed cannot tell a difference from chance.";
  if (w.score.least > r.score.most) return both + "The winner beats the reference by " + by + ", with every seed.";
  if (w.score.most < r.score.least) return both + "The reference beats the winner by " + by + ", with every seed.";
  if (std::abs(difference) < 5e-5) return both + "They are equal on average.";
  return both + "The winner is " + (difference >= 0 ? "better" : "worse") + " by " + by +
         " on average, but the seeds overlap: that many do not show a difference.";
}

}  // namespace strata::experiment
