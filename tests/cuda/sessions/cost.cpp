// SPDX-License-Identifier: MIT
// The device memory that is predicted is what sessions use, except for workspaces and tables.
#include <strata/cuda.hpp>
#include <strata/cuda/sessions/cost.hpp>
#include <strata/train/sgd.hpp>

#include "../../support/cuda/library.hpp"
#include "../../support/cuda_backend.hpp"

namespace cuda_sessions_cost {

using namespace strata;
using namespace strata::core;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Network<Image<32, 48, 3>, Conv<3, 64>, BatchNorm, ReLU, MaxPool<2>, Conv<3, 128>, BatchNorm, ReLU,
                    Dense<10>, Softmax>;

constexpr int batch = 24;

/// The memory that the body holds at its end, relative to the prediction, minus 1.
template <class Body>
double beyond(const cuda::SessionBytes& said, Body&& body) {
  const long before = device::allocated_bytes();
  const auto held = body();
  return double(device::allocated_bytes() - before - said.total()) / double(said.total());
}

template <class Backend>
void check_costs() {
  Model<Net, Backend> model{{.seed = 1, .threads = 1}};
  Workers one(1);
  const Optimizer optimizer = Sgd{.momentum = 0.9};
  const std::vector<std::uint8_t> pixels(std::size_t(batch * Model<Net>::input.size()), 128);
  const std::vector<std::int32_t> labels(batch, 3);
  const Images images{.bytes = pixels.data(), .count = batch};
  const auto learned = [&](bool accumulate) {
    std::unique_ptr<Learner> learner = learner_of(model, batch, optimizer, accumulate);
    learner->put();
    learner->stage(images, {labels.data()});
    learner->launch({.accumulate = accumulate});
    learner->finish();
    return learner;
  };
  const double trained = beyond(cuda::training_bytes<Net, Backend>(batch, 1), [&] { return learned(false); });
  CHECK(trained >= 0);
  CHECK(trained < 0.15);
  const double accumulated = beyond(cuda::training_bytes<Net, Backend>(batch, 1, true), [&] { return learned(true); });
  CHECK(accumulated >= 0);
  CHECK(accumulated < 0.15);
  const double inferred = beyond(cuda::inference_bytes<Net, Backend>(batch), [&] {
    auto inference = std::make_unique<typename Backend::template Inference<Net>>(batch, one);
    inference->load(model.parameters().data(), model.buffers().data());
    Floats result(batch * 10);
    inference->run(images, result.data());
    return inference;
  });
  CHECK(inferred >= 0);
  CHECK(inferred < 0.15);
  MESSAGE(std::string(name(Backend::precision)), ": ", trained, " ", accumulated, " ", inferred);
}

}  // namespace

TEST_CASE("sessions hold what was estimated for them, in every precision") {
  check_costs<CudaWith<Tf32>>();
  check_costs<CudaWith<Fp16>>();
  check_costs<CudaWith<Bf16>>();
  check_no_violation();
}

}  // namespace cuda_sessions_cost
