// SPDX-License-Identifier: MIT
// The interpreter of cuDNN graphs: every operation against the reference in doubles, on the stand-in device; and what the front end
// makes of a description reads as that description.
#include "../support/cuda/graph_interpreter.hpp"

#include <doctest/doctest.h>
#include <strata/core/error.hpp>
#include <strata/cuda/element.hpp>
#include <strata/reference/linear.hpp>

#include <array>
#include <cmath>
#include <cstring>
#include <random>

#include "../support/cuda/graph_executor.hpp"
#include "../support/cuda/graph_json.hpp"
#include "../support/cuda/recording_runtime.hpp"
#include "../support/tolerance.hpp"
#include "every_operation.hpp"

using namespace strata;
using namespace strata::cuda;
using reference::Doubles;
using testing::GraphInterpreter;
namespace device = testing::device;

namespace {

/// A graph with memory for its tensors; values are in the order of the dimensions: [N][C][H][W].
class OnDevice {
 public:
  explicit OnDevice(const GraphDescription& graph, testing::InterpreterOptions options = {}) : graph_(graph) {
    std::string why;
    plan_ = GraphInterpreter(std::move(options)).build(graph, why);
    REQUIRE(plan_);
    for (const GraphTensor& t : graph.tensors) {
      memory_.push_back(nullptr);
      if (t.flow != Flow::internal) REQUIRE(cudaMalloc(&memory_.back(), bytes(t)) == cudaSuccess);
    }
    if (plan_->workspace_bytes()) REQUIRE(cudaMalloc(&workspace_, std::size_t(plan_->workspace_bytes())) == cudaSuccess);
  }
  OnDevice(const OnDevice&) = delete;
  ~OnDevice() {
    for (void* p : memory_) cudaFree(p);
    cudaFree(workspace_);
  }

  /// Random numbers, as the tensor holds them.
  Doubles fill(int tensor, unsigned seed) {
    const GraphTensor& t = graph_.tensors[std::size_t(tensor)];
    std::vector<char> host(bytes(t), char(0xFF));
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> number(-1, 1);
    Doubles out;
    with_element(t.element, [&](auto zero) {
      auto* to = reinterpret_cast<decltype(zero)*>(host.data());
      for_each(t, [&](long at) {
        assign(to[at], number(random));
        out.push_back(to_float(to[at]));
      });
    });
    REQUIRE(cudaMemcpy(memory_[std::size_t(tensor)], host.data(), host.size(), cudaMemcpyHostToDevice) == cudaSuccess);
    return out;
  }

  Doubles read(int tensor) const {
    const GraphTensor& t = graph_.tensors[std::size_t(tensor)];
    std::vector<char> host(bytes(t));
    REQUIRE(cudaMemcpy(host.data(), memory_[std::size_t(tensor)], host.size(), cudaMemcpyDeviceToHost) == cudaSuccess);
    Doubles out;
    with_element(t.element, [&](auto zero) {
      const auto* from = reinterpret_cast<const decltype(zero)*>(host.data());
      for_each(t, [&](long at) { out.push_back(to_float(from[at])); });
    });
    return out;
  }

  void run(cudaStream_t stream = nullptr) {
    plan_->execute(memory_.data(), workspace_, stream);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  }
  void*& memory(int tensor) { return memory_[std::size_t(tensor)]; }
  GraphPlan& plan() { return *plan_; }

 private:
  static std::size_t bytes(const GraphTensor& t) { return std::size_t(testing::extent_bytes(t)); }
  template <class Visit>
  static void for_each(const GraphTensor& t, Visit visit) {
    for (long n = 0; n < t.dims[0]; n++)
      for (long c = 0; c < t.dims[1]; c++)
        for (long h = 0; h < t.dims[2]; h++)
          for (long w = 0; w < t.dims[3]; w++)
            visit(n * t.strides[0] + c * t.strides[1] + h * t.strides[2] + w * t.strides[3]);
  }

