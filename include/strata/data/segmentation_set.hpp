// SPDX-License-Identifier: MIT
// Labeled image files as samples for a training (Samples, core/samples/batch.hpp): decoded once where memory allows,
// augmented and put in order by background threads. Needs strata::png (libpng) and strata::jpeg (libjpeg-turbo).
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <strata/core/available_memory.hpp>
#include <strata/core/condition.hpp>
#include <strata/core/digest.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/core/threads/available_cores.hpp>
#include <strata/data/announced.hpp>
#include <strata/data/augment.hpp>
#include <strata/data/decode_report.hpp>
#include <strata/data/image_file.hpp>
#include <strata/data/picture_cache.hpp>
#include <strata/data/read_ahead.hpp>
#include <strata/data/resize.hpp>
#include <strata/data/sample_change.hpp>
#include <strata/data/segmentation_files.hpp>

namespace strata::data {

/// The number of decoder threads that SetOptions asks for by default: one for each core, but at most `queue`.
inline int decoder_threads(int queue) { return std::min(core::available_cores(), queue); }

/// How a SegmentationSet decodes and changes its images.
struct SetOptions {
  Augmentation augmentation{};     ///< random changes, in announced batches
  long cache_bytes = -1;           ///< for decoded images; -1: a quarter of the free memory
  int decoder_threads = -1;        ///< -1: by cores (data::decoder_threads); 0: batch() decodes in the calling thread
  int queue = 16;                  ///< samples made ahead; two batches of 8
  Resize resize = Resize::refuse;  ///< for images of another size than the input's
};

/// Samples at the size of `input`. A batch that begin_epoch() announced has the augmentation of its epoch, applied or
/// as changes for the learner to apply; any other batch is not augmented. Results do not depend on the number of
/// threads.
class SegmentationSet {
 public:
  /// An empty set.
  SegmentationSet() : SegmentationSet({}, {}, {}, {0, 0, 3}, {.cache_bytes = 0}) {}
  /// `input`: the size of the samples, with 3 channels. Throws Error where it or an option is out of range.
  SegmentationSet(std::vector<ImagePair> pairs, LabelCoding coding, ClassList classes, Shape input,
                  const SetOptions& options = {})
      : state_(std::make_unique<State>(std::move(pairs), std::move(coding), std::move(classes), input, options)) {}

  int count() const { return int(state_->pairs.size()); }
  /// Of one sample.
  Shape shape() const { return state_->shape; }
  /// The classes, in the order of their indices.
  const ClassList& classes() const { return state_->classes; }
  /// The files, in the order of the samples.
  const std::vector<ImagePair>& pairs() const { return state_->pairs; }

  /// Sets the color that an augmentation shows out of view, from the next epoch on; the default is black. A training
  /// passes the color that its input maps to 0.
  void fill_outside(const core::Outside& outside) { state_->next_outside = outside; }

  /// Announces the samples of the next batch() calls, in this order; they are made ahead. learner_transforms: samples
  /// are not augmented, and Images::transforms of a batch says what the learner has to apply, unless the augmentation
  /// has an option that only a CPU applies. Throws Error where a number is out of range.
  void begin_epoch(const std::int32_t* order, int n, std::uint64_t seed, bool learner_transforms = false) {
    State& s = *state_;
    s.ahead.stop();
    s.epoch.announce(order, n, [&s](int number) { s.check_number(number); });
    s.seed = seed, s.outside = s.next_outside;
    s.learner_transforms = learner_transforms && !s.options.augmentation.only_on_cpu();
    if (s.options.decoder_threads == 0) return;
    try {
      s.room = std::min(s.options.queue, std::max(n, 1));
      s.ring.resize(s.room, s.shape.pixels());
      s.ahead.start(s.options.decoder_threads, s.room, n, [&s](int position, Made& made) {
        s.make(s.epoch.order[std::size_t(position)], s.ring.place(position % s.room), made.scratch);
      });
    } catch (...) {
      s.epoch = {};
      throw;
    }
  }

