// SPDX-License-Identifier: MIT
// The Winograd gradient of 3x3 weights in the program that runs node by node. "of peak" counts the multiply-adds of the
// direct sum against the peak of the machine, so it may exceed 1; "direct of peak" is the direct kernel, run in turn
// with it.
#include <strata/core/aligned.hpp>
#include <strata/cpu/nhwc/kernels.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <limits>

#include "peak.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::bench;
using graph::Node;
using graph::Op;

namespace {

Node node_of(Shape in, int outputs, int dilation) {
  const Window window = Window::square(Axis::same(3, dilation));
  const Shape out{in.height, in.width, outputs};
  return {.op = Op::convolution_weight_gradient,
          .in = in,
          .out = out,
          .inputs = {{graph::Input::x, 0}, {graph::Input::dy, 1}},
          .window = window,
          .mid = out,
          .weights = 0};
}

void weight_gradient(benchmark::State& state) {
  const int images = int(state.range(5));
  const Node node = node_of({int(state.range(2)), int(state.range(3)), int(state.range(0))}, int(state.range(1)),
                            int(state.range(4)));
  Workers workers(int(state.range(6)));
  const long frame = cpu::whole_lines(node.in.size()) + cpu::whole_lines(node.out.size());
  const long workspace_stride = cpu::whole_lines(cpu::nhwc::weight_gradient_workspace(node));
  Floats frames(std::size_t(frame * images), 0.5f), gradients(std::size_t(9 * node.in.channels * node.out.channels));
  Floats partial(std::size_t(std::max(cpu::nhwc::winograd_weight_gradient_of(node).partial_floats(),
                                      cpu::nhwc::weight_gradient_partial(node))));
  Floats workspace(std::size_t(workspace_stride * workers.count()));
  cpu::nhwc::Step step{.gradients = gradients.data()};
  step.images.count = images;
  cpu::nhwc::Call call;
  call.node = &node, call.step = &step, call.stride = frame;
  call.inputs.add(graph::Input::x, frames.data());
  call.inputs.add(graph::Input::dy, frames.data() + cpu::whole_lines(node.in.size()));
  call.partial = partial.data(), call.workspace = workspace.data(), call.workspace_stride = workspace_stride;
  const auto timed = [&](auto kernel, double& best) {
    const double start = seconds();
    workers.run([&](Team& team) { kernel(call, team); });
    best = std::min(best, seconds() - start);
  };
  double best = std::numeric_limits<double>::max(), direct = best, peak = 0;
  for (auto _ : state) {
    timed(&cpu::nhwc::winograd_weight_gradient, best);
    state.PauseTiming();
    timed(&cpu::nhwc::convolution_weight_gradient, direct);
    peak = std::max(peak, peak_gflops(workers, 3));
    state.ResumeTiming();
  }
  const double gflop = 2e-9 * double(graph::node_macs(node)) * images;
  state.counters["ms"] = best * 1e3;
  state.counters["of peak"] = gflop / best / peak;
  state.counters["direct of peak"] = gflop / direct / peak;
}

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"in", "out", "rows", "columns", "dilation", "images", "threads"})
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime()
      ->MinTime(0.5);
  for (const int threads : {1, 2})
    for (const auto& [in, out, rows, columns, dilation, images] : {std::array{64, 64, 180, 240, 1, 1},
                                                                   {128, 128, 90, 120, 1, 1},
                                                                   {256, 256, 45, 60, 1, 1},
                                                                   {256, 256, 180, 240, 1, 1},
                                                                   {304, 256, 90, 120, 1, 1},
                                                                   {48, 256, 90, 120, 1, 1},
                                                                   {512, 512, 45, 60, 2, 1},
                                                                   {512, 512, 23, 30, 2, 4},
                                                                   {512, 256, 45, 60, 6, 1}})
      b->Args({in, out, rows, columns, dilation, images, threads});
}
BENCHMARK(weight_gradient)->Name("winograd_weight_gradient")->Apply(shapes);

}  // namespace
