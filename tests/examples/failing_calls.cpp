// SPDX-License-Identifier: MIT
// The n-th open, write, fsync, close, rename, unlink or mkdir of a program fails, for every n: it ends with a sentence
// or with complete results, and every file is either unchanged or complete.
#include <doctest/doctest.h>

#include <algorithm>

#include <strata/data/png.hpp>
#include <strata/report/run_record.hpp>

#include "../support/failing_calls.hpp"
#include "../support/mnist_files.hpp"
#include "../support/street_scenes.hpp"

using namespace strata;
using namespace strata::report;
using namespace strata::testing;
namespace fs = std::filesystem;

namespace {

bool is_left_over(const std::string& name) { return name.find(".tmp-") != std::string::npos; }

/// Whether the program said one sentence and ended with a status that is not a signal's.
bool complains_once(const char* program, const Finished& e) {
  const bool once =
      std::count(e.errors.begin(), e.errors.end(), '\n') == 1 && e.errors.starts_with(program + std::string(": "));
  if (e.status <= 0 || e.status >= 128 || !once) MESSAGE(e.status, ": ", e.errors);
  return e.status > 0 && e.status < 128 && once;
}

/// Makes one in `every` calls of a kind fail in turn, and at least one. `prepare` sets up the folder, `check` inspects
/// it afterwards.
template <class Prepare, class Check>
void fail_each(const char* program, const Words& words, const std::string& below, int every, const Prepare& prepare,
               const Check& check) {
  prepare();
  const auto counts = count_calls(program, words, below);
  for (std::size_t k = 0; k < failing_kinds.size(); k++)
    for (int at = std::min((every + 1) / 2, (counts[k] + 1) / 2); at <= counts[k]; at += every)
      for (const bool onwards : {false, true}) {
        if (at == 0 || (onwards && (std::string(failing_kinds[k]) != "write" || every > 1))) continue;
        const FailingCall call{below, failing_kinds[k], at, onwards ? ENOSPC : EIO, onwards};
        CAPTURE(call.kind);
        CAPTURE(at);
        CAPTURE(onwards);
        prepare();
        const Finished e = run_failing(program, words, call);
        if (e.status != 0) CHECK(complains_once(program, e));
        check(e.status == 0, call.kind == "unlink");
      }
}

/// Checks a training's folder: each file is whole and of one of two seeds; after a success, all are of the second seed.
void check_training(const std::string& out, const std::string& before, const std::string& after, bool succeeded,
                    bool may_leave) {
  const auto is_of = [&](const std::string& folder, const std::string& name) {
    const std::string bytes = read(out + "/" + name);
    if (name == "model.safetensors") return bytes == read(folder + "/" + name);
    if (name == "run.json") return read_run_record(out + "/" + name).seed == read_run_record(folder + "/" + name).seed;
    if (name == "checkpoint.strata") return bytes.size() == read(folder + "/" + name).size();
    if (name == "history.csv")
      return std::count(bytes.begin(), bytes.end(), '\n') ==
             1 + long(read_run_record(folder + "/run.json").history.size());
    return name == "report.html" && bytes.ends_with("</html>\n");
  };
  for (const std::string& name : files_below(out)) {
    CAPTURE(name);
    if (may_leave && (is_left_over(name) || name == ".strata.lock")) continue;
    CHECK((is_of(after, name) || (!succeeded && is_of(before, name))));
  }
  for (const std::string& name : files_below(succeeded ? after : before))
    CHECK_MESSAGE(fs::exists(out + "/" + name), name);
}

}  // namespace

TEST_CASE("digits: every file of a training stays whole") {
  const TemporaryFolder data, folder;
  write_mnist(data.path(), 100, 20);
  const auto training = [&](const std::string& out, const char* seed) {
    return Words{"--data",    data.path(), "--epochs", "1",  "--batch", "45", "--threads", "1",
                 "--filters", "4,8,16",    "--seed",   seed, "--out",   out,  "--quiet"};
  };
  const std::string before = folder / "before", after = folder / "after", out = folder / "out/deep";
  REQUIRE(run_program("digits", training(before, "1")).status == 0);
  REQUIRE(run_program("digits", training(after, "2")).status == 0);
  CHECK(read(before + "/model.safetensors") != read(after + "/model.safetensors"));
  const auto start_over = [&] {
    fs::remove_all(folder / "out");
    fs::create_directories(out);
    copy_all(before, out);
  };
  fail_each("digits", training(out, "2"), folder / "out", 1, start_over,
            [&](bool succeeded, bool may_leave) { check_training(out, before, after, succeeded, may_leave); });
  SUBCASE("of a training into a new folder, too") {
    fs::create_directory(folder / "none");
    fail_each(
        "digits", training(out, "2"), folder / "out", 9, [&] { fs::remove_all(folder / "out"); },
        [&](bool succeeded, bool may_leave) {
          if (fs::exists(out) || succeeded) check_training(out, folder / "none", after, succeeded, may_leave);
        });
  }
  start_over();
  CHECK(run_program("digits", training(out, "2")).status == 0);
  check_training(out, before, after, true, false);
}

TEST_CASE("street_scenes generate: the folder is complete or absent") {
  const TemporaryFolder folder;
  const auto drawing = [&](const char* name) { return Words{"generate", folder / name, "3", "--size", "96x128"}; };
  REQUIRE(run_program("street_scenes", drawing("whole")).status == 0);
  const std::vector<std::string> files = files_below(folder / "whole");
  fail_each(
      "street_scenes", drawing("out/scenes"), folder / "out", 3, [&] { fs::remove_all(folder / "out"); },
      [&](bool succeeded, bool may_leave) {
        const std::string out = folder / "out/scenes";
        CHECK((fs::exists(out) || !succeeded));
        if (fs::exists(out)) {
          CHECK(files_below(out) == files);
          for (const std::string& name : files) CHECK(read(out + "/" + name) == read(folder / "whole/" + name));
        }
        if (fs::exists(folder / "out") && !may_leave)
          for (const auto& entry : fs::directory_iterator(folder / "out")) CHECK(entry.path().filename() == "scenes");
      });
}

TEST_CASE("street_scenes train: a call of each kind") {
  const TemporaryFolder folder;
  const auto training = [&](const std::string& out, const char* seed) {
    return street_training(
        drawn_scenes(), out,
        {"--epochs", "1", "--batch", "8", "--validate-every", "0", "--seed", seed, "--threads", "1", "--quiet"});
  };
  const std::string before = folder / "before", after = folder / "after", out = folder / "out/deep";
  REQUIRE(run_program("street_scenes", training(before, "1")).status == 0);
  REQUIRE(run_program("street_scenes", training(after, "2")).status == 0);
  fail_each(
      "street_scenes", training(out, "2"), folder / "out", 10'000,
      [&] {
        fs::remove_all(folder / "out");
        fs::create_directories(out);
        copy_all(before, out);
      },
      [&](bool succeeded, bool may_leave) { check_training(out, before, after, succeeded, may_leave); });
}
