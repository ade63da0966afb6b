// SPDX-License-Identifier: MIT
// The images of a Dataset with random changes, as samples for a training (core/samples/batch.hpp), made by background
// threads ahead of the solver.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/condition.hpp>
#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/core/threads/available_cores.hpp>
#include <strata/data/announced.hpp>
#include <strata/data/augment.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/mixup.hpp>
#include <strata/data/read_ahead.hpp>
#include <strata/data/sample_change.hpp>

namespace strata::data {

/// How the samples of an Augmented set are changed and made.
struct AugmentedOptions {
  Augmentation augmentation{};  ///< random changes, in announced batches
  int classes = 0;              ///< of the labels; mixup needs it
  int threads = -1;             ///< -1: one for each core; 0: batch() changes samples in the calling thread
  int queue = 256;              ///< samples made ahead
};

/// A Dataset whose announced batches have the augmentation of their epoch; any other batch is not augmented. Results do
/// not depend on the number of threads. One label per image, or targets of floats, stay as they are. Labels of pixels,
/// and targets of one or more floats for each pixel of an image, move along with the pixels: the nearest label,
/// interpolated floats; out of view they are -1 or NaN, which a training ignores. With mixup the targets are floats:
/// of labels, a probability of each class. Changed colors are those of bytes, or of floats from 0 to 1.
class Augmented {
 public:
  /// Shares the memory of the set. Throws Error where an option is out of range or does not fit the set.
  explicit Augmented(Dataset set, const AugmentedOptions& options = {})
      : state_(std::make_unique<State>(std::move(set), options)) {}

  int count() const { return state_->set.count(); }
  /// Of one sample.
  Shape shape() const { return state_->set.shape(); }
  /// The samples without augmentation.
  const Dataset& images() const { return state_->set; }
  /// Whether batches have floats as targets.
  bool has_float_targets() const { return state_->gives_floats(); }

  /// Sets the color that is shown out of view, of bytes or of floats, from the next epoch on; the default is black. A
  /// training passes the color that its input maps to 0.
  void fill_outside(const core::Outside& outside) { state_->next_outside = outside; }
  void fill_outside(const core::OutsideFloats& outside) { state_->next_outside_floats = outside; }

  /// Announces the samples of the next batch() calls, in this order; they are made ahead. Throws Error where a number
  /// is out of range.
  void begin_epoch(const std::int32_t* order, int n, std::uint64_t seed) {
    State& s = *state_;
    s.ahead.stop();
    s.epoch.announce(order, n, [&s](int number) { s.check_number(number); });
    s.seed = seed, s.outside = s.next_outside, s.outside_floats = s.next_outside_floats;
    if (s.options.threads == 0) return;
    try {
      s.ahead.start(s.options.threads, std::min(s.options.queue, std::max(n, 1)), n,
                    [&s](int position, Sample& item) { s.make(s.epoch.order[std::size_t(position)], item); });
    } catch (...) {
      s.epoch = {};
      throw;
    }
  }

  /// Samples index[0] ... index[n - 1], or the first n where index is null. Valid until the next call.
  Batch batch(const std::int32_t* index, int n) { return state_->batch(index, n); }

  /// What identifies the data and its augmentation.
  core::Conditions conditions() const {
    core::Conditions out = state_->set.conditions();
    out.add("augmentation.", conditions_of(state_->options.augmentation));
    if (state_->options.augmentation.mixup > 0 && !state_->set.targets(0)) out.add("classes", state_->options.classes);
    return out;
  }

 private:
  /// Samples, one after the other: pixels as bytes or floats, labels or targets.
  struct Numbers {
    std::vector<std::uint8_t> bytes;
    std::vector<float> floats, targets;
    std::vector<std::int32_t> labels;
  };
  /// One sample, and what making it needs.
  struct Sample : Numbers {
    Numbers other;
    std::vector<std::uint8_t> scratch_bytes;
    std::vector<float> scratch_floats;
  };

