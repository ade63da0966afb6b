// SPDX-License-Identifier: MIT
// evaluate() on the device that stands in for a GPU: what the CPU finds, without the probabilities on the host.
#include <strata/cuda.hpp>

#include "../../support/cuda/library.hpp"
#include "../../support/cuda_backend.hpp"
#include "../../support/digit_set.hpp"
#include "../../support/street_files.hpp"

#include <strata/data/segmentation_set.hpp>

namespace cuda_sessions_tally {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using namespace strata::testing;

namespace {

constexpr int height = 12, width = 20;
using Map = Network<Image<height, width, 3>, Conv<3, 8>, ReLU, Conv<3, 11>, PixelSoftmax>;
using Digit = Digits<8, 16, 32>;

template <class Net, class Backend, class Set>
metrics::Evaluation evaluated(Set& set, const EvaluateOptions& options) {
  Model<Net, Backend> model{{.seed = 4, .threads = 1}};
  model.evaluation_batch(4);
  return evaluate(model, set, options);
}

template <class Net, class Backend, class Set>
void check(Set& set) {
  std::vector<float> weights;
  for (int c = 0; c < Model<Net>::output.channels; c++) weights.push_back(0.5f + 0.3f * float(c));
  for (const EvaluateOptions& options :
       {EvaluateOptions{}, EvaluateOptions{weights, false}, EvaluateOptions{weights, true}}) {
    const metrics::Evaluation wanted = evaluated<Net, Cpu>(set, options);
    device::clear_log();
    const metrics::Evaluation given = evaluated<Net, Backend>(set, options);
    CHECK(given.loss == doctest::Approx(wanted.loss).epsilon(1e-5));
    CHECK(given.weight == doctest::Approx(wanted.weight).epsilon(1e-12));
    CHECK(given.counted == wanted.counted);
    CHECK(given.confusion.counts == wanted.confusion.counts);
    CHECK(given.accuracy == wanted.accuracy);
    const long batches = (set.count() + 3) / 4, classes = Model<Net>::output.channels;
    CHECK(device::log().ran.at("tally") == batches);
    CHECK(device::log().bytes_to_host == batches * (24 + 8 * classes * classes));
  }
  check_no_violation();
}

}  // namespace

TEST_CASE("labels per pixel, as bytes that a set decoded") {
  const TemporaryFolder folder;
  write_segnet(folder.path(), 10, 3, height, width);
  const SegmentationFiles files = open_segmentation(folder.path());
  SegmentationSet set(files.train, files.coding, files.classes, {height, width, 3}, {.decoder_threads = 0});
  REQUIRE(set.labels_below() == 11);
  check<Map, CudaWith<Fp32>>(set);
}

TEST_CASE("labels per image, in memory, by node and by one kernel for the whole network") {
  Dataset set = digit_set(22, 10);
  check<Digit, Gpu>(set);
  check<Digit, CudaWith<Fp32>>(set);
}

}  // namespace cuda_sessions_tally