  GraphDescription graph_;
  std::unique_ptr<GraphPlan> plan_;
  std::vector<void*> memory_;
  void* workspace_ = nullptr;
};

struct Case {
  long batch, channels, height, width, filters, groups;
  Window window;
};

const Case cases[] = {
    {2, 8, 7, 6, 16, 1, {.kernel_height = 3, .kernel_width = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1}},
    {3, 5, 6, 9, 7, 1, {}},
    {1, 24, 9, 8, 32, 1, {.stride_height = 2, .stride_width = 2}},
    {2, 3, 11, 10, 6, 1, {.kernel_height = 7, .kernel_width = 5, .stride_height = 2, .stride_width = 3, .pad_top = 3, .pad_left = 2,
                         .pad_bottom = 1, .pad_right = 0}},
    {2, 6, 12, 13, 4, 1, {.kernel_height = 3, .kernel_width = 3, .dilation_height = 4, .dilation_width = 6, .pad_top = 4,
                         .pad_left = 6, .pad_bottom = 4, .pad_right = 6}},
    {2, 8, 6, 5, 12, 4, {.kernel_height = 3, .kernel_width = 2, .pad_top = 0, .pad_left = 1, .pad_bottom = 2, .pad_right = 0}},
    {2, 6, 7, 7, 12, 6, {.kernel_height = 3, .kernel_width = 3, .stride_height = 2, .stride_width = 1, .pad_top = 1, .pad_left = 1,
                        .pad_bottom = 1, .pad_right = 1}},
    {3, 16, 5, 4, 10, 1, {.kernel_height = 5, .kernel_width = 4}},  // dense
};

long output_size(long in, int before, int after, int extent, int stride) { return (in + before + after - extent) / stride + 1; }

std::array<long, 4> output_dims(const Case& c) {
  const Window& w = c.window;
  return {c.batch, c.filters, output_size(c.height, w.pad_top, w.pad_bottom, w.extent_height(), w.stride_height),
          output_size(c.width, w.pad_left, w.pad_right, w.extent_width(), w.stride_width)};
}

/// The tensors x, w, y of a case and the operation that makes one of them, whose name is `made`.
struct Convolution {
  GraphDescription graph;
  int x, w, y;
};
Convolution convolution(const Case& c, GraphOp op, Element element, Compute compute) {
  Convolution out;
  const auto add = [&](const std::array<long, 4>& d, bool made) {
    return out.graph.add(channels_innermost(d[0], d[1], d[2], d[3], element, made ? Flow::output : Flow::input));
  };
  out.graph.compute = compute;
  out.x = add({c.batch, c.channels, c.height, c.width}, op == GraphOp::input_gradient);
  out.w = add({c.filters, c.channels / c.groups, c.window.kernel_height, c.window.kernel_width}, op == GraphOp::weight_gradient);
  out.y = add(output_dims(c), op == GraphOp::convolution);
  GraphOperation o{.op = op};
  o.x = op == GraphOp::input_gradient ? out.y : out.x;
  o.w = op == GraphOp::weight_gradient ? out.y : out.w;
  o.y = op == GraphOp::convolution ? out.y : op == GraphOp::input_gradient ? out.x : out.w;
  const Window& w = c.window;
  o.pad_before = {w.pad_top, w.pad_left};
  o.pad_after = {w.pad_bottom, w.pad_right};
  o.stride = {w.stride_height, w.stride_width};
  o.dilation = {w.dilation_height, w.dilation_width};
  out.graph.operations = {o};
  return out;
}

/// What the reference makes of the other two; a group of channels is a convolution of its own.
void refer(const Case& c, GraphOp op, Doubles& x, Doubles& w, Doubles& y) {
  const std::array<long, 4> yd = output_dims(c);
  const long in = c.channels / c.groups, out = c.filters / c.groups;
  const Shape xs{int(c.height), int(c.width), int(in)}, ys{int(yd[2]), int(yd[3]), int(out)};
  Doubles& made = op == GraphOp::convolution ? y : op == GraphOp::input_gradient ? x : w;
  made.assign(std::size_t(op == GraphOp::convolution       ? yd[0] * yd[1] * yd[2] * yd[3]
                          : op == GraphOp::input_gradient ? c.batch * c.channels * c.height * c.width
                                                          : c.filters * in * c.window.taps()),
              0);
  for (long n = 0; n < c.batch; n++)
    for (long g = 0; g < c.groups; g++) {
      const reference::Map xm{x.data() + (n * c.groups + g) * xs.size(), xs}, ym{y.data() + (n * c.groups + g) * ys.size(), ys};
      double* weights = w.data() + g * out * in * c.window.taps();
      if (op == GraphOp::convolution)
        reference::linear(graph::Op::convolution, c.window, weights, nullptr, xm, ym);
      else if (op == GraphOp::input_gradient)
        reference::linear_input_gradient(graph::Op::convolution, c.window, weights, ym, xm);
      else
        reference::linear_weight_gradient(graph::Op::convolution, c.window, xm, ym, weights, nullptr);
    }
}

/// The largest difference, relative to the scale.
double difference(const Doubles& given, const Doubles& expected) {
  REQUIRE(given.size() == expected.size());
  return testing::relative_distance(given.data(), expected.data(), long(expected.size()));
}

/// x op w -> y with a tensor each.
Doubles run_pointwise(GraphOp op, const GraphTensor& x, const GraphTensor* w, const GraphTensor& y, Doubles& xs, Doubles& ws) {
  GraphDescription g;
  const int xi = g.add(x), wi = w ? g.add(*w) : -1, yi = g.add(y);
  g.operations = {{op, xi, wi, yi}};
  OnDevice on(g);
  xs = on.fill(xi, 1);
  if (w) ws = on.fill(wi, 2);
  on.run();
  return on.read(yi);
}

}  // namespace

