// SPDX-License-Identifier: MIT
// The names that <strata/old_names.hpp> keeps in strata, each the same as in the namespace of its folder.
#include <doctest/doctest.h>

#include <strata/old_names.hpp>

#include <type_traits>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

using namespace strata;

static_assert(std::is_same_v<Evaluation, metrics::Evaluation> && std::is_same_v<Confusion, metrics::Confusion>);
static_assert(std::is_same_v<Schedule, training::Schedule> && std::is_same_v<Run, training::Run>);
static_assert(std::is_same_v<Record, training::Record> && std::is_same_v<Observer, training::Observer>);
static_assert(std::is_same_v<Floats, core::Floats> && std::is_same_v<Change, core::ImageTransform>);
static_assert(Statistics::population == training::Statistics::population && Status::early == training::Status::early);
static_assert(structural_hash<Digits<>> == graph::structural_hash<Digits<>>);
static_assert(training_hash<Digits<>> == graph::training_hash<Digits<>>);

TEST_CASE("old schedules are the new ones") {
  const training::Moment early{.iteration = 3, .iterations_per_epoch = 1, .epochs = 10};
  CHECK(constant(0.1).at(early) == training::constant(0.1).at(early));
  CHECK(piecewise(0.1, 0.5, 2).at(early) == training::piecewise(0.1, 0.5, 2).at(early));
  CHECK(cosine(0.1, 0.01).at(early) == training::cosine(0.1, 0.01).at(early));
  CHECK(linear(0.1, 0.01).at(early) == training::linear(0.1, 0.01).at(early));
  CHECK(polynomial(0.1, 2).at(early) == training::polynomial(0.1, 2).at(early));
}

TEST_CASE("old formulas are the new ones") {
  CHECK(maximum(1.f, 2.f) == functions::maximum(1.f, 2.f));
  CHECK(exponential(0.5) == functions::exponential(0.5));
  CHECK(where_positive(-1.f, 2.f, 3.f) == functions::where_positive(-1.f, 2.f, 3.f));
}

TEST_CASE("the old most probable class is the new one") {
  const float scores[] = {0.2f, 0.7f, 0.1f};
  CHECK(most_probable(scores, 3) == metrics::most_probable(scores, 3));
}
