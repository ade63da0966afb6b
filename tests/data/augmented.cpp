// SPDX-License-Identifier: MIT
#include <strata/data/augmented.hpp>

#include <doctest/doctest.h>

#include <strata/cpu/cpu.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/trainer.hpp>

#include <atomic>
#include <cmath>
#include <numeric>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using namespace strata::testing;

namespace {

constexpr Shape small{6, 5, 3};
constexpr int samples = 12, classes_of_small = 3;
const std::vector<std::int32_t> some_order{3, 9, 0, 1, 7, 11, 2, 8, 5, 10, 4, 6};
constexpr Augmentation everything{.reflect = true,
                                  .translate = 1,
                                  .brightness = 0.2,
                                  .crop_low = 0.5,
                                  .rotate = 15,
                                  .saturation = 0.4,
                                  .hue = 0.1,
                                  .cutout = 2,
                                  .mixup = 0.4};

/// Images whose brightest channel is their label.
Dataset small_images(bool floats = false) {
  std::vector<std::uint8_t> bytes(std::size_t(samples * small.size()));
  std::vector<std::int32_t> labels;
  for (int i = 0; i < samples; i++) labels.push_back(i % classes_of_small);
  for (std::size_t i = 0; i < bytes.size(); i++) {
    const bool own = int(i % 3) == labels[i / std::size_t(small.size())];
    bytes[i] = std::uint8_t((own ? 120 : 20) + int(mix(1, i) % 80));
  }
  if (!floats) return Dataset(small, std::move(bytes), std::move(labels));
  std::vector<float> numbers(bytes.begin(), bytes.end());
  for (float& x : numbers) x /= 255;
  return Dataset(small, std::move(numbers), std::move(labels));
}

using Classifier = Network<Image<6, 5, 3>, Dense<3>, Softmax>;

struct Epoch {
  std::vector<float> pixels, targets;
  bool operator==(const Epoch&) const = default;
};
void append(const Batch& batch, Shape shape, Epoch& out) {
  for (int i = 0; i < batch.images.count; i++) {
    const long at = batch.images.row(i) * shape.size(), of_one = batch.labels.per_image,
               row = batch.labels.row(i) * of_one;
    for (long k = 0; k < shape.size(); k++)
      out.pixels.push_back(batch.images.bytes ? float(batch.images.bytes[at + k]) : batch.images.floats[at + k]);
    for (long k = 0; k < of_one; k++)
      out.targets.push_back(batch.labels.floats ? batch.labels.floats[row + k] : float(batch.labels.values[row + k]));
  }
}
Epoch epoch_of(Augmented& set, std::uint64_t seed, int batch, int first = 0) {
  set.begin_epoch(some_order.data(), samples, seed);
  Epoch out;
  for (int n = 0; first < samples; first += n) {
    n = std::min(batch, samples - first);
    append(set.batch(some_order.data() + first, n), set.shape(), out);
  }
  return out;
}

}  // namespace

TEST_CASE("an epoch is the same for any threads, queue and batch, and differs with the seed") {
  for (const bool floats : {false, true}) {
    const Dataset images = small_images(floats);
    Augmented plain(images, {.augmentation = everything, .classes = 3, .threads = 0});
    const Epoch expected = epoch_of(plain, 5, 4);
    Epoch unchanged;
    append(images.batch(some_order.data(), samples), small, unchanged);
    CHECK(expected.pixels != unchanged.pixels);
    for (const int threads : {1, 3})
      for (const int queue : {1, 3, 64})
        for (const int batch : {1, 5, 12}) {
          Augmented set(images, {.augmentation = everything, .classes = 3, .threads = threads, .queue = queue});
          CHECK(epoch_of(set, 5, batch) == expected);
          CHECK(epoch_of(set, 6, batch) != expected);
          const Epoch rest = epoch_of(set, 5, batch, 7);  // entered in the middle
          CHECK(std::equal(rest.pixels.begin(), rest.pixels.end(), expected.pixels.begin() + 7 * small.size()));
        }
    Augmented off(images);
    CHECK(epoch_of(off, 5, 5) == unchanged);
  }
}

TEST_CASE("batches that were not announced are the images, with targets as those of an epoch") {
  const Dataset images = small_images();
  Augmented set(images, {.augmentation = everything, .classes = 3, .threads = 1});
  const Batch all = set.batch(nullptr, samples);
  CHECK(all.images.bytes == images.bytes(0));
  CHECK(all.labels.per_image == 3);
  CHECK(all.labels.floats[all.labels.row(1) * 3 + 1] == 1);
  CHECK(all.labels.floats[all.labels.row(1) * 3 + 0] == 0);
  CHECK(set.has_float_targets());
  CHECK(!Augmented(images).has_float_targets());
  CHECK(Augmented(images).batch(nullptr, 2).labels.values[1] == 1);
}