  struct State {
    State(Dataset given, const AugmentedOptions& o) : set(std::move(given)), options(o) {
      const Augmentation& a = options.augmentation;
      check_augmentation(a);
      if (options.queue < 1 || options.threads < -1 || options.threads > 256)
        throw Error("Augmented: queue is ", options.queue, " and threads ", options.threads,
                    "; give at least 1, and from 0 to 256 or -1 for as many as there are cores");
      if (options.threads == -1) options.threads = std::min(core::available_cores(), options.queue);
      all = set.count() > 0 ? set.batch(nullptr, set.count()) : Batch{};
      per_image = all.labels.per_image, pixels = set.shape().pixels();
      is_map =
          pixels > 1 && per_image >= pixels && per_image % pixels == 0 && (all.labels.floats || per_image == pixels);
      if (set.count() > 0 && set.shape().height == 1 &&
          (a.scales() || a.crops() || a.rotate > 0 || (pixels == 1 && (a.moves() || a.cutout > 0))))
        throw Error(
            "Augmented: signals of one row are reflected, translated, hidden and mixed, and vectors mixed, but ",
            "not scaled, cropped or rotated; leave these options out");
      if (a.colors() && set.count() > 0 && set.shape().channels != 3)
        throw Error("Augmented: saturation and hue are of images with red, green and blue, but these have ",
                    set.shape().channels, set.shape().channels == 1 ? " channel" : " channels", "; leave them at 0");
      if ((a.brightness > 0 || a.contrast > 0 || a.colors()) && all.images.floats) check_colors();
      if (all.labels.values && per_image > 1 && !is_map && a.moves())
        throw Error("Augmented: the images are ", set.shape().height, " x ", set.shape().width, " with ", per_image,
                    " labels each, which cannot move along; give one label per image or per pixel");
      if (a.mixup > 0 && all.labels.values) check_classes();
    }

    void check_colors() const {
      for (int i = 0; i < set.count(); i++)
        for (long k = 0; k < set.shape().size(); k++)
          if (const float v = set.floats(i)[k]; !(v >= 0 && v <= 1))
            throw Error("Augmented: image ", i, " holds ", double(v),
                        ", but colors are changed of floats from 0 to 1; scale the images, or give bytes");
    }
    void check_classes() const {
      if (per_image != 1)
        throw Error("Augmented: mixup takes one label per image or floats as targets, but the images have ", per_image,
                    " labels each; leave it at 0");
      if (options.classes < 1)
        throw Error("Augmented: mixup makes a probability of each class, and classes is ", options.classes,
                    "; give the number of classes");
      for (int i = 0; i < set.count(); i++)
        if (set.label(i) >= options.classes)
          throw Error("Augmented: image ", i, " has the label ", set.label(i), ", but there are ", options.classes,
                      " classes; give labels below that");
    }

    bool gives_floats() const { return all.labels.floats || options.augmentation.mixup > 0; }
    bool is_bytes() const { return all.images.bytes; }
    /// Targets or labels of one sample.
    long targets_of_one() const { return all.labels.floats ? per_image : options.classes; }

    void check_number(int sample) const {
      if (sample < 0 || sample >= set.count())
        throw Error("Augmented: sample ", sample, " of ", set.count(), " was requested; samples are numbered from 0");
    }

    Batch batch(const std::int32_t* index, int n) {
      const bool announced = epoch.finds(index, n), threads = options.threads > 0;
      for (int i = 0; !announced && index && i < n; i++) check_number(index[i]);
      if (!announced && n > set.count() && !index) check_number(n - 1);
      Batch out = set.count() > 0 ? set.batch(index, n) : Batch{};
      if (!announced && !(gives_floats() && all.labels.values)) return out;
      Numbers& copies = copies_;
      const std::size_t count = std::size_t(std::max(n, 0)), size = std::size_t(set.shape().size());
      if (gives_floats()) copies.targets.resize(count * std::size_t(targets_of_one()));
      else copies.labels.resize(count * std::size_t(per_image));
      if (announced && is_bytes()) copies.bytes.resize(count * size);
      if (announced && !is_bytes()) copies.floats.resize(count * size);
      if (announced && threads) ahead.advance(epoch.position);
      for (int i = 0; i < n; i++) {
        const int sample = index ? index[i] : i;
        if (!announced) {
          put_targets(sample, one_.targets);
          copy_to(one_.targets, i, copies.targets);
          continue;
        }
        if (!threads) make(sample, one_);
        const Sample& made = threads ? ahead.wait() : one_;
        copy_to(made.bytes, i, copies.bytes), copy_to(made.floats, i, copies.floats);
        copy_to(made.targets, i, copies.targets), copy_to(made.labels, i, copies.labels);
        epoch.position++;
        if (threads) ahead.advance(epoch.position);
      }
      if (announced) {
        out.images = {.count = n};
        if (is_bytes()) out.images.bytes = copies.bytes.data();
        else out.images.floats = copies.floats.data();
      }
      out.labels = {};
      if (gives_floats()) out.labels.floats = copies.targets.data(), out.labels.per_image = targets_of_one();
      else out.labels.values = copies.labels.data(), out.labels.per_image = per_image;
      return out;
    }
    template <class Number>
    static void copy_to(const std::vector<Number>& one, int i, std::vector<Number>& many) {
      std::copy(one.begin(), one.end(), many.begin() + long(i) * long(one.size()));
    }

