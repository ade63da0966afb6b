// SPDX-License-Identifier: MIT
#include <strata/graph/data_sheet.hpp>
#include <strata/graph/work.hpp>

#include <doctest/doctest.h>

#include <strata/graph/plans.hpp>
#include <strata/models/digits.hpp>

#include "../support/tolerance.hpp"

using namespace strata;
using namespace strata::graph;
using strata::testing::relative_error;

namespace {

constexpr Rates rates{.products = 100, .plain_products = 100, .bytes = 10, .kernel_seconds = 1};

}  // namespace

TEST_CASE("a piece takes the longer of its products and its traffic, and its launches") {
  CHECK(time_of(Piece{.channels = 8, .products = 1000, .bytes = 20}, rates).seconds == 10);
  CHECK(time_of(Piece{.channels = 8, .products = 1000, .bytes = 200}, rates).seconds == 20);
  const StepTime time = time_of(Piece{.channels = 8, .kernels = 3, .products = 1000, .bytes = 200}, rates);
  CHECK(time.products == 10);
  CHECK(time.bytes == 20);
  CHECK(time.kernels == 3);
  CHECK(time.seconds == 23);
}

TEST_CASE("few channels fill a device in proportion, but never less than its plain units") {
  constexpr Rates device{.products = 640, .plain_products = 100, .whole_channels = 64, .bytes = 1e9};
  CHECK(time_of(Piece{.channels = 64, .products = 640}, device).seconds == 1);
  CHECK(time_of(Piece{.channels = 200, .products = 640}, device).seconds == 1);
  CHECK(time_of(Piece{.channels = 32, .products = 640}, device).seconds == 2);
  CHECK(time_of(Piece{.channels = 1, .products = 640}, device).seconds == doctest::Approx(6.4));
}

TEST_CASE("pieces are sorted by channels, summed where they agree, and never more than there is room for") {
  StepWork work;
  for (int channels : {64, 0, 8, 900, 8}) work.add({channels, 1, 10, 5, 2});
  REQUIRE(work.count == 3);
  CHECK(work.pieces[0].channels == 0);
  CHECK(work.pieces[1] == Piece{8, 2, 20, 10, 4});
  CHECK(work.pieces[2] == Piece{64, 2, 20, 10, 4});
  CHECK(work.kernels() == 5);
  StepWork full;
  for (int channels = 60; channels > 20; channels--) full.add({channels, 1, 1, 1, 1});
  CHECK(full.count == StepWork::most);
  CHECK(full.kernels() == 40);
  double macs = 0;
  for (int k = 0; k < full.count; k++) {
    macs += full.pieces[k].macs;
    if (k > 0) CHECK(full.pieces[k].channels > full.pieces[k - 1].channels);
  }
  CHECK(macs == 40);
}

TEST_CASE("a batch multiplies products and traffic, not launches or the update") {
  StepWork work;
  work.add({8, 2, 1000, 1000, 10});
  work.update_bytes = 50;
  CHECK(time_of(work, 1, rates).seconds == 5 + 10 + 2);
  CHECK(time_of(work, 4, rates).seconds == 5 + 40 + 2);
}

TEST_CASE("the work of a plan counts all its nodes, multiply-adds and values") {
  constexpr auto& plan = training_plan<Digits<8, 16, 32>, Layout{}, PlanOptions{}>;
  const StepWork work = step_work(plan, 21'690, [&](int i) { return double(node_macs(plan.nodes[i])) / 2; });
  double macs = 0, products = 0, bytes = 0, all = 0, values = 0;
  for (int i = 0; i < plan.count; i++)
    all += double(node_macs(plan.nodes[i])), values += 4. * double(value_numbers(plan.nodes, i));
  for (int k = 0; k < work.count; k++)
    macs += work.pieces[k].macs, products += work.pieces[k].products, bytes += work.pieces[k].bytes;
  CHECK(macs == all);
  CHECK(products == all / 2);
  CHECK(bytes == values);
  CHECK(work.kernels() == plan.count);
  CHECK(work.update_bytes == update_bytes_per_parameter * 21'690);
}

TEST_CASE("a training is its updates and its validations") {
  CHECK(training_seconds({.updates = 10, .images = 100}, {.update = 2, .image = 0.5}) == 70);
}

TEST_CASE("a data sheet's rates") {
  const Rates h100 = rates_of(h100_peak, h100_peak.of("tf32"));
  CHECK(relative_error(h100.products, 494.7e12 / 2 * 0.4) <= 1e-12);
  CHECK(relative_error(h100.bytes, 3.35e12 * 0.8) <= 1e-12);
  CHECK(h100.whole_channels == 64);
  CHECK(v100_peak.of("tf32") == v100_peak.fp32);
  CHECK(v100_peak.of("float16") == v100_peak.fp16);
  CHECK(v100_peak.of("bfloat16") == v100_peak.fp32);
  CHECK(a100_peak.of("a word") == a100_peak.fp32);
}
