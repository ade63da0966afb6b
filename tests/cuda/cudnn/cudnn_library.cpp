// SPDX-License-Identifier: MIT
// cuDNN itself, for devices that are not present. Runs with the driver of support/cuda/fake_driver.
#include <doctest/doctest.h>

#include <strata/cuda/cudnn/cudnn_library.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "../../support/cuda/graph_forms.hpp"
#include "../../support/refusal.hpp"
#include "../../support/temporary_folder.hpp"

using namespace strata::cuda;
namespace testing = strata::testing;

namespace {

const testing::Form& form(const std::string& name) {
  for (const testing::Form& f : testing::forms)
    if (f.name == name) return f;
  throw strata::Error("no form ", name);
}
GraphDescription convolution(const Precision& precision = {Element::fp16}) {
  return testing::describe(form("convolution"), testing::windows[0], precision);
}

/// The plan file with the first letter of the engine's name changed to E, and with a valid checksum.
std::string renamed(const std::string& file, const std::string& engine) {
  const std::size_t body = file.find('\n', file.find('\n') + 1) + 1, sum = file.rfind(' ', body) + 1;
  std::size_t key_size = std::strtoul(file.c_str() + file.find('\n'), nullptr, 10);
  REQUIRE(file.substr(body + key_size, engine.size()) == engine);
  std::string out = file;
  out[body + key_size] = 'E';
  std::uint64_t hash = 14695981039346656037u;
  for (std::size_t i = body; i < out.size(); i++) hash = (hash ^ std::uint8_t(out[i])) * 1099511628211u;
  return out.replace(sum, 16, strata::core::hexadecimal(hash));
}

std::string only_file(const std::string& folder) {
  std::string path;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CHECK(path.empty());
    path = entry.path().string();
  }
  return path;
}

}  // namespace

TEST_CASE("the serialized graph is the front end's, with the uids of the description, and the same every time") {
  const GraphDescription graph =
      testing::describe(form("convolution, bias, ReLU"), testing::windows[2], {Element::fp16});
  const std::string text = serialized(graph);
  CHECK(text == serialized(graph));
  CHECK(text.find("\"tag\":\"CONV_FPROP\"") != text.npos);
  CHECK(text.find("\"RELU_FWD\"") != text.npos);
  CHECK(text.find("\"post_padding\":[1,1],\"pre_padding\":[0,0]") != text.npos);
  for (std::size_t i = 0; i < graph.tensors.size(); i++) CHECK(text.find("\"uid\":" + std::to_string(i)) != text.npos);
  CHECK(text != serialized(convolution()));
}

TEST_CASE("a description that is not a graph is refused in a sentence") {
  const auto library = cudnn_library(h100());
  std::string why;
  GraphDescription graph = convolution();
  graph.operations[0].w = 7;
  CHECK(testing::refuses([&] { library->build(graph, why); }, "names tensor 7", "has 3"));
  graph = convolution();
  graph.tensors[1].flow = Flow::internal;
  CHECK(testing::refuses([&] { library->build(graph, why); }, "tensor 1", "read before"));
  graph = convolution();
  graph.operations[0].y = 0;
  CHECK(testing::refuses([&] { library->build(graph, why); }, "tensor 0", "written twice"));
}

TEST_CASE("a graph without a plan is null with cuDNN's reason, never an error") {
  const auto library = cudnn_library(h100());
  std::string why;
  GraphDescription graph = convolution();
  graph.tensors[2].dims[1] = 48;  // the weights give 64
  CHECK(!library->build(graph, why));
  CHECK(why.size() > 10);
  CHECK(why.find('\n') == why.npos);
  why.clear();
  CHECK(!library->build(testing::describe(form("convolution, statistics"), testing::windows[0], {Element::bf16}), why));
  CHECK(why.find("NOT_SUPPORTED") != why.npos);
}

TEST_CASE("a plan for a described device names its engine and does not run") {
  const auto library = cudnn_library(a100());
  std::string why;
  const auto plan = library->build(convolution(), why);
  REQUIRE_MESSAGE(plan, why);
  CHECK(plan->engine().rfind("eng", 0) == 0);
  CHECK(plan->workspace_bytes() >= 0);
  void* tensors[3] = {&why, &why, &why};
  CHECK(testing::refuses([&] { plan->execute(tensors, nullptr, nullptr); }, "A100", "cannot run"));
}

