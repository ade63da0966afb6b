// SPDX-License-Identifier: MIT
#include <strata/train/schedule.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "../support/tolerance.hpp"

using namespace strata;
using namespace strata::training;
using testing::relative_error;

namespace {

/// The rate at the first iteration of an epoch, in ten epochs of five iterations.
double at_epoch(const Schedule& schedule, int epoch) { return schedule.at({epoch * 5, 5, 10}); }
double at(const Schedule& schedule, long iteration) { return schedule.at({iteration, 5, 10}); }
/// Whether two rates are equal but for the rounding of a few operations in double.
bool same(double given, double expected) { return relative_error(given, expected) <= 1e-14; }

}  // namespace

TEST_CASE("constant and piecewise") {
  CHECK(at(constant(0.5), 0) == 0.5);
  CHECK(at(constant(0.5), 49) == 0.5);
  const Schedule s = piecewise(1, 0.8, 3);
  CHECK(at(s, 14) == 1);
  CHECK(same(at_epoch(s, 3), 0.8));
  CHECK(same(at_epoch(s, 9), 0.512));
}

TEST_CASE("cosine and linear go from the rate to the end") {
  CHECK(at(cosine(2, 1), 0) == 2);
  CHECK(same(at(cosine(2, 1), 25), 1.5));
  CHECK(same(at(cosine(2, 1), 49), 1 + std::pow(std::sin(0.01 * std::acos(-1.)), 2)));
  CHECK(at(linear(2, 1), 0) == 2);
  CHECK(same(at(linear(2, 1), 25), 1.5));
  CHECK(at(linear(2, 1), 1000) == 1);
}

TEST_CASE("polynomial falls to 0") {
  CHECK(at(polynomial(2), 0) == 2);
  CHECK(same(at(polynomial(2), 25), 2 * std::pow(0.5, 0.9)));
  CHECK(same(at(polynomial(2, 2), 40), 2 * 0.04));
  CHECK(at(polynomial(2), 1000) == 0);
}

TEST_CASE("a warm-up rises linearly, and the rest follows") {
  const Schedule s = cosine(1).warm_up(10), e = cosine(1).warm_up_epochs(2);
  for (long i = 0; i < 10; i++) CHECK(same(at(s, i), double(i + 1) / 10));
  CHECK(same(at(s, 10), 1));
  CHECK(same(at(s, 30), 0.5));
  for (long i = 0; i < 50; i++) CHECK(at(s, i) == at(e, i));
  CHECK(at(constant(1).warm_up(4), 1) == 0.5);
}

TEST_CASE("the user's own, and what is not a rate") {
  const Schedule own(+[](const Moment& m) { return 1. / double(m.iteration + 1); });
  CHECK(at(own, 3) == 0.25);
  CHECK(own.sensible());
  CHECK(Schedule(0.1).sensible());
  CHECK(Schedule(1e30).fault() == "the learning rate is 1e+30; give a number from 1e-30 to 1000000");
  CHECK(piecewise(1, 0.5, 0).fault() == "the learning rate changes every 0 epochs; give 1 or more");
  CHECK(cosine(1, -0.5).fault() == "the final learning rate is -0.5; give a number from 0 to 1000000");
  CHECK(constant(1).warm_up(-3).fault() == "the warm-up takes -3 iterations; give 0 or more");
  for (double bad : {0., -1., double(NAN), double(INFINITY), 1e7}) CHECK(!Schedule(bad).sensible());
}
