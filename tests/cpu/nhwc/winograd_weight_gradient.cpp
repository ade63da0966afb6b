// SPDX-License-Identifier: MIT
// The Winograd gradient of 3x3 weights against the sum in double precision and the direct kernel; any number of threads
// gives the same bits.
#include <strata/core/aligned.hpp>
#include <strata/core/random.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/cpu/nhwc/choose.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <vector>

#include "../../support/tolerance.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::testing;
using graph::Node;
using graph::Op;

namespace {

struct Case {
  int height, width, in, out, padding = 1, dilation = 1, images = 1;
};

Node node_of(const Case& c) {
  const Axis axis{.kernel = 3, .dilation = c.dilation, .before = c.padding, .after = c.padding};
  const Shape out{axis.outputs(c.height), axis.outputs(c.width), c.out};
  return {.op = Op::convolution_weight_gradient,
          .in = {c.height, c.width, c.in},
          .out = out,
          .inputs = {{Input::x, 0}, {Input::dy, 1}},
          .window = Window::square(axis),
          .mid = out,
          .weights = 3,
          .bias = 3 + 9 * c.in * c.out};
}

/// Two tensors per image, in frames as a plan lays them out.
struct Data {
  Node node;
  int images;
  long gradient_offset, frame;
  Floats frames;

  explicit Data(const Case& c)
      : node(node_of(c)),
        images(c.images),
        gradient_offset(cpu::whole_lines(node.in.size())),
        frame(gradient_offset + cpu::whole_lines(node.out.size())),
        frames(std::size_t(frame * images)) {
    for (long i = 0; i < frame * images; i++)
      frames.data()[i] = float(int(mix(7, std::uint64_t(i)) % 2001) - 1000) * 1e-3f;
  }
  const float* x(int n) const { return frames.data() + n * frame; }
  const float* dy(int n) const { return x(n) + gradient_offset; }
  long gradients() const { return node.bias + node.out.channels; }

  enum class Way { winograd, direct };
  /// Gradients after 3 floats that no kernel may touch; all start at 0.25.
  std::vector<float> run(Way way, int threads, bool accumulate) const {
    Workers workers(threads);
    std::vector<float> gradients(std::size_t(this->gradients()), 0.25f);
    const bool winograd = way == Way::winograd;
    const long partial = winograd ? cpu::nhwc::winograd_weight_gradient_of(node).partial_floats()
                                  : cpu::nhwc::weight_gradient_partial(node);
    const long workspace_floats = winograd ? 0 : cpu::whole_lines(cpu::nhwc::weight_gradient_workspace(node));
    constexpr float left = std::numeric_limits<float>::quiet_NaN();  // as if left by another node
    Floats sums(std::size_t(partial), left), workspace(std::size_t(workspace_floats * threads), left);
    cpu::nhwc::Step step{.gradients = gradients.data(), .accumulate = accumulate};
    step.images.count = images;
    cpu::nhwc::Call call;
    call.node = &node, call.step = &step, call.stride = frame;
    call.inputs.add(Input::x, x(0)), call.inputs.add(Input::dy, dy(0));
    call.partial = sums.data(), call.workspace = workspace.data(), call.workspace_stride = workspace_floats;
    workers.run([&](Team& team) {
      if (winograd) cpu::nhwc::winograd_weight_gradient(call, team);
      else cpu::nhwc::convolution_weight_gradient(call, team);
    });
    return gradients;
  }

