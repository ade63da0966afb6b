// SPDX-License-Identifier: MIT
// bench/gpu/run.sh, rehearsed on the device that stands in for a GPU: from the packed bundle, in an empty folder.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include <strata/report/run_record.hpp>

#include "../support/gpu_programs.hpp"
#include "../support/mnist_files.hpp"

namespace examples_gpu_run {

using namespace strata::report;
using namespace strata::testing;

namespace {

/// Runs a command of the shell; what it prints goes to the file.
int shell(const std::string& command, const std::string& log) {
  const int status = std::system(("( " + command + " ) > '" + log + "' 2>&1 < /dev/null").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool has_line(const std::string& page, const std::string& begin, const std::string& part) {
  for (std::size_t at = 0; at < page.size(); at = page.find('\n', at) + 1) {
    const std::string line = page.substr(at, page.find('\n', at) - at);
    if (line.starts_with(begin) && line.find(part) != line.npos) return true;
    if (page.find('\n', at) == page.npos) break;
  }
  return false;
}

}  // namespace

TEST_CASE("the whole script runs from the packed bundle in an empty folder") {
  TemporaryFolder folder;
  const std::string pack = STRATA_GPU_SCRIPTS "/pack.sh", log = folder / "log", bundle = folder / "bundle.tar.gz";
  const std::string build = std::filesystem::absolute("..").lexically_normal().string();
  REQUIRE_MESSAGE(shell("bash '" + pack + "' --stand-ins '" + build + "' --out '" + bundle + "'", log) == 0, read(log));
  CHECK(std::filesystem::file_size(bundle) < 60L << 20);
  std::filesystem::create_directory(folder / "empty");
  REQUIRE(shell("tar -xf '" + bundle + "' -C '" + folder / "empty" + "'", log) == 0);
  std::filesystem::create_directories(folder / "data/mnist");
  write_mnist(folder / "data/mnist", 160, 40);

  const std::string run = "cd '" + folder / "empty" + "' && bash gpu_bundle/run.sh --rehearse --data ";
  const int status = shell(run + "'" + folder / "data" + "'", log);
  const std::string page = read(folder / "empty/gpu-run/run.txt");
  CHECK_MESSAGE(status == 0, read(log));
  INFO(page.substr(0, page.find("Every check")));
  CHECK(page.find("\ndevice: stand-in device 0, 4096 MiB\n") != page.npos);
  CHECK(has_line(page, "pass     gpu_check ", " 0 fail, 0 not run, "));
  CHECK(has_line(page, "note     plans ", "0 prebuilt"));
  CHECK(has_line(page, "pass     digits-1 ", "test accuracy 0."));
  CHECK(has_line(page, "pass     digits-2 ", "test accuracy 0."));
  CHECK(has_line(page, "pass     digits-bits ", "the same bits"));
  CHECK(has_line(page, "pass     compare ", ""));
  CHECK(has_line(page, "pass     infer1 ", "digits: inference, batch 1"));
  CHECK(has_line(page, "not run  street_train ", "the rehearsal"));
  CHECK(has_line(page, "not run  pytorch ", "PyTorch"));
  CHECK(
      has_line(page, "pass     -        fp32 inference digits, eager: node 0, input, form 1 of 1 (node), own", " ms"));
  CHECK(read_run_record(folder / "empty/gpu-run/run.json").device.kind == "cuda");

  // A part that fails does not stop the others, nor hides.
  std::filesystem::remove(folder / "empty/gpu_bundle/bin/digits");
  CHECK(shell(run + "'" + folder / "data" + "' --out again", log) == 1);
  const std::string failed = read(folder / "empty/again/run.txt");
  CHECK(has_line(failed, "fail     digits-1 ", "status 127"));
  CHECK(has_line(failed, "pass     infer1 ", "digits: inference, batch 1"));
}

TEST_CASE("a wrong command line and a folder without a bundle are one sentence") {
  TemporaryFolder folder;
  const std::string script = "bash '" STRATA_GPU_SCRIPTS "/run.sh'", log = folder / "log";
  CHECK(shell(script + " --more", log) == 2);
  CHECK(read(log).find("--more: there is no such option") != std::string::npos);
  CHECK(shell(script + " --out", log) == 2);
  CHECK(read(log).find("its value is missing") != std::string::npos);
  CHECK(shell(script + " --out '" + folder / "out" + "' --bundle '" + folder.path() + "'", log) == 2);
  CHECK(read(log).find("is no bundle") != std::string::npos);
}

}  // namespace examples_gpu_run
