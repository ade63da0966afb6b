// SPDX-License-Identifier: MIT
// Words to options, and the rounds that follow from them.
#include <strata/experiment/command_line.hpp>

#include <doctest/doctest.h>

#include <string>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::experiment;
using namespace strata::testing;

namespace {

const RunOptions defaults = [] {
  RunOptions o;
  o.out = "runs/x", o.epochs = 7;
  return o;
}();

}  // namespace

TEST_CASE("words set options; the others keep their defaults") {
  const RunOptions o = options_from({"--out", "there", "--seeds", "3", "--minutes", "2.5", "--quiet"}, defaults);
  CHECK(o.out == "there");
  CHECK(o.epochs == 7);
  CHECK(o.seeds == 3);
  CHECK(o.minutes == 2.5);
  CHECK(o.quiet);
}

TEST_CASE("unknown words and wrong values are refused in one sentence") {
  const auto refused = [](std::vector<std::string> words, const char* part) {
    return refuses([&] { options_from(words, defaults); }, part);
  };
  CHECK(refused({"--epoch", "3"}, "--epoch: is not an option; --help lists them"));
  CHECK(refused({"--epochs"}, "--epochs: has no value"));
  CHECK(refused({"--epochs", "three"}, "--epochs: 'three' is not a number"));
  CHECK(refused({"--epochs", "3.5"}, "--epochs: '3.5' is not a number"));
  CHECK(refused({"--epochs", "0"}, "--epochs: 0 is given; it must be from 1"));
  CHECK(refused({"--minutes", "nan"}, "--minutes: nan is given"));
  CHECK(refused({"--out", ""}, "--out: the folder has no name"));
}

TEST_CASE("the help names every option with its default") {
  const std::string help = help_text("digits", defaults);
  for (const auto& o : experiment::detail::number_options)
    CHECK(help.find(std::string("  ") + o.name + " N") != help.npos);
  CHECK(help.find("(runs/x)") != help.npos);
  CHECK(help.find("of the final; 0: as many as fit into --seconds (7)") != help.npos);
}

TEST_CASE("rounds: one, or as many as it takes to reach all epochs, each with the better ones") {
  RunOptions o = defaults;
  o.seeds = 3;
  CHECK(rounds_of(o, 10).size() == 1);
  CHECK(rounds_of(o, 10)[0].seeds == 3);
  o.epochs = 20, o.halving = 3, o.first_epochs = 4;
  const auto rounds = rounds_of(o, 112);
  REQUIRE(rounds.size() == 3);
  CHECK(rounds[0].epochs == 4);
  CHECK(rounds[1].epochs == 12);
  CHECK(rounds[2].epochs == 20);
  CHECK(rounds[0].candidates == 112);
  CHECK(rounds[1].candidates == 38);
  CHECK(rounds[2].candidates == 13);
  CHECK(rounds[1].seeds == 1);
  CHECK(rounds[2].seeds == 3);
  CHECK(rounds_of(o, 1).back().candidates == 1);
}
