// SPDX-License-Identifier: MIT
// What happens around a running program: signals, pipes that break, full disks, terminals, another program in its
// folder.
#include <doctest/doctest.h>

#include <algorithm>

#include <strata/core/files/folder_lock.hpp>
#include <strata/core/text/terminal.hpp>
#include <strata/data/png.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/report/run_record.hpp>

#include "../support/mnist_files.hpp"
#include "../support/named_pipe.hpp"
#include "../support/process.hpp"
#include "../support/pseudo_terminal.hpp"

namespace examples_surroundings {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::report;
using namespace strata::testing;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

/// A folder in MNIST's format with 320 + 60 images.
const std::string& data_folder() {
  static TemporaryFolder folder;
  static const bool written = (write_mnist(folder.path(), 320, 60), true);
  (void)written;
  return folder.path();
}

Words training_words(const std::string& out, int epochs, const Words& more = {}) {
  Words words{"--data",    data_folder(), "--epochs",  std::to_string(epochs),
              "--batch",   "32",          "--threads", "1",
              "--filters", "4,8,16",      "--out",     out};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// More epochs than any test waits for.
constexpr int endless = 50'000;

/// Checks that an interrupted training left its four files, whole, and nothing else.
void check_saved(const std::string& out) {
  CHECK(names_in(out) == Words{"checkpoint.strata", "history.csv", "report.html", "run.json"});
  const RunRecord record = read_run_record(out + "/run.json");
  CHECK(record.status == "interrupted");
  CHECK(record.iterations == long(record.history.size()));
  CHECK(read(out + "/report.html").ends_with("</html>\n"));
}

/// While it lives, this process and the programs that it starts ignore a signal.
class Ignored {
 public:
  explicit Ignored(int signal) : signal_(signal), before_(::signal(signal, SIG_IGN)) {}
  Ignored(const Ignored&) = delete;
  ~Ignored() { ::signal(signal_, before_); }

 private:
  int signal_;
  void (*before_)(int);
};

/// While it lives, an environment variable has a value.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  Variable(const Variable&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

void pause_of(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

}  // namespace

TEST_CASE("each signal that asks to stop: everything is saved, and the status names it") {
  for (const int signal : {SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGXCPU}) {
    CAPTURE(signal);
    TemporaryFolder folder;
    Process process("digits", training_words(folder / "o", endless));
    process.wait_for("epoch 3/");
    process.send(signal);
    const Finished e = process.end();
    CHECK(e.status == 128 + signal);
    CHECK(e.errors.find("digits: to continue, repeat the command with --resume\n") != std::string::npos);
    check_saved(folder / "o");
  }
}

TEST_CASE("SIGHUP that was ignored at the start stays ignored, as nohup wants") {
  TemporaryFolder folder;
  const Ignored hangup(SIGHUP);
  Process process("digits", training_words(folder / "o", endless));
  process.wait_for("epoch 3/");
  process.send(SIGHUP);
  process.wait_for("epoch 30/");
  process.send(SIGTERM);
  CHECK(process.end().status == 128 + SIGTERM);
}

TEST_CASE("a program blocked on its output saves nothing, and a second SIGINT ends it at once; SIGHUP does not count") {
  TemporaryFolder folder;
  NamedPipe pipe;
  Process process("digits", training_words(folder / "o", endless), {.out = pipe.path()});
  pipe.wait_until_blocked(process.number());
  process.send(SIGHUP), process.send(SIGINT);
  pause_of(200);
  process.send(SIGINT);
  CHECK(process.end().status == -SIGINT);
  CHECK(!fs::exists(folder / "o/run.json"));
}

TEST_CASE("the copies of one signal that timeout sends are one request") {
  TemporaryFolder folder;
  Process process("digits", training_words(folder / "o", endless));
  process.wait_for("epoch 3/");
  process.send(SIGTERM), process.send(SIGTERM);
  CHECK(process.end().status == 128 + SIGTERM);
  check_saved(folder / "o");
}

TEST_CASE("the reader of the output goes away: results are saved, and later output does not kill") {
  TemporaryFolder folder;
  SUBCASE("alone, as head does") {
    NamedPipe pipe;
    Process process("digits", training_words(folder / "o", endless), {.out = pipe.path()});
    pipe.wait_for(1);
    pipe.close();
    const Finished e = process.end();
    CHECK(e.status == 128 + SIGPIPE);
    CHECK(e.errors.find("--resume") != std::string::npos);
  }
  SUBCASE("with Ctrl-C, as tee does, and with the errors too") {
    NamedPipe pipe;
    Process process("digits", training_words(folder / "o", endless), {.out = pipe.path(), .err = pipe.path()});
    pipe.wait_until_blocked(process.number());
    process.send(SIGINT);
    pipe.close();
    CHECK(process.end().status == 128 + SIGINT);
  }
  check_saved(folder / "o");
}

TEST_CASE("drawing scenes stops, and nothing of it is left") {
  TemporaryFolder folder;
  fs::create_directory(folder / "o");
  Process process("street_scenes", {"generate", folder / "o/scenes", "100000", "--size", "96x128"});
  for (int i = 0; i < 3000 && names_in(folder / "o").size() < 2; i++)
    pause_of(10);  // the lock, and the temporary folder
  process.send(SIGTERM);
  const Finished e = process.end();
  CHECK(e.status == 128 + SIGTERM);
  CHECK(e.errors.find("interrupted before all 100000 scenes were drawn; nothing was kept") != std::string::npos);
  CHECK(names_in(folder / "o").empty());
}

TEST_CASE("a table passes the request on to the training it waits for, and still writes its rows") {
  TemporaryFolder folder;
  Process process("digits", {"table", "--data", data_folder(), "--epochs", std::to_string(endless), "--batches",
                             "32,64", "--filters", "4,8,16", "--threads", "1", "--out", folder / "t"});
  process.wait_for("epoch 3/");
  process.send(SIGTERM);
  const Finished e = process.end();
  CHECK(e.status == 128 + SIGTERM);
  CHECK(e.output.find("32  failed with status 143") != std::string::npos);
  CHECK(names_in(folder / "t") == Words{"batch-32", "table.csv"});
  check_saved(folder / "t/batch-32");
}

TEST_CASE("output that cannot be written is a failure, but ends no work") {
  TemporaryFolder folder;
  const std::string sentence = "digits: standard output cannot be written: ";
  REQUIRE(run_program("digits", training_words(folder / "whole", 3, {"--quiet"}), {.out = "/dev/full"}).status ==
          0);  // says nothing
  const std::string model = read(folder / "whole/model.safetensors");
  for (const char* place : {"/dev/full", "closed"}) {
    const Finished e = run_program("digits", training_words(folder / "o", 3), {.out = place});
    CHECK(e.status == 1);
    CHECK(e.errors.starts_with(sentence));
    CHECK(std::count(e.errors.begin(), e.errors.end(), '\n') == 1);
    CHECK(read(folder / "o/model.safetensors") == model);
    CHECK(read_run_record(folder / "o/run.json").status == "complete");
  }
  CHECK(run_program("digits", training_words(folder / "p", 3), {.err = "closed"}).status == 0);
  CHECK(read(folder / "p/model.safetensors") == model);
  CHECK(
      run_program("digits", {"--help"}, {.out = "/dev/full"}).errors.starts_with(sentence + "No space left on device"));

  const Dataset test = digit_set(1, 2);
  write(folder / "digit.png", encode_png(test.bytes(0), {28, 28, 1}));
  CHECK(run_program("digits", {"predict", "--model", folder / "o/model.safetensors", folder / "digit.png"},
                    {.out = "/dev/full"})
            .status == 1);
  CHECK(run_program("digits",
                    {"table", "--data", data_folder(), "--epochs", "1", "--batches", "32", "--filters", "4,8,16",
                     "--out", folder / "t"},
                    {.out = "/dev/full"})
            .status == 1);
  CHECK(read(folder / "t/table.csv").starts_with("batch,"));
  CHECK(read(folder / "t/batch-32/model.safetensors").size() == model.size());
  const Finished drawn =
      run_program("street_scenes", {"generate", folder / "s", "3", "--size", "96x128"}, {.out = "/dev/full"});
  CHECK(drawn.status == 1);
  CHECK(drawn.errors.starts_with("street_scenes: standard output cannot be written"));
  CHECK(fs::exists(folder / "s/README.txt"));
  const Ignored pipe(SIGPIPE);  // a caller that ignores it wants the work done
  NamedPipe gone;
  Process process("digits", training_words(folder / "q", 3), {.out = gone.path()});
  gone.wait_for(1);
  gone.close();
  process.end();
  CHECK(read(folder / "q/model.safetensors") == model);
}

TEST_CASE("a narrow terminal gets lines that fit, and no terminal gets escape codes") {
  TemporaryFolder folder;
  const Dataset test = digit_set(1, 2);
  write(folder / "digit.png", encode_png(test.bytes(0), {28, 28, 1}));
  for (const char* kind : {"dumb", "xterm-256color"}) {
    const Variable term("TERM", kind), no_color("NO_COLOR", "1");
    PseudoTerminal terminal(18);
    const Places places{.out = terminal.path(), .err = terminal.path()};
    const std::string model = folder / kind + "/model.safetensors";
    CHECK(run_program("digits", training_words(folder / kind, 3), places).status == 0);
    CHECK(run_program("digits", {"predict", "--model", model, folder / "digit.png"}, places).status == 0);
    CHECK(run_program("digits", {"predict", "--model", model, folder / "none, which is a long name.png"}, places)
              .status == 1);
    CHECK(run_program("digits", {"--help"}, places).status == 0);
    CHECK(run_program("digits", {"--epochs", "many"}, places).status != 0);
    CHECK(
        run_program("street_scenes", {"generate", folder / kind + "/scenes", "3", "--size", "96x128"}, places).status ==
        0);
    for (const std::string& line : terminal.lines()) CHECK_MESSAGE(core::columns_of(line) <= 18, line);
    const std::string& shown = terminal.end();
    CHECK(shown.find('\x1b') == std::string::npos);
    CHECK(shown.find("epoch 3/3") != std::string::npos);
    CHECK(shown.find("test accuracy") != std::string::npos);
    CHECK((shown.find("\repoch 1/3") != std::string::npos) == (std::string(kind) != "dumb"));
  }
  const Variable term("TERM", "xterm");
  PseudoTerminal wide(200);
  CHECK(run_program("digits", training_words(folder / "wide", 3), {.out = wide.path()}).status == 0);
  CHECK(wide.end().find("images/s") != std::string::npos);
  CHECK(wide.end().find('\x1b') == std::string::npos);
}

TEST_CASE("control characters of names do not reach the terminal") {
  TemporaryFolder folder;
  const std::string evil =
                        "Grüße\x1b[2J\xc2\x9b"
                        "31m\xe2\x80\xae\n.png",
                    harmless = "Grüße\\x1b[2J\\u009b31m\\u202e\\n.png";
  REQUIRE(run_program("digits", training_words(folder / "o", 1, {"--quiet"})).status == 0);
  const Dataset test = digit_set(1, 2);
  write(folder / evil, encode_png(test.bytes(0), {28, 28, 1}));
  const std::string model = folder / "o/model.safetensors";
  CHECK(
      run_program("digits", {"predict", "--model", model, folder / evil}).output.starts_with(folder / harmless + ": "));
  const auto complaint = [&](const char* program, const Words& words) { return run_program(program, words).errors; };
  CHECK(complaint("digits", {"predict", "--model", model, folder / "no" + evil})
            .find("no" + harmless + ": cannot be opened") != std::string::npos);
  CHECK(complaint("digits", {"--data", folder / evil, "--filters", "4,8,16", "--out", folder / "p"}).find(harmless) !=
        std::string::npos);
  CHECK(complaint("digits", {"--recipe", "a\x1b[31mb"}).find("a\\x1b[31mb") != std::string::npos);
  CHECK(complaint("street_scenes",
                  {"train", "--data", folder / "no" + evil, "--size", "96x128", "--batch", "2", "--out", folder / "p"})
            .find("no" + harmless) != std::string::npos);
  CHECK(run_program("street_scenes", {"generate", folder / "s" + evil, "3", "--size", "96x128"})
            .output.find("s" + harmless) != std::string::npos);
}

TEST_CASE("one program at a time writes into a folder; the second is told who") {
  TemporaryFolder folder;
  const std::string out = folder / "o";
  {
    NamedPipe pipe;
    Process first("digits", training_words(out, endless), {.out = pipe.path()});
    pipe.wait_until_blocked(first.number());
    const Finished second = run_program("digits", training_words(out, 1));
    CHECK(second.status == 1);
    CHECK(second.errors.starts_with("digits: " + out + ": another program is writing there (process " +
                                    std::to_string(first.number()) + " on "));
    first.send(SIGKILL);
    CHECK(first.end().status == -SIGKILL);
  }
  CHECK(run_program("digits", training_words(out, 1)).status == 0);
  CHECK(names_in(out) == Words{"checkpoint.strata", "history.csv", "model.safetensors", "report.html", "run.json"});

  const FolderLock lock(out), beside(folder / "scenes", folder / "scenes.lock");
  const auto told = [&](const char* program, const Words& words) {
    return program_refuses(program, words,
                           "another program is writing there (process " + std::to_string(::getpid()) + " on ");
  };
  CHECK(told("digits", {"table", "--data", data_folder(), "--filters", "4,8,16", "--out", out}));
  CHECK(told("street_scenes", {"train", "--data", data_folder(), "--size", "96x128", "--out", out}));
  CHECK(told("street_scenes", {"table", "--data", data_folder(), "--size", "96x128", "--out", out}));
  CHECK(told("street_scenes", {"generate", folder / "scenes", "3", "--size", "96x128"}));
}

TEST_CASE("the next start removes what killed programs left") {
  TemporaryFolder folder;
  const std::string out = folder / "o", left = "/model.safetensors.tmp-0123456789abcdef";
  fs::create_directories(out);
  write(out + left, std::string("half"));
  CHECK(run_program("digits", training_words(out, 1, {"--quiet"})).status == 0);
  CHECK(names_in(out) == Words{"checkpoint.strata", "history.csv", "model.safetensors", "report.html", "run.json"});
}

}  // namespace examples_surroundings
