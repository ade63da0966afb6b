// SPDX-License-Identifier: MIT
// Whole networks on the device that stands in for a GPU agree with the CPU back end: inference, a step, three updates;
// also where cuDNN fuses less into a graph. The graphs that run are read back from the JSON that cuDNN's front end
// makes of them.
#include <strata/cuda.hpp>
#include <strata/cuda/cudnn/cudnn_library.hpp>

#include <set>

#include "../support/cuda/library.hpp"
#include "../support/cuda/trained_networks.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::models;
using namespace strata::testing;

namespace {

struct ExactCpu : CpuWith<Exact> {};

template <class Net, class Backend>
struct Trained {
  std::vector<float> parameters, buffers, gradients, result;
  StepResult sums;
};

/// Runs training steps with small updates by momentum, then an inference.
template <class Net, class Backend>
Trained<Net, Backend> trained(const reference::RandomData& data, int steps) {
  Workers one(1);
  Trained<Net, Backend> t{data.parameters, data.buffers, std::vector<float>(data.parameters.size()), {}, {}};
  {
    typename Backend::template Training<Net> training(data.count, one);
    std::vector<float> velocity(data.parameters.size());
    for (int step = 0; step < steps; step++) {
      t.sums = training.step(t.parameters.data(), t.buffers.data(), data.image_view(), data.label_view(),
                             t.gradients.data(), {.seed = 5});
      for (std::size_t i = 0; i < velocity.size(); i++) {
        velocity[i] = 0.9f * velocity[i] + t.gradients[i];
        t.parameters[i] -= 1e-4f * velocity[i];
      }
    }
  }
  typename Backend::template Inference<Net> inference(data.count, one);
  inference.load(t.parameters.data(), t.buffers.data());
  t.result.resize(std::size_t(data.count * output_shape<Net>.size()));
  inference.run(data.image_view(), t.result.data());
  return t;
}

/// Gradients are compared only after the first step, whose data stays away from the kinks of ReLUs: where an update has
/// moved a number across a kink, roundings make the gradients differ.
template <class Net, class A, class B>
void check_same(const Trained<Net, A>& given, const Trained<Net, B>& expected, int steps) {
  const auto close = [](const std::vector<float>& a, const std::vector<float>& b, double bound) {
    CHECK(relative_distance(a.data(), b.data(), long(a.size())) <= bound);
  };
  CHECK(given.sums.loss == doctest::Approx(expected.sums.loss).epsilon(1e-4));
  CHECK(given.sums.counted == expected.sums.counted);
  close(given.parameters, expected.parameters, 1e-4);
  close(given.buffers, expected.buffers, 1e-4);
  if (steps == 1) close(given.gradients, expected.gradients, 2e-3);
  close(given.result, expected.result, 1e-3);
}

struct Half : CudaWith<Fp16> {};

/// From now on, graphs that contain `operation` have no plan.
void refuse(cuda::GraphOp operation) {
  graphs_refused() = [=](const cuda::GraphDescription& graph) {
    for (const cuda::GraphOperation& o : graph.operations)
      if (o.op == operation) return "refused";
    return "";
  };
}

template <class Net>
void check_network(int images, int steps) {
  graph_writer() = cuda::serialized;
  const reference::RandomData data = reference::smooth_data<Net>(images);
  for (const int made : std::set<int>{1, steps})
    check_same(trained<Net, Gpu>(data, made), trained<Net, ExactCpu>(data, made), made);
  check_no_violation();
}

}  // namespace

TEST_CASE("digits, three updates, with each fusion refused in turn") {
  for (const cuda::GraphOp refused : {cuda::GraphOp::multiply, cuda::GraphOp::add}) {
    refuse(refused);
    check_network<Digits<>>(5, 3);
  }
  graphs_refused() = nullptr;
  check_network<Digits<>>(5, 3);
}
TEST_CASE("DeepLabv3+ as torchvision has it, three updates") { check_network<Street<TorchvisionLike>>(2, 3); }
TEST_CASE("DeepLabv3+ as MATLAB has it, without prologues in graphs") {
  refuse(cuda::GraphOp::multiply);
  check_network<Street<MatlabLike>>(1, 1);
  graphs_refused() = nullptr;
}
TEST_CASE("a residual network, three updates, with the joins of its gradients refused in turn") {
  for (const cuda::GraphOp refused : {cuda::GraphOp::relu_gradient, cuda::GraphOp::add}) {
    refuse(refused);
    check_network<Residuals<9, 10>>(3, 3);
  }
  graphs_refused() = nullptr;
  check_network<Residuals<9, 10>>(3, 3);
}

TEST_CASE("in fp16, where graphs do most, they are as close to the CPU as bare products") {
  graph_writer() = cuda::serialized;
  using Net = Residuals<5, 6>;
  const reference::RandomData data = reference::smooth_data<Net>(1, 2e-3, 500);  // rounding crosses no kink
  const auto expected = trained<Net, ExactCpu>(data, 1);
  const auto distance_of = [&](bool bare) {
    std::set<cuda::GraphOp> seen;
    graphs_refused() = [&, bare](const cuda::GraphDescription& graph) {
      if (bare && graph.operations.size() > 1) return "refused";
      for (const cuda::GraphOperation& o : graph.operations) seen.insert(o.op);
      return "";
    };
    const auto given = trained<Net, Half>(data, 1);
    graphs_refused() = nullptr;
    check_no_violation();
    for (const auto op :
         {cuda::GraphOp::statistics, cuda::GraphOp::reductions, cuda::GraphOp::multiply, cuda::GraphOp::relu_gradient})
      CHECK(seen.contains(op) == !bare);
    return relative_distance(given.gradients.data(), expected.gradients.data(), long(expected.gradients.size()));
  };
  const double fused = distance_of(false), bare = distance_of(true);
  MESSAGE("gradients: ", fused, " vs. graphs of one product ", bare);
  CHECK(fused < 4e-3);  // four fp16 roundings
  CHECK(bare < 4e-3);
}
