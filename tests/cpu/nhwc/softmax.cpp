// SPDX-License-Identifier: MIT
// Softmax of scores so large that their exponentials overflow, and its gradient, against the reference; for numbers of
// channels around that of a vector.
#include <strata/cpu/nhwc/softmax.hpp>

#include <strata/core/aligned.hpp>
#include <strata/core/random.hpp>
#include <strata/reference/elementwise.hpp>

#include <doctest/doctest.h>

#include "../../support/tolerance.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;
namespace nhwc = cpu::nhwc;

namespace {

constexpr int rows = 2, columns = 3;

/// Element (pixel, channel) of an image in rows of channels is element (channel, pixel) of the reference.
std::size_t planar(int channels, std::size_t i) {
  return i % std::size_t(channels) * (rows * columns) + i / std::size_t(channels);
}

void check(int channels, float shift) {
  CAPTURE(channels);
  CAPTURE(shift);
  const Shape shape{rows, columns, channels};
  const std::size_t size = std::size_t(shape.size());
  graph::Node node{.op = graph::Op::softmax, .in = shape, .out = shape, .inputs = {{graph::Input::x, 0}}, .mid = shape};
  Floats scores(size), dy(size), y(size), dx(size);
  reference::Doubles x(size), d(size), expected(size), expected_dx(size);
  Random random{3, 0};
  for (std::size_t i = 0; i < size; i++) {
    scores[i] = shift + 20 * random.uniform(), dy[i] = random.uniform() - 0.5f;
    x[planar(channels, i)] = double(scores[i]), d[planar(channels, i)] = double(dy[i]);
  }
  Floats workspace(std::size_t(nhwc::softmax_workspace(node)));
  const nhwc::Step step{.images = {.count = 1}};
  nhwc::Call call, gradient;
  call.node = &node, call.step = &step, call.stride = long(size);
  call.workspace = workspace.data(), call.workspace_stride = long(workspace.size());
  gradient = call;
  call.inputs.add(graph::Input::x, scores.data()), call.output = y.data();
  gradient.inputs.add(graph::Input::dy, dy.data()), gradient.inputs.add(graph::Input::y, y.data());
  gradient.output = dx.data();
  Team team;
  nhwc::softmax(call, team);
  nhwc::softmax_gradient(gradient, team);

  reference::softmax({x.data(), shape}, {expected.data(), shape});
  reference::softmax_gradient({d.data(), shape}, {expected.data(), shape}, {expected_dx.data(), shape});
  for (std::size_t i = 0; i < size; i++) {
    CHECK(relative_error(double(y[i]), expected[planar(channels, i)]) <= forward_bound);
    CHECK(std::fabs(double(dx[i]) - expected_dx[planar(channels, i)]) <= 1e-6);
  }
}

}  // namespace

TEST_CASE("softmax and its gradient, of scores that overflow too") {
  for (const int channels : {1, 2, core::simd::lanes, core::simd::lanes + 1, 21})
    for (const float shift : {0.f, 300.f, -300.f}) check(channels, shift);
}