TEST_CASE("mixup: a share of both, in images and targets; ignored samples stay out of it") {
  // Images of one value, which is 10 times the label.
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < samples; i++) labels.push_back(i == 4 ? -1 : i), bytes.push_back(std::uint8_t(10 * i));
  Augmented set(Dataset({1, 1, 1}, bytes, labels), {.augmentation = {.mixup = 1}, .classes = samples, .threads = 2});
  const Epoch mixed = epoch_of(set, 3, samples);
  int pure = 0, ignored = 0;
  for (int i = 0; i < samples; i++) {
    double sum = 0, expected = 0;
    for (int c = 0; c < samples; c++) {
      const double t = double(mixed.targets[std::size_t(i * samples + c)]);
      sum += t, expected += 10 * c * t, pure += t == 1, ignored += std::isnan(t);
    }
    if (some_order[std::size_t(i)] == 4) {
      CHECK(mixed.pixels[std::size_t(i)] == 40);
    } else {
      CHECK(std::abs(sum - 1) < 1e-6);
      CHECK(std::abs(double(mixed.pixels[std::size_t(i)]) - expected) < 0.51);
    }
  }
  CHECK(ignored == samples);  // the targets of image 4
  CHECK(pure < samples / 2);
  // Shares are those of the distribution: mean 1/2, variance 1 / (4 (2 alpha + 1)).
  for (const double alpha : {0.2, 1.0, 4.0}) {
    double sum = 0, squares = 0;
    constexpr int draws = 20000;
    for (std::uint64_t i = 0; i < draws; i++) {
      const Mixture m = draw_mixture(alpha, 5, 7, i);
      REQUIRE((m.share >= 0 && m.share <= 1 && m.other >= 0 && m.other < 5));
      sum += m.share, squares += (m.share - 0.5) * (m.share - 0.5);
    }
    CHECK(std::abs(sum / draws - 0.5) < 0.02);
    CHECK(std::abs(squares / draws * 4 * (2 * alpha + 1) - 1) < 0.05);
  }
  CHECK(draw_mixture(1e-9, 5, 1, 1).share >= 0);
}

