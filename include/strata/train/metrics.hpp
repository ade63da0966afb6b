// SPDX-License-Identifier: MIT
// How good a network is on a set: cross-entropy, accuracy, and who is taken for whom.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace strata {

/// counts[truth * classes + predicted]
struct Confusion {
  int classes = 0;
  std::vector<long> counts;

  explicit Confusion(int n = 0) : classes(n), counts(std::size_t(n) * std::size_t(n)) {}
  long& at(int truth, int predicted) { return counts[std::size_t(truth) * classes + predicted]; }
  long at(int truth, int predicted) const { return counts[std::size_t(truth) * classes + predicted]; }
  long of_class(int truth) const {
    long sum = 0;
    for (int p = 0; p < classes; p++) sum += at(truth, p);
    return sum;
  }
  long total() const {
    long sum = 0;
    for (long n : counts) sum += n;
    return sum;
  }
  long correct() const {
    long sum = 0;
    for (int c = 0; c < classes; c++) sum += at(c, c);
    return sum;
  }
  /// Share of the counted labels that were predicted; 0 where there are none.
  double accuracy() const { return total() ? double(correct()) / double(total()) : 0; }
  /// Share of the labels of one class that were found (recall).
  double accuracy(int truth) const { return of_class(truth) ? double(at(truth, truth)) / double(of_class(truth)) : 0; }
};

struct Evaluation {
  double loss = 0;      ///< mean cross-entropy of the counted labels
  double accuracy = 0;
  long counted = 0;     ///< labels that were not ignored
  Confusion confusion;
};

/// The first of the greatest.
inline int most_probable(const float* scores, int classes) {
  int best = 0;
  for (int c = 1; c < classes; c++)
    if (scores[c] > scores[best]) best = c;
  return best;
}

namespace detail {

/// Adds `pixels` labels and their probabilities [pixels][classes]; loss is a sum until finish().
inline void tally(Evaluation& e, const float* probabilities, const std::int32_t* labels, long pixels) {
  const int classes = e.confusion.classes;
  for (long i = 0; i < pixels; i++) {
    if (labels[i] < 0) continue;
    const float* p = probabilities + i * classes;
    const float own = p[labels[i]];
    e.loss -= std::log(double(own < 1e-37f ? 1e-37f : own));  // a NaN stays one
    e.confusion.at(labels[i], most_probable(p, classes))++;
    e.counted++;
  }
}
inline void finish(Evaluation& e) {
  if (e.counted) e.loss /= double(e.counted);
  e.accuracy = e.confusion.accuracy();
}

}  // namespace detail

inline void print(const Evaluation& e, std::FILE* out = stdout) {
  std::fprintf(out, "accuracy %.4f, loss %.4f, %ld labels\n", e.accuracy, e.loss, e.counted);
}

}  // namespace strata
