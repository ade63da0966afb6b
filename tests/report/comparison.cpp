// SPDX-License-Identifier: MIT
#include <strata/report/comparison.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"
#include "../support/run_records.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::report;
using namespace strata::testing;

namespace {

NamedRun named(const std::string& name, RunRecord record) {
  return {name, name.substr(0, name.find('/')), std::move(record)};
}

/// What a comparison of made_run(8, 2, 1) with a changed copy says.
template <class Change>
std::string says(const Change& change) {
  RunRecord other = made_run(8, 2, 1);
  change(other);
  return refusal([&] { compare({named("a", made_run(8, 2, 1)), named("b", other)}); });
}

}  // namespace

TEST_CASE("batch size, device, precision, threads and machine may differ") {
  std::vector<NamedRun> runs{named("a/batch-16", made_run(16, 2, 2)), named("a/batch-8", made_run(8, 2, 1)),
                             named("b/batch-8", made_run(8, 1, 2)), named("c/batch-8", made_run(8, 1, 1))};
  runs[3].record.device = {"cuda", "a GPU", "tf32", 16'000'000'000};
  runs[3].record.machine.compiler = "clang 14.0", runs[3].record.arena_bytes = 1;
  runs[3].record.conditions.add("compiler", "clang");
  const Comparison c = compare(runs);
  REQUIRE(c.setups == std::vector<std::string>{"a processor, 2 threads", "a processor, 1 thread", "a GPU, tf32"});
  REQUIRE(c.runs.size() == 4);
  CHECK(c.runs[0].name == "a/batch-8");
  CHECK(c.runs[1].name == "a/batch-16");
  CHECK(c.runs[3].setup == 2);
  CHECK(c.notes.empty());
  CHECK(c.allowed.empty());
}

TEST_CASE("every other difference is named, with both values and what would allow it") {
  CHECK(
      says([](RunRecord& r) { r.epochs = 7; }) ==
      "b: differs from a in epochs (7, there 5); compare runs that differ in batch size, device, precision and threads "
      "alone, or add --allow epochs");
  const auto names = [&](const auto& change, const std::string& part) {
    const std::string said = says(change);
    const bool found = said.find(part) != std::string::npos && said.find('\n') == std::string::npos;
    if (!found) MESSAGE(said);
    return found;
  };
  CHECK(names([](RunRecord& r) { r.task = "street_scenes"; }, "task (street_scenes, there digits)"));
  CHECK(names([](RunRecord& r) { r.network = "N"; }, "network (N, there Digits<8,16,32>)"));
  CHECK(names([](RunRecord& r) { r.hash = "2-1"; }, "hash (2-1, there 2-0123456789abcdef)"));
  CHECK(names([](RunRecord& r) { r.hash = "1", r.macs = 3; }, "macs (3, there 523712)"));
  CHECK(names([](RunRecord& r) { r.dataset.name = "KMNIST"; }, "dataset (KMNIST, there MNIST)"));
  CHECK(names([](RunRecord& r) { r.dataset.train = 9; }, "training-images (9, there 52500)"));
  CHECK(names([](RunRecord& r) { r.dataset.test = 9; }, "test-images (9, there 10000)"));
  CHECK(names([](RunRecord& r) { r.seed = 2, r.epochs = 7; }, "epochs (7, there 5), seed (2, there 1)"));
  CHECK(names([](RunRecord& r) { r.status = "interrupted", r.why = "a signal"; },
              "status (interrupted, a signal, there complete)"));
  CHECK(names([](RunRecord& r) { r.kept_iteration = 3, r.kept_by = Keep::best_loss; },
              "kept (validation_loss, there last)"));
  CHECK(names([](RunRecord& r) { r.weights.file = "a/w.safetensors"; }, "weights (w.safetensors, there none)"));
  CHECK(names(
      [](RunRecord& r) {
        r.conditions = {{"--recipe", "mine"}, {"training pixels of digest", "01"}};
      },
      "recipe (mine, there workshop)"));
  CHECK(names(
      [](RunRecord& r) {
        r.conditions = {{"--recipe", "workshop"}, {"training pixels of digest", "02"}};
      },
      "data (digest "));
  CHECK(names([](RunRecord& r) { r.conditions.add("--micro-batch", 4); }, "micro-batch (4, there the whole batch)"));
}

TEST_CASE(
    "what follows from another difference is not named: the hash of another network, data of another seed, an option's consequences") {
  const std::string network = says([](RunRecord& r) { r.network = "N", r.hash = "2-1", r.macs = 1; });
  CHECK(network.find("hash") == std::string::npos);
  CHECK(network.find("macs") == std::string::npos);
  const std::string seed = says([](RunRecord& r) {
    r.seed = 2, r.conditions = {{"--recipe", "workshop"}, {"training pixels of digest", "02"}};
  });
  CHECK(seed.find("data") == std::string::npos);
  const std::string option = says([](RunRecord& r) {
    r.conditions = {{"--recipe", "mine"}, {"training pixels of digest", "01"}, {"optimizer", "lamb"}};
  });
  CHECK(option.find("lamb") == std::string::npos);
  CHECK(says([](RunRecord& r) { r.conditions.add("optimizer", "lamb"); }).find("optimizer (lamb, there none)") !=
        std::string::npos);
}

TEST_CASE("hashes of two versions, and a name of an earlier version, do not separate equal networks") {
  CHECK(says([](RunRecord& r) { r.hash = "80962d472e530fac"; }) == "");
}

TEST_CASE("an allowed difference becomes part of the setup's name") {
  RunRecord other = made_run(8, 2, 1);
  other.epochs = 7;
  const Comparison c = compare({named("a", made_run(8, 2, 1)), named("b", other)}, {"epochs", "seed"});
  CHECK(c.allowed == std::vector<std::string>{"epochs"});
  CHECK(c.setups == std::vector<std::string>{"a processor, 2 threads, epochs 5", "a processor, 2 threads, epochs 7"});
}

TEST_CASE("setups of the same words are told apart by their folders") {
  const Comparison c = compare({named("a/batch-8", made_run(8, 2, 1)), named("b/batch-8", made_run(8, 2, 1))});
  CHECK(c.setups == std::vector<std::string>{"a processor, 2 threads (a)", "a processor, 2 threads (b)"});
}

TEST_CASE("records of an earlier version are compared by their rates, and a note says so") {
  RunRecord old = made_run(8, 2, 1), faster = old;
  old.conditions = faster.conditions = {};
  CHECK(compare({named("a", old), named("b", made_run(16, 2, 1))}).notes.size() == 1);
  for (auto& record : faster.history) record.rate = 0.02;
  CHECK(refuses([&] { compare({named("a", old), named("b", faster)}); }, "rate (0.02, there 0.01)", "--allow rate"));
}

TEST_CASE("measurements of a few updates differ in the number of their images") {
  RunRecord two = made_run(2, 2, 1), four = made_run(4, 2, 1, 3);
  for (RunRecord* r : {&two, &four}) {
    r->epochs = 1, r->dataset.validation = r->dataset.test = 0;
    r->dataset.train = int(r->iterations) * r->batch;
  }
  CHECK(compare({named("a", two), named("b", four)}).runs.size() == 2);
}

TEST_CASE("nothing to compare, and a batch of none") {
  CHECK(refuses([] { compare({}); }, "there is no run to compare"));
  CHECK(refuses([] { compare({named("a", made_run(0, 2, 1))}); }, "a: its batch size is 0"));
}

TEST_CASE("a run is found by its name, or by the end of it if only one has it") {
  const Comparison c = compare({named("a/batch-8", made_run(8, 2, 1)), named("a/batch-16", made_run(16, 2, 1)),
                                named("b/batch-8", made_run(8, 1, 1))});
  CHECK(run_named(c, "a/batch-8").name == "a/batch-8");
  CHECK(run_named(c, "batch-16").name == "a/batch-16");
  CHECK(refuses([&] { run_named(c, "batch-8"); }, "2 runs have this name"));
  CHECK(refuses([&] { run_named(c, "atch-16"); }, "no run has this name"));
}