  /// dw[o][i][tap] in double precision.
  double exact(int o, int i, int tap) const {
    const Window& w = node.window;
    double sum = 0;
    for (int n = 0; n < images; n++)
      for (int y = 0; y < node.out.height; y++)
        for (int x0 = 0; x0 < node.out.width; x0++) {
          const int row = w.rows.source(y, tap / 3), column = w.columns.source(x0, tap % 3);
          if (row < 0 || row >= node.in.height || column < 0 || column >= node.in.width) continue;
          sum += double(x(n)[(long(row) * node.in.width + column) * node.in.channels + i]) *
                 double(dy(n)[(long(y) * node.out.width + x0) * node.out.channels + o]);
        }
    return sum;
  }
};

void check(const Case& c) {
  INFO(c.height << " x " << c.width << ", " << c.in << " to " << c.out << " channels, padding " << c.padding
                << ", dilation " << c.dilation << ", " << c.images << " images");
  const Data data(c);
  const auto given = data.run(Data::Way::winograd, 1, false);
  for (int k = 0; k < 3; k++) CHECK(given[std::size_t(k)] == 0.25f);
  const float* weights = given.data() + data.node.weights;
  const long count = 9L * c.in * c.out;

  const auto direct = data.run(Data::Way::direct, 1, false);
  CHECK(relative_distance(weights, direct.data() + data.node.weights, count) < gradient_bound / 5);
  CHECK(std::memcmp(given.data() + data.node.bias, direct.data() + data.node.bias,
                    std::size_t(c.out) * sizeof(float)) == 0);

  // samples of every tap and of both ends of the channels, relative to the largest gradient
  const double scale = largest(direct.data() + data.node.weights, count);
  double most = 0;
  for (int tap = 0; tap < 9; tap++)
    for (int k = 0; k < 12; k++) {
      const int o = k < 2 ? k * (c.out - 1) : int(mix(1, std::uint64_t(tap * 12 + k)) % std::uint64_t(c.out));
      const int i = k % 2 ? c.in - 1 : int(mix(2, std::uint64_t(tap * 12 + k)) % std::uint64_t(c.in));
      most = std::max(most, std::fabs(weights[(long(o) * c.in + i) * 9 + tap] - data.exact(o, i, tap)));
    }
  CHECK(most / scale < gradient_bound / 5);

  for (const int threads : {2, 3}) CHECK(data.run(Data::Way::winograd, threads, false) == given);
  auto added = data.run(Data::Way::winograd, 2, true);
  for (std::size_t k = 3; k < added.size(); k++) added[k] -= 0.25f;
  CHECK(relative_distance(added.data() + 3, given.data() + 3, count) < 1e-6);
}

}  // namespace

TEST_CASE("maps of every small size") {
  for (int height = 3; height <= 13; height++)
    for (int width = 3; width <= 13; width++) check({.height = height, .width = width, .in = 32, .out = 32});
}

TEST_CASE("paddings") {
  for (const int padding : {0, 1, 2})
    for (const auto& [height, width] : {std::pair{5, 9}, {11, 6}, {23, 30}})
      check({.height = height, .width = width, .in = 32, .out = 33, .padding = padding, .images = 2});
}

TEST_CASE("any number of channels") {
  for (const auto& [in, out] :
       {std::pair{32, 33}, {33, 32}, {48, 64}, {64, 48}, {47, 71}, {304, 64}, {40, 304}, {128, 128}})
    check({.height = 9, .width = 14, .in = in, .out = out, .images = 2});
}

TEST_CASE("dilations: interleaved maps, some longer than others") {
  for (const int dilation : {2, 3, 6})
    for (const auto& [height, width] : {std::pair{7, 7}, {8, 13}, {23, 30}})
      for (const int padding : {dilation, dilation - 1, 0})
        if (height > 2 * (dilation - padding))
          check({.height = height,
                 .width = width,
                 .in = 32,
                 .out = 40,
                 .padding = padding,
                 .dilation = dilation,
                 .images = 2});
}

TEST_CASE("groups of tiles that end within an image") {
  for (const int images : {1, 2, 3}) {
    check({.height = 45, .width = 60, .in = 64, .out = 64, .images = images});
    check({.height = 23, .width = 30, .in = 160, .out = 144, .images = images});
  }
}

TEST_CASE("which nodes take it") {
  const auto takes_winograd = [](const Node& node) {
    return cpu::nhwc::choose(node) == cpu::nhwc::Algorithm::winograd;
  };
  CHECK(takes_winograd(node_of({.height = 45, .width = 60, .in = 256, .out = 256})));
  CHECK(takes_winograd(node_of({.height = 45, .width = 60, .in = 512, .out = 512, .padding = 2, .dilation = 2})));
  CHECK(takes_winograd(node_of({.height = 180, .width = 240, .in = 304, .out = 256})));
  CHECK(!takes_winograd(node_of({.height = 45, .width = 60, .in = 31, .out = 256})));
  CHECK(!takes_winograd(node_of({.height = 45, .width = 60, .in = 256, .out = 11})));
  CHECK(takes_winograd(node_of({.height = 45, .width = 60, .in = 512, .out = 256, .padding = 12, .dilation = 12})));
  CHECK(!takes_winograd(node_of({.height = 23, .width = 30, .in = 512, .out = 256, .padding = 12, .dilation = 12})));
  CHECK(!takes_winograd(node_of({.height = 3, .width = 3, .in = 64, .out = 64, .padding = 0})));
  Node node = node_of({.height = 45, .width = 60, .in = 64, .out = 64});
  node.window.columns.stride = 2;
  CHECK(!takes_winograd(node));
  node = node_of({.height = 45, .width = 60, .in = 64, .out = 64});
  node.op = Op::transposed_convolution_weight_gradient;
  CHECK(!takes_winograd(node));
}
