// SPDX-License-Identifier: MIT
// The loss factor that keeps gradients in fp16's range: how it moves, and that an update with out-of-range gradients
// changes nothing.
#include <strata/cuda.hpp>

#include "../support/cuda_backend.hpp"
#include "../support/digit_set.hpp"
#include "../support/temporary_folder.hpp"

namespace cuda_loss_factor {

using namespace strata;
using namespace strata::cuda;
using namespace strata::data;
using namespace strata::training;
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
  CHECK(factor.value() == 1);  // never below 1: then the range is not the problem
}

TEST_CASE("other precisions have none") {
  LossFactor none(false);
  none.updated(true);
  for (int i = 0; i < 2000; i++) none.updated(false);
  CHECK(none.value() == 1);
}

TEST_CASE("restored, it continues where it was") {
  LossFactor factor(true), later(true), begun(true), none(false);
  factor.updated(true);
  for (int i = 0; i < 400; i++) factor.updated(false);
  later.restore(factor.value(), factor.in_range());
  for (int i = 0; i < 600; i++) later.updated(false);
  CHECK(later.value() == 65536);
  begun.restore(0, 0);  // from a checkpoint without a factor
  CHECK(begun.value() == 65536);
  none.restore(1024, 5);
  CHECK(none.value() == 1);
}

TEST_CASE("an update out of range is skipped, and the training goes on with a smaller factor") {
  Dataset set = digit_set(64, 10);
  TrainOptions options;
  options.epochs = 1, options.batch = 64, options.optimizer = Adam{.rate = 5e-3};
  options.loss.reduction = Loss::Reduction::sum;
  options.loss.class_weights.assign(10, 4.f);  // gradients of scores up to 4 x 65536, and fp16 ends at 65504
  Model<Net, CudaWith<Fp16>> model{{.seed = 3, .threads = 1}};
  const std::vector<float> before(model.parameters().begin(), model.parameters().end());
  CHECK(train(model, set, options).status == Status::complete);
  CHECK(std::vector<float>(model.parameters().begin(), model.parameters().end()) == before);
  options.epochs = 40;
  const Run run = train(model, set, options);
  CHECK(run.status == Status::complete);
  CHECK(run.train_loss < run.history.front().loss / 2);
  check_no_violation();
}

TEST_CASE("stopped and resumed in fp16: every bit as if never stopped") {
  using Half = CudaWith<Fp16>;
  const TemporaryFolder folder;
  TrainOptions options;
  options.epochs = 5, options.batch = 16, options.optimizer = Adam{.rate = 5e-3};
  options.loss.reduction = Loss::Reduction::sum;
  options.loss.class_weights.assign(10, 4.f);  // the first updates are out of range, and the factor falls
  const auto trained = [&](Model<Net, Half>& model, const TrainOptions& own) {
    Dataset set = digit_set(64, 10);
    return train(model, set, own);
  };
  Model<Net, Half> through{{.seed = 3, .threads = 1}};
  const std::vector<float> before(through.parameters().begin(), through.parameters().end());
  CHECK(trained(through, options).status == Status::complete);
  const std::vector<float> expected(through.parameters().begin(), through.parameters().end());
  CHECK(expected != before);

  options.checkpoints = {.path = folder / "checkpoint", .every_epochs = 1};
  TrainOptions first = options;
  std::atomic<bool> stop = false;
  first.stop = &stop;
  auto watch = [&](const Progress& p) {
    if (p.event == Event::iteration && p.run.iterations == 7) stop = true;
  };
  first.observer = observe(watch);
  Model<Net, Half> model{{.seed = 3, .threads = 1}}, resumed{{.seed = 3, .threads = 1}};
  CHECK(trained(model, first).status == Status::interrupted);
  options.checkpoints.resume = Resume::yes;
  CHECK(trained(resumed, options).status == Status::complete);
  CHECK(std::vector<float>(resumed.parameters().begin(), resumed.parameters().end()) == expected);
  CHECK(std::ranges::equal(resumed.buffers(), through.buffers()));
  check_no_violation();
}

}  // namespace cuda_loss_factor
