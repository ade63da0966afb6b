// SPDX-License-Identifier: MIT
// The factor that keeps gradients in fp16's range: how it moves, and that an update whose gradients left the range changes nothing.
#include <strata/cuda.hpp>

#include "../support/cuda_backend.hpp"
#include "../support/digit_set.hpp"

using namespace strata;
using namespace strata::testing;

using Net = Digits<8, 16, 32>;

TEST_CASE("halved by an overflow, doubled after a thousand updates without one") {
  LossFactor factor(true);
  CHECK(factor.value() == 65536);
  factor.updated(true);
  factor.updated(true);
  CHECK(factor.value() == 16384);
  for (int i = 0; i < 999; i++) factor.updated(false);
  CHECK(factor.value() == 16384);
  factor.updated(false);
  CHECK(factor.value() == 32768);
  for (int i = 0; i < 100; i++) factor.updated(true);
  CHECK(factor.value() == 1);  // never below: then it is no matter of range
}

TEST_CASE("other precisions have none") {
  LossFactor none(false);
  none.updated(true);
  for (int i = 0; i < 2000; i++) none.updated(false);
  CHECK(none.value() == 1);
}

TEST_CASE("an update out of range is skipped, and the training goes on with a smaller factor") {
  Dataset set = digit_set(64, 10);
  TrainOptions options;
  options.epochs = 1, options.batch = 64, options.optimizer = Adam{.rate = 5e-3};
  options.loss.reduction = Loss::Reduction::sum;
  options.loss.class_weights.assign(10, 4.f);  // gradients of scores up to 4 x 65536, and fp16 ends at 65504
  Model<Net, CudaWith<Fp16>> model(seed{3}, threads{1});
  const std::vector<float> before(model.parameters(), model.parameters() + Model<Net>::parameter_floats);
  CHECK(train(model, set, options).status == Status::complete);
  CHECK(std::vector<float>(model.parameters(), model.parameters() + Model<Net>::parameter_floats) == before);
  options.epochs = 40;
  const Run run = train(model, set, options);
  CHECK(run.status == Status::complete);
  CHECK(run.train_loss < run.history.front().loss / 2);
  check_no_violation();
}