TEST_CASE("convolutions and their gradients are the reference's") {
  device::begin();
  for (const GraphOp op : {GraphOp::convolution, GraphOp::input_gradient, GraphOp::weight_gradient})
    for (std::size_t i = 0; i < std::size(cases); i++)
      for (const Element element : {Element::fp32, Element::fp16, Element::bf16})
        for (const Compute compute : {Compute::fp32, Compute::tf32}) {
          CAPTURE(name(op));
          CAPTURE(i);
          CAPTURE(name(element));
          const Convolution g = convolution(cases[i], op, element, compute);
          OnDevice on(g.graph);
          Doubles x, w, y;
          if (op != GraphOp::input_gradient) x = on.fill(g.x, 1);
          if (op != GraphOp::weight_gradient) w = on.fill(g.w, 2);
          if (op != GraphOp::convolution) y = on.fill(g.y, 3);
          if (compute == Compute::tf32 && element == Element::fp32)
            for (Doubles* factor : {&x, &w, &y})
              for (double& v : *factor) v = testing::round_to_tf32(float(v));
          on.run();
          refer(cases[i], op, x, w, y);
          const int made = op == GraphOp::convolution ? g.y : op == GraphOp::input_gradient ? g.x : g.w;
          const Doubles& expected = op == GraphOp::convolution ? y : op == GraphOp::input_gradient ? x : w;
          const double half_a_unit = element == Element::fp32 ? 0 : element == Element::fp16 ? 0x1p-11 : 0x1p-8;
          CHECK(difference(on.read(made), expected) < half_a_unit + testing::forward_bound);
        }
  CHECK(device::log().violations.empty());
}

