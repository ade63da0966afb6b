// SPDX-License-Identifier: MIT
#include <strata/benchmark/mann_whitney.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace strata::benchmarks;

namespace {

using Values = std::vector<double>;

Values progression(int count, double first, double step) {
  Values out;
  for (int i = 0; i < count; i++) out.push_back(first + step * i);
  return out;
}

/// p by the definition: the share of all ways to draw the first sample's ranks whose u is as far from the middle.
double counted_p(const Values& first, const Values& second) {
  Values all = first;
  all.insert(all.end(), second.begin(), second.end());
  const int m = int(first.size()), n = int(second.size());
  const auto distance = [&](unsigned chosen) {  // the bits are those of the first sample
    double u = 0;
    for (int i = 0; i < m + n; i++)
      for (int k = 0; k < m + n; k++)
        if ((chosen >> i & 1) && !(chosen >> k & 1) && all[std::size_t(k)] > all[std::size_t(i)]) u++;
    return std::abs(u - m * n / 2.);
  };
  const double ours = distance((1u << m) - 1);
  double far = 0, ways = 0;
  for (unsigned chosen = 0; chosen < 1u << (m + n); chosen++)
    if (__builtin_popcount(chosen) == m) ways++, far += distance(chosen) >= ours;
  return far / ways;
}

}  // namespace

// from scipy.stats import mannwhitneyu as t        (SciPy 1.17)
// t(second, first, method='exact')                  for the cases without ties
// t(second, first, method='asymptotic', use_continuity=True)
TEST_CASE("u and p are those of SciPy, exact and by the normal distribution") {
  const MannWhitney apart = mann_whitney(progression(10, 1, 1), progression(10, 11, 1));
  CHECK(apart.exact);
  CHECK(apart.u == 100);
  CHECK(apart.p == doctest::Approx(1.082508822446903e-05).epsilon(1e-12));

  const Values a{0.30, 1.20, 2.10, 3.70, 4.40, 5.00, 6.60, 7.30, 8.80, 9.10};
  const Values b{2.00, 3.10, 4.90, 5.20, 6.00, 7.70, 8.10, 9.90, 10.4, 11.3, 12.5};
  const MannWhitney mixed = mann_whitney(a, b);
  CHECK(mixed.exact);
  CHECK(mixed.u == 78);
  CHECK(mixed.p == doctest::Approx(0.11446602932671045).epsilon(1e-12));

  const MannWhitney tied = mann_whitney({1, 1, 2, 3, 3, 4, 5, 6, 7, 8}, {3, 4, 5, 6, 7, 7, 8, 9, 9, 9, 10, 11});
  CHECK(!tied.exact);
  CHECK(tied.u == 100);
  CHECK(tied.p == doctest::Approx(0.008866885618812726).epsilon(1e-9));

  Values e, f;
  for (int i = 0; i < 30; i++) e.push_back((i * 37) % 101 + 0.5 * i);
  for (int i = 0; i < 28; i++) f.push_back((i * 53) % 97 + 0.5 * i + 12);
  const MannWhitney large = mann_whitney(e, f);
  CHECK(!large.exact);
  CHECK(large.u == 471.5);
  CHECK(large.p == doctest::Approx(0.42741393368321556).epsilon(1e-9));

  CHECK(mann_whitney(progression(25, 0, 2), progression(25, 11, 2)).p ==
        doctest::Approx(0.01698221635350756).epsilon(1e-9));
}

TEST_CASE("exact p is the share of all rankings") {
  const Values pool{5.1, 0.2, 7.7, 3.3, 9.4, 1.8, 6.5, 2.9, 8.6, 4.0};
  for (int m = 1; m < 10; m++) {
    const Values first(pool.begin(), pool.begin() + m), second(pool.begin() + m, pool.end());
    const MannWhitney test = mann_whitney(first, second);
    CHECK(test.exact);
    CHECK(test.p == doctest::Approx(std::min(1., counted_p(first, second))).epsilon(1e-12));
  }
}

TEST_CASE("the test is the same in both directions, and the order of values does not matter") {
  const Values a{3, 1, 2, 9, 4}, b{8, 7, 12, 6};
  const MannWhitney there = mann_whitney(a, b), back = mann_whitney(b, a);
  CHECK(there.p == back.p);
  CHECK(there.u + back.u == 20);
  CHECK(mann_whitney({9, 4, 3, 2, 1}, {12, 8, 6, 7}).p == there.p);
}

TEST_CASE("samples that cannot differ have p 1") {
  CHECK(mann_whitney({}, {1, 2}).p == 1);
  CHECK(mann_whitney({1, 2}, {}).p == 1);
  CHECK(mann_whitney(Values(10, 5.), Values(12, 5.)).p == 1);
  CHECK(mann_whitney({1}, {2}).p == 1);
}

TEST_CASE("the least p is that of a clean separation") {
  CHECK(least_p(10, 10) == doctest::Approx(mann_whitney(progression(10, 0, 1), progression(10, 20, 1)).p));
  CHECK(least_p(3, 7) == doctest::Approx(mann_whitney(progression(3, 0, 1), progression(7, 20, 1)).p));
  CHECK(least_p(1, 1) == 1);
}
