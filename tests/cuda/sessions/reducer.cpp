// SPDX-License-Identifier: MIT
// Which gradients are summed, when, and what waits for what.
#include "../../support/cuda/device_plan.hpp"
#include "../../support/cuda/recording_runtime.hpp"

#include <doctest/doctest.h>
#include <strata/cuda/runtime/launch.hpp>
#include <strata/cuda/sessions/reducer.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>

#include <algorithm>

namespace cuda_sessions_reducer {

using namespace strata;
using namespace strata::graph;
using namespace strata::models;
using cuda::learned_by;
using cuda::Span;
using testing::device::Order;
namespace device = testing::device;

namespace {

using EveryKind =
    Network<Image<16, 16, 3>, Conv<3, 8>, BatchNorm, ReLU, DepthwiseConv<3>, BatchNorm, ReLU, MaxPool<2>,
            AtRate<Real{0}, Sequential<Conv<3, 8>, BatchNorm, ReLU>>, AtRate<Real{0.1}, Conv<1, 4, NoBias>>,
            TransposedConv<4, 6, Stride<2>, Pad<1>>, ReLU, Dense<5>, Softmax>;

/// How often a step sums each parameter's gradient.
template <class Net, class... Policy>
std::vector<int> times_summed() {
  const cuda::PlanView plan = testing::device_plan<Net, Policy...>();
  std::vector<int> times(std::size_t(lowered<Net>.parameter_floats), 0);
  for (int i = 0; i < plan.count; i++) {
    const cuda::Learned learned = learned_by(plan.nodes[i]);
    for (int s = 0; s < learned.count; s++)
      for (long k = 0; k < learned.spans[s].count; k++) times.at(std::size_t(learned.spans[s].offset + k))++;
  }
  return times;
}

/// Exactly once where a parameter learns; a fixed bias of a layer that learns may be summed, a frozen layer is not.
template <class Net, class... Policy>
void check_cover() {
  const std::vector<int> times = times_summed<Net, Policy...>();
  for (int t = 0; t < lowered<Net>.parameter_count; t++) {
    const graph::Tensor& tensor = lowered<Net>.parameters[t];
    CAPTURE(lowered<Net>.layers[tensor.layer].path);
    const auto first = times.begin() + tensor.offset;
    if (tensor.rate_factor != 0) CHECK(std::all_of(first, first + tensor.size, [](int n) { return n == 1; }));
    else CHECK(std::all_of(first, first + tensor.size, [](int n) { return n <= 1; }));
    if (tensor.role == graph::Role::weight && tensor.rate_factor == 0) CHECK(times[std::size_t(tensor.offset)] == 0);
  }
}

/// Records the spans of each call, and launches a kernel that doubles the numbers, as summing with an identical rank
/// would.
struct Twin final : cuda::Collective {
  struct Double {
    float* numbers;
    void operator()(long i) const { numbers[i] *= 2; }
  };
  struct DoubleLosses {
    cuda::LossSums* sums;
    void operator()(long) const { sums->loss *= 2, sums->weight *= 2, sums->correct *= 2, sums->counted *= 2; }
  };
  void sum(float* numbers, std::span<const Span> spans, cuda::LossSums* losses, cuda::Stream stream) override {
    buckets.emplace_back(spans.begin(), spans.end());
    for (const Span& s : spans) cuda::for_each(stream, "sum", s.count, Double{numbers + s.offset});
    if (losses) cuda::for_each(stream, "sum losses", 1, DoubleLosses{losses});
  }
  void barrier() override { barriers++; }
  void wait(cuda::Stream stream) override { cuda::synchronize(stream); }
  std::vector<std::vector<Span>> buckets;
  int barriers = 0;
};

struct Write {
  float* numbers;
  float value;
  void operator()(long i) const { numbers[i] = value; }
};
struct WriteLosses {
  cuda::LossSums* sums;
  void operator()(long) const { *sums = {1.5, 2.5, 3, 4}; }
};
struct AddInto {
  const float* numbers;
  float* sum;
  void operator()(long i) const { *sum += numbers[i]; }
};

cuda::Learned learned(Span first, Span second = {}) {
  cuda::Learned l;
  l.add(int(first.offset), first.count);
  if (second.count) l.add(int(second.offset), second.count);
  return l;
}

/// Captures a step of four layers of 80 + 20 parameters at aligned offsets, last layer first, as a graph, and runs it
/// `times`. Returns the sum of all gradients as the end of the step sees it.
float sum_of_step(Twin& twin, long bucket, int times) {
  const cuda::OwnedStream stream = cuda::make_stream();
  const cuda::DeviceMemory memory(4 * 4 * 192), losses(sizeof(cuda::LossSums)), total(4);
  auto* const sums = reinterpret_cast<cuda::LossSums*>(losses.data());
  cuda::Reducer reducer(twin, bucket);
  cuda::check(cudaMemsetAsync(memory.data(), 0, std::size_t(memory.bytes()), stream.get()), "memset");
  cuda::check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeRelaxed), "capture");
  reducer.begin(stream.get(), memory.floats());
  cuda::for_each(stream.get(), "loss", 1, WriteLosses{sums});
  reducer.share(sums);
  for (int layer = 3; layer >= 0; layer--) {
    const long weights = 192 * layer, bias = weights + 128;
    cuda::for_each(stream.get(), "layer", 80, Write{memory.floats() + weights, float(layer + 1)});
    cuda::for_each(stream.get(), "layer", 20, Write{memory.floats() + bias, float(layer + 1)});
    reducer.finished(learned({weights, 80}, {bias, 20}));
  }
  reducer.end();
  cuda::check(cudaMemsetAsync(total.data(), 0, 4, stream.get()), "memset");
  cuda::for_each(stream.get(), "total", 4 * 192, AddInto{memory.floats(), total.floats()});
  cudaGraph_t graph;
  cuda::check(cudaStreamEndCapture(stream.get(), &graph), "end");
  const cuda::Owned<cudaGraph_t, &cudaGraphDestroy> owned(graph);
  cudaGraphExec_t exec;
  cuda::check(cudaGraphInstantiate(&exec, graph, 0), "instantiate");
  const cuda::OwnedGraph ready(exec);
  for (int i = 0; i < times; i++) cuda::check(cudaGraphLaunch(exec, stream.get()), "launch");
  const cuda::PinnedMemory host(64);
  cuda::copy_to_host(host.data(), total.data(), 4, stream.get());
  cuda::copy_to_host(host.data() + 8, sums, sizeof *sums, stream.get());
  cuda::synchronize(stream.get());
  const auto& seen = *reinterpret_cast<const cuda::LossSums*>(host.data() + 8);
  CHECK(seen.loss == 3);
  CHECK(seen.weight == 5);
  CHECK(seen.correct == 6);
  CHECK(seen.counted == 8);
  return *reinterpret_cast<const float*>(host.data());
}

}  // namespace

