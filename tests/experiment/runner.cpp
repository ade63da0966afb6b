// SPDX-License-Identifier: MIT
// The runner, with scripts as candidates: what it trains, how it chooses, what it does about crashes, and that an
// interrupted experiment continues where it was.
#include <strata/experiment/runner.hpp>
#include <strata/experiment/table.hpp>

#include <doctest/doctest.h>

#include <thread>

#include "../support/candidate_programs.hpp"
#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::experiment;
using namespace strata::testing;

namespace {

const std::atomic<bool> never_stop{false};

RunOptions quiet(const std::string& out) {
  RunOptions o;
  o.out = out, o.epochs = 4, o.quiet = true, o.jobs = 2;
  return o;
}

Findings run(const CandidatePrograms& folder, const RunOptions& options) {
  const Programs programs = folder.read();
  Findings findings = Runner(programs, options, never_stop).run();
  for (Standing& s : findings.standings) s.program = nullptr;  // they end here
  return findings;
}

const Standing* find(const Findings& f, const Programs& programs, const std::string& name) {
  for (const Standing& s : f.standings)
    if (s.program && s.program->name == name) return &s;
  (void)programs;
  return nullptr;
}

}  // namespace

TEST_CASE("every candidate is trained with each seed, and the best mean wins and meets the reference") {
  CandidatePrograms folder;
  TemporaryFolder out;
  folder.add(1, folder.scoring("0.5"));
  folder.add(2, folder.scoring("0.$((80 + $seed))", "0.9$seed"));
  folder.add(3, folder.scoring("0.$((70 + $seed))"));
  folder.add_reference(folder.scoring("0.8", "0.8$seed"));
  RunOptions options = quiet(out.path());
  options.seeds = 3;
  const Programs programs = folder.read();
  const Findings f = Runner(programs, options, never_stop).run();
  REQUIRE(f.standings.size() == 3);
  CHECK(f.standings[0].program->name == "width=2");
  CHECK(f.standings[0].score.mean == doctest::Approx(0.82));
  CHECK(f.standings[0].score.deviation == doctest::Approx(0.01));
  CHECK(f.standings[2].program->name == "width=1");
  CHECK(f.trainings == 9 + 6);
  REQUIRE(f.winner.size() == 3);
  REQUIRE(f.reference.size() == 3);
  CHECK(f.winner[2].has_test);
  CHECK(f.winner[2].test_score == doctest::Approx(0.93));
  CHECK(verdict(f.winner, f.reference, "accuracy").find("The winner beats the reference by 0.1000, with every seed.") !=
        std::string::npos);
}

TEST_CASE(
    "a candidate that crashes, fails, hangs, leaves nonsense or does not compile is a row, and the others go on") {
  CandidatePrograms folder;
  TemporaryFolder out;
  folder.add(1, folder.scoring("0.5"));
  folder.add(2, "echo about to read a null pointer >&2; kill -SEGV $$");
  folder.add(3, "exit 3");
  folder.add(4, "sleep 60");
  folder.add(5, "echo '{\"score\": 1e999' > \"$result\"");
  folder.add(6, "exit 0");
  folder.add_uncompiled(
      7,
      "x.cpp:1: In instantiation of refused<FixedString<9>{\"strata: layer 2, MaxPool<5>, is given 4x4x16\"}>\nerror: y");
  folder.add_uncompiled(8, "x.cpp:3:5: error: 'Cnov' was not declared\n note: something");
  RunOptions options = quiet(out.path());
  options.limit_minutes = 0.5 / 60, options.final_seeds = 0;
  const Programs programs = folder.read();
  const Findings f = Runner(programs, options, never_stop).run();
  CHECK(f.standings.size() == 8);
  CHECK(f.standings[0].program->name == "width=1");
  const auto failure = [&](const std::string& name) { return find(f, programs, name)->failure(); };
  CHECK(failure("width=1") == nullptr);
  CHECK(failure("width=2")->outcome == Outcome::crashed);
  CHECK(failure("width=2")->why ==
        "its program was ended by SIGSEGV, an invalid memory access; its last words: about to read a null pointer");
  CHECK(failure("width=3")->why == "its program ended with status 3");
  CHECK(failure("width=4")->outcome == Outcome::timed_out);
  CHECK(failure("width=5")->why == "its program left no valid result");
  CHECK(failure("width=6")->why == "its program left no valid result");
  CHECK(failure("width=7")->outcome == Outcome::does_not_compile);
  CHECK(failure("width=7")->why == "strata: layer 2, MaxPool<5>, is given 4x4x16");
  CHECK(failure("width=8")->why == "'Cnov' was not declared");
}

TEST_CASE("what the journal has is not trained again, unless the program, the epochs or the seed differ") {
  CandidatePrograms folder;
  TemporaryFolder out;
  folder.add(1, folder.scoring("0.5"));
  folder.add(2, folder.scoring("0.6"));
  RunOptions options = quiet(out.path());
  options.final_seeds = 0;
  CHECK(run(folder, options).trainings == 2);
  const Findings again = run(folder, options);
  CHECK(again.trainings == 0);
  CHECK(again.repeated == 2);
  CHECK(folder.runs() == 2);
  options.seeds = 2;
  CHECK(run(folder, options).trainings == 2);
  options.epochs = 5;
  CHECK(run(folder, options).trainings == 4);
  folder.put("1", folder.scoring("0.7"));
  CHECK(run(folder, options).trainings == 2);
}

