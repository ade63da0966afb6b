// SPDX-License-Identifier: MIT
// A candidate's program at work: started, watched, and its end turned into a result. Linux only.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <strata/core/clock.hpp>
#include <strata/core/files/last_words.hpp>
#include <strata/core/text/neutral_locale.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/experiment/programs.hpp>
#include <strata/experiment/result_json.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace strata::experiment {

namespace detail {

inline std::string name_of_signal(int signal) {
  constexpr std::pair<int, const char*> names[] = {{SIGSEGV, "SIGSEGV, an invalid memory access"},
                                                   {SIGABRT, "SIGABRT, abort()"},
                                                   {SIGBUS, "SIGBUS, an invalid memory access"},
                                                   {SIGFPE, "SIGFPE, an invalid operation on numbers"},
                                                   {SIGILL, "SIGILL, an instruction that this processor lacks"},
                                                   {SIGKILL, "SIGKILL, perhaps for lack of memory"}};
  for (const auto& [number, name] : names)
    if (number == signal) return name;
  return "signal " + std::to_string(signal);
}

}  // namespace detail

/// A running program of a candidate. It does not outlive the runner.
class Child {
 public:
  /// Starts it with output to `base`.log and the result to `base`.result. Throws Error if that fails.
  Child(const CandidateProgram& program, const Result& question, int threads, const std::string& base)
      : question_(question), base_(base), start_(core::clock_seconds()) {
    ::unlink((base + ".result").c_str());
    std::vector<std::string> words{program.path,
                                   "--seed",
                                   std::to_string(question.seed),
                                   "--epochs",
                                   std::to_string(question.epochs),
                                   "--limit",
                                   core::shortest(question.limit),
                                   "--threads",
                                   std::to_string(threads),
                                   "--stage",
                                   question.stage,
                                   "--result",
                                   base + ".result"};
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const core::detail::Descriptor log(
        ::open((base + ".log").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666));
    const core::detail::Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (log.number < 0) throw Error(base, ".log: cannot be written: ", core::reason(errno));
    const pid_t parent = ::getpid();
    number_ = ::fork();
    if (number_ < 0) throw Error(program.path, ": cannot be started: ", core::reason(errno));
    if (number_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    ::dup2(nothing.number, 0), ::dup2(log.number, 1), ::dup2(log.number, 2);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  Child(const Child&) = delete;
  ~Child() {
    if (number_ <= 0) return;
    ::kill(number_, SIGKILL);
    while (::waitpid(number_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  const Result& question() const { return question_; }
  double seconds() const { return core::clock_seconds() - start_; }
  void kill_for_time() {
    timed_out_ = true;
    ::kill(number_, SIGKILL);
  }
  /// Whether it has ended.
  bool ended() {
    if (number_ <= 0) return true;
    const pid_t got = ::waitpid(number_, &status_, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) return false;
    number_ = 0;
    return true;
  }
  /// After its end: what came of it; nothing if a request to stop ended it.
  std::optional<Result> result() const {
    Result out = question_;
    const int signal = WIFSIGNALED(status_) ? WTERMSIG(status_) : 0;
    if (timed_out_) {
      out.outcome = Outcome::timed_out,
      out.why = core::sentence("it ran longer than ", core::fixed(seconds(), 0), " seconds");
    } else if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP) {
      return {};
    } else if (signal) {
      out.outcome = Outcome::crashed, out.why = "its program was ended by " + detail::name_of_signal(signal) + output();
    } else if (WEXITSTATUS(status_) != 0) {
      out.outcome = Outcome::crashed;
      out.why = core::sentence("its program ended with status ", WEXITSTATUS(status_), output());
    } else {
      read(out);
    }
    return out;
  }

 private:
  std::string output() const { return core::last_words(base_ + ".log"); }
  void read(Result& out) const {
    try {
      const core::NeutralLocale neutral;
      Result got = result_from_json(report::detail::parse_bounded(core::read_file(base_ + ".result")));
      got.candidate = out.candidate, got.stage = out.stage, got.program = out.program;
      got.seed = out.seed, got.epochs = out.epochs, got.limit = out.limit;
      out = got;
    } catch (const std::exception&) {
      out.outcome = Outcome::crashed, out.why = "its program left no valid result" + output();
    } catch (const detail::Unfit&) {
      out.outcome = Outcome::crashed, out.why = "its program left no valid result" + output();
    }
  }

  Result question_;
  std::string base_;
  double start_;
  pid_t number_ = 0;
  int status_ = 0;
  bool timed_out_ = false;
};

}  // namespace strata::experiment
