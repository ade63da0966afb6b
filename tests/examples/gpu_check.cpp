// SPDX-License-Identifier: MIT
// The program `gpu_check` of bench/gpu on the device that stands in for a GPU.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "../support/gpu_programs.hpp"
#include "../support/layer_cases.hpp"

using namespace strata::testing;

namespace {

Finished check(std::vector<std::string> words) {
  return run_program(on_stand_in("gpu_check").c_str(), std::move(words));
}

/// The lines of a text that contain `part`.
std::vector<std::string> lines_with(const std::string& part, const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    if (line.find(part) != line.npos) out.push_back(line);
    begin = end + 1;
  }
  return out;
}

}  // namespace

TEST_CASE(
    "all networks of the layer cases are checked in four precisions and both directions, the most telling first") {
  std::size_t networks = 1;  // digits
  for_each_list([&](const char*, auto cases) { for_each_case(cases, [&]<class Net>() { networks++; }); });
  const Finished e = check({"--list"});
  CHECK(e.status == 0);
  for (const char* const precision : {"tf32", "fp32", "fp16", "bf16"})
    for (const char* const direction : {" training ", " inference "})
      CHECK(lines_with(std::string(precision) + direction, e.output).size() == networks);
  const std::vector<std::string> lines = lines_with("", e.output);
  REQUIRE(lines.size() > 8 * networks);
  CHECK(lines[0] == "tf32 graph 3x3, convolution");
  CHECK(lines[1] == "tf32 graph 1x1, convolution");
  CHECK(lines[2] == "tf32 inference digits");
  CHECK(lines[3] == "tf32 training digits");
}

TEST_CASE("each line names node, form and engine; eager and captured runs pass") {
  for (const char* const precision : {"fp32", "fp16"}) {
    const Finished e = check({"--only", std::string(precision) + " training"});
    REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
    CHECK(lines_with("device: stand-in device 0", e.output).size() == 1);
    CHECK(lines_with("fail  ", e.output).empty());
    CHECK(lines_with("not run  ", e.output).empty());
    CHECK(lines_with(std::string(precision) + " training digits, eager: node 1, convolution, form 1 of 2 "
                                              "(convolution+add | node), interpreter + own, ",
                     e.output)
              .size() == (std::string(precision) == "fp32"));  // in fp16 other forms come first
    const std::size_t runs =
        lines_with(precision, check({"--list", "--only", std::string(precision) + " training"}).output).size();
    CHECK(lines_with("eager: all nodes", e.output).size() == runs);
    CHECK(lines_with("captured: all nodes", e.output).size() == runs);
    CHECK(lines_with(" 0 fail, 0 not run, ", e.output).size() == 1);
  }
}

TEST_CASE("inference of a small network is also checked as one kernel") {
  const Finished e = check({"--only", "fp32 inference digits"});
  CHECK(e.status == 0);
  CHECK(lines_with("captured: all nodes, one kernel, own", e.output).size() == 1);
}

TEST_CASE("single graphs are compared with their meaning") {
  const Finished e = check({"--only", "tf32 graph 3x3 of 8 to 16"});
  CHECK(e.status == 0);
  CHECK(lines_with("pass  ", e.output).size() == 3);
  CHECK(lines_with("eager: node 0, weight_gradient, form 1 of 1, interpreter", e.output).size() == 1);
}

TEST_CASE("what a worker does not survive fails, and the next worker goes on after it") {
  const Finished e = check({"--only", "fp32 inference convolutions", "--crash", "fp32 inference convolutions 2",
                            "--hang", "fp32 inference convolutions 4", "--silence", "1"});
  CHECK(e.status == 1);
  const std::vector<std::string> failed = lines_with("fail  ", e.output);
  REQUIRE(failed.size() == 2);
  CHECK(failed[0].ends_with("fp32 inference convolutions 2: its worker ended by signal 6 (Aborted)"));
  CHECK(failed[1].ends_with("fp32 inference convolutions 4: it said nothing for 1 s"));
  for (const char* const number : {"1", "3", "5", "6", "7"})
    CHECK(lines_with(std::string("fp32 inference convolutions ") + number + ", captured: all nodes, in", e.output)
              .size() == 1);
  CHECK(lines_with(" 2 fail, 0 not run, ", e.output).size() == 1);
  CHECK(lines_with("; 3 workers; ", e.output).size() == 1);
}

TEST_CASE("workers that cannot begin are a failure") {
  ::setenv("STRATA_CUDA_DEVICE", "7", 1);
  const Finished e = check({"--only", "fp32 inference convolutions"});
  ::unsetenv("STRATA_CUDA_DEVICE");
  CHECK(e.status == 1);
  CHECK(e.errors.find("STRATA_CUDA_DEVICE is \"7\"") != std::string::npos);
  const std::vector<std::string> failed = lines_with("fail  ", e.output);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].ends_with(
      ": no worker begins: its worker ended by exit status 2, in: the start of CUDA and its library"));
  CHECK(lines_with("not run  ", e.output).size() == 6);
}

TEST_CASE("when the time is over, what is left is not run") {
  const Finished e =
      check({"--only", "fp32 inference convolutions", "--hang", "fp32 inference convolutions 2", "--budget", "2"});
  CHECK(e.status == 0);
  CHECK(lines_with("fail  ", e.output).empty());
  const std::vector<std::string> left = lines_with("not run  ", e.output);
  REQUIRE(left.size() == 6);
  for (const std::string& line : left) CHECK(line.ends_with(": the time is over"));
}

TEST_CASE("a wrong graph fails by itself, and the network with it") {
  ::setenv("STRATA_STAND_IN_FAULT", "1", 1);
  const Finished e = check({"--only", "tf32 inference digits"});
  ::unsetenv("STRATA_STAND_IN_FAULT");
  CHECK(e.status == 1);
  CHECK(lines_with("fail  ", e.output).size() >= 3);
  const std::vector<std::string> dense =
      lines_with("node 4, dense, form 1 of 2 (convolution+add), interpreter", e.output);
  REQUIRE(dense.size() == 1);
  CHECK(dense[0].starts_with("fail  "));
  const std::vector<std::string> first = lines_with("node 1, convolution, form", e.output);
  REQUIRE(first.size() == 1);
  CHECK(first[0].starts_with("pass  "));  // its bias is not the library's work
  for (const std::string& line : lines_with("all nodes", e.output)) CHECK(line.starts_with("fail  "));
}

TEST_CASE("it says which library it has") {
  const Finished e = check({"--version"});
  CHECK(e.status == 0);
  CHECK(e.output == "an interpreter of cuDNN's graphs\n");
}

TEST_CASE("a wrong command line is one sentence") {
  for (const auto& [words, part] :
       {std::pair<std::vector<std::string>, const char*>{{"--budget", "no"}, "--budget no: is not a number"},
        {{"--only", "nothing"}, "no check has this in its name"},
        {{"--list", "--more", "1"}, "--more: there is no such option"},
        {{"--budget"}, "its value is missing"}})
    CHECK(program_refuses(on_stand_in("gpu_check").c_str(), words, part));
}
