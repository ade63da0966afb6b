// SPDX-License-Identifier: MIT
// The interpreter of cuDNN graphs in place of the library: the front end's JSON of a description reads back as that
// description; invalid graphs, and memory that cuDNN must not be given, are refused; graphs are captured and replayed.
#include <strata/core/error.hpp>

#include <cmath>
#include <cstring>
#include <utility>

#include "../support/cuda/graph_json.hpp"
#include "../support/cuda/on_device.hpp"
#include "../support/tolerance.hpp"
#include "convolution_cases.hpp"
#include "every_operation.hpp"

namespace cuda_graph_interpreter {

using namespace strata;
using namespace strata::cuda;
using namespace strata::testing;
using reference::Doubles;
namespace device = testing::device;

TEST_CASE("the front end's JSON reads as the description, and computes the same") {
  const GraphDescription g = testing::every_operation();
  CHECK(testing::read_graph_json(testing::every_operation_json, Compute::tf32) == g);
  GraphDescription fp32 = g;
  fp32.compute = Compute::fp32;
  CHECK(testing::read_graph_json(testing::every_operation_json, Compute::fp32) == fp32);

  device::begin();
  OnDevice described(g),
      serialized(g, {.serialized = [](const GraphDescription&) { return std::string(testing::every_operation_json); }});
  for (OnDevice* on : {&described, &serialized}) {
    for (std::size_t i = 0; i < g.tensors.size(); i++)
      if (g.tensors[i].flow == Flow::input) on->fill(int(i), unsigned(i));
    on->run();
  }
  for (std::size_t i = 0; i < g.tensors.size(); i++) {
    if (g.tensors[i].flow != Flow::output) continue;
    const Doubles a = described.read(int(i)), b = serialized.read(int(i));
    for (std::size_t k = 0; k < a.size(); k++) CHECK(a[k] == b[k]);
    CHECK(std::isfinite(a[0]));
  }
  CHECK(device::log().violations.empty());
}

TEST_CASE("JSON that says more than a description can is refused") {
  const auto refused = [](const std::string& from, const std::string& to) {
    std::string json = testing::every_operation_json;
    const std::size_t at = json.find(from);
    REQUIRE(at != std::string::npos);
    json.replace(at, from.size(), to);
    CHECK_THROWS_WITH_AS(testing::read_graph_json(json, Compute::tf32), doctest::Contains("the interpreter"), Error);
  };
  refused("CROSS_CORRELATION", "CONVOLUTION");
  refused("\"relu_upper_clip\":null", "\"relu_upper_clip\":6.0");
  refused("\"mode\":\"ADD\"", "\"mode\":\"DIV\"");
  refused("\"data_type\":\"HALF\"", "\"data_type\":\"DOUBLE\"");
  refused("\"dilation\":[1,2]", "\"dilation\":[1,2,1]");
  refused("\"tag\":\"GENSTATS\"", "\"tag\":\"RESAMPLE\"");
  refused("\"json_version\":\"2.0\"", "\"json_version\":\"3.0\"");
}

TEST_CASE("an invalid graph is the caller's mistake") {
  std::string why;
  GraphInterpreter library;
  GraphDescription g = testing::every_operation();
  const auto refused = [&](const char* said) {
    CHECK_THROWS_WITH_AS(library.build(g, why), doctest::Contains(said), Error);
    g = testing::every_operation();
  };
  g.tensors[1].dims[1] = 3;
  refused("operation 0, convolution, does not fit its tensors 2x8x7x6, 16x3x3x3, 2x16x4x4");
  g.operations[0].pad_before[0] = 3;
  refused("operation 0, convolution, does not fit");
  std::swap(g.operations[1], g.operations[2]);
  refused("operation 1, subtract, reads tensor 4 before it is written");
  g.operations[5].y2 = -1;
  refused("operation 5, statistics, has the wrong number of tensors");
  g.operations[9].mean = -1;
  refused("operation 9, reductions, has the wrong number of tensors");
  g.operations.pop_back();
  refused("no operation writes output 18");
  g.operations[4].y = 9;
  refused("operation 4, relu, does not fit");
  g.operations[6].x = 99;
  refused("operation 6, input_gradient, names a tensor that does not exist");
}

TEST_CASE("forms can be declared unsupported") {
  GraphInterpreter library(
      {.refuses = [](const GraphDescription& g) { return g.operations.size() > 1 ? "one operation at a time" : ""; }});
  std::string why;
  CHECK(library.build(testing::every_operation(), why) == nullptr);
  CHECK(why == "one operation at a time");
  CHECK(library.refused().size() == 1);
  const GraphDescription one = convolution(cases[0], GraphOp::convolution, Element::fp32, Compute::tf32).graph;
  CHECK(library.build(one, why) != nullptr);
  REQUIRE(library.built().size() == 1);
  CHECK(library.built()[0] == one);
}

TEST_CASE("a plan refuses memory that cuDNN may not be given") {
  device::begin();
  const Convolution g = convolution(cases[0], GraphOp::convolution, Element::fp32, Compute::tf32);
  OnDevice on(g.graph, {.workspace_bytes = 4096});
  on.fill(g.x, 1);
  on.fill(g.w, 2);
  on.run();
  CHECK(device::log().ran.at("cudnn convolution") == 1);
  const auto refused = [&](int tensor, void* memory, const char* said) {
    void* const right = on.memory(tensor);
    on.memory(tensor) = memory;
    CHECK_THROWS_WITH_AS(on.run(), doctest::Contains(said), Error);
    on.memory(tensor) = right;
  };
  float host[4];
  refused(g.x, nullptr, "no memory for tensor 0");
  refused(g.x, host, "host memory for tensor 0");
  refused(g.x, static_cast<char*>(on.memory(g.x)) + 4, "memory for tensor 0 that is not aligned to 16 bytes");
  refused(g.x, static_cast<char*>(on.memory(g.x)) + 16, "invalid argument");
  refused(g.y, on.memory(g.x), "memory for output 2 that overlaps tensor 0");
  void* both = nullptr;
  REQUIRE(cudaMalloc(&both, 65536) == cudaSuccess);
  void* const x = on.memory(g.x);
  on.memory(g.x) = static_cast<char*>(both) + 16;
  refused(g.y, both, "memory for output 2 that overlaps tensor 0");
  on.memory(g.x) = x;
  CHECK_THROWS_WITH_AS(on.plan().execute(&on.memory(0), nullptr, nullptr),
                       doctest::Contains("no memory for the workspace"), Error);
  device::fail_next("launch cudnn convolution", cudaErrorLaunchFailure);
  CHECK_THROWS_WITH_AS(on.run(), doctest::Contains("execution of plan cudnn convolution failed"), Error);
  on.run();
  cudaFree(both);
}

TEST_CASE("outputs that are channel slices lie side by side, and elementwise operations run in place") {
  device::begin();
  const GraphTensor x = channels_innermost(2, 8, 3, 3, Element::fp16, Flow::input);
  GraphTensor half = x;
  half.strides = {144, 1, 48, 16};
  half.flow = Flow::output;
  GraphDescription g;
  const int xi = g.add(x), first = g.add(half), second = g.add(half);
  g.operations = {{GraphOp::relu, xi, -1, first}, {GraphOp::add, xi, xi, second}};
  void* whole = nullptr;
  REQUIRE(cudaMalloc(&whole, 2 * 144 * 2) == cudaSuccess);
  OnDevice on(g);
  const Doubles xs = on.fill(xi, 1);
  for (const int i : {first, second}) cudaFree(on.memory(i));
  on.memory(first) = whole;
  on.memory(second) = static_cast<char*>(whole) + 16;
  on.run();
  const Doubles relu = on.read(first), twice = on.read(second);
  for (std::size_t i = 0; i < xs.size(); i++) {
    CHECK(relu[i] == std::max(xs[i], 0.0));
    CHECK(twice[i] == 2 * xs[i]);
  }
  on.memory(second) = whole;
  CHECK_THROWS_WITH_AS(on.run(), doctest::Contains("memory for output"), Error);
  on.memory(second) = nullptr;  // both were parts of one allocation

  GraphDescription in_place;
  GraphTensor y = x;
  y.flow = Flow::output;
  const int from = in_place.add(x), to = in_place.add(y);
  in_place.operations = {{GraphOp::relu, from, -1, to}};
  OnDevice same(in_place);
  const Doubles before = same.fill(from, 1);
  void* const own = std::exchange(same.memory(to), same.memory(from));
  same.run();
  const Doubles after = same.read(to);
  for (std::size_t i = 0; i < before.size(); i++) CHECK(after[i] == std::max(before[i], 0.0));
  same.memory(to) = own;
}

TEST_CASE("graphs of cuDNN are captured and replayed like kernels") {
  device::begin();
  const Convolution g = convolution(cases[0], GraphOp::convolution, Element::fp32, Compute::fp32);
  OnDevice on(g.graph, {.workspace_bytes = 256});
  cudaStream_t s = nullptr;
  REQUIRE(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking) == cudaSuccess);
  void* workspace = nullptr;
  REQUIRE(cudaMalloc(&workspace, 256) == cudaSuccess);
  cudaGraph_t graph = nullptr;
  REQUIRE(cudaStreamBeginCapture(s, cudaStreamCaptureModeRelaxed) == cudaSuccess);
  on.plan().execute(&on.memory(0), workspace, s);
  REQUIRE(cudaStreamEndCapture(s, &graph) == cudaSuccess);
  cudaGraphExec_t exec = nullptr;
  REQUIRE(cudaGraphInstantiate(&exec, graph, 0) == cudaSuccess);
  Doubles w = on.fill(g.w, 2), y;
  for (unsigned step = 0; step < 3; step++) {
    Doubles x = on.fill(g.x, 10 + step);
    REQUIRE(cudaGraphLaunch(exec, s) == cudaSuccess);
    REQUIRE(cudaStreamSynchronize(s) == cudaSuccess);
    refer(cases[0], GraphOp::convolution, x, w, y);
    CHECK(difference(on.read(g.y), y) < testing::forward_bound);
  }
  CHECK(device::log().ran.at("cudnn convolution") == 3);
  CHECK(device::log().launches == 1);
  CHECK(device::log().violations.empty());
  cudaFree(workspace);
}

}  // namespace cuda_graph_interpreter
