// SPDX-License-Identifier: MIT
#include <strata/benchmark/samples.hpp>

#include <doctest/doctest.h>

#include "../support/benchmark_results.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::benchmarks;
using namespace strata::testing;

namespace {

using nlohmann::json;

Samples parsed(const json& file) {
  const std::string text = file.dump();
  return parse_samples({text.begin(), text.end()}, "r.json");
}

}  // namespace

TEST_CASE("the repetitions of a case are its samples, in seconds, and aggregates are none") {
  json mean = benchmark_entry("a", 7);
  mean["run_type"] = "aggregate", mean["aggregate_name"] = "mean", mean["name"] = "a_mean";
  json in_ms = benchmark_entry("b", 3);
  in_ms["time_unit"] = "ms";
  json old = benchmark_entry("c", 2);  // as versions before 1.5 wrote it
  old.erase("run_type"), old.erase("run_name"), old["time_unit"] = "s";
  const Samples s = parsed(benchmark_file({benchmark_entry("a", 100), in_ms, benchmark_entry("a", 200, 1), mean, old}));
  REQUIRE(s.cases.size() == 3);
  CHECK(s.cases[0].name == "a");
  REQUIRE(s.cases[0].seconds.size() == 2);
  CHECK(s.cases[0].seconds[0] == doctest::Approx(100e-9));
  CHECK(s.cases[0].seconds[1] == doctest::Approx(200e-9));
  CHECK(s.cases[1].seconds[0] == doctest::Approx(3e-3));
  CHECK(s.cases[2].name == "c");
  CHECK(s.cases[2].seconds[0] == doctest::Approx(2));
  CHECK(s.context.size() == 7);  // texts and numbers
  CHECK(s.context[1] == std::pair<std::string, std::string>("date", "2026-01-02T03:04:05+00:00"));
}

TEST_CASE("cases that failed keep their message, and skipped ones are left out") {
  json failed = benchmark_entry("a", 0), skipped = benchmark_entry("b", 1), mute = benchmark_entry("c", 1);
  failed["error_occurred"] = true, failed["error_message"] = "no such device";
  skipped["skipped"] = true, skipped["skip_message"] = "not here";
  mute["error_occurred"] = true;
  const Samples s = parsed(benchmark_file({failed, skipped, mute, benchmark_entry("d", 0)}));
  REQUIRE(s.cases.size() == 3);
  CHECK(s.cases[0].error == "no such device");
  CHECK(s.cases[0].seconds.empty());
  CHECK(s.cases[1].error == "without a message");
  CHECK(s.cases[2].error == "its time is 0");
}

TEST_CASE("what is not a result file is refused in a sentence with the place") {
  const auto says = [](const json& file, const char* part) {
    return refuses([&] { parsed(file); }, "r.json: is not a result file of a benchmark (", part,
                   "--benchmark_out=FILE");
  };
  const auto entry_says = [&](const char* key, const json& value, const char* part) {
    json entry = benchmark_entry("a", 1);
    entry[key] = value;
    const json file = benchmark_file({benchmark_entry("b", 1), entry});
    return says(file, "benchmark 2: ") && says(file, part);
  };
  CHECK(says(json::object(), "no list"));
  CHECK(says(json::array(), "no list"));
  CHECK(says({{"benchmarks", 3}}, "no list"));
  CHECK(says({{"context", 3}, {"benchmarks", json::array()}}, "context is not an object"));
  CHECK(says(benchmark_file({3}), "benchmark 1: it is not an object"));
  CHECK(entry_says("real_time", -1, "real_time is -1, which is out of range"));
  CHECK(entry_says("real_time", 1e300, "out of range"));
  CHECK(entry_says("real_time", "fast", "real_time is string, not a number"));
  CHECK(entry_says("time_unit", "fortnights", "none of ns, us, ms and s"));
  CHECK(entry_says("run_type", "other", "neither iteration nor aggregate"));
  CHECK(entry_says("run_name", 5, "run_name is number, not a text"));
  CHECK(entry_says("run_name", std::string(1001, 'x'), "more than 1000 characters"));
  json nameless = benchmark_entry("", 1);
  CHECK(says(benchmark_file({nameless}), "benchmark 1: it has no name"));
  json deep = 1;
  for (int i = 0; i < 20; i++) deep = json::array({deep});
  CHECK(says({{"benchmarks", deep}}, "nested deeper"));
  for (const std::string text : {"", "{", "{\"benchmarks\":[", "\xff\xfe"})
    CHECK(refuses([&] { parse_samples({text.begin(), text.end()}, "r.json"); }, "r.json: is not a result file"));
}

TEST_CASE("counters that are NaN or infinite do no harm, which Google Benchmark writes as JSON does not") {
  const auto parse = [](const std::string& text) { return parse_samples({text.begin(), text.end()}, "r.json"); };
  const std::string begin = R"({"benchmarks":[{"name":"NaN \"-Infinity \\","time_unit":"s","real_time":)";
  const Samples s = parse(begin + R"(2,"a":NaN,"b":-NaN,"c": Infinity,"d":-Infinity,"e":-1}]})");
  REQUIRE(s.cases.size() == 1);
  CHECK(s.cases[0].name == "NaN \"-Infinity \\");
  CHECK(s.cases[0].seconds[0] == 2);
  CHECK(refuses([&] { parse(begin + "NaN}]}"); }, "benchmark 1: real_time is null, not a number"));
  CHECK(refuses([&] { parse(begin + "NaNa}]}"); }, "r.json: is not a result file"));
  CHECK(refuses([&] { parse(begin + "\"\\"); }, "r.json: is not a result file"));
}

TEST_CASE("control characters of a file do not reach the message") {
  const std::string text = "{\"benchmarks\":[{\"name\":\"a\x1b[31m\"";
  const std::string said = refusal([&] { parse_samples({text.begin(), text.end()}, "r\x1b.json"); });
  CHECK(!said.empty());
  CHECK(said.find('\x1b') == std::string::npos);
}

TEST_CASE("several files are several runs, unless one file has a comma in its name") {
  const TemporaryFolder folder;
  const std::string a = folder / "a.json", b = folder / "b.json", both = a + "," + folder / "b.json";
  write(a, benchmark_file({benchmark_entry("a", 1)}).dump());
  write(b, benchmark_file({benchmark_entry("b", 1)}).dump());
  write(folder / "a,b.json", benchmark_file({benchmark_entry("c", 1)}).dump());
  const auto runs = read_runs(both);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].cases[0].name == "a");
  CHECK(runs[1].cases[0].name == "b");
  CHECK(read_runs(a).size() == 1);
  CHECK(read_runs(folder / "a,b.json")[0].cases[0].name == "c");
  CHECK(refuses([&] { read_runs(a + "," + folder / "none.json"); }, "none.json: cannot be opened"));
  CHECK(refuses([&] { read_runs(a + ","); }, "cannot be opened"));
}
