// SPDX-License-Identifier: MIT
// Trains the candidates of an experiment: the search on the validation set, then the winner and the reference with the
// test set. Every training is a process of its own, so a crash is a row of the table. What the journal has is not
// repeated. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <strata/core/divide.hpp>
#include <strata/core/random.hpp>
#include <strata/core/threads/available_cores.hpp>
#include <strata/experiment/child.hpp>
#include <strata/experiment/journal.hpp>
#include <strata/experiment/rounds.hpp>
#include <strata/experiment/standing.hpp>
#include <strata/report/progress.hpp>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace strata::experiment {

/// What an experiment came to so far.
struct Findings {
  std::vector<Standing> standings;        ///< of all candidates, the best first
  std::vector<Result> winner, reference;  ///< trainings of the final stage
  bool interrupted = false;               ///< by a request to stop
  bool out_of_time = false;               ///< the search ended before all of its trainings
  int trainings = 0, repeated = 0;        ///< done now; taken from the journal
};

class Runner {
 public:
  /// `stop`: asks to end, after killing what runs. Throws Error if options are invalid or the folder cannot be written.
  Runner(const Programs& programs, const RunOptions& options, const std::atomic<bool>& stop, std::FILE* out = stdout)
      : programs_(programs),
        options_(options),
        stop_(stop),
        out_(out),
        start_(core::clock_seconds()),
        journal_(prepared(options) + "/results.jsonl") {}

  /// Searches, then trains the winner and the reference. Throws Error if a file cannot be written or the data differ
  /// from those of the journal.
  Findings run() {
    Findings findings;
    std::vector<Standing>& standings = findings.standings;
    for (const CandidateProgram& program : shuffled()) {
      standings.push_back(standing_of(program, -1, {}));
      if (!program.compile_error.empty()) standings.back() = uncompiled(program);
    }
    const std::vector<Round> rounds = rounds_of(options_, int(standings.size()));
    for (std::size_t r = 0; r < rounds.size() && !findings.interrupted && !findings.out_of_time; r++) {
      rank(standings);
      std::vector<Result> questions;
      int taken = 0;
      for (const Standing& s : standings)
        if (eligible(s, int(r)) && taken++ < rounds[r].candidates)
          for (int seed = 1; seed <= rounds[r].seeds; seed++)
            questions.push_back(question(*s.program, "search", rounds[r].epochs, seed));
      say(core::sentence("round ", int(r) + 1, " of ", int(rounds.size()), ": ", int(questions.size()), " trainings",
                         rounds[r].epochs > 0 ? core::sentence(" of ", rounds[r].epochs, " epochs") : std::string()));
      answer(questions, findings, true);
      for (Standing& s : standings) update(s, int(r), rounds[r]);
    }
    rank(standings);
    if (!findings.interrupted && !standings.empty() && standings[0].trained()) finish(findings);
    return findings;
  }

 private:
  static std::string prepared(const RunOptions& options) {
    check(options);
    std::error_code failed;
    std::filesystem::create_directories(options.out + "/logs", failed);
    if (failed) throw Error("--out: the folder ", options.out, " cannot be created: ", core::reason(failed.value()));
    return options.out;
  }
  void say(const std::string& text) const {
    if (options_.quiet) return;
    std::fputs((core::printable(text) + "\n").c_str(), out_);
    std::fflush(out_);
  }

  /// The candidates in an order that does not follow the axes: a search that runs out of time has tried some of each.
  std::vector<std::reference_wrapper<const CandidateProgram>> shuffled() const {
    std::vector<std::reference_wrapper<const CandidateProgram>> out(programs_.candidates.begin(),
                                                                    programs_.candidates.end());
    core::Random random{1, 0};
    for (std::size_t i = out.size(); i-- > 1;) std::swap(out[i], out[std::size_t(random.below(i + 1))]);
    return out;
  }
  static Standing uncompiled(const CandidateProgram& program) {
    Result result;
    result.candidate = program.name, result.outcome = Outcome::does_not_compile, result.why = program.compile_error;
    return standing_of(program, 0, {result});
  }
  /// Whether a candidate takes part in a round: it compiled, and all its trainings of the round before succeeded.
  static bool eligible(const Standing& s, int round) {
    return s.program->compile_error.empty() && (round == 0 || (s.round == round - 1 && !s.failure()));
  }

  Result question(const CandidateProgram& program, const char* stage, int epochs, int seed) const {
    Result out;
    out.candidate = program.name, out.stage = stage, out.program = program.digest;
    out.seed = std::uint64_t(seed), out.epochs = epochs, out.limit = options_.seconds;
    return out;
  }
  const CandidateProgram& program_of(const Result& question) const {
    if (programs_.reference && question.candidate == programs_.reference->name) return *programs_.reference;
    for (const CandidateProgram& p : programs_.candidates)
      if (p.name == question.candidate) return p;
    throw Error("experiment: no program is named ", question.candidate);
  }
  std::vector<Result> answers(const CandidateProgram& program, const char* stage, int epochs, int seeds) const {
    std::vector<Result> out;
    for (int seed = 1; seed <= seeds; seed++)
      if (const Result* r = journal_.find(question(program, stage, epochs, seed))) out.push_back(*r);
    return out;
  }
  void update(Standing& standing, int number, const Round& round) const {
    if (!standing.program->compile_error.empty()) return;
    std::vector<Result> results = answers(*standing.program, "search", round.epochs, round.seeds);
    if (!results.empty()) standing = standing_of(*standing.program, number, std::move(results));
  }

