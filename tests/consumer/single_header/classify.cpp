// SPDX-License-Identifier: MIT
#include "strata.hpp"

int classify(const strata::Model<strata::Digits<>>& model, const float* image);

int classify(const strata::Model<strata::Digits<>>& model, const float* image) {
  float scores[10];
  model.predict({.floats = image, .count = 1}, scores);
  int best = 0;
  for (int k = 1; k < 10; k++)
    if (scores[k] > scores[best]) best = k;
  return best;
}
