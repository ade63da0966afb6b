// SPDX-License-Identifier: MIT
// Whole networks on the device that stands in for a GPU agree with the CPU back end: inference, a step, three updates; and so they
// do where cuDNN takes less into a graph. The graphs that run are read back from the JSON that cuDNN's front end makes of them.
#include <strata/cuda.hpp>
#include <strata/cuda/cudnn_library.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

#include "../support/cuda/library.hpp"
#include "../support/cuda_backend.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

template <class Variant>
using Street = DeepLabv3Plus<Image<32, 48, 3>, 5, Variant>;

struct ExactCpu : CpuWith<Exact> {};

template <class Net, class Backend>
struct Trained {
  std::vector<float> parameters, buffers, gradients, result;
  StepResult sums;
};

/// Steps with updates by momentum, small ones: across a kink of a ReLU two roundings part. Then an inference.
template <class Net, class Backend>
Trained<Net, Backend> trained(const reference::RandomData& data, int steps) {
  Workers one(1);
  Trained<Net, Backend> t{data.parameters, data.buffers, std::vector<float>(data.parameters.size()), {}, {}};
  {
    typename Backend::template Training<Net> training(data.count, one);
    std::vector<float> velocity(data.parameters.size());
    for (int step = 0; step < steps; step++) {
      t.sums = training.step(t.parameters.data(), t.buffers.data(), data.image_view(), data.label_view(), t.gradients.data(), {.seed = 5});
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

template <class Net, class A, class B>
void check_same(const Trained<Net, A>& given, const Trained<Net, B>& expected) {
  const auto close = [](const std::vector<float>& a, const std::vector<float>& b, double bound) {
    CHECK(relative_distance(a.data(), b.data(), long(a.size())) <= bound);
  };
  CHECK(given.sums.loss == doctest::Approx(expected.sums.loss).epsilon(1e-4));
  CHECK(given.sums.counted == expected.sums.counted);
  close(given.parameters, expected.parameters, 1e-4);
  close(given.buffers, expected.buffers, 1e-4);
  close(given.gradients, expected.gradients, 2e-3);
  close(given.result, expected.result, 1e-3);
}

/// The graphs that hold `operation` beside a product have no plan.
void refuse(cuda::GraphOp operation) {
  graphs_refused() = [=](const cuda::GraphDescription& graph) {
    for (const cuda::GraphOperation& o : graph.operations)
      if (o.op == operation) return "refused";
    return "";
  };
}

template <class Net>
void check_network(int images, int steps) {
  graph_writer() = cuda::serialised;
  const reference::RandomData data = reference::smooth_data<Net>(images);
  const auto expected = trained<Net, ExactCpu>(data, steps);
  check_same(trained<Net, Gpu>(data, steps), expected);
  check_no_violation();
}

}  // namespace

TEST_CASE("digits, three updates, with each fusion refused in turn") {
  for (const cuda::GraphOp refused : {cuda::GraphOp::multiply, cuda::GraphOp::statistics, cuda::GraphOp::add}) {
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
