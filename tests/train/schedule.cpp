// SPDX-License-Identifier: MIT
#include <strata/train/plateau.hpp>
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

TEST_CASE("exponential multiplies in each update") {
  CHECK(at(exponential(2, 0.5), 0) == 2);
  CHECK(same(at(exponential(2, 1.1), 49), 2 * std::pow(1.1, 49)));
  CHECK(same(at(exponential(2, 0.5).warm_up(3), 4), 1));
}

TEST_CASE("one cycle has the rates of PyTorch's OneCycleLR") {
  // lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=20, ...) of PyTorch 1.13, printed at each step.
  const auto check = [](const Schedule& s, std::initializer_list<double> rates) {
    long iteration = 0;
    for (const double rate : rates) CHECK(relative_error(s.at({iteration++, 5, 4}), rate) <= 1e-12);
    CHECK(iteration == 20);
  };
  check(one_cycle(0.1), {0.0040000000000000036,
                         0.013167184270002533,
                         0.037167184270002526,
                         0.06683281572999747,
                         0.09083281572999748,
                         0.1,
                         0.09874640062350874,
                         0.09504846320134738,
                         0.089091617757105,
                         0.0811745653949763,
                         0.07169430017913009,
                         0.06112620219362893,
                         0.0500002,
                         0.03887419780637107,
                         0.028306099820869922,
                         0.0188258346050237,
                         0.010908782242895003,
                         0.004951936798652629,
                         0.0012539993764912555,
                         4e-07});
  check(one_cycle(0.1, {.pct_start = 0.25, .div_factor = 10, .final_div_factor = 100, .linear = true}),
        {0.01,    0.0325,  0.055,   0.0775,  0.1,    0.09334, 0.08668, 0.08002, 0.07336, 0.0667,
         0.06004, 0.05338, 0.04672, 0.04006, 0.0334, 0.02674, 0.02008, 0.01342, 0.00676, 0.0001});
  check(one_cycle(0.1, {.pct_start = 0.4, .three_phase = true}), {0.0040000000000000036,
                                                                  0.008753494340683884,
                                                                  0.022072489510780793,
                                                                  0.04131899517009691,
                                                                  0.0626810048299031,
                                                                  0.08192751048921922,
                                                                  0.09524650565931612,
                                                                  0.1,
                                                                  0.09524650565931612,
                                                                  0.08192751048921922,
                                                                  0.06268100482990309,
                                                                  0.041318995170096906,
                                                                  0.022072489510780793,
                                                                  0.008753494340683886,
                                                                  0.004,
                                                                  0.0036180721853510196,
                                                                  0.0026181721853510195,
                                                                  0.0013822278146489802,
                                                                  0.0003823278146489803,
                                                                  4e-07});
  CHECK(same(at(one_cycle(1), 1000), 4e-6));
  CHECK(at(one_cycle(1).warm_up(10), 10) == at(one_cycle(1), 0));
  for (const OneCycle& cycle : {OneCycle{.pct_start = 0}, {.pct_start = 1}, {.pct_start = 0.02}})
    for (long i = 0; i < 50; i++) CHECK(std::isfinite(at(one_cycle(1, cycle), i)));
  CHECK(one_cycle(0.1, {.pct_start = 1.5}).fault() ==
        "pct_start of the learning rate's cycle is 1.5; give a number from 0 to 1");
  CHECK(!one_cycle(0.1, {.pct_start = 0.6, .three_phase = true}).sensible());
  CHECK(!one_cycle(0.1, {.div_factor = 0}).sensible());
  CHECK(!one_cycle(0.1, {.final_div_factor = NAN}).sensible());
  CHECK(one_cycle(0.1).conditions() != one_cycle(0.1, {.linear = true}).conditions());
}

TEST_CASE("plateaus reduce the rate where PyTorch's ReduceLROnPlateau does") {
  // ReduceLROnPlateau(SGD(lr=1), factor=0.5, patience=1, threshold=0.1, cooldown=2, min_lr=0.1) of PyTorch 1.13,
  // printed after each step; mode "min" with a relative threshold, "max" with an absolute one.
  constexpr double values[] = {1,   0.95, 0.8, 0.8, 0.79, 0.78, 0.77, 0.9, NAN, 0.5, 0.5,
                               0.5, 0.5,  0.5, 0.5, 0.5,  0.5,  0.5,  0.5, 0.5, 0.5};
  constexpr double lower[] = {1,    1,     1,     1,     0.5,   0.5, 0.5, 0.5, 0.25, 0.25, 0.25,
                              0.25, 0.125, 0.125, 0.125, 0.125, 0.1, 0.1, 0.1, 0.1,  0.1};
  constexpr double higher[] = {1,     1,     0.5,   0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125,
                               0.125, 0.125, 0.125, 0.1, 0.1, 0.1, 0.1,  0.1,  0.1,  0.1};
  Plateau plateau{.factor = 0.5, .patience = 1, .threshold = 0.1, .cooldown = 2, .least = 0.1};
  for (const bool is_lower : {true, false}) {
    plateau.threshold_is = is_lower ? Plateau::Threshold::relative : Plateau::Threshold::absolute;
    PlateauState state;
    for (int i = 0; i < 21; i++) {
      if (training::detail::add_validation(state, plateau, is_lower ? metrics::Better::lower : metrics::Better::higher,
                                           values[i]))
        training::detail::reduce(state, plateau);
      CHECK(training::detail::reduced_rate(1, state.factor, plateau.least) == (is_lower ? lower : higher)[i]);
    }
  }
  CHECK(training::detail::reduced_rate(0.05, 0.25, 0.1) == 0.05);  // the schedule's own rate is lower
  CHECK(Plateau{}.fault().empty());
  for (const Plateau& bad : {Plateau{.factor = 1}, Plateau{.factor = 0}, Plateau{.patience = -1},
                             Plateau{.threshold = NAN}, Plateau{.cooldown = -1}, Plateau{.least = -1}})
    CHECK(!bad.fault().empty());
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
