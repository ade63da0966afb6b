// SPDX-License-Identifier: MIT
// The journal: what it keeps, what it repairs, what it refuses.
#include <strata/experiment/journal.hpp>

#include <doctest/doctest.h>

#include <string>

#include "../support/file_size_limit.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::experiment;
using namespace strata::testing;

namespace {

Result result(const std::string& name) {
  Result r;
  r.candidate = name, r.score = 0.25, r.epochs = 3;
  return r;
}

}  // namespace

TEST_CASE("results are found again by the same question only") {
  TemporaryFolder folder;
  {
    Journal journal(folder / "j");
    CHECK(journal.results().empty());
    journal.add(result("a"));
    journal.add(result("b"));
  }
  const Journal journal(folder / "j");
  REQUIRE(journal.results().size() == 2);
  CHECK(journal.results()[1] == result("b"));
  CHECK(journal.find(result("a")) != nullptr);
  for (const auto change :
       {+[](Result& r) { r.seed = 2; }, +[](Result& r) { r.epochs = 4; }, +[](Result& r) { r.limit = 1; },
        +[](Result& r) { r.program = "x"; }, +[](Result& r) { r.stage = "final"; }}) {
    Result other = result("a");
    change(other);
    CHECK(journal.find(other) == nullptr);
  }
}

TEST_CASE("a line that was being written when the program ended is removed, at any of its bytes") {
  TemporaryFolder folder;
  {
    Journal journal(folder / "j");
    journal.add(result("a"));
  }
  const std::string whole = testing::read(folder / "j");
  const std::size_t second = whole.find('\n') + 1;
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    testing::write(folder / "j", whole.substr(0, size));
    Journal journal(folder / "j");
    CHECK(journal.results().empty());
    journal.add(result("b"));
    CHECK(Journal(folder / "j").results().size() == 1);
  }
  testing::write(folder / "j", whole + whole.substr(second, 20));
  CHECK(Journal(folder / "j").results().size() == 1);
  CHECK(testing::read(folder / "j") == whole);
}

TEST_CASE("a damaged line and a file of another kind are refused, and stay as they are") {
  TemporaryFolder folder;
  Journal(folder / "j").add(result("a"));
  const std::string whole = testing::read(folder / "j");
  const auto with = [&](const std::string& old, const std::string& now) {
    std::string text = whole;
    text.replace(text.find(old), old.size(), now);
    return text;
  };
  struct {
    std::string text, part;
  } const cases[] = {
      {with("0.25", "1e999"), "line 2 is damaged"},
      {with("0.25", "null"), "line 2 is damaged (score is not a finite number)"},
      {with("\"trained\"", "\"cooked\""), "line 2 is damaged (its outcome is unknown)"},
      {with("\"epochs\":3", "\"epochs\":-3"), "line 2 is damaged (epochs is not a number in its range)"},
      {with("\"epochs\":3", "\"epochs\":3e9"), "line 2 is damaged"},
      {with("\"seed\":1", "\"seed\":\"1\""), "line 2 is damaged (seed is not a number in its range)"},
      {with("\"why\":\"\"", "\"why\":\"" + std::string(5000, 'x') + "\""), "why has more than 4000 characters"},
      {with("\"a\"", std::string(70'000, ' ') + "\"a\""), "line 2 has more than 65536 bytes"},
      {with("experiment/1", "experiment/2"), "is not the journal of an experiment"},
      {"hello\n", "is not the journal of an experiment"},
  };
  for (const auto& c : cases) {
    testing::write(folder / "j", c.text);
    CHECK(refuses([&] { Journal(folder / "j"); }, c.part));
    CHECK(testing::read(folder / "j") == c.text);
  }
}

TEST_CASE("a journal that cannot be written says so") {
  TemporaryFolder folder;
  CHECK(refuses([&] { Journal(folder / "none/j"); }, "cannot be written"));
  std::filesystem::create_directory(folder / "d");
  CHECK(refuses([&] { Journal(folder / "d"); }, "/d: "));
}