TEST_CASE("every parameter that learns is summed once") {
  check_cover<EveryKind>();
  check_cover<EveryKind, strata::Recompute<Again::nothing>>();
  check_cover<Digits<8, 16, 32>>();
  check_cover<DeepLabv3Plus<Image<64, 96, 3>, 11>>();
  check_cover<DeepLabv3Plus<Image<64, 64, 3>, 5, TorchvisionLike>>();
}

TEST_CASE("whatever form a device chooses, a node computes exactly the gradients that are summed after it") {
  const cuda::PlanView plan = testing::device_plan<EveryKind>();
  int operands = 0;
  for (const cuda::Segment& segment : cuda::lower(plan, 2, Tf32::precision))
    for (const cuda::Form& form : segment.forms)
      for (const cuda::Piece& piece : form.pieces)
        for (const cuda::Operand& operand : piece.operands) {
          if (operand.where != cuda::Operand::Where::gradient) continue;
          const cuda::Learned learned = learned_by(plan.nodes[piece.node]);
          CHECK(std::any_of(learned.spans, learned.spans + learned.count,
                            [&](const Span& s) { return s.offset == operand.offset; }));
          operands++;
        }
  CHECK(operands >= 5);
}

TEST_CASE("gradients are gathered until a bucket is full, neighbors as one span") {
  device::begin();
  Twin twin;
  SUBCASE("each layer alone") {
    CHECK(sum_of_step(twin, 1, 1) == 2000);
    REQUIRE(twin.buckets.size() == 5);
    CHECK(twin.buckets[0].empty());  // the loss alone
    CHECK(twin.buckets[1] == std::vector{Span{576, 148}});
    CHECK(twin.buckets[4] == std::vector{Span{0, 148}});
  }
  SUBCASE("two at a time") {
    CHECK(sum_of_step(twin, 150, 1) == 2000);
    REQUIRE(twin.buckets.size() == 3);
    CHECK(twin.buckets[1] == std::vector{Span{384, 340}});
    CHECK(twin.buckets[2] == std::vector{Span{0, 340}});
  }
  SUBCASE("what is left at the end") {
    CHECK(sum_of_step(twin, 250, 1) == 2000);
    REQUIRE(twin.buckets.size() == 3);
    CHECK(twin.buckets[1] == std::vector{Span{192, 532}});
    CHECK(twin.buckets[2] == std::vector{Span{0, 148}});
  }
  CHECK(device::log().violations.empty());
}

