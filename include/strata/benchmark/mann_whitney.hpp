// SPDX-License-Identifier: MIT
// The test of Mann and Whitney (1947): whether values of one sample tend to be larger than those of another one. It
// only ranks them, so neither outliers nor the shape of their distribution matter.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace strata::benchmarks {

/// The result of the test, for both directions at once.
struct MannWhitney {
  double u = 0;        ///< number of pairs whose second value is larger; of equal values, a half
  double p = 1;        ///< probability of a u at least as far from the middle if both samples have one distribution
  bool exact = false;  ///< whether p is exact; else by the normal distribution, with ties and continuity corrected
};

/// The samples of at most this size whose p is exact, if no two values are equal.
inline constexpr int largest_exact = 25;

namespace detail {

/// The number of pairs of samples of `m` and `n` ranks whose u is at most `most`, as a share of all. Of k ranks chosen
/// from 1, 2, ..., the i-th smallest adds what it exceeds i by to u; ways[k][u] counts the choices among the ranks so
/// far.
inline double share_of_ranks(int m, int n, int most) {
  const std::size_t width = std::size_t(most) + 1;
  std::vector<double> ways(std::size_t(m + 1) * width);
  ways[0] = 1;
  double all = 1;
  for (int rank = 1; rank <= m + n; rank++)
    for (int k = std::min(rank, m); k >= std::max(1, rank - n); k--)
      for (int u = most, add = rank - k; u >= add; u--)
        ways[std::size_t(k) * width + std::size_t(u)] += ways[std::size_t(k - 1) * width + std::size_t(u - add)];
  for (int k = 1; k <= m; k++) all = all * (n + k) / k;
  double sum = 0;
  for (int u = 0; u <= most; u++) sum += ways[std::size_t(m) * width + std::size_t(u)];
  return sum / all;
}

}  // namespace detail

/// Tests two samples of finite numbers. p is 1 if one of them is empty.
inline MannWhitney mann_whitney(const std::vector<double>& first, const std::vector<double>& second) {
  const double m = double(first.size()), n = double(second.size());
  if (first.empty() || second.empty()) return {};
  std::vector<std::pair<double, int>> all;  // values with the sample that they are from
  all.reserve(first.size() + second.size());
  for (const double value : first) all.emplace_back(value, 0);
  for (const double value : second) all.emplace_back(value, 1);
  std::sort(all.begin(), all.end());
  double ranks = 0, ties = 0;  // the sum of the second sample's ranks; of t^3 - t over groups of t equal values
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i;
    int of_second = 0;
    while (end < all.size() && all[end].first == all[i].first) of_second += all[end++].second;
    const double t = double(end - i);
    ranks += of_second * (double(i + 1 + end) / 2);
    ties += t * t * t - t;
    i = end;
  }
  MannWhitney out;
  out.u = ranks - n * (n + 1) / 2;
  const double least = std::min(out.u, m * n - out.u);
  if (ties == 0 && std::max(m, n) <= largest_exact) {
    out.exact = true;
    out.p = std::min(1., 2 * detail::share_of_ranks(int(m), int(n), int(least)));
    return out;
  }
  const double variance = m * n / 12 * (m + n + 1 - ties / ((m + n) * (m + n - 1)));
  if (variance <= 0) return out;  // all values are equal
  const double distance = std::max(0., m * n / 2 - least - 0.5) / std::sqrt(variance);
  out.p = std::erfc(distance / std::sqrt(2.));
  return out;
}

/// The smallest p that samples of these sizes can have, at least 1 each.
inline double least_p(int first, int second) {
  double choices = 1;
  for (int k = 1; k <= first; k++) choices = choices * (second + k) / k;
  return std::min(1., 2 / choices);
}

}  // namespace strata::benchmarks