TEST_CASE("an experiment whose process is killed continues with what was not finished") {
  CandidatePrograms folder;
  TemporaryFolder out;
  for (int width = 1; width <= 8; width++) folder.add(width, "sleep 0.1\n" + folder.scoring("0.5"));
  RunOptions options = quiet(out.path());
  options.final_seeds = 0;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    run(folder, options);
    ::_exit(0);
  }
  const std::string journal = out / "results.jsonl";
  for (int i = 0; i < 2000; i++) {  // until three results are in it
    const std::string text = core::file_exists(journal) ? testing::read(journal) : "";
    if (std::count(text.begin(), text.end(), '\n') >= 4) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  const Findings f = run(folder, options);
  CHECK(f.repeated >= 3);
  CHECK(f.trainings + f.repeated == 8);
  CHECK(run(folder, options).trainings == 0);
}

TEST_CASE("a request to stop ends what runs, and leaves no result of it") {
  CandidatePrograms folder;
  TemporaryFolder out;
  folder.add(1, "sleep 60");
  const Programs programs = folder.read();
  std::atomic<bool> stop{false};
  std::thread asks([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop = true;
  });
  const Findings f = Runner(programs, quiet(out.path()), stop).run();
  asks.join();
  CHECK(f.interrupted);
  CHECK(f.trainings == 0);
  CHECK(f.standings[0].round == -1);
}

TEST_CASE("a candidate ended by a request to stop is an interruption, not a crash") {
  CandidatePrograms folder;
  TemporaryFolder out;
  folder.add(1, "kill -INT $$; sleep 5");
  CHECK(run(folder, quiet(out.path())).interrupted);
}

TEST_CASE("successive halving trains the better ones for longer") {
  CandidatePrograms folder;
  TemporaryFolder out;
  for (int width = 1; width <= 9; width++) folder.add(width, folder.scoring("0.$width"));
  for (int width = 1; width <= 9; width++)
    folder.put(std::to_string(width), folder.scoring("0." + std::to_string(width)));
  RunOptions options = quiet(out.path());
  options.epochs = 9, options.halving = 3, options.first_epochs = 1, options.final_seeds = 0;
  const Programs programs = folder.read();
  const Findings f = Runner(programs, options, never_stop).run();
  CHECK(f.trainings == 9 + 3 + 1);
  CHECK(f.standings[0].program->name == "width=9");
  CHECK(f.standings[0].round == 2);
  CHECK(f.standings[0].results[0].epochs == 9);
  CHECK(f.standings[1].program->name == "width=8");
  CHECK(f.standings[1].round == 1);
  CHECK(f.standings[3].program->name == "width=6");
  CHECK(f.standings[3].round == 0);
}

TEST_CASE("without time left, the search ends and the best so far goes to the final") {
  CandidatePrograms folder;
  TemporaryFolder out;
  for (int width = 1; width <= 4; width++) folder.add(width, folder.scoring("0.5"));
  RunOptions options = quiet(out.path());
  options.jobs = 1;
  options.minutes = (10 + 1.5 * 3 * 2 + 0.001) / 60;  // of a training of 2 epochs in 1 s, asked for 4
  const Findings f = run(folder, options);
  CHECK(f.out_of_time);
  CHECK(f.trainings < 4 + 3);
  CHECK(f.winner.size() == 3);
}

TEST_CASE("results for other data are refused") {
  CandidatePrograms folder;
  TemporaryFolder out;
  folder.add(1, folder.scoring("0.5"));
  run(folder, quiet(out.path()));
  std::string other = folder.scoring("0.5");
  other.replace(other.find("\"data\":\"d\""), 10, "\"data\":\"e\"");
  folder.put("1", other);
  CHECK(refuses([&] { run(folder, quiet(out.path())); }, "its results are for other data (of digest d, not e)"));
}

TEST_CASE("options out of range, and a list that is damaged, are refused in one sentence") {
  RunOptions options = quiet("out");
  options.epochs = 0;
  CHECK(refuses([&] { check(options); }, "--epochs: 0 is given; it must be from 1"));
  options.epochs = 4, options.halving = 1;
  CHECK(refuses([&] { check(options); }, "--halving: 1 keeps all candidates"));
  options.halving = 2, options.first_epochs = 5;
  CHECK(refuses([&] { check(options); }, "--first-epochs: 5 is more than the 4 of --epochs"));
  TemporaryFolder folder;
  for (const char* list : {"nonsense\n", "STRATA-CANDIDATE ../x 1 1 name\n", "STRATA-CANDIDATE 1 x 1 name\n",
                           "STRATA-CANDIDATE 1 1 -1 name\n", "STRATA-CANDIDATE 1 1 1\n", "STRATA-SWEEP x\n"}) {
    testing::write(folder / "candidates.txt", std::string(list));
    CHECK(refuses([&] { read_programs(folder.path()); }, "line 1 is damaged"));
  }
  testing::write(folder / "candidates.txt", std::string("STRATA-SWEEP 3 accuracy\n"));
  CHECK(refuses([&] { read_programs(folder.path()); }, "names no candidate"));
}
