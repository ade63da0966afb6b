// SPDX-License-Identifier: MIT
// Winograd's F(4x4, 3x3) of the general NHWC program against the peak of the machine. Work is counted as multiply-adds
// of the direct sum, so a ratio may exceed 1, up to 4. The counters come from the best iteration, and the peak is
// measured between iterations, since neighbors on a shared machine slow both.
#include <strata/core/aligned.hpp>
#include <strata/core/arena.hpp>
#include <strata/cpu/nhwc/choose.hpp>
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
namespace nhwc = cpu::nhwc;

namespace {

constexpr Node node_of(Op op, Shape shape, int dilation) {
  const Window w = Window::square(Axis::same(3, dilation));
  return {.op = op, .in = shape, .out = shape, .window = w, .mid = shape, .weights = 0};
}

void winograd(benchmark::State& state, Op op, bool packs) {
  const int channels = int(state.range(0)), images = int(state.range(4)), threads = int(state.range(5));
  const Node node = node_of(op, {int(state.range(1)), int(state.range(2)), channels}, int(state.range(3)));
  const nhwc::Kernel& kernel = nhwc::kernel_of(op, nhwc::choose(node));
  Workers workers(threads);
  const long size = node.in.size(), workspace_stride = cpu::whole_lines(kernel.workspace(node)),
             packed = kernel.packed(node);
  Floats weights(std::size_t(9L * channels * channels), 0.01f);
  const Arena arena(std::size_t(2 * images * size + packed + workspace_stride * threads) * sizeof(float));
  const nhwc::Step step{.parameters = weights.data(), .images = {.count = images}};
  nhwc::Call call;
  call.node = &node, call.step = &step, call.stride = size;
  call.inputs.add(op == Op::convolution ? graph::Input::x : graph::Input::dy, arena.floats());
  call.output = arena.floats() + images * size;
  float* const own = call.output + images * size;
  call.packed = own, call.workspace = own + packed, call.workspace_stride = workspace_stride;
  std::fill_n(arena.floats(), 2 * images * size, 0.5f);
  const auto pack = [&](Team& team) { kernel.pack(node, weights.data(), nullptr, nullptr, own, team); };
  workers.run(pack);

  double best = std::numeric_limits<double>::max(), peak = 0;
  for (auto _ : state) {
    const double start = seconds();
    workers.run([&](Team& team) {
      if (packs) pack(team);
      kernel.run(call, team);
    });
    best = std::min(best, seconds() - start);
    state.PauseTiming();
    peak = std::max(peak, peak_gflops(workers, 3));
    state.ResumeTiming();
  }
  const double gflop = 2e-9 * double(images * graph::node_macs(node));
  state.counters["GF/s"] = gflop / best;
  state.counters["peak GF/s"] = peak;
  state.counters["of peak"] = gflop / best / peak;
}

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"channels", "rows", "columns", "dilation", "images", "threads"});
  b->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(1);
  for (const int threads : {1, 2}) {
    for (const auto& [channels, rows, columns, dilation] :
         {std::array{64, 180, 240, 1}, {128, 90, 120, 1}, {256, 45, 60, 1}, {256, 180, 240, 1}, {512, 45, 60, 2}})
      b->Args({channels, rows, columns, dilation, 1, threads});
    for (const auto& [channels, rows, columns, dilation] : {std::array{256, 23, 30, 1}, {512, 23, 30, 2}})
      b->Args({channels, rows, columns, dilation, 4, threads});
  }
}

BENCHMARK_CAPTURE(winograd, forward, Op::convolution, false)->Apply(shapes);
BENCHMARK_CAPTURE(winograd, input_gradient_with_its_weights, Op::convolution_input_gradient, true)->Apply(shapes);

}  // namespace