    /// Makes a sample of the epoch.
    void make(int sample, Sample& out) {
      const Augmentation& a = options.augmentation;
      change(sample, out, out);
      if (a.mixup <= 0) return;
      const Mixture mixture = draw_mixture(a.mixup, set.count(), seed, std::uint64_t(sample));
      if (is_ignored(sample) || is_ignored(mixture.other)) return;
      change(mixture.other, out.other, out);
      const long size = set.shape().size();
      if (is_bytes()) mix_in(mixture.share, out.other.bytes.data(), size, out.bytes.data());
      else mix_in(mixture.share, out.other.floats.data(), size, out.floats.data());
      mix_in(mixture.share, out.other.targets.data(), targets_of_one(), out.targets.data());
    }
    bool is_ignored(int sample) const { return all.labels.values && set.label(sample) < 0; }

    /// A sample with its changes, before it is mixed.
    void change(int sample, Numbers& to, Sample& scratch) {
      const Shape shape = set.shape();
      const SampleChange drawn =
          draw_change(options.augmentation, shape.height, shape.width, seed, std::uint64_t(sample));
      if (is_bytes()) {
        to.bytes.resize(std::size_t(shape.size()));
        apply_change(drawn, shape, outside, set.bytes(sample), to.bytes.data(), scratch.scratch_bytes);
      } else {
        to.floats.resize(std::size_t(shape.size()));
        apply_change(drawn, shape, outside_floats, set.floats(sample), to.floats.data(), scratch.scratch_floats);
      }
      const Warp warp = warp_of(drawn, shape.height, shape.width);
      const bool moves = is_map && !warp.is_none();
      if (gives_floats()) {
        put_targets(sample, to.targets);
        constexpr float none = std::numeric_limits<float>::quiet_NaN();
        if (moves)
          warp_image(warp, {shape.height, shape.width, int(per_image / pixels)}, set.targets(sample),
                     {none, none, none, none}, none, to.targets.data());
        return;
      }
      const std::int32_t* const labels = all.labels.values + sample * per_image;
      to.labels.assign(labels, labels + per_image);
      if (moves) warp_labels(warp, shape.height, shape.width, labels, std::int32_t(-1), to.labels.data());
    }

    /// The targets of a sample as floats, without changes; NaN for a label that is ignored.
    void put_targets(int sample, std::vector<float>& to) const {
      if (all.labels.floats) {
        to.assign(set.targets(sample), set.targets(sample) + per_image);
      } else if (const int label = set.label(sample); label < 0) {
        to.assign(std::size_t(options.classes), std::numeric_limits<float>::quiet_NaN());
      } else {
        to.assign(std::size_t(options.classes), 0.f);
        to[std::size_t(label)] = 1;
      }
    }

    Dataset set;
    AugmentedOptions options;
    Batch all{};  ///< views of the whole set
    long per_image = 1, pixels = 0;
    bool is_map = false;  ///< whether labels or targets belong to pixels of the image
    Announced epoch;
    std::uint64_t seed = 0;
    core::Outside outside{}, next_outside{};  ///< for this epoch, for the next
    core::OutsideFloats outside_floats{}, next_outside_floats{};
    Numbers copies_;  ///< of the batch
    Sample one_;
    ReadAhead<Sample> ahead;  // last, so that its threads end before what they use
  };

  std::unique_ptr<State> state_;
};

/// The data of a training, with random changes of the training set.
struct AugmentedSplits {
  std::string name;                        ///< of the set, for reports
  int classes = 0;                         ///< number of classes
  Augmented train;                         ///< with random changes
  Dataset validation, test;                ///< without; may be empty
  std::vector<std::string> class_names{};  ///< one per class, as Model::classes takes them; empty: unnamed
};

/// Splits whose training set is augmented; options.classes is that of the splits unless it is given. Throws Error as
/// Augmented does.
inline AugmentedSplits augmented(Splits splits, AugmentedOptions options) {
  if (options.classes == 0) options.classes = splits.classes;
  return {std::move(splits.name),       splits.classes,         Augmented(std::move(splits.train), options),
          std::move(splits.validation), std::move(splits.test), std::move(splits.class_names)};
}

}  // namespace strata::data