  int jobs() const {
    return options_.jobs > 0 ? options_.jobs : std::max(1, core::available_cores() / options_.threads);
  }
  double passed() const { return core::clock_seconds() - start_; }

  /// Seconds that the final stage will take, from the slowest training so far.
  double seconds_of_final() const {
    double slowest = 0;
    for (const Result& r : journal_.results())
      if (r.trained_epochs > 0)
        slowest = std::max(
            slowest, options_.seconds > 0 ? 1.25 * options_.seconds : r.seconds / r.trained_epochs * options_.epochs);
    const int trainings = options_.final_seeds * (programs_.reference ? 2 : 1);
    const int rounds = core::ceil_divide(trainings, jobs());
    return 1.5 * slowest * rounds + 10;
  }
  bool time_is_up(bool searches) const {
    return options_.minutes > 0 && searches && passed() + seconds_of_final() > options_.minutes * 60;
  }

  /// Trains what the journal does not have.
  void answer(const std::vector<Result>& questions, Findings& findings, bool searches) {
    std::vector<std::unique_ptr<Child>> running;
    std::size_t next = 0, done = 0;
    while (!findings.interrupted && (next < questions.size() || !running.empty())) {
      while (next < questions.size() && int(running.size()) < jobs()) {
        if (journal_.find(questions[next])) {
          next++, done++, findings.repeated++;
          continue;
        }
        if (time_is_up(searches)) {
          findings.out_of_time = true;
          next = questions.size();
          break;
        }
        const Result& q = questions[next++];
        const std::string base = options_.out + "/logs/" + file_name(q);
        running.push_back(std::make_unique<Child>(program_of(q), q, options_.threads, base));
      }
      for (std::size_t i = 0; i < running.size() && !findings.interrupted;) {
        Child& child = *running[i];
        if (options_.limit_minutes > 0 && child.seconds() > options_.limit_minutes * 60 && !child.ended())
          child.kill_for_time();
        if (!child.ended()) {
          i++;
          continue;
        }
        if (const std::optional<Result> result = child.result()) record(*result, ++done, questions.size(), findings);
        else findings.interrupted = true;
        running.erase(running.begin() + std::ptrdiff_t(i));
      }
      if (stop_) findings.interrupted = true;
      const timespec moment{0, 10'000'000};
      if (!running.empty()) ::nanosleep(&moment, nullptr);
    }
  }
  void record(const Result& result, std::size_t done, std::size_t of, Findings& findings) {
    if (!result.data.empty())
      for (const Result& r : journal_.results())
        if (!r.data.empty() && r.data != result.data)
          throw Error(options_.out, ": its results are for other data (of digest ", r.data, ", not ", result.data,
                      "); give another --out");
    journal_.add(result);
    findings.trainings++;
    std::string line =
        core::sentence("[", long(done), "/", long(of), "] ", result.candidate, " seed ", long(result.seed), ": ");
    if (result.outcome == Outcome::trained)
      line += core::sentence(programs_.score_name, " ", core::fixed(result.score, 4),
                             result.has_test ? ", on the test set " + core::fixed(result.test_score, 4) : std::string(),
                             ", ", core::fixed(result.seconds, 1), " s");
    else line += core::sentence(outcome_names[int(result.outcome)], ": ", result.why);
    say(line + core::sentence(" (", report::duration(passed()), " so far)"));
  }
  /// "search-5-seed1-" and a digest of the candidate's name.
  static std::string file_name(const Result& q) {
    core::Digest digest;
    digest.add(q.candidate);
    return core::sentence(q.stage, "-", q.epochs, "-seed", long(q.seed), "-", digest.text());
  }

  void finish(Findings& findings) {
    const CandidateProgram& winner = *findings.standings[0].program;
    std::vector<Result> questions;
    for (int seed = 1; seed <= options_.final_seeds; seed++) {
      questions.push_back(question(winner, "final", options_.epochs, seed));
      if (programs_.reference && programs_.reference->compile_error.empty())
        questions.push_back(question(*programs_.reference, "final", options_.epochs, seed));
    }
    if (!questions.empty()) say(core::sentence("the winner is ", winner.name, "; its trainings for the test set:"));
    answer(questions, findings, false);
    findings.winner = answers(winner, "final", options_.epochs, options_.final_seeds);
    if (programs_.reference)
      findings.reference = answers(*programs_.reference, "final", options_.epochs, options_.final_seeds);
  }

  const Programs& programs_;
  RunOptions options_;
  const std::atomic<bool>& stop_;
  std::FILE* out_;
  double start_;
  Journal journal_;
};

}  // namespace strata::experiment
