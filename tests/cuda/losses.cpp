// SPDX-License-Identifier: MIT
// The losses that a GPU computes, against PyTorch; the others are one sentence.
#include <strata/cuda.hpp>

#include "../golden/check_losses.hpp"
#include "../support/cuda/library.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/refusal.hpp"

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

TEST_CASE("losses of labels") { check_labels<Plain>(); }
TEST_CASE("losses of labels on scores that are enlarged") { check_enlarged_labels<Plain>(); }
TEST_CASE("losses of values") { check_values<Plain>(); }
TEST_CASE("sums") { check_sums<Plain>(); }

TEST_CASE("what the GPU does not compute is one sentence") {
  CHECK(refused<Classes>(samples(golden::labels), Dice{}, "the GPU does not compute the loss Dice"));
  CHECK(refused<Classes>(samples(golden::shares), KullbackLeibler{},
                         "the GPU does not compute the loss KullbackLeibler"));
  CHECK(refused<Values>(samples(golden::values), training::OwnLoss<log_cosh>{},
                        "the GPU does not compute the loss log_cosh"));
  CHECK(refused<Classes>(samples(golden::shares), {},
                         "the samples have floats, but the loss of this session takes labels"));
}
