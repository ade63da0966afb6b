// SPDX-License-Identifier: MIT
// A training with augmentation on the device that stands in for a GPU: the device augments the images, and learns what
// the CPU learns from images that the set's threads augment.
#include <strata/cuda.hpp>
#include <strata/data/segmentation_set.hpp>

#include "../support/cuda/library.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/street_files.hpp"

namespace cuda_augmented_batches {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using namespace strata::testing;

namespace {

constexpr int height = 12, width = 20;
using Net = Network<Image<height, width, 3>, Conv<3, 8>, BatchNorm, ReLU, Conv<3, 11>, PixelSoftmax>;
using Plain = CudaWith<Fp32>;

struct Fixture {
  TemporaryFolder folder;
  SegmentationFiles files;
  Fixture() {
    write_segnet(folder.path(), 10, 3, height, width);
    files = open_segmentation(folder.path());
  }
};

constexpr Augmentation every{
    .reflect = true, .translate = 3, .scale_low = 0.7, .scale_high = 1.5, .brightness = 0.1, .contrast = 0.2};

struct Sets {
  SegmentationSet train, validation;
  Sets(const Fixture& f, const Augmentation& augmentation)
      : train(f.files.train, f.files.coding, f.files.classes, {height, width, 3},
              {.augmentation = augmentation, .queue = 3}),
        validation(f.files.validation, f.files.coding, f.files.classes, {height, width, 3},
                   {.augmentation = augmentation}) {}
};

TrainOptions options() {
  TrainOptions out;
  out.epochs = 3, out.batch = 4, out.optimizer = Sgd{.rate = 0.05}, out.input = Normalization::zscore;
  for (int c = 0; c < 11; c++) out.loss.class_weights.push_back(0.5f + 0.3f * float(c));
  return out;
}

struct Outcome {
  Run run;
  long changed = 0;   ///< batches that the device augmented
  Outside outside{};  ///< the color that its set shows out of view
};
template <class Backend>
Outcome trained(const Fixture& f, const Augmentation& augmentation, const TrainOptions& how) {
  Model<Net, Backend> model{{.seed = 4, .threads = 1}};
  Sets sets(f, augmentation);
  device::clear_log();
  Outcome out{train(model, sets, how)};
  const auto& ran = device::log().ran;
  out.changed = ran.count("augment_batch") ? ran.at("augment_batch") : 0;
  if (!augmentation.any()) return out;
  const std::int32_t first = 0;
  sets.train.begin_epoch(&first, 1, 1, true);
  out.outside = sets.train.batch(&first, 1).images.transforms[0].outside;
  return out;
}

void compare(const Run& gpu, const Run& cpu) {
  REQUIRE(gpu.history.size() == cpu.history.size());
  for (std::size_t i = 0; i < gpu.history.size(); i++) {
    CHECK(gpu.history[i].loss == doctest::Approx(cpu.history[i].loss).epsilon(1e-4));
    REQUIRE(gpu.history[i].validation_loss.has_value() == cpu.history[i].validation_loss.has_value());
    if (cpu.history[i].validation_loss)
      CHECK(*gpu.history[i].validation_loss == doctest::Approx(*cpu.history[i].validation_loss).epsilon(1e-4));
  }
}

}  // namespace

TEST_CASE("the losses are the CPU's, of every batch and of the validation") {
  const Fixture f;
  const Outcome cpu = trained<Cpu>(f, every, options()), gpu = trained<Plain>(f, every, options());
  CHECK(cpu.changed == 0);
  CHECK(gpu.changed == 9);
  compare(gpu.run, cpu.run);
  CHECK(gpu.outside != Outside{});  // z-score normalization: the mean
  CHECK(gpu.outside == cpu.outside);
  const Outcome plain = trained<Plain>(f, {}, options());
  CHECK(plain.changed == 0);
  CHECK(plain.run.history[0].loss != doctest::Approx(gpu.run.history[0].loss).epsilon(1e-3));
  check_no_violation();
}

TEST_CASE("divided by the weights of the labels in view, over all micro-batches of an update; recomputed statistics") {
  const Fixture f;
  TrainOptions weighed = options();
  weighed.loss.reduction = Loss::Reduction::weighted_mean;
  compare(trained<Plain>(f, every, weighed).run, trained<Cpu>(f, every, weighed).run);
  TrainOptions parts = options();
  parts.micro_batch = 3, parts.statistics = Statistics::population;
  const Outcome gpu = trained<Plain>(f, every, parts);
  CHECK(gpu.changed == 3 * 5 + 4);
  const Run cpu = trained<Cpu>(f, every, parts).run;
  compare(gpu.run, cpu);
  CHECK(gpu.run.validation.loss == doctest::Approx(cpu.validation.loss).epsilon(1e-4));
  check_no_violation();
}

}  // namespace cuda_augmented_batches
