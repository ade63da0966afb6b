// SPDX-License-Identifier: MIT
// The program `compare` as its users run it: tables, refusals, hostile files, forecasts and requests.
#include <doctest/doctest.h>

#include <filesystem>

#include <strata/report/machine_description.hpp>

#include "../support/count.hpp"
#include "../support/mnist_files.hpp"
#include "../support/process.hpp"
#include "../support/run_records.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::report;
using namespace strata::testing;

namespace {

Finished run(std::vector<std::string> words) { return run_program("compare", std::move(words)); }
bool refuses(const std::vector<std::string>& words, const std::string& part) {
  const Finished e = run(words);
  const bool one_line = count(e.errors, "\n") == 1 && e.errors.starts_with("compare: ") && e.output.empty();
  const bool good = e.status == 1 && one_line && e.errors.find(part) != std::string::npos;
  if (!good) MESSAGE(e.status, ": ", e.output, e.errors);
  return good;
}

/// FOLDER/batch-N/run.json for each batch size.
void write_table(const std::string& folder, const std::vector<int>& batches, int threads, double seconds,
                 int epochs = 5) {
  for (const int batch : batches) {
    RunRecord r = made_run(batch, threads, seconds * batch);
    r.epochs = epochs;
    const std::string name = folder + "/batch-" + std::to_string(batch);
    std::filesystem::create_directories(name);
    write_run_record(name + "/run.json", r);
  }
}

/// The description of the machine of made_run(), `speed` times as fast.
std::string write_machine(const std::string& path, const std::string& cpu = "a processor", double speed = 1) {
  MachineDescription m;
  m.machine = made_run(8, 1, 1).machine;
  m.machine.cpu = cpu;
  m.device = device_of(m.machine);
  m.speeds = {{1, 100 * speed, {{1 << 20, 50 * speed}}}, {4, 400 * speed, {{1 << 20, 200 * speed}}}};
  write_file(path, text_of(m));
  return path;
}

}  // namespace

TEST_CASE("the learning curves of runs that differ are drawn in one plot") {
  TemporaryFolder folder;
  write_table(folder / "a", {8}, 2, 0.001), write_table(folder / "<b>", {16}, 1, 0.002, 9);
  const Finished e = run({"curves", folder / "a", folder / "<b>/batch-16/run.json", "--out", folder / "curves.html"});
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  CHECK(e.output == folder / "curves.html\n");
  const std::string page = read(folder / "curves.html");
  CHECK(count(page, "class=\"swatch\"") == 2);
  CHECK(count(page, "<polyline") == 3 * 2 * 2);  // loss and accuracy of the training, on three axes
  CHECK(page.find("<b>") == std::string::npos);
  CHECK(refuses({"curves", folder / "none"}, "none: cannot be opened"));
  CHECK(refuses({"curves", folder / "a", "--out", folder.path()}, "is not a regular file"));
  CHECK(run({"curves"}).status != 0);
}

TEST_CASE("two tables of runs are compared, and files hold the same") {
  TemporaryFolder folder;
  write_table(folder / "a", {1024, 2048}, 2, 0.001), write_table(folder / "b", {1024, 2048}, 1, 0.002);
  const Finished e = run({folder / "a", folder / "b/batch-1024", folder / "b/batch-2048/run.json", folder / "a",
                          "--out", folder / "out", "--relative-to", "a/batch-1024"});
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  for (const char* part :
       {"Digits<8,16,32> on MNIST", "a processor, 2 threads", "a processor, 1 thread", "the workshop", "RTX 2080 Ti",
        "0.9899", "Reduction of the time against a processor, 2 threads", "smallest", "50 %", "comparison.html"})
    CHECK_MESSAGE(e.output.find(part) != std::string::npos, part, "\n", e.output);
  const std::string csv = read(folder / "out/runs.csv");
  CHECK(count(csv, "\n") == 5);  // each record once
  CHECK(csv.starts_with("run,machine,device,precision,threads,batch,updates,seconds,"));
  CHECK(read(folder / "out/comparison.csv").starts_with(csv));
  CHECK(count(read(folder / "out/comparison.md"), "### ") == 3);
  CHECK(count(read(folder / "out/comparison.html"), "<svg") == 5);
  CHECK(run({folder / "a", "--format", "csv"}).output.starts_with("run,machine"));
  CHECK(run({folder / "a", "--format", "markdown"}).output.starts_with("### Digits"));
}

