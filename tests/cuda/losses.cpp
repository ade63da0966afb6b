// SPDX-License-Identifier: MIT
// The losses that a GPU computes, against PyTorch; the others are one sentence.
#include <strata/cuda.hpp>

#include "../golden/check_heads.hpp"
#include "../golden/check_losses.hpp"
#include "../support/cuda/library.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/refusal.hpp"

namespace cuda_losses {

using namespace strata;
using namespace strata::testing;
using Plain = CudaWith<Fp32>;

namespace {

template <class Net>
bool refused(const Dataset& data, const Loss& loss, const char* what) {
  return refuses(
      [&] {
        Model<Net, Plain> model{{.threads = 1}};
        train(model, data, {.epochs = 1, .batch = 3, .loss = loss});
      },
      what);
}

}  // namespace

TEST_CASE("losses of classes") { check_classes<Plain>(); }
TEST_CASE("losses of labels on scores that are enlarged") { check_enlarged<Plain>(); }
TEST_CASE("losses of values") { check_values<Plain>(); }
TEST_CASE("sums") { check_sums<Plain>(); }
TEST_CASE("several heads") {
  for (const int micro_batch : {0, 3}) check_policy_update<Plain>(micro_batch, 2e-4);
}

TEST_CASE("what the GPU does not compute is one sentence") {
  CHECK(refused<Values>(samples(golden::values), training::OwnLoss<log_cosh>{},
                        "the GPU does not compute the loss log_cosh"));
}

TEST_CASE("a set that is not in memory gives the targets that its loss needs") {
  struct Streamed {
    Dataset set;
    int count() const { return set.count(); }
    Batch batch(const std::int32_t* index, int n) const { return set.batch(index, n); }
  };
  Model<Values, Plain> model{{.threads = 1}};
  const training::TrainOptions options{
      .epochs = 1, .batch = 3, .loss = MeanSquaredError{}, .input = Normalization::none};
  CHECK(train(model, Streamed{samples(golden::values)}, options).status == training::Status::complete);
}

}  // namespace cuda_losses