  /// Samples index[0] ... index[n - 1], or the first n where index is null; void labels are -1. Valid until the next
  /// call. Throws Error where a file cannot be decoded.
  Batch batch(const std::int32_t* index, int n) {
    State& s = *state_;
    Batch out = s.batch(index, n);
    const std::size_t pixels = std::size_t(s.shape.pixels()), all = std::size_t(std::max(n, 0)) * pixels;
    if (s.labels.size() < all) s.labels.resize(all);
    for (int i = 0; i < n; i++) {
      const std::uint8_t* const from = out.labels.bytes + out.labels.row(i) * long(pixels);
      std::transform(from, from + pixels, s.labels.begin() + long(i) * long(pixels),
                     [](std::uint8_t label) { return label == void_label ? -1 : label; });
    }
    out.labels = {s.labels.data(), nullptr};
    return out;
  }
  /// The same [n][H][W][C], with labels [n][H][W] as bytes, which are copied nowhere; void labels are void_label.
  Batch byte_batch(const std::int32_t* index, int n) { return state_->batch(index, n); }
  /// One more than the highest label that the coding of the files knows: decoding checks labels, so no batch has
  /// others.
  int labels_below() const { return state_->highest_label + 1; }

  /// Sample i without augmentation; void labels are void_label. Throws Error where it cannot be decoded.
  std::shared_ptr<const LabeledPicture> picture(int i) {
    state_->check_number(i);
    return state_->decoded(i);
  }

  /// What identifies the data: names and bytes of the files (not decoded pixels), classes, resizing and augmentation.
  /// Every file is read, once; an image that is compressed again counts as another one.
  const core::Conditions& conditions() {
    if (state_->conditions.empty()) state_->conditions = state_->describe();
    return state_->conditions;
  }

  /// Statistics of the labels decoded so far.
  DecodeReport report() const {
    const std::lock_guard lock(state_->mutex);
    return state_->report;
  }
  /// The most bytes that the set uses at batch size n: cached images, the queue, the batch with its labels as bytes and
  /// as ints.
  long bytes(int n) const {
    const State& s = *state_;
    const long pixels = s.shape.pixels(), queued = s.options.decoder_threads > 0 ? s.options.queue : 0;
    return std::min(s.cache_limit, 4 * pixels * count()) + 4 * pixels * queued + 8 * pixels * n;
  }

 private:
  /// Where an image [H][W][3] and its labels [H][W] lie.
  struct Place {
    std::uint8_t *image, *labels;
  };
  /// Room for several.
  struct Places {
    void resize(int count, int pixels_of_one) {
      pixels = pixels_of_one;
      const std::size_t all = std::size_t(count) * std::size_t(pixels);
      if (labels.size() < all) images.resize(3 * all), labels.resize(all);
    }
    Place place(int i) { return {images.data() + 3L * i * pixels, labels.data() + long(i) * pixels}; }
    void copy(int i, const Place& to) {
      const Place from = place(i);
      std::copy_n(from.image, 3L * pixels, to.image), std::copy_n(from.labels, pixels, to.labels);
    }

    long pixels = 0;
    std::vector<std::uint8_t> images, labels;
  };
  /// An item read ahead, which lies in the ring.
  struct Made {
    std::vector<std::uint8_t> scratch;  ///< that making it needs
  };

  struct State {
    State(std::vector<ImagePair> given, LabelCoding c, ClassList list, Shape input, const SetOptions& o)
        : pairs(std::move(given)),
          coding(std::move(c)),
          classes(std::move(list)),
          shape(input),
          options(o),
          cache_limit(o.cache_bytes < 0 ? std::max(core::available_memory(), 0L) / 4 : o.cache_bytes),
          cache(int(pairs.size()), cache_limit),
          counted(pairs.size(), 0) {
      check_augmentation(options.augmentation);
      if (options.augmentation.mixup > 0)
        throw Error("SegmentationSet: mixup is ", options.augmentation.mixup,
                    ", but labels of pixels are not mixed; leave it at 0");
      if (shape.channels != 3)
        throw Error("SegmentationSet: the network's input has ", shape.channels, " channels; pictures have 3");
      if (options.queue < 1 || options.decoder_threads < -1 || options.decoder_threads > 256)
        throw Error("SegmentationSet: queue is ", options.queue, " and decoder_threads ", options.decoder_threads,
                    "; give at least 1, and from 0 to 256 or -1 for as many as there are cores");
      if (options.decoder_threads == -1) options.decoder_threads = data::decoder_threads(options.queue);
      const auto see = [this](std::uint8_t label) {
        if (label != void_label) highest_label = std::max(highest_label, int(label));
      };
      for (const LabelCoding::ColorLabel& color : coding.colors) see(color.label);
      for (const std::uint8_t label : coding.index_label) see(label);
    }