TEST_CASE("a difference is refused by name until it is allowed") {
  TemporaryFolder folder;
  write_table(folder / "a", {1024}, 2, 0.001), write_table(folder / "b", {1024}, 2, 0.001, 7);
  CHECK(refuses({folder / "a", folder / "b"}, "in epochs (7, there 5); "));
  CHECK(refuses({folder / "a", folder / "b", "--allow", "seed"}, "or add --allow epochs"));
  const Finished e = run({folder / "a", folder / "b", "--allow", "seed", "--allow", "epochs"});
  CHECK(e.status == 0);
  CHECK(e.output.find("a processor, 2 threads, epochs 7") != std::string::npos);
  CHECK(refuses({folder / "a", "--relative-to", "workshop"}, "states no speeds of digits"));
  CHECK(refuses({folder / "a", "--relative-to", "c"}, "no run has this name"));
}

TEST_CASE("hostile files: one sentence each") {
  TemporaryFolder folder;
  CHECK(refuses({}, "there is no run to compare"));
  CHECK(refuses({folder / "nowhere"}, "nowhere: cannot be opened"));
  CHECK(refuses({folder.path()}, "holds no run.json"));
  const std::string path = folder / "run.json", good = [&] {
    write_run_record(path, made_run(8, 2, 1));
    return read(path);
  }();
  const auto says = [&](const std::string& text, const std::string& part) {
    write(path, text);
    return refuses({path}, part);
  };
  CHECK(says("", "is a damaged record of a run"));
  CHECK(says("{", "is a damaged record of a run"));
  CHECK(says("[[[[[[[[[[", "nested deeper"));
  CHECK(says("{\"schema\":\"strata.run/9\"}", "its schema is not strata.run/2 or strata.run/1"));
  CHECK(says("{\"schema\":\"strata.run/2\"}", "status"));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  CHECK(says(with("\"batch\": 8", "\"batch\": NaN"), "is a damaged record of a run"));
  CHECK(says(with("\"batch\": 8", "\"batch\": -8"), "batch is -8"));
  CHECK(says(with("\"batch\": 8", "\"batch\": 1e3"), "batch is not a whole number"));
  CHECK(says(with("\"batch\": 8", "\"batch\": 0"), "its batch size is 0"));
  CHECK(says(with("\"per_iteration\": ", "\"per_iteration\": 1e400, \"x\": "), "is a damaged record of a run"));
  CHECK(says(with("\"per_iteration\": ", "\"per_iteration\": -1, \"x\": "), "per_iteration is -1"));
  CHECK(says(with("\"history\": [", "\"history\": [7,"), "is a damaged record of a run"));
  write(path, good);
  std::filesystem::resize_file(path, 65'000'000);
  CHECK(refuses({path}, "holds 65 MB, and a record of a run holds at most 64 MB"));
  std::filesystem::remove(path);
  std::filesystem::create_directories(folder / "run.json");
  CHECK(refuses({folder.path()}, "is a folder"));
}

TEST_CASE("text in a record cannot command the terminal or the page") {
  TemporaryFolder folder;
  RunRecord r = made_run(8, 2, 1);
  r.machine.name = "\x1b[2J<script>", r.device.name = std::string(5000, 'x') + "\x07", r.dataset.name = "<img src=x>";
  write_run_record(folder / "run.json", r);
  const Finished e = run({folder.path(), "--out", folder / "out"});
  REQUIRE(e.status == 0);
  CHECK(e.output.find('\x1b') == std::string::npos);
  CHECK(e.output.find('\x07') == std::string::npos);
  CHECK(e.output.find(std::string(100, 'x')) == std::string::npos);
  const std::string page = read(folder / "out/comparison.html");
  CHECK(page.find("<script>") == std::string::npos);
  CHECK(page.find("<img") == std::string::npos);
}

