// SPDX-License-Identifier: MIT
// The evaluation of a batch by the device's kernels, against metrics/metrics.hpp on the same probabilities.
#include <strata/cuda/kernels/tally.hpp>
#include <strata/metrics/metrics.hpp>

#include "../../support/cuda/kernel_check.hpp"

namespace cuda_kernels_tally {

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

namespace {

/// Probabilities that sometimes tie or vanish, and labels of which some are no class.
struct Batch {
  Shape scores;
  int count;
  Maps probabilities;
  std::vector<std::int32_t> labels;
  std::vector<float> weights;

  Batch(Shape s, int n, Element e) : scores(s), count(n), probabilities(s, n) {
    Random random{21, 0};
    for (double& p : probabilities.values) p = rounded_to(e, double(random.below(9)) / 8);
    for (long i = 0; i < long(n) * s.pixels(); i++)
      labels.push_back(std::int32_t(random.below(std::uint64_t(s.channels) + 1)) - 1);
    for (int c = 0; c < s.channels; c++) weights.push_back(0.5f + float(c % 4));
  }
};

metrics::Evaluation expected(const Batch& b) {
  metrics::Evaluation out;
  out.confusion = metrics::Confusion(b.scores.channels);
  std::vector<float> floats(b.probabilities.values.size());
  for_each_element(b.probabilities, [&](long device, long own) {
    floats[std::size_t(device)] = float(b.probabilities.values[std::size_t(own)]);
  });
  metrics::detail::tally(out, floats.data(), b.labels.data(), long(b.labels.size()), b.weights.data());
  return out;
}

void check(const Batch& b, Element e, cuda::DeviceLabels labels) {
  Bytes memory = upload(b.probabilities, e);
  Workspace workspace(cuda::tally_workspace_bytes(b.scores));
  cuda::TallySums sums{1, 2, 3};  // of an earlier batch
  std::vector<long long> confusion(std::size_t(b.scores.channels) * std::size_t(b.scores.channels), 7);
  cuda::run_tally({.element = e,
                   .batch = b.count,
                   .scores = b.scores,
                   .probabilities = memory.data(),
                   .labels = labels,
                   .class_weights = b.weights.data(),
                   .sums = &sums,
                   .confusion = confusion.data(),
                   .workspace = workspace.data()});
  CHECK(workspace.is_intact());
  const metrics::Evaluation wanted = expected(b);
  CHECK(sums.loss == doctest::Approx(wanted.loss).epsilon(1e-12));
  CHECK(sums.weight == doctest::Approx(wanted.weight).epsilon(1e-12));
  CHECK(sums.counted == wanted.counted);
  CHECK(std::equal(confusion.begin(), confusion.end(), wanted.confusion.counts.begin()));
}

}  // namespace

TEST_CASE("the loss and the confusion of a batch, in every element type") {
  for (const Shape scores : {Shape{1, 1, 10}, Shape{3, 5, 11}, Shape{70, 90, 3}})
    for_each_kind([&](Element e, int batch) {
      const Batch b(scores, batch, e);
      check(b, e, b.labels.data());
      std::vector<std::uint8_t> bytes(b.labels.begin(), b.labels.end());
      check(b, e, bytes.data());
    });
}

TEST_CASE("many classes have fewer parts, and labels that are ints") {
  static_assert(cuda::kernels::tally_parts(11) == 4096);
  static_assert(cuda::kernels::tally_parts(400) == 32);
  const Batch b({4, 6, 300}, 2, Element::fp32);
  check(b, Element::fp32, b.labels.data());
}

TEST_CASE("a probability that is not a number makes the loss none") {
  Batch b({1, 2, 3}, 1, Element::fp32);
  b.labels = {1, 2};
  b.probabilities.values.assign(6, std::numeric_limits<double>::quiet_NaN());
  Bytes memory = upload(b.probabilities, Element::fp32);
  Workspace workspace(cuda::tally_workspace_bytes(b.scores));
  cuda::TallySums sums;
  std::vector<long long> confusion(9);
  cuda::run_tally({.batch = 1,
                   .scores = b.scores,
                   .probabilities = memory.data(),
                   .labels = b.labels.data(),
                   .class_weights = b.weights.data(),
                   .sums = &sums,
                   .confusion = confusion.data(),
                   .workspace = workspace.data()});
  CHECK(std::isnan(sums.loss));
  CHECK(sums.counted == 2);
}

}  // namespace cuda_kernels_tally
