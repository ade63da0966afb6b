// SPDX-License-Identifier: MIT
// Images in memory with labels or other targets. Copies share the memory, so splitting a set is free.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/condition.hpp>
#include <strata/core/digest.hpp>
#include <strata/core/error.hpp>
#include <strata/core/random.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/core/shape.hpp>

namespace strata::data {

/// `count()` images of bytes or floats, [H][W][C], with one label per image or one per pixel, or with targets of
/// floats.
class Dataset {
 public:
  static constexpr bool in_memory = true;

  Dataset() = default;
  /// `bytes` or `floats`: [count][H][W][C]; `labels`: [count][labels_per_image]. Throws Error where sizes do not fit.
  Dataset(Shape shape, std::vector<std::uint8_t> bytes, std::vector<std::int32_t> labels, long labels_per_image = 1)
      : shape_(shape), per_image_(labels_per_image) {
    const std::size_t size = bytes.size();
    bytes_ = std::make_shared<std::vector<std::uint8_t>>(std::move(bytes));
    take(size, std::move(labels));
  }
  /// The same of floats. Throws Error likewise.
  Dataset(Shape shape, std::vector<float> floats, std::vector<std::int32_t> labels, long labels_per_image = 1)
      : shape_(shape), per_image_(labels_per_image) {
    const std::size_t size = floats.size();
    floats_ = std::make_shared<std::vector<float>>(std::move(floats));
    take(size, std::move(labels));
  }
  /// The same with targets, [count][targets_per_image]: what the network should output, [H][W][C] of its output each;
  /// NaN where there is none. Throws Error likewise.
  template <std::same_as<std::vector<float>> Targets>  // a template, so that {0, 1, 2} are labels
  Dataset(Shape shape, std::vector<std::uint8_t> bytes, Targets targets, long targets_per_image)
      : shape_(shape), per_image_(targets_per_image) {
    const std::size_t size = bytes.size();
    bytes_ = std::make_shared<std::vector<std::uint8_t>>(std::move(bytes));
    take_targets(size, std::move(targets));
  }
  /// The same of floats. Throws Error likewise.
  template <std::same_as<std::vector<float>> Targets>
  Dataset(Shape shape, std::vector<float> floats, Targets targets, long targets_per_image)
      : shape_(shape), per_image_(targets_per_image) {
    const std::size_t size = floats.size();
    floats_ = std::make_shared<std::vector<float>>(std::move(floats));
    take_targets(size, std::move(targets));
  }

  /// The same images with themselves as targets, for an autoencoder: floats as they are, which shares the memory, and
  /// bytes divided by 255.
  Dataset with_images_as_targets() const;

  int count() const { return count_; }
  /// Of one image.
  Shape shape() const { return shape_; }
  /// The (first) label of image i; only of a set with labels.
  std::int32_t label(int i) const { return (*labels_)[std::size_t(first_ + i) * std::size_t(per_image_)]; }
  /// Image i, [H][W][C]; null where the set holds the other type.
  const std::uint8_t* bytes(int i) const { return bytes_ ? bytes_->data() + (first_ + i) * shape_.size() : nullptr; }
  /// Image i, [H][W][C]; null where the set holds the other type.
  const float* floats(int i) const { return floats_ ? floats_->data() + (first_ + i) * shape_.size() : nullptr; }

  /// The targets of image i, [H][W][C] of the network's output; null where the set has labels.
  const float* targets(int i) const { return targets_ ? targets_->data() + (first_ + i) * per_image_ : nullptr; }

  /// Views of the images index[0] ... index[n - 1], or of the first n where index is null.
  Batch batch(const std::int32_t* index, int n) const {
    Batch out;
    out.images = {floats(0), bytes(0), index, n};
    out.labels = {.values = targets_ ? nullptr : labels_->data() + first_ * per_image_,
                  .index = index,
                  .floats = targets(0),
                  .per_image = per_image_};
    return out;
  }
  /// Digests of pixels and labels, which identify the data; one pass over its bytes.
  core::Conditions conditions() const;
  /// A view of all images.
  Images images() const { return {floats(0), bytes(0), nullptr, count_}; }

  /// Images [first, first + n), sharing the memory. Throws Error where the set does not hold them all.
  Dataset part(int first, int n) const;