TEST_CASE("a tensor that is not final is not summed with its neighbors") {
  device::begin();
  Twin twin;
  const cuda::OwnedStream stream = cuda::make_stream();
  const cuda::DeviceMemory memory(4 * 256);
  cuda::Reducer reducer(twin);
  reducer.begin(stream.get(), memory.floats());
  reducer.finished(learned({0, 64}, {128, 64}));  // the tensor at 64 learns later, or not at all
  reducer.end();
  REQUIRE(twin.buckets.size() == 1);
  CHECK(twin.buckets[0] == std::vector{Span{0, 64}, Span{128, 64}});
  cuda::synchronize(stream.get());
}

TEST_CASE("sums wait for their gradients, and the end of a step for the sums, whichever order streams leave open") {
  for (unsigned seed = 1; seed <= 20; seed++) {
    device::begin({.order = Order::shuffled, .seed = seed});
    Twin twin;
    CHECK(sum_of_step(twin, 1, 3) == 2000);
    CHECK(device::log().violations.empty());
    CHECK(device::log().captures == 1);
    CHECK(device::log().graph_launches == 3);
    device::begin({.order = Order::others_first});
    CHECK(sum_of_step(twin, 150, 2) == 2000);
    CHECK(device::log().violations.empty());
  }
}

TEST_CASE("sums and the backward pass may run at the same time") {
  bool sum_before_layers = false, layers_before_sum = false;
  for (unsigned seed = 1; seed <= 40; seed++) {
    device::begin({.order = Order::shuffled, .seed = seed});
    Twin twin;
    sum_of_step(twin, 1, 1);
    const auto& sequence = device::log().sequence;
    const auto sum = std::find(sequence.begin(), sequence.end(), "sum");
    const long before = std::count(sequence.begin(), sum, "layer");
    sum_before_layers |= before < 8;
    layers_before_sum |= before > 2;
  }
  CHECK(sum_before_layers);
  CHECK(layers_before_sum);
}

TEST_CASE("nothing is left behind") {
  device::begin();
  Twin twin;
  sum_of_step(twin, 1, 1);
  CHECK(device::living_allocations() == 0);
  CHECK(device::living_handles() == 0);
}

}  // namespace cuda_sessions_reducer
