// SPDX-License-Identifier: MIT
// The program that runs node by node: the general direct convolution against the peak of the machine, and the digits
// network on one image. The counters come from the best iteration, and the peak is measured between iterations, since
// neighbors on a shared machine slow both.
#include <strata/core/aligned.hpp>
#include <strata/cpu/nhwc/training.hpp>
#include <strata/infer/predictor.hpp>
#include <strata/models/digits.hpp>
#include <strata/reference/random_data.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <limits>

#include "peak.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::bench;
using graph::Op;
using strata::graph::Node;
namespace nhwc = cpu::nhwc;

namespace {

constexpr Window same_3x3 = Window::square(Axis::same(3));

/// A 3x3 convolution with stride 1, or one of its gradients: maps and gradients have the same size.
constexpr Node node_of(Op op, Shape shape) {
  return {.op = op, .in = shape, .out = shape, .window = same_3x3, .mid = shape, .weights = 0};
}

/// The direct kernel of one node, with its own memory.
class Kernel {
 public:
  Kernel(Op op, Shape shape, Workers& workers)
      : workers_(workers),
        node_(node_of(op, shape)),
        sliding_(nhwc::sliding_of(node_)),
        sums_(op == Op::convolution_weight_gradient),
        weights_(std::size_t(9 * shape.channels * shape.channels), 0.01f),
        gradients_(weights_.size()),
        x_(std::size_t(shape.size()), 0.5f),
        dy_(x_),
        y_(x_.size()),
        packed_(std::size_t(sums_ ? 0 : sliding_.packed_floats())),
        partial_(std::size_t(sums_ ? nhwc::weight_gradient_partial(node_) : 0)),
        workspace_stride_(
            cpu::whole_lines(sums_ ? nhwc::weight_gradient_workspace(node_) : nhwc::convolution_workspace(node_))),
        workspace_(std::size_t(workspace_stride_ * workers.count())) {
    step_.parameters = weights_.data(), step_.gradients = gradients_.data(), step_.images.count = 1;
    call_.node = &node_, call_.step = &step_;
    if (op != Op::convolution_input_gradient) call_.inputs.add(graph::Input::x, x_.data());
    if (op != Op::convolution) call_.inputs.add(graph::Input::dy, dy_.data());
    call_.output = y_.data();
    call_.packed = packed_.data(), call_.partial = partial_.data();
    call_.workspace = workspace_.data(), call_.workspace_stride = workspace_stride_;
    for (int b = 0; !sums_ && b < sliding_.blocks(); b++)
      nhwc::pack_block(sliding_, nhwc::is_mirrored(op), weights_.data(), graph::weight_view(node_), nullptr, nullptr, b,
                       packed_.data());
  }
  void run() {
    workers_.run([&](Team& team) {
      if (sums_) nhwc::convolution_weight_gradient(call_, team);
      else nhwc::convolution(call_, team);
    });
  }
  double gflop() const { return 2e-9 * double(graph::node_macs(node_)); }

 private:
  Workers& workers_;
  Node node_;
  nhwc::Sliding sliding_;
  bool sums_;
  Floats weights_, gradients_, x_, dy_, y_, packed_, partial_;
  long workspace_stride_;
  Floats workspace_;
  nhwc::Step step_;
  nhwc::Call call_;
};

void direct_convolution(benchmark::State& state, Op op) {
  Workers workers(int(state.range(3)));
  Kernel kernel(op, {int(state.range(1)), int(state.range(2)), int(state.range(0))}, workers);
  double best = std::numeric_limits<double>::max(), peak = 0;
  for (auto _ : state) {
    const double start = seconds();
    kernel.run();
    best = std::min(best, seconds() - start);
    state.PauseTiming();
    peak = std::max(peak, peak_gflops(workers, 3));
    state.ResumeTiming();
  }
  state.counters["GF/s"] = kernel.gflop() / best;
  state.counters["peak GF/s"] = peak;
  state.counters["of peak"] = kernel.gflop() / best / peak;
}

void shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"channels", "rows", "columns", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(1);
  for (const int threads : {1, 2})
    for (const auto& [channels, rows, columns] : {std::array{64, 180, 240}, {128, 90, 120}, {256, 45, 60}})
      b->Args({channels, rows, columns, threads});
}

BENCHMARK_CAPTURE(direct_convolution, forward, Op::convolution)->Apply(shapes);
BENCHMARK_CAPTURE(direct_convolution, input_gradient, Op::convolution_input_gradient)->Apply(shapes);
BENCHMARK_CAPTURE(direct_convolution, weight_gradient, Op::convolution_weight_gradient)->Apply(shapes);

/// One image at a time, on one thread.
template <class Run>
void digits(benchmark::State& state, Run&& once) {
  constexpr int calls = 20;
  Workers workers(1);
  double best = std::numeric_limits<double>::max(), peak = 0;
  for (auto _ : state) {
    const double start = seconds();
    for (int i = 0; i < calls; i++) once();
    best = std::min(best, (seconds() - start) / calls);
  }
  peak = peak_gflops(workers);
  state.counters["us per image"] = best * 1e6;
  state.counters["of peak"] = 2e-9 * double(macs<Digits<>>) / best / peak;
}

template <bool FixedShape>
void digits_inference(benchmark::State& state) {
  const auto data = reference::smooth_data<Digits<>>(1);
  float result[10];
  Workers one(1);
  cpu::nhwc::Inference<Digits<>, graph::PlanOptions{}, FixedShape> inference(1, one);
  inference.load(data.parameters.data(), data.buffers.data());
  digits(state, [&] { inference.run(data.image_view(), result); });
}
BENCHMARK_TEMPLATE(digits_inference, true)->Name("digits/fixed_shape")->Unit(benchmark::kMicrosecond);
BENCHMARK_TEMPLATE(digits_inference, false)->Name("digits/general_kernels")->Unit(benchmark::kMicrosecond);

void digits_predictor(benchmark::State& state) {
  using P = Predictor<Digits<>>;
  static P::Storage storage;
  const auto data = reference::smooth_data<Digits<>>(1);
  float result[10];
  P predictor(storage, std::span<const float, P::parameter_floats>(data.parameters),
              std::span<const float, P::buffer_floats>(data.buffers));
  digits(state, [&] { predictor.run(P::Floats(data.images), result); });
}
BENCHMARK(digits_predictor)->Name("digits/predictor")->Unit(benchmark::kMicrosecond);

}  // namespace