 private:
  void take(std::size_t numbers, std::vector<std::int32_t> labels);
  void take_targets(std::size_t numbers, std::vector<float> targets);
  void count_images(std::size_t numbers, std::size_t labels, const char* what);

  Shape shape_{};
  long first_ = 0, per_image_ = 1;
  int count_ = 0;
  std::shared_ptr<const std::vector<std::uint8_t>> bytes_;
  std::shared_ptr<const std::vector<float>> floats_;
  std::shared_ptr<const std::vector<std::int32_t>> labels_;
  std::shared_ptr<const std::vector<float>> targets_;
};

/// The data of a training.
struct Splits {
  std::string name;                        ///< of the set, for reports
  int classes = 0;                         ///< number of classes
  Dataset train, validation, test;         ///< the parts; validation and test may be empty
  std::vector<std::string> class_names{};  ///< one per class, as Model::classes takes them; empty: unnamed
};

#if STRATA_HAS_BODIES

STRATA_ONCE core::Conditions Dataset::conditions() const {
  core::Digest numbers, labels;
  const std::size_t size = std::size_t(count_) * std::size_t(shape_.size());
  if (bytes_) numbers.add(bytes(0), size);
  else if (floats_) numbers.add(floats(0), size * sizeof(float));
  if (labels_)
    labels.add(labels_->data() + first_ * per_image_,
               std::size_t(count_) * std::size_t(per_image_) * sizeof(std::int32_t));
  if (targets_) labels.add(targets(0), std::size_t(count_) * std::size_t(per_image_) * sizeof(float));
  return {{"pixels of digest", numbers.text()}, {"labels of digest", labels.text()}};
}

STRATA_ONCE Dataset Dataset::part(int first, int n) const {
  if (first < 0 || n < 0 || first > count_ - n)
    throw Error("Dataset::part: ", n, " images from ", first, " of ", count_, " requested; stay within the set");
  Dataset out = *this;
  out.first_ += first;
  out.count_ = n;
  return out;
}

STRATA_ONCE void Dataset::take(std::size_t numbers, std::vector<std::int32_t> labels) {
  count_images(numbers, labels.size(), "labels");
  labels_ = std::make_shared<std::vector<std::int32_t>>(std::move(labels));
}

STRATA_ONCE void Dataset::take_targets(std::size_t numbers, std::vector<float> targets) {
  count_images(numbers, targets.size(), "targets");
  targets_ = std::make_shared<std::vector<float>>(std::move(targets));
}

STRATA_ONCE Dataset Dataset::with_images_as_targets() const {
  Dataset out = *this;
  out.labels_ = nullptr;
  out.per_image_ = shape_.size();
  out.targets_ = floats_;
  if (bytes_) {
    std::vector<float> targets(bytes_->begin(), bytes_->end());
    for (float& t : targets) t /= 255;
    out.targets_ = std::make_shared<std::vector<float>>(std::move(targets));
  }
  return out;
}

STRATA_ONCE void Dataset::count_images(std::size_t numbers, std::size_t labels, const char* what) {
  if (shape_.height < 0 || shape_.width < 0 || shape_.channels < 0 || per_image_ < 1)
    throw Error("Dataset: images of ", shape_.height, " x ", shape_.width, " x ", shape_.channels, " with ", per_image_,
                ' ', what, " each; give a shape that is not negative, and 1 label or more");
  const std::size_t size = std::size_t(shape_.size() > 0 ? shape_.size() : 1);
  const std::size_t images = numbers / size;
  if (images > std::size_t(std::numeric_limits<std::int32_t>::max()))
    throw Error("Dataset: ", images, " images; give at most ", std::numeric_limits<std::int32_t>::max());
  if (numbers % size != 0 || labels != images * std::size_t(per_image_))
    throw Error("Dataset: ", numbers, " numbers are given for images of ", shape_.height, " x ", shape_.width, " x ",
                shape_.channels, ", and ", labels, ' ', what, "; give ", shape_.size(), " numbers and ", per_image_,
                ' ', what, " per image");
  count_ = int(images);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::data

namespace strata {
using data::Dataset;
using data::Splits;
}  // namespace strata
