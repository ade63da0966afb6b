// SPDX-License-Identifier: MIT
// How the candidates stand: the scores of each over its seeds, their order, and the Pareto front.
#pragma once

#include <strata/experiment/programs.hpp>
#include <strata/experiment/result.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace strata::experiment {

/// Mean, sample standard deviation (0 for one value), smallest and largest of some values.
struct Spread {
  int count = 0;
  double mean = 0, deviation = 0, least = 0, most = 0;
};

inline Spread spread_of(const std::vector<double>& values) {
  Spread out;
  out.count = int(values.size());
  if (values.empty()) return out;
  out.least = *std::min_element(values.begin(), values.end());
  out.most = *std::max_element(values.begin(), values.end());
  for (const double v : values) out.mean += v / out.count;
  for (const double v : values) out.deviation += (v - out.mean) * (v - out.mean);
  out.deviation = out.count > 1 ? std::sqrt(out.deviation / (out.count - 1)) : 0;
  return out;
}

/// A candidate and what its trainings came to, in the last round that it reached.
struct Standing {
  const CandidateProgram* program = nullptr;
  int round = -1;                 ///< from 0; -1: not tried yet
  std::vector<Result> results{};  ///< of that round, one per seed
  Spread score{};                 ///< of those that were trained
  double latency = 0;             ///< the smallest measured, seconds

  bool trained() const { return score.count > 0; }
  /// The first result that was not trained; null: all were.
  const Result* failure() const {
    for (const Result& r : results)
      if (r.outcome != Outcome::trained) return &r;
    return nullptr;
  }
  /// A trained result; null: there is none.
  const Result* example() const {
    for (const Result& r : results)
      if (r.outcome == Outcome::trained) return &r;
    return nullptr;
  }
};

inline Standing standing_of(const CandidateProgram& program, int round, std::vector<Result> results) {
  Standing out{.program = &program, .round = results.empty() ? -1 : round, .results = std::move(results)};
  std::vector<double> scores;
  for (const Result& r : out.results) {
    if (r.outcome != Outcome::trained) continue;
    scores.push_back(r.score);
    out.latency = out.latency > 0 ? std::min(out.latency, r.latency) : r.latency;
  }
  out.score = spread_of(scores);
  return out;
}

/// Whether a stands before b: who reached a later round, then who has the higher mean score; who has none is last.
inline bool stands_before(const Standing& a, const Standing& b) {
  if (a.trained() != b.trained()) return a.trained();
  if (a.round != b.round) return a.round > b.round;
  return a.score.mean > b.score.mean;
}

inline void rank(std::vector<Standing>& all) { std::stable_sort(all.begin(), all.end(), stands_before); }

/// For points (cost, score), whether each is on the Pareto front: no other has at most its cost and at least its score,
/// and is better in one.
inline std::vector<bool> pareto_front(const std::vector<std::pair<double, double>>& points) {
  std::vector<std::size_t> order(points.size());
  for (std::size_t i = 0; i < order.size(); i++) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return points[a].first != points[b].first ? points[a].first < points[b].first : points[a].second > points[b].second;
  });
  std::vector<bool> front(points.size());
  double best = -std::numeric_limits<double>::infinity(), cost = 0;
  for (const std::size_t i : order) {
    const auto [x, y] = points[i];
    if (!(y > best) && !(y == best && x == cost)) continue;
    front[i] = true, best = y, cost = x;
  }
  return front;
}

}  // namespace strata::experiment