TEST_CASE("forecasts for another machine, their errors, and the request") {
  TemporaryFolder folder;
  write_table(folder / "a", {1024, 2048}, 2, 0.001), write_table(folder / "b", {1024}, 2, 0.0005);
  const std::string here = write_machine(folder / "here.json"),
                    there = write_machine(folder / "there.json", "another", 2);
  const std::vector<std::string> common{folder / "a", "--from", here, "--machine", there, "--threads", "2"};
  const auto with = [&](const char* command, const std::vector<std::string>& more) {
    std::vector<std::string> words{command};
    words.insert(words.end(), common.begin(), common.end());
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const Finished e = with("estimate", {"--batches", "1024,1000000"});
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  CHECK(e.output.find("Digits<8,16,32> on another, 2 threads: forecast") != std::string::npos);
  CHECK(e.output.find("  no") != std::string::npos);  // a million images do not fit into 16 GB
  const Finished errors = with("estimate", {"--against", folder / "b", "--format", "csv"});
  REQUIRE_MESSAGE(errors.status == 0, errors.errors);
  CHECK(errors.output.starts_with("threads,batch,runs,forecast_seconds,"));
  CHECK(errors.output.find("\n2,1024,1,0.51") != std::string::npos);
  const Finished page = with("request", {"--within", "1"});
  REQUIRE_MESSAGE(page.status == 0, page.errors);
  CHECK(page.output.starts_with("Request for a machine: Digits<8,16,32> on MNIST\n"));
  CHECK(run({"estimate", folder / "a", "--from", here, "--machine", "H100"}).output.find("H100, tf32: forecast") !=
        std::string::npos);
  CHECK(refuses({"estimate", folder / "a", "--from", there}, "ran on a processor, and "));
  CHECK(refuses({"estimate", "--from", here}, "there is no run to start from"));
  CHECK(refuses({"estimate", folder / "a", "--from", here, "--machine", folder / "a/batch-1024/run.json"},
                "is not a description of a machine"));
  CHECK(refuses({"estimate", folder / "a", "--from", folder / "none"}, "cannot be opened"));
  RunRecord other = made_run(8, 2, 1);
  other.network = "N";
  write_run_record(folder / "n.json", other);
  CHECK(refuses({"estimate", folder / "a", folder / "n.json", "--from", here}, "give runs of one network"));
  other = made_run(8, 0, 1);
  write_run_record(folder / "n.json", other);
  CHECK(refuses({"estimate", folder / "n.json", "--from", here}, "its number of threads 0"));
  CHECK(run({"estimate", folder / "a", "--batches", "none"}).status >= 100);
}

TEST_CASE("a short run of a program here, this machine's description, and a forecast from both") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder / "mnist");
  write_mnist(folder / "mnist", 320, 60);
  REQUIRE(run({"describe", "--out", folder / "this.json"}).status == 0);
  const MachineDescription m = read_machine_description(folder / "this.json");
  CHECK(m.speeds.back().threads == m.machine.cores);
  const Finished e =
      run({"estimate", "--program", "digits", "--with=--data", "--with", folder / "mnist", "--with=--batches=40",
           "--out", folder / "runs", "--from", folder / "this.json", "--batches", "40,80"});
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  CHECK(e.errors.find("measuring digits for at most two minutes") != std::string::npos);
  CHECK(e.output.find("forecast") != std::string::npos);
  CHECK(read_run_record(folder / "runs/batch-40/run.json").work.count > 0);
  CHECK(run({folder / "runs", folder / "runs/batch-40"}).status == 0);
  const Finished gpu = run({"describe", "--gpu", "A100", "--gigabytes", "80"});
  CHECK(parse_machine_description(Bytes(gpu.output.begin(), gpu.output.end()), "gpu").memory_bytes() == 80'000'000'000);
  CHECK(run({"describe", "--gpu", "abacus"}).status >= 100);
}