TEST_CASE("operations by element, with numbers that spread") {
  device::begin();
  const GraphTensor x = channels_innermost(2, 6, 3, 4, Element::fp32, Flow::input);
  const GraphTensor channels = channels_innermost(1, 6, 1, 1, Element::fp32, Flow::input);
  const GraphTensor pixels = channels_innermost(2, 1, 3, 4, Element::fp32, Flow::input);
  GraphTensor y = x;
  y.flow = Flow::output;
  const auto at = [](const GraphTensor& w, long i) {  // element i of [2][6][3][4]
    const long d[4] = {i / 72, i / 12 % 6, i / 4 % 3, i % 4};
    long out = 0;
    for (std::size_t k = 0; k < 4; k++) out = out * w.dims[k] + (w.dims[k] == 1 ? 0 : d[k]);
    return std::size_t(out);
  };
  for (const GraphTensor& w : {x, channels, pixels}) {
    Doubles xs, ws;
    const Doubles sum = run_pointwise(GraphOp::add, x, &w, y, xs, ws);
    const Doubles product = run_pointwise(GraphOp::multiply, x, &w, y, xs, ws);
    const Doubles gradient = run_pointwise(GraphOp::relu_gradient, x, &w, y, xs, ws);
    for (long i = 0; i < long(xs.size()); i++) {
      const double other = ws[at(w, i)];
      CHECK(sum[std::size_t(i)] == doctest::Approx(xs[std::size_t(i)] + other).epsilon(1e-6));
      CHECK(product[std::size_t(i)] == doctest::Approx(xs[std::size_t(i)] * other).epsilon(1e-6));
      CHECK(gradient[std::size_t(i)] == (other > 0 ? xs[std::size_t(i)] : 0));
    }
  }
  Doubles xs, none;
  const Doubles relu = run_pointwise(GraphOp::relu, x, nullptr, y, xs, none);
  for (std::size_t i = 0; i < xs.size(); i++) CHECK(relu[i] == std::max(xs[i], 0.0));
}

TEST_CASE("statistics are sums over batch and pixels") {
  device::begin();
  GraphDescription g;
  const int x = g.add(channels_innermost(3, 5, 4, 7, Element::bf16, Flow::input));
  const int sum = g.add(channels_innermost(1, 5, 1, 1, Element::fp32, Flow::output));
  const int squares = g.add(channels_innermost(1, 5, 1, 1, Element::fp32, Flow::output));
  g.operations = {{GraphOp::statistics, x, -1, sum, squares}};
  OnDevice on(g);
  const Doubles xs = on.fill(x, 1);
  on.run();
  Doubles expected(5, 0), expected_squares(5, 0);
  for (std::size_t i = 0; i < xs.size(); i++) {
    expected[i / 28 % 5] += xs[i];
    expected_squares[i / 28 % 5] += xs[i] * xs[i];
  }
  CHECK(difference(on.read(sum), expected) < 1e-6);
  CHECK(difference(on.read(squares), expected_squares) < 1e-6);
}

TEST_CASE("reductions are sums of a gradient and of it times the normalised input") {
  device::begin();
  GraphDescription g;
  const int dz = g.add(channels_innermost(3, 5, 4, 7, Element::bf16, Flow::input));
  const int x = g.add(channels_innermost(3, 5, 4, 7, Element::fp16, Flow::input));
  const auto numbers = [&](Flow flow) { return g.add(channels_innermost(1, 5, 1, 1, Element::fp32, flow)); };
  const int mean = numbers(Flow::input), deviation = numbers(Flow::input), scale = numbers(Flow::input);
  const int product = numbers(Flow::output), sum = numbers(Flow::output);
  g.operations = {{GraphOp::reductions, dz, x, product, sum, {}, {}, {1, 1}, {1, 1}, mean, deviation, scale}};
  OnDevice on(g);
  const Doubles dzs = on.fill(dz, 1), xs = on.fill(x, 2), means = on.fill(mean, 3), deviations = on.fill(deviation, 4);
  on.fill(scale, 5);
  on.run();
  Doubles expected(5, 0), expected_products(5, 0);
  for (std::size_t i = 0; i < xs.size(); i++) {
    const std::size_t c = i / 28 % 5;
    expected[c] += dzs[i];
    expected_products[c] += dzs[i] * (xs[i] - means[c]) * deviations[c];
  }
  CHECK(difference(on.read(sum), expected) < 1e-6);
  CHECK(difference(on.read(product), expected_products) < 1e-6);
}

TEST_CASE("uninitialised numbers come through a ReLU and its gradient") {
  device::begin();
  GraphDescription g;
  const int x = g.add(channels_innermost(1, 4, 1, 1, Element::fp16, Flow::input));
  const int w = g.add(channels_innermost(1, 4, 1, 1, Element::fp16, Flow::input));
  const int relu = g.add(channels_innermost(1, 4, 1, 1, Element::fp16, Flow::output));
  const int gradient = g.add(channels_innermost(1, 4, 1, 1, Element::fp16, Flow::output));
  g.operations = {{GraphOp::relu, x, -1, relu}, {GraphOp::relu_gradient, w, x, gradient}};
  OnDevice on(g);
  on.fill(w, 1);
  on.run();
  for (const int made : {relu, gradient})
    for (const double v : on.read(made)) CHECK(std::isnan(v));
}