TEST_CASE("products of fp32 use other engines where TF32 is not allowed") {
  const auto library = cudnn_library(a100());
  std::string why;
  for (const char* name : {"convolution", "input gradient", "weight gradient"}) {
    CAPTURE(name);
    const auto exact =
        library->build(testing::describe(form(name), testing::windows[0], {Element::fp32, Compute::fp32}), why);
    const auto rounded =
        library->build(testing::describe(form(name), testing::windows[0], {Element::fp32, Compute::tf32}), why);
    REQUIRE(exact);
    REQUIRE(rounded);
    CHECK(exact->engine() != rounded->engine());
  }
}

TEST_CASE("plans are kept on disk and taken from there: precompiled ones and those that were compiled for the graph") {
  for (const char* name : {"convolution", "convolution, bias, residual, ReLU"}) {
    CAPTURE(name);
    testing::TemporaryFolder folder;
    const GraphDescription graph = testing::describe(form(name), testing::windows[0], {Element::fp16});
    std::string why;
    const auto first = cudnn_library(h100(), folder / "plans")->build(graph, why);
    REQUIRE_MESSAGE(first, why);
    const std::string file = only_file(folder / "plans");
    REQUIRE(!file.empty());
    const std::string whole = testing::read(file);
    CHECK(whole.find("\ncuDNN " + cudnn_version()) != whole.npos);  // another version plans anew
    CHECK(whole.find("driver 13000") != whole.npos);                // information only: another driver does not

    // A valid file with another engine name: only a plan that was read from it has this name.
    testing::write(file, renamed(whole, first->engine()));
    const auto library = cudnn_library(h100(), folder / "plans");
    const auto reloaded = library->build(graph, why);
    REQUIRE(reloaded);
    CHECK(reloaded->engine() == "E" + first->engine().substr(1));
    CHECK(reloaded->workspace_bytes() == first->workspace_bytes());

    for (const std::string& damaged : {whole.substr(0, whole.size() / 2), std::string("foreign"), std::string()}) {
      testing::write(file, damaged);
      const auto rebuilt = library->build(graph, why);
      REQUIRE(rebuilt);
      CHECK(rebuilt->engine() == first->engine());
      CHECK(testing::read(file).size() == whole.size());
    }

    // Another device, another file.
    REQUIRE(cudnn_library(a100(), folder / "plans")->build(graph, why));
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "plans")) files += entry.is_regular_file();
    CHECK(files == 2);
  }
}

TEST_CASE("that cuDNN has no plan for a graph is kept, too") {
  testing::TemporaryFolder folder;
  const GraphDescription graph =
      testing::describe(form("convolution, statistics"), testing::windows[0], {Element::bf16});
  std::string first, again;
  CHECK(!cudnn_library(h100(), folder / "plans")->build(graph, first));
  const std::string file = only_file(folder / "plans");
  REQUIRE(!file.empty());
  std::string whole = testing::read(file);
  CHECK(whole.find(first) != whole.npos);
  CHECK(!cudnn_library(h100(), folder / "plans")->build(graph, again));
  CHECK(again == first);

  std::filesystem::remove(file);
  GraphDescription wrong = testing::describe(form("convolution"), testing::windows[0], {Element::fp16});
  wrong.tensors[2].dims[1] = 48;  // no graph at all: it is not kept
  CHECK(!cudnn_library(h100(), folder / "plans")->build(wrong, again));
  CHECK(again.find("NOT_SUPPORTED") == again.npos);
  CHECK(only_file(folder / "plans").empty());
}

TEST_CASE("without a GPU the present device is refused in a sentence") {
  const std::string said = testing::refusal([] { cudnn_library(); });
  if (said.empty()) return;  // there is a GPU
  CHECK(said.find("cuda") != said.npos);
  CHECK(said.find("nvidia-smi") != said.npos);
  CHECK(said.find('\n') == said.npos);
}

TEST_CASE("the version of cuDNN is that of the library") { CHECK(cudnn_version().rfind("9.", 0) == 0); }