TEST_CASE("labels of pixels and floats of pixels move along; out of view they do not count") {
  constexpr Shape shape{3, 4, 1};
  std::vector<std::uint8_t> bytes(12);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t(1));
  const std::vector<std::int32_t> labels(bytes.begin(), bytes.end()), one{0};
  std::vector<float> maps;
  for (const std::uint8_t b : bytes) maps.insert(maps.end(), {float(b), float(100 + b)});
  const AugmentedOptions options{.augmentation = {.reflect = true, .translate = 2}, .threads = 0};
  Augmented by_label(Dataset(shape, bytes, labels, 12), options), by_map(Dataset(shape, bytes, maps, 24), options);
  const std::int32_t first = 0;
  for (std::uint64_t seed = 0; seed < 20; seed++) {
    by_label.begin_epoch(&first, 1, seed), by_map.begin_epoch(&first, 1, seed);
    const Batch a = by_label.batch(&first, 1), b = by_map.batch(&first, 1);
    int wrong = 0;
    for (int p = 0; p < 12; p++) {
      const int pixel = a.images.bytes[p];
      wrong += a.labels.values[p] != (pixel ? pixel : -1);
      const float x = b.labels.floats[2 * p], y = b.labels.floats[2 * p + 1];
      wrong += pixel ? x != float(pixel) || y != float(100 + pixel) : !std::isnan(x) || !std::isnan(y);
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("out of view, bytes and floats are what the input makes 0, once a training has said so") {
  const AugmentedOptions hidden{.augmentation = {.cutout = 60}, .threads = 0};
  const auto filled = [&](const Dataset& images) {
    Augmented set(images, hidden);
    set.fill_outside(Outside{9, 8, 7});
    set.fill_outside(OutsideFloats{0.5f, 0.25f, 0.125f});
    return epoch_of(set, 1, samples).pixels;
  };
  const std::vector<float> bytes = filled(small_images()), floats = filled(small_images(true));
  int wrong = 0;
  for (std::size_t i = 0; i < bytes.size(); i++)
    wrong += bytes[i] != float(9 - int(i % 3)) || floats[i] != 0.5f / float(1 << i % 3);
  CHECK(wrong == 0);
  const Dataset images = small_images(true);
  Augmented set(images, hidden);
  Model<Classifier> model{{.seed = 3, .threads = 1}};
  train(model, set, {.epochs = 1, .batch = 4});
  double mean = 0;
  for (long i = 0; i < samples * small.size(); i += 3) mean += double(images.floats(0)[i]);
  CHECK(double(epoch_of(set, 1, samples).pixels[0]) == doctest::Approx(mean / (samples * small.pixels())));
}

TEST_CASE("what does not fit the set is refused") {
  const Dataset images = small_images();
  const auto made = [](const Dataset& set, const AugmentedOptions& options) {
    return [set, options] { Augmented(set, options); };
  };
  CHECK(refuses(made(images, {.augmentation = {.mixup = 1}}), "classes is 0", "give the number of classes"));
  CHECK(refuses(made(images, {.augmentation = {.mixup = 1}, .classes = 2}), "image 2 has the label 2", "2 classes"));
  CHECK(refuses(made(images, {.augmentation = {.rotate = -1}}), "rotate is -1"));
  CHECK(refuses(made(images, {.queue = 0}), "queue is 0"));
  CHECK(refuses(made(images, {.threads = 257}), "threads 257"));
  const Dataset gray({1, 2, 1}, std::vector<float>{0.5f, 17}, {0}),
      two({1, 3, 1}, std::vector<float>{0, 1, 2}, {0, 1}, 2);
  CHECK(refuses(made(gray, {.augmentation = {.hue = 0.1}}), "1 channel;"));
  CHECK(refuses(made(gray, {.augmentation = {.contrast = 0.1}}), "image 0 holds 17", "from 0 to 1"));
  CHECK(refuses(made(two, {.augmentation = {.reflect = true}}), "2 labels each", "cannot move along"));
  CHECK(refuses(made(two, {.augmentation = {.mixup = 1}, .classes = 2}), "mixup takes one label per image"));
  CHECK(refuses(made(two, {.augmentation = {.crop_low = 0.5}}), "signals of one row", "leave these options out"));
  const Dataset vectors({1, 1, 2}, std::vector<float>{0, 1}, {0});
  CHECK(refuses(made(vectors, {.augmentation = {.translate = 1}}), "vectors mixed"));
  CHECK(Augmented(vectors, {.augmentation = {.mixup = 1}, .classes = 1}).count() == 1);
  CHECK(Augmented(Dataset(), {.augmentation = everything}).batch(nullptr, 0).images.count == 0);
  Augmented set(images);
  const std::int32_t wrong[] = {0, samples};
  CHECK(refuses([&] { set.begin_epoch(wrong, 2, 1); }, "sample 12 of 12"));
  CHECK(refuses([&] { set.batch(wrong, 2); }, "sample 12 of 12"));
}

TEST_CASE("a training learns from mixed images, and continues in the middle of an epoch with the same bits") {
  const TemporaryFolder folder;
  const Splits splits{"small", 3, small_images(), small_images(), {}};
  const auto trained = [&](const Augmentation& a, int threads, Resume resume, long stop_at) {
    AugmentedSplits data = augmented(splits, {.augmentation = a, .threads = threads, .queue = 4});
    std::atomic<bool> stop{false};
    auto watch = [&](const Progress& p) { stop = stop || p.run.iterations == stop_at; };
    Model<Classifier> model{{.seed = 3, .threads = 1}};
    const Run run =
        train(model, data,
              {.epochs = 12,
               .batch = 5,
               .checkpoints = {.path = folder / "c", .every_epochs = 0, .every_iterations = 5, .resume = resume},
               .observer = observe(watch),
               .stop = &stop});
    return std::pair(run, std::vector<float>(model.parameters().begin(), model.parameters().end()));
  };
  const auto [whole_run, whole_model] = trained(everything, 2, Resume::no, -1);
  CHECK(whole_run.status == Status::complete);
  CHECK(whole_run.validation.accuracy > 0.9);
  CHECK(trained(everything, 0, Resume::no, 11).first.status == Status::interrupted);
  CHECK(trained(everything, 3, Resume::yes, -1).second == whole_model);
  // Another augmentation is another training.
  (void)trained(everything, 0, Resume::no, 11);
  Augmentation other = everything;
  other.rotate = 16;
  CHECK(refuses([&] { trained(other, 0, Resume::yes, -1); }, "augmentation.rotate", "15", "16"));
}