    /// The batch, with labels as bytes: views of what was made ahead, or copies.
    Batch batch(const std::int32_t* index, int n) {
      const bool announced = epoch.finds(index, n), threads = options.decoder_threads > 0;
      transforms.clear(), slots.clear();
      if (announced && threads) ahead.advance(epoch.position);  // releases what the last batch showed
      for (int i = 0; announced && learner_transforms && options.augmentation.any() && i < n; i++)
        transforms.push_back(transform_of(index ? index[i] : i));
      Batch out;
      if (announced && threads && n <= room) {
        for (int i = 0; i < n; i++) {
          (void)ahead.wait(i);
          slots.push_back((epoch.position + i) % room);
        }
        epoch.position += n;
        out.images = {.bytes = ring.images.data(), .index = slots.data(), .count = n};
        out.labels = {.index = slots.data(), .bytes = ring.labels.data()};
      } else {
        copies.resize(std::max(n, 0), shape.pixels());
        for (int i = 0; i < n; i++) {
          const int sample = index ? index[i] : i;
          const Place to = copies.place(i);
          if (announced && threads) {
            (void)ahead.wait();
            ring.copy(epoch.position % room, to);
            ahead.advance(++epoch.position);
          } else if (announced) {
            make(sample, to, scratch);
            epoch.position++;
          } else {
            check_number(sample);
            const std::shared_ptr<const LabeledPicture> picture = decoded(sample);
            std::copy(picture->image.begin(), picture->image.end(), to.image);
            std::copy(picture->labels.begin(), picture->labels.end(), to.labels);
          }
        }
        out.images = {.bytes = copies.images.data(), .count = n};
        out.labels = {.bytes = copies.labels.data()};
      }
      if (!transforms.empty()) out.images.transforms = transforms.data();
      return out;
    }

    void check_number(int sample) const {
      if (sample < 0 || sample >= int(pairs.size()))
        throw Error("SegmentationSet: sample ", sample, " of ", pairs.size(),
                    " was requested; samples are numbered from 0");
    }

    std::shared_ptr<const LabeledPicture> decoded(int sample) {
      return cache.get(sample, [&] { return decode(sample); });
    }

    LabeledPicture decode(int sample) {
      const ImagePair& pair = pairs[std::size_t(sample)];
      const bool by_index = coding.kind == LabelCoding::Kind::index;
      Picture image = read_picture(pair.image);
      const Picture stored = read_label_picture(pair.label, by_index ? StoredAs::index : StoredAs::color);
      if (image.shape.height != stored.shape.height || image.shape.width != stored.shape.width) {
        const bool turned = image.shape.height == stored.shape.width && image.shape.width == stored.shape.height;
        throw Error(pair.label, ": is ", stored.shape.height, " x ", stored.shape.width, " pixels, but its image ",
                    pair.image, " is ", image.shape.height, " x ", image.shape.width, "; ",
                    turned ? "draw the labels upright, as the image's Exif orientation says, or " : "",
                    "give files that belong together");
      }
      LabeledPicture out;
      out.labels.resize(std::size_t(stored.shape.pixels()));
      out.counts = decode_labels(coding, stored, pair.label, out.labels.data());
      out.height = image.shape.height, out.width = image.shape.width, out.image = std::move(image.bytes);
      count(sample, out);
      return fit_picture(std::move(out), shape, options.resize, pair.image);
    }