TEST_CASE("the front end's JSON reads as the description, and computes the same") {
  const GraphDescription g = testing::every_operation();
  CHECK(testing::read_graph_json(testing::every_operation_json, Compute::tf32) == g);
  GraphDescription fp32 = g;
  fp32.compute = Compute::fp32;
  CHECK(testing::read_graph_json(testing::every_operation_json, Compute::fp32) == fp32);

  device::begin();
  OnDevice described(g), serialised(g, {.serialised = [](const GraphDescription&) {
    return std::string(testing::every_operation_json);
  }});
  for (OnDevice* on : {&described, &serialised}) {
    for (std::size_t i = 0; i < g.tensors.size(); i++)
      if (g.tensors[i].flow == Flow::input) on->fill(int(i), unsigned(i));
    on->run();
  }
  for (std::size_t i = 0; i < g.tensors.size(); i++) {
    if (g.tensors[i].flow != Flow::output) continue;
    const Doubles a = described.read(int(i)), b = serialised.read(int(i));
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

TEST_CASE("a graph that is none is the caller's mistake") {
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
  refused("operation 1, subtract, reads tensor 4 before it is made");
  g.operations[5].y2 = -1;
  refused("operation 5, statistics, has another number of tensors");
  g.operations[9].mean = -1;
  refused("operation 9, reductions, has another number of tensors");
  g.operations.pop_back();
  refused("output 18 is made by no operation");
  g.operations[4].y = 9;
  refused("operation 4, relu, does not fit");
  g.operations[6].x = 99;
  refused("operation 6, input_gradient, names a tensor that is not there");
}

TEST_CASE("forms can be declared unsupported") {
  GraphInterpreter library({.refuses = [](const GraphDescription& g) {
    return g.operations.size() > 1 ? "one operation at a time" : "";
  }});
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
  refused(g.x, host, "memory of the host for tensor 0");
  refused(g.x, static_cast<char*>(on.memory(g.x)) + 4, "memory for tensor 0 that is not aligned to 16 bytes");
  refused(g.x, static_cast<char*>(on.memory(g.x)) + 16, "invalid argument");
  refused(g.y, on.memory(g.x), "memory for output 2 that tensor 0 has as well");
  void* both = nullptr;
  REQUIRE(cudaMalloc(&both, 65536) == cudaSuccess);
  void* const x = on.memory(g.x);
  on.memory(g.x) = static_cast<char*>(both) + 16;
  refused(g.y, both, "memory for output 2 that tensor 0 has as well");
  on.memory(g.x) = x;
  CHECK_THROWS_WITH_AS(on.plan().execute(&on.memory(0), nullptr, nullptr), doctest::Contains("no memory for the workspace"), Error);
  device::fail_next("launch cudnn convolution", cudaErrorLaunchFailure);
  CHECK_THROWS_WITH_AS(on.run(), doctest::Contains("execution of plan cudnn convolution failed"), Error);
  on.run();
  cudaFree(both);
}

TEST_CASE("outputs that are slices of channels lie side by side, and in place goes what goes by elements") {
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
  REQUIRE(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal) == cudaSuccess);
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

TEST_CASE("TF32 keeps 10 bits, to the nearest, ties to even") {
  CHECK(testing::round_to_tf32(1.0f + 0x1p-10f) == 1.0f + 0x1p-10f);
  CHECK(testing::round_to_tf32(1.0f + 0x1p-11f) == 1.0f);
  CHECK(testing::round_to_tf32(1.0f + 0x3p-11f) == 1.0f + 0x1p-9f);
  CHECK(testing::round_to_tf32(-(1.0f + 0x1p-11f + 0x1p-20f)) == -(1.0f + 0x1p-10f));
  CHECK(std::isnan(testing::round_to_tf32(NAN)));
  CHECK(testing::round_to_tf32(HUGE_VALF) == HUGE_VALF);
}
