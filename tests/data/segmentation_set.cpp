// SPDX-License-Identifier: MIT
#include <strata/data/segmentation_set.hpp>

#include <doctest/doctest.h>

#include <limits>

#include <strata/cpu/cpu.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/trainer.hpp>

#include <numeric>

#include "../support/exif.hpp"
#include "../support/jpeg.hpp"
#include "../support/png_kinds.hpp"
#include "../support/refusal.hpp"
#include "../support/street_files.hpp"
#include "../support/tolerance.hpp"

namespace data_segmentation_set {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using namespace strata::testing;

namespace {

constexpr int height = 12, width = 20, pixels = height * width;
constexpr Augmentation street{.reflect = true, .translate = 3};

struct Fixture {
  TemporaryFolder folder;
  SegmentationFiles files;
  explicit Fixture(int count = 10) {
    write_segnet(folder.path(), count, 2, height, width);
    files = open_segmentation(folder.path());
  }
  SegmentationSet set(const SetOptions& options = {}) const {
    return SegmentationSet(files.train, files.coding, files.classes, {height, width, 3}, options);
  }
};

struct Numbers {
  std::vector<std::uint8_t> images;
  std::vector<std::int32_t> labels;
  bool operator==(const Numbers&) const = default;
};
Numbers numbers_of(const Batch& batch) {
  Numbers out;
  for (int i = 0; i < batch.images.count; i++) {
    const std::uint8_t* image = batch.images.bytes + batch.images.row(i) * pixels * 3;
    const std::int32_t* labels = batch.labels.values + batch.labels.row(i) * pixels;
    out.images.insert(out.images.end(), image, image + pixels * 3),
        out.labels.insert(out.labels.end(), labels, labels + pixels);
  }
  return out;
}

/// All batches of an epoch, one after the other.
Numbers epoch(SegmentationSet& set, const std::vector<std::int32_t>& order, std::uint64_t seed, int batch) {
  set.begin_epoch(order.data(), int(order.size()), seed);
  Numbers out;
  for (int first = 0; first < int(order.size()); first += batch) {
    const Numbers part = numbers_of(set.batch(order.data() + first, std::min(batch, int(order.size()) - first)));
    out.images.insert(out.images.end(), part.images.begin(), part.images.end());
    out.labels.insert(out.labels.end(), part.labels.begin(), part.labels.end());
  }
  return out;
}

const std::vector<std::int32_t> order{3, 9, 0, 1, 7, 2, 8, 5, 4, 6};

}  // namespace

TEST_CASE("outside an epoch samples are those of the files") {
  const Fixture f;
  for (const long cache : {0L, 3000L, -1L}) {
    SegmentationSet set = f.set({.augmentation = street, .cache_bytes = cache});
    CHECK(set.count() == 10);
    CHECK(set.shape() == Shape{height, width, 3});
    for (int round = 0; round < 2; round++) {
      const std::int32_t index[3] = {7, 0, 7};
      const Numbers read = numbers_of(set.batch(index, 3));
      for (int i = 0; i < 3; i++) {
        const auto labels = block_labels(height, width, 11, std::uint64_t(index[i]));
        const auto image = noisy_image(labels, std::uint64_t(index[i]));
        CHECK(std::equal(image.begin(), image.end(), read.images.begin() + i * pixels * 3));
        bool same = true;
        for (int p = 0; p < pixels; p++)
          same = same && read.labels[i * pixels + p] == (labels[p] == 11 ? -1 : labels[p]);
        CHECK(same);
      }
    }
    const std::int32_t first[2] = {0, 1};
    const Numbers by_index = numbers_of(set.batch(first, 2));
    CHECK(numbers_of(set.batch(nullptr, 2)) == by_index);
  }
}

TEST_CASE("an epoch is the same for any threads, queue, cache and batch, and differs with the seed") {
  const Fixture f;
  SegmentationSet plain = f.set({.augmentation = street, .decoder_threads = 0});
  const Numbers expected = epoch(plain, order, 5, 3), unchanged = numbers_of(plain.batch(order.data(), 10));
  CHECK(expected.labels != unchanged.labels);
  for (const int threads : {0, 1, 3})
    for (const int queue : {1, 2, 16})
      for (const long cache : {0L, 3000L, -1L})
        for (const int batch : {1, 4, 10}) {
          SegmentationSet set =
              f.set({.augmentation = street, .cache_bytes = cache, .decoder_threads = threads, .queue = queue});
          CHECK(epoch(set, order, 5, batch) == expected);
          CHECK(epoch(set, order, 6, batch) != expected);
          CHECK(epoch(set, order, 5, batch) == expected);
        }
  SegmentationSet off = f.set();
  CHECK(epoch(off, order, 5, 4) == unchanged);
}

TEST_CASE("an epoch may be entered in the middle, and other samples requested in between") {
  const Fixture f;
  for (const int threads : {0, 2}) {
    SegmentationSet set = f.set({.augmentation = street, .decoder_threads = threads, .queue = 2});
    const Numbers all = epoch(set, order, 5, 10);
    const auto is_part = [&](const Numbers& read, int first) {
      return std::equal(read.labels.begin(), read.labels.end(), all.labels.begin() + first * pixels) &&
             std::equal(read.images.begin(), read.images.end(), all.images.begin() + first * pixels * 3);
    };
    set.begin_epoch(order.data(), 10, 5);
    CHECK(is_part(numbers_of(set.batch(order.data() + 6, 2)), 6));
    const std::int32_t other[2] = {3, 9};
    const Numbers between = numbers_of(set.batch(other, 2));
    CHECK(between.labels[0] == f.set().picture(3)->labels[0]);
    CHECK(is_part(numbers_of(set.batch(order.data() + 8, 2)), 8));
    CHECK(!is_part(numbers_of(set.batch(order.data() + 8, 2)), 8));
  }
}

TEST_CASE("changes left to the learner: the files' pictures, and what makes an epoch of them") {
  const Fixture f;
  const Augmentation all{
      .reflect = true, .translate = 3, .scale_low = 0.7, .scale_high = 1.4, .brightness = 0.1, .contrast = 0.2};
  for (const int threads : {0, 2}) {
    SegmentationSet set = f.set({.augmentation = all, .decoder_threads = threads, .queue = 3});
    const Numbers changed = epoch(set, order, 5, 10), files = numbers_of(f.set().batch(order.data(), 10));
    set.begin_epoch(order.data(), 10, 5, true);
    Numbers made;
    for (const int first : {0, 4, 8}) {
      const int n = std::min(4, 10 - first);
      const Batch batch = set.batch(order.data() + first, n);
      REQUIRE(batch.images.transforms);
      const Numbers raw = numbers_of(batch);
      CHECK(std::equal(raw.images.begin(), raw.images.end(), files.images.begin() + first * pixels * 3));
      CHECK(std::equal(raw.labels.begin(), raw.labels.end(), files.labels.begin() + first * pixels));
      for (int i = 0; i < n; i++) {
        std::vector<std::uint8_t> labels(raw.labels.begin() + i * pixels,
                                         raw.labels.begin() + (i + 1) * pixels);  // -1: void_label
        std::vector<std::uint8_t> image(pixels * 3), changed_labels(pixels);
        apply_transform(batch.images.transforms[i], height, width, raw.images.data() + i * pixels * 3, labels.data(),
                        image.data(), changed_labels.data());
        made.images.insert(made.images.end(), image.begin(), image.end());
        for (const std::uint8_t label : changed_labels) made.labels.push_back(label == void_label ? -1 : label);
      }
    }
    CHECK(made == changed);
    const std::int32_t other[2] = {3, 9};
    CHECK(!set.batch(other, 2).images.transforms);
    set.begin_epoch(order.data(), 10, 5);
    CHECK(!set.batch(order.data(), 2).images.transforms);
    CHECK(epoch(set, order, 5, 4) == changed);
  }
  SegmentationSet plain = f.set();
  plain.begin_epoch(order.data(), 10, 5, true);
  CHECK(!plain.batch(order.data(), 2).images.transforms);
}

TEST_CASE("what only a CPU applies, the set applies, also for a learner that transforms images; labels move along") {
  const Fixture f;
  const Augmentation turned{.reflect = true, .translate = 2, .crop_low = 0.5, .rotate = 30, .hue = 0.2, .cutout = 4};
  SegmentationSet alone = f.set({.augmentation = turned, .decoder_threads = 0});
  const Numbers expected = epoch(alone, order, 5, 10), files = numbers_of(alone.batch(order.data(), 10));
  CHECK(expected.images != files.images);
  CHECK(expected.labels != files.labels);
  for (const int threads : {0, 2}) {
    SegmentationSet set = f.set({.augmentation = turned, .decoder_threads = threads, .queue = 4});
    set.begin_epoch(order.data(), 10, 5, true);
    const Batch batch = set.batch(order.data(), 10);
    CHECK(!batch.images.transforms);
    CHECK(numbers_of(batch) == expected);
    CHECK(epoch(set, order, 5, 3) == expected);
  }
  // With colors and holes left out, a pixel and its label come from the same place.
  SegmentationSet moves = f.set({.augmentation = {.crop_low = 0.3, .rotate = 45}});
  const Numbers moved = epoch(moves, order, 8, 10);
  int outside = 0, wrong = 0;
  for (std::size_t p = 0; p < moved.labels.size(); p++) {
    const bool black = moved.images[3 * p] + moved.images[3 * p + 1] + moved.images[3 * p + 2] == 0;
    outside += black, wrong += black && moved.labels[p] != -1;
  }
  CHECK(outside > 50);
  CHECK(wrong == 0);
  CHECK(refuses([&] { f.set({.augmentation = {.mixup = 0.2}}); }, "mixup is 0.2", "not mixed"));
}

TEST_CASE("a set can be left, moved and restarted at any moment") {
  const Fixture f;
  for (int taken = 0; taken < 6; taken++) {
    SegmentationSet set = f.set({.augmentation = street, .decoder_threads = 2, .queue = 3});
    set.begin_epoch(order.data(), 10, 1);
    for (int i = 0; i < taken; i++) set.batch(order.data() + i, 1);
    SegmentationSet moved = std::move(set);
    if (taken < 5) CHECK(numbers_of(moved.batch(order.data() + taken, 1)).labels.size() == pixels);
    moved.begin_epoch(order.data(), 10, 2);
  }
}

TEST_CASE("a thread's error is thrown to the caller of batch") {
  const Fixture f;
  std::filesystem::remove(f.files.train[7].label);
  write(f.files.train[8].image, std::string("no picture"));
  for (const int threads : {0, 1, 3}) {
    SegmentationSet set = f.set({.decoder_threads = threads, .queue = 2});
    set.begin_epoch(order.data(), 10, 1);
    set.batch(order.data(), 4);
    CHECK(refuses([&] { set.batch(order.data() + 4, 2); }, f.files.train[7].label, "cannot be opened"));
    CHECK(refuses([&] { set.batch(order.data() + 4, 1); }, "cannot be opened"));
    const std::int32_t broken = 8;
    CHECK(refuses([&] { set.batch(&broken, 1); }, f.files.train[8].image));
    set.begin_epoch(order.data(), 4, 1);
    CHECK(numbers_of(set.batch(order.data(), 4)).labels.size() == 4 * pixels);
  }
}

TEST_CASE("sizes that do not fit, samples that are not there") {
  const Fixture f(3);
  SegmentationSet other(f.files.train, f.files.coding, f.files.classes, {height, width + 4, 3});
  CHECK(refuses([&] { other.picture(0); }, f.files.train[0].image, "12 x 20", "12 x 24"));
  write(f.files.train[1].label, encode_png(std::vector<std::uint8_t>(pixels - width).data(), {height - 1, width, 1}));
  SegmentationSet set = f.set();
  CHECK(refuses([&] { set.picture(1); }, f.files.train[1].label, f.files.train[1].image, "11 x 20", "12 x 20"));
  CHECK(refuses([&] { set.picture(3); }, "sample 3 of 3"));
  const std::int32_t wrong[2] = {0, -1};
  CHECK(refuses([&] { set.batch(wrong, 2); }, "sample -1 of 3"));
  CHECK(refuses([&] { set.begin_epoch(wrong, 2, 1); }, "sample -1 of 3"));
  CHECK(refuses([&] { f.set({.queue = 0}); }, "queue is 0"));
  CHECK(refuses([&] { f.set({.augmentation = {.translate = -1}}); }, "translate is -1"));
  CHECK(refuses(
      [&] {
        SegmentationSet(f.files.train, f.files.coding, f.files.classes, {height, width, 1});
      },
      "1 channels"));
  CHECK(SegmentationSet().count() == 0);
}

TEST_CASE("JPEG, color labels, and pictures of another size") {
  TemporaryFolder folder;
  for (const char* part : {"images", "labels"}) std::filesystem::create_directories(folder / part);
  std::vector<std::uint8_t> gray(24, 90), colors;
  for (int i = 0; i < 24; i++) colors.insert(colors.end(), {std::uint8_t(i % 2 ? 5 : 6), 0, 0});
  write(folder / "images/a.jpg", encode_jpeg(gray, {4, 6, 1}));
  write(folder / "labels/a.png", encode_png(colors.data(), {4, 6, 3}));
  write(folder / "classes.txt", std::string("5 0 0 odd\n6 0 0 even\n"));
  const SegmentationFiles files = open_segmentation(folder.path());
  const auto open = [&](data::Resize resize, Shape input) {
    return SegmentationSet(files.train, files.coding, files.classes, input, {.resize = resize});
  };
  SegmentationSet padded = open(data::Resize::pad, {5, 8, 3}), scaled = open(data::Resize::scale, {8, 12, 3});
  CHECK(padded.picture(0)->labels[0] == 1);
  CHECK(padded.picture(0)->labels[6] == void_label);
  CHECK(padded.picture(0)->image[0] == 90);
  CHECK(padded.picture(0)->image[18] == 0);
  CHECK(scaled.picture(0)->labels[1] == 1);
  CHECK(scaled.picture(0)->labels[2] == 0);
  CHECK(padded.report().void_pixels == 0);
  const std::int32_t index = 0;
  const Batch batch = padded.batch(&index, 1);
  CHECK(batch.labels.values[6] == -1);
  CHECK(refuses([&] { open(data::Resize::refuse, {5, 8, 3}).picture(0); }, "a.jpg: is 4 x 6", "5 x 8"));
}

TEST_CASE("the memory of a set") {
  const Fixture f;
  CHECK(f.set({.cache_bytes = 0, .queue = 16}).bytes(8) == 4 * pixels * 16 + 8 * pixels * 8);
  CHECK(f.set({.cache_bytes = 1L << 40, .decoder_threads = 0}).bytes(2) == 4 * pixels * 10 + 8 * pixels * 2);
}

TEST_CASE("a queue of any length") {
  const Fixture f;
  SegmentationSet set = f.set({.decoder_threads = 2, .queue = std::numeric_limits<int>::max()}),
                  plain = f.set({.decoder_threads = 0});
  const std::int32_t order[] = {2, 0, 1};
  set.begin_epoch(order, 3, 1), plain.begin_epoch(order, 3, 1);
  const std::int32_t* const labels = set.batch(order, 3).labels.values;
  CHECK(std::equal(labels, labels + 3 * pixels, plain.batch(order, 3).labels.values));
  set.begin_epoch(order, 0, 1);
  for (const int queue : {0, -1, std::numeric_limits<int>::min()})
    CHECK(refuses([&] { f.set({.queue = queue}); }, "queue is "));
}

TEST_CASE("a training on a set is the same for any threads that decode") {
  using Small = Network<Image<height, width, 3>, Conv<3, 11>, PixelSoftmax>;
  const Fixture f;
  std::vector<float> weights[3];
  for (int decoders = 0; decoders < 3; decoders++) {
    Model<Small> model{{.seed = 3, .threads = 1}};
    SegmentationSet set = f.set({.augmentation = street, .decoder_threads = decoders, .queue = 3});
    const Run run = train(model, set, {.epochs = 3, .batch = 4, .input = Normalization::zscore});
    CHECK(run.iterations == 9);
    weights[decoders].assign(model.parameters().begin(), model.parameters().end());
  }
  CHECK(weights[0] == weights[1]);
  CHECK(weights[0] == weights[2]);
}

TEST_CASE("what an epoch shows out of view is black, or what the set was told before it") {
  const Fixture f;
  const Augmentation moved{.translate = 3, .brightness = 0.2};
  const Outside mean{90, 91, 92};
  for (const int threads : {0, 2}) {
    SegmentationSet set = f.set({.augmentation = moved, .decoder_threads = threads, .queue = 3});
    const Numbers black = epoch(set, order, 5, 4);
    set.begin_epoch(order.data(), 10, 5);
    const Numbers first = numbers_of(set.batch(order.data(), 4));
    set.fill_outside(mean);
    const Numbers rest = numbers_of(set.batch(order.data() + 4, 6));  // of the epoch that had already begun
    CHECK(std::equal(first.images.begin(), first.images.end(), black.images.begin()));
    CHECK(std::equal(rest.images.begin(), rest.images.end(), black.images.begin() + 4 * pixels * 3));
    const Numbers filled = epoch(set, order, 5, 4);
    CHECK(filled.labels == black.labels);
    long outside = 0, wrong = 0;
    for (std::size_t i = 0; i < std::size_t(order.size()) * pixels; i++) {
      const auto *now = filled.images.data() + 3 * i, *before = black.images.data() + 3 * i;
      if (std::equal(now, now + 3, before)) continue;
      outside++;
      wrong += !std::equal(now, now + 3, mean.begin()) || before[0] != 0 || before[1] != 0 || before[2] != 0 ||
               filled.labels[i] != -1;
    }
    CHECK(outside > 100);
    CHECK(wrong == 0);
    set.begin_epoch(order.data(), 10, 5, true);
    const Batch left = set.batch(order.data(), 4);
    REQUIRE(left.images.transforms);
    for (int i = 0; i < 4; i++) CHECK(left.images.transforms[i].outside == mean);
  }
}

namespace {

using Pixels = Network<Image<height, width, 3>, Conv<3, 11>, PixelSoftmax>;

/// The color that a set shows out of view in its next epoch.
Outside color_of(SegmentationSet& set) {
  set.begin_epoch(order.data(), 10, 1, true);
  return set.batch(order.data(), 1).images.transforms[0].outside;
}

/// A set without fill_outside(), whose conditions do not name the color out of view, as in older versions.
struct Untold {
  SegmentationSet& set;
  int count() const { return set.count(); }
  Batch batch(const std::int32_t* index, int n) { return set.batch(index, n); }
  void begin_epoch(const std::int32_t* all, int n, std::uint64_t seed) { set.begin_epoch(all, n, seed); }
  Conditions conditions() {
    Conditions out;
    for (const Condition& c : set.conditions())
      if (c.name != "augmentation.outside") out.add(c.name, c.value);
    return out;
  }
};

}  // namespace

TEST_CASE("a training shows out of view what its input makes 0: the mean of the set, or that of the input as it was") {
  const Fixture f;
  SegmentationSet set = f.set({.augmentation = street});
  Model<Pixels> model{{.seed = 3, .threads = 1}};
  train(model, set, {.epochs = 1, .batch = 4, .input = Normalization::zscore});
  Outside mean{};
  for (int c = 0; c < 3; c++) {
    double sum = 0;
    for (int i = 0; i < 10; i++)
      for (int p = 0; p < pixels; p++) sum += set.picture(i)->image[std::size_t(3 * p + c)];
    mean[std::size_t(c)] = std::uint8_t(std::lround(sum / (10 * pixels)));
  }
  CHECK(mean[0] > 0);
  CHECK(color_of(set) == mean);
  model.input_scaling({.mean = {123.675f, 116.28f, 103.53f}, .deviation = {58.395f, 57.12f, 57.375f}});
  train(model, set, {.epochs = 1, .batch = 4, .input = Normalization::keep});
  CHECK(color_of(set) == Outside{124, 116, 104});
  train(model, set, {.epochs = 1, .batch = 4, .input = Normalization::unit});
  CHECK(color_of(set) == Outside{});
}

TEST_CASE("a checkpoint of a training that showed black out of view is told apart where any of that may be seen") {
  const Fixture f;
  const auto resumes = [&](const Augmentation& augmentation, Resume resume) {
    SegmentationSet set = f.set({.augmentation = augmentation});
    Untold untold{set};
    TrainOptions options{.epochs = 1, .batch = 4, .checkpoints = {.path = f.folder / "c"}};
    Model<Pixels> old{{.seed = 3, .threads = 1}}, model{{.seed = 3, .threads = 1}};
    train(old, untold, options);
    options.epochs = 2, options.checkpoints.resume = resume;
    return train(model, set, options);
  };
  CHECK(refuses([&] { resumes(street, Resume::yes); }, "training augmentation.outside",
                "the color that the input makes 0"));
  const Run anyway = resumes(street, Resume::anyway);
  CHECK(anyway.iterations == 6);
  CHECK(anyway.deviations.size() == 1);
  CHECK(resumes({.reflect = true, .scale_high = 1.5}, Resume::yes).iterations == 6);
}

TEST_CASE("void and unknown labels are counted once per picture") {
  const Fixture f(2);
  std::vector<std::uint8_t> labels(pixels, 4);
  labels[0] = 11, labels[1] = 255, labels[2] = 31, labels[3] = 12;
  write(f.files.train[1].label, encode_png(labels.data(), {height, width, 1}));
  SegmentationSet set = f.set({.cache_bytes = 0});
  for (int round = 0; round < 2; round++) set.picture(1);
  CHECK(set.report().pictures == 1);
  CHECK(set.report().pixels == pixels);
  CHECK(set.report().void_pixels == 4);
  CHECK(set.report().unknown_pixels == 2);
  CHECK(set.report().pictures_with_unknown == 1);
  CHECK(set.report().unknown == "index 12 in " + f.files.train[1].label);
}

namespace {

/// Writes images, labels and classes.txt ("road", "car", "tree"), with two images of 4 x 6 pixels whose labels are
/// `label`.
SegmentationFiles small_set(const TemporaryFolder& folder, const Bytes& image, const Bytes& label) {
  for (const char* part : {"images", "labels"}) std::filesystem::create_directories(folder / part);
  for (const char* name : {"a", "b"})
    write(folder / "images/" + name + ".png", image), write(folder / "labels/" + name + ".png", label);
  write(folder / "classes.txt", std::string("10 20 30 road\n40 50 60 car\n70 80 90 tree\n"));
  return open_segmentation(folder.path(), {.how = data::Split::random});
}
const std::vector<std::uint8_t> gray_image(4 * 6 * 3, 50);

}  // namespace

TEST_CASE("16-bit labels: what is stored, and what is too large for a class") {
  TemporaryFolder folder;
  const Bytes row{0, 0, 0, 0, 0, 1, 0, 1, 0, 2, 1, 44};
  const SegmentationFiles files = small_set(folder, encode_png(gray_image.data(), {4, 6, 3}),
                                            encode_png_kind({.depth = 16}, 6, {row, row, row, row}));
  SegmentationSet set(files.train, files.coding, files.classes, {4, 6, 3}, {.decoder_threads = 0});
  const std::vector<std::uint8_t> expected{0, 0, 1, 1, 2, void_label};
  CHECK(std::equal(expected.begin(), expected.end(), set.picture(0)->labels.begin()));
  CHECK(set.report().unknown_pixels == 4);
  CHECK(set.report().unknown == "index 300 in " + files.train[0].label);
  REQUIRE(remarks(set.report()).size() == 1);
  CHECK(remarks(set.report())[0].find(
            "4 pixels of 1 picture have labels that are not in the class list (the first: index 300") == 0);
}

TEST_CASE("masks of 0 and 255 are explained, a void of 255 is mentioned, and nothing else") {
  const auto said = [](std::uint8_t low, std::uint8_t high) {
    TemporaryFolder folder;
    std::vector<std::uint8_t> labels(24, low);
    std::fill(labels.begin() + 12, labels.end(), high);
    const SegmentationFiles files =
        small_set(folder, encode_png(gray_image.data(), {4, 6, 3}), encode_png(labels.data(), {4, 6, 1}));
    SegmentationSet set(files.train, files.coding, files.classes, {4, 6, 3}, {.decoder_threads = 0});
    set.picture(0);
    return remarks(set.report());
  };
  const std::string marked = "12 pixels of 1 picture have the label 255, which means void";
  CHECK(said(0, 255) == std::vector{marked + "; all others are 0: if these are binary masks, store 1 instead of 255"});
  CHECK(said(1, 255) == std::vector{marked});
  CHECK(said(0, 1).empty());
}

TEST_CASE("images and labels are both turned as their files say") {
  TemporaryFolder folder;
  // Stored upside down: a red half above a blue one. The labels are drawn as the image is seen.
  std::vector<std::uint8_t> image, labels;
  for (int i = 0; i < 24; i++)
    image.insert(image.end(), {std::uint8_t(i < 12 ? 250 : 10), 10, std::uint8_t(i < 12 ? 10 : 250)}),
        labels.push_back(i < 12 ? 1 : 0);
  const Bytes file = encode_png(image.data(), {4, 6, 3}), label = encode_png(labels.data(), {4, 6, 1});
  const auto color_of_class_1 = [&](const Bytes& image_file, const Bytes& label_file, Shape shape) {
    const SegmentationFiles files = small_set(folder, image_file, label_file);
    SegmentationSet set(files.train, files.coding, files.classes, shape, {.decoder_threads = 0});
    const auto picture = set.picture(0);
    const auto first =
        std::find(picture->labels.begin(), picture->labels.end(), std::uint8_t(1)) - picture->labels.begin();
    return int(picture->image[std::size_t(first) * 3 + 2]);  // its blue value
  };
  CHECK(color_of_class_1(file, label, {4, 6, 3}) == 10);
  CHECK(color_of_class_1(png_with_chunk(file, "eXIf", exif_data(3, true)), label, {4, 6, 3}) == 250);
  const Bytes turned = png_with_chunk(file, "eXIf", exif_data(6, false), true);
  CHECK(color_of_class_1(turned, png_with_chunk(label, "eXIf", exif_data(6, false)), {6, 4, 3}) == 10);
  CHECK(refuses(
      [&] {
        color_of_class_1(turned, label, {6, 4, 3});
      },
      "is 4 x 6 pixels", "is 6 x 4", "Exif orientation"));
}

TEST_CASE("the input's mean and deviation are those of the files") {
  const Fixture f;
  SegmentationSet set = f.set({.augmentation = street});
  float fitted[6];
  strata::training::detail::fit_input(Normalization::zscore, set, set.shape(), fitted);
  double sum = 0, square = 0;
  for (int i = 0; i < 10; i++)
    for (int p = 0; p < pixels; p++) {
      const double v = set.picture(i)->image[std::size_t(p) * 3];
      sum += v, square += v * v;
    }
  const double mean = sum / (10 * pixels), deviation = std::sqrt(square / (10 * pixels) - mean * mean);
  CHECK(relative_error(fitted[0], 1 / deviation) <= 1.2e-7);
  CHECK(relative_error(fitted[3], -mean / deviation) <= 1.2e-7);
}

TEST_CASE("its conditions tell it from sets with other files, classes or augmentation, wherever they are") {
  Fixture f;
  const auto first = [&](const SegmentationSet& other) {
    const std::vector<Disagreement> differ =
        disagreements(f.set().conditions(), const_cast<SegmentationSet&>(other).conditions());
    return differ.empty() ? "" : differ[0].name;
  };
  CHECK(first(f.set({.cache_bytes = 0, .decoder_threads = 3})) == "");
  const std::filesystem::path moved = f.folder / "moved";
  std::filesystem::create_directories(moved);
  std::vector<ImagePair> pairs = f.files.train;
  for (ImagePair& pair : pairs)
    for (std::string* path : {&pair.image, &pair.label}) {
      const std::filesystem::path from = *path, to = moved / (from.parent_path().filename() / from.filename());
      std::filesystem::create_directories(to.parent_path());
      std::filesystem::copy_file(from, to);
      *path = to.string();
    }
  const auto at = [&](const std::vector<ImagePair>& of) {
    return SegmentationSet(of, f.files.coding, f.files.classes, {height, width, 3});
  };
  CHECK(first(at(pairs)) == "");
  CHECK(first(f.set({.augmentation = street})) == "augmentation.reflect");
  CHECK(first(f.set({.augmentation = {.contrast = 0.25}})) == "augmentation.contrast");
  CHECK(first(f.set({.augmentation = {.crop_low = 0.25}})) == "augmentation.crop_low");
  for (const Augmentation& shows : {street, Augmentation{.scale_low = 0.5}})
    CHECK(f.set({.augmentation = shows}).conditions().find("augmentation.outside"));
  CHECK(!f.set({.augmentation = {.reflect = true, .scale_high = 2}}).conditions().find("augmentation.outside"));
  CHECK(first(f.set({.resize = data::Resize::pad})) == "resize");
  std::swap(pairs[0], pairs[1]);
  CHECK(first(at(pairs)) == "names of digest");
  std::swap(pairs[0], pairs[1]);
  std::filesystem::copy_file(pairs[1].image, pairs[0].image, std::filesystem::copy_options::overwrite_existing);
  CHECK(first(at(pairs)) == "pictures of digest");
  std::filesystem::copy_file(f.files.train[0].image, pairs[0].image, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::copy_file(pairs[1].label, pairs[0].label, std::filesystem::copy_options::overwrite_existing);
  CHECK(first(at(pairs)) == "labels of digest");
  f.files.classes[0].name += "x";
  CHECK(disagreements(f.set().conditions(), at(f.files.train).conditions()).empty());
  ClassList renamed = f.files.classes;
  renamed[0].name += "y";
  CHECK(first(SegmentationSet(f.files.train, f.files.coding, renamed, {height, width, 3})) == "classes of digest");
}

TEST_CASE("labels as bytes are those of a batch as ints, made ahead or not, in a queue of any length") {
  const Fixture f;
  for (const int threads : {0, 1, 3})
    for (const int queue : {1, 3, 8, 16}) {
      SegmentationSet ints = f.set({.augmentation = street, .decoder_threads = threads, .queue = queue}),
                      bytes = f.set({.augmentation = street, .decoder_threads = threads, .queue = queue});
      CHECK(bytes.labels_below() == 11);
      ints.begin_epoch(order.data(), 10, 3), bytes.begin_epoch(order.data(), 10, 3);
      for (const int first : {0, 4, 8, -1}) {  // -1: not announced
        const std::int32_t other[] = {3, 1};
        const std::int32_t* const index = first < 0 ? other : order.data() + first;
        const int n = first == 8 || first < 0 ? 2 : 4;
        const Numbers wanted = numbers_of(ints.batch(index, n));
        const Batch batch = bytes.byte_batch(index, n);
        CHECK(batch.labels.values == nullptr);
        std::vector<std::uint8_t> images;
        std::vector<std::int32_t> labels;
        for (int i = 0; i < n; i++) {
          const std::uint8_t* const image = batch.images.bytes + batch.images.row(i) * pixels * 3;
          images.insert(images.end(), image, image + pixels * 3);
          for (int p = 0; p < pixels; p++) {
            const std::uint8_t label = batch.labels.bytes[batch.labels.row(i) * pixels + p];
            labels.push_back(label == void_label ? -1 : label);
          }
        }
        CHECK(images == wanted.images);
        CHECK(labels == wanted.labels);
      }
    }
}

TEST_CASE("a batch that was made ahead is shown where it was made, and stays while others are made") {
  const Fixture f;
  SegmentationSet set = f.set({.decoder_threads = 2, .queue = 8});
  set.begin_epoch(order.data(), 10, 3);
  const Batch first = set.byte_batch(order.data(), 4);
  REQUIRE(first.images.index != nullptr);
  const Batch second = set.byte_batch(order.data() + 4, 4);
  CHECK(second.images.bytes == first.images.bytes);
  for (int i = 0; i < 4; i++) CHECK(second.images.row(i) == 4 + i);
}

TEST_CASE("as many threads decode as there are cores, but not more than the queue has room for") {
  const int cores = available_cores();
  CHECK(decoder_threads(1) == 1);
  CHECK(decoder_threads(1000) == std::min(cores, 1000));
  const Fixture f;
  CHECK(refuses([&] { f.set({.decoder_threads = -2}); }, "decoder_threads -2"));
}

}  // namespace data_segmentation_set