    void count(int sample, const LabeledPicture& picture) {
      const std::lock_guard lock(mutex);
      if (counted[std::size_t(sample)]) return;
      counted[std::size_t(sample)] = 1;
      report.pictures++;
      report.pixels += long(picture.labels.size());
      report.void_pixels += picture.counts.void_pixels, report.unknown_pixels += picture.counts.unknown_pixels;
      report.marked_pixels += picture.counts.marked_pixels,
          report.pictures_with_marked += picture.counts.marked_pixels > 0;
      report.only_0_and_255 = report.only_0_and_255 && picture.counts.only_0_and_255;
      if (picture.counts.unknown_pixels == 0) return;
      report.pictures_with_unknown++;
      if (first_unknown >= 0 && first_unknown < sample) return;
      first_unknown = sample;
      report.unknown = picture.counts.unknown + " in " + pairs[std::size_t(sample)].label;
    }

    core::Conditions describe() const {
      core::Digest names, pictures, maps, coded;
      for (const ImagePair& pair : pairs) {
        for (const std::string* path : {&pair.image, &pair.label}) {
          names.add(path->substr(path->rfind('/') + 1));
          const core::Bytes bytes = core::read_file(*path);
          (path == &pair.image ? pictures : maps).add(bytes.data(), bytes.size());
        }
      }
      coded.word(std::uint64_t(coding.kind));
      coded.add(coding.index_label.data(), coding.index_label.size());
      for (const LabelCoding::ColorLabel& c : coding.colors) coded.add(c.color.data(), 3), coded.word(c.label);
      for (const ClassEntry& entry : classes) coded.add(entry.name);
      core::Conditions out;
      out.add("names of digest", names.text());
      out.add("pictures of digest", pictures.text());
      out.add("labels of digest", maps.text());
      out.add("classes of digest", coded.text());
      out.add("resize", options.resize == Resize::pad ? "pad" : options.resize == Resize::scale ? "scale" : "refuse");
      out.add("augmentation.", conditions_of(options.augmentation));
      return out;
    }

    core::ImageTransform transform_of(int sample) const {
      core::ImageTransform out =
          draw_transform(options.augmentation, shape.height, shape.width, seed, std::uint64_t(sample));
      out.outside = outside;
      return out;
    }

    /// Makes a sample of the epoch, augmented unless the learner does that.
    void make(int sample, const Place& to, std::vector<std::uint8_t>& between) {
      const std::shared_ptr<const LabeledPicture> picture = decoded(sample);
      if (learner_transforms || !options.augmentation.any()) {
        std::copy(picture->image.begin(), picture->image.end(), to.image);
        std::copy(picture->labels.begin(), picture->labels.end(), to.labels);
        return;
      }
      if (options.augmentation.only_on_cpu()) {
        const SampleChange change =
            draw_change(options.augmentation, shape.height, shape.width, seed, std::uint64_t(sample));
        apply_change(change, shape, outside, picture->image.data(), to.image, between);
        warp_labels(warp_of(change, shape.height, shape.width), shape.height, shape.width, picture->labels.data(),
                    void_label, to.labels);
        return;
      }
      apply_transform(transform_of(sample), shape.height, shape.width, picture->image.data(), picture->labels.data(),
                      to.image, to.labels);
    }

    std::vector<ImagePair> pairs;
    LabelCoding coding;
    ClassList classes;
    Shape shape;
    SetOptions options;
    core::Conditions conditions;
    long cache_limit;
    PictureCache cache;
    mutable std::mutex mutex;  // guards report, first_unknown and counted
    DecodeReport report;
    int first_unknown = -1;
    std::vector<char> counted;
    Announced epoch;
    std::uint64_t seed = 0;
    bool learner_transforms = false;          // whether the learner augments, not make()
    core::Outside outside{}, next_outside{};  // for this epoch, for the next
    int highest_label = -1;
    int room = 0;   // of the ring
    Places ring;    // samples that are made ahead; the sample at a position of the epoch lies in place position % room
    Places copies;  // of the batch, where it is not in the ring
    std::vector<std::int32_t> slots;               // of the ring that the batch shows
    std::vector<core::ImageTransform> transforms;  // of the batch
    std::vector<std::int32_t> labels;
    std::vector<std::uint8_t> scratch;  // where no thread reads ahead
    ReadAhead<Made> ahead;              // last, so that its threads end before what they use
  };

  std::unique_ptr<State> state_;
};

}  // namespace strata::data
