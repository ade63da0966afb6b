// SPDX-License-Identifier: MIT
// The user's arrays as images and labels. Anything with the interface of xt::xtensor (dimension, shape, strides, data)
// is viewed in place if it is row-major without gaps, and copied otherwise. This header depends on no array library.
#pragma once

#include <strata/core/aligned.hpp>
#include <strata/core/error.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/core/samples/views.hpp>
#include <strata/core/shape.hpp>

#include <concepts>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::core {

/// The interface that xt::xtensor, xt::xarray and the result of xt::adapt share.
template <class Array>
concept array_like = requires(const Array& a) {
  { a.dimension() } -> std::convertible_to<std::size_t>;
  a.shape();
  a.strides();
  a.data();
};

namespace detail {

template <array_like Array>
std::string spelled_shape(const Array& array) {
  std::string out;
  for (std::size_t k = 0; k < array.dimension(); k++) out += (k ? " x " : "") + std::to_string(array.shape()[k]);
  return out.empty() ? "0-dimensional" : out;
}

/// Whether the array is row-major without gaps, so that data() can be read as a flat span.
template <array_like Array>
bool is_row_major(const Array& array) {
  long expected = 1;
  for (std::size_t k = array.dimension(); k-- > 0; expected *= long(array.shape()[k]))
    if (array.shape()[k] != 1 && long(array.strides()[k]) != expected) return false;
  return true;
}

/// The first element. A view's data() is that of the array that it shows a part of.
template <array_like Array>
auto* first_element(const Array& array) {
  if constexpr (requires { array.data_offset(); }) return array.data() + array.data_offset();
  else return array.data();
}

/// Calls see(element) for all elements of an array of any layout, the last index moving first.
template <array_like Array, class See>
void for_each_element(const Array& array, See&& see) {
  const std::size_t rank = array.dimension();
  std::vector<long> index(rank, 0);
  long size = 1, at = 0;
  for (std::size_t d = 0; d < rank; d++) size *= long(array.shape()[d]);
  for (long i = 0; i < size; i++) {
    see(detail::first_element(array)[at]);
    for (std::size_t d = rank; d-- > 0;) {
      at += long(array.strides()[d]);
      if (++index[d] < long(array.shape()[d])) break;
      at -= long(array.strides()[d]) * long(array.shape()[d]), index[d] = 0;
    }
  }
}

}  // namespace detail

/// Images from an array [N][H][W][C], also without [C] if C is 1 and without [H] if H is 1 (signals), of float or
/// unsigned char. Views the array, which must
/// outlive this object, or holds a copy as floats if the array is not row-major without gaps.
class ArrayImages {
 public:
  /// Throws Error if the array's shape is not N x `image`, or N does not fit an int.
  template <array_like Array>
  ArrayImages(const Array& array, Shape image) {
    using Element = std::remove_cvref_t<decltype(*array.data())>;
    static_assert(std::same_as<Element, float> || std::same_as<Element, std::uint8_t>,
                  "strata: images are arrays of float or of unsigned char; convert the array with xt::cast<float>");
    long strides[4] = {};
    if (!find_strides(array, image, false, strides) && !find_strides(array, image, true, strides))
      throw Error("the array of images is ", detail::spelled_shape(array), ", but the network takes N x ", image.height,
                  " x ", image.width, " x ", image.channels,
                  " (images, rows, columns, channels); transpose or reshape it");
    constexpr long most = std::numeric_limits<std::int32_t>::max();
    if (long(array.shape()[0]) > most)
      throw Error("the array has ", long(array.shape()[0]), " images; give at most ", most);
    view_.count = int(array.shape()[0]);
    if (detail::is_row_major(array)) {
      set(detail::first_element(array));
      return;
    }
    copied_.reserve(std::size_t(view_.count) * std::size_t(image.size()));
    for (long n = 0; n < view_.count; n++)
      for (long y = 0; y < image.height; y++)
        for (long x = 0; x < image.width; x++)
          for (long c = 0; c < image.channels; c++)
            copied_.push_back(
                float(detail::first_element(array)[n * strides[0] + y * strides[1] + x * strides[2] + c * strides[3]]));
  }

  /// The images, [N][H][W][C], valid as long as this object.
  Images view() const {
    Images out = view_;
    if (is_copy()) out.floats = copied_.data();
    return out;
  }
  /// Whether it holds a copy.
  bool is_copy() const { return !copied_.empty(); }

 private:
  /// The strides of images, rows, columns and channels, if the array has the image's shape, with rows or, if there is
  /// one, without. Channels may be missing if there is one.
  template <array_like Array>
  static bool find_strides(const Array& array, Shape image, bool without_rows, long (&strides)[4]) {
    const long want[3] = {image.height, image.width, image.channels};
    const std::size_t skipped = without_rows ? 1 : 0, rank = array.dimension() + skipped;
    if ((without_rows && image.height != 1) || (rank != 4 && (rank != 3 || image.channels != 1))) return false;
    strides[0] = long(array.strides()[0]), strides[1] = strides[3] = 0;
    for (std::size_t k = 1 + skipped; k < rank; k++) {
      if (long(array.shape()[k - skipped]) != want[k - 1]) return false;
      strides[k] = long(array.strides()[k - skipped]);
    }
    return true;
  }
  void set(const float* data) { view_.floats = data; }
  void set(const std::uint8_t* data) { view_.bytes = data; }

  Images view_;
  Floats copied_;
};

/// A training or test set of two arrays: images [N][H][W][C], and labels [N] or [N][H][W] of any integer type, where
/// those below 0 are ignored; or targets of floats, of as many numbers per image as the network outputs, in their order
/// [H][W][C], where NaN is ignored: values, or a probability of each class. Views the arrays, which must outlive this
/// object; labels of another type than std::int32_t are copied, and so is an array that is not row-major without gaps.
class ArraySet {
 public:
  static constexpr bool in_memory = true;

  /// labels_per_image: 1, or the pixels of the network's output; of targets, all its numbers. Throws Error if a shape
  /// is wrong, the counts differ, or a label does not fit 32 bits.
  template <array_like Pixels, array_like Numbers>
  ArraySet(const Pixels& images, const Numbers& labels, Shape image, long labels_per_image = 1)
      : images_(images, image), per_image_(labels_per_image) {
    using Element = std::remove_cvref_t<decltype(*labels.data())>;
    static_assert(std::integral<Element> || std::same_as<Element, float>,
                  "strata: labels are integers, and targets are floats; convert the array with xt::cast<int> or "
                  "xt::cast<float>");
    long size = 1;
    for (std::size_t k = 0; k < labels.dimension(); k++) size *= long(labels.shape()[k]);
    if (labels.dimension() == 0 || long(labels.shape()[0]) != count() || size != count() * per_image_)
      throw Error("the array of labels is ", detail::spelled_shape(labels), " for ", count(), " images; give ",
                  per_image_, per_image_ == 1 ? " label per image" : " labels per image");
    const bool in_order = detail::is_row_major(labels);
    if constexpr (std::same_as<Element, float>) {
      if (!in_order) detail::for_each_element(labels, [this](float target) { copied_targets_.push_back(target); });
      targets_ = in_order ? detail::first_element(labels) : copied_targets_.data();
    } else {
      take(labels, size, in_order);
    }
  }
  ArraySet(const ArraySet&) = delete;

  int count() const { return images_.view().count; }
  Batch batch(const std::int32_t* index, int n) const {
    Batch out{images_.view(), {.values = labels_, .index = index, .floats = targets_, .per_image = per_image_}};
    out.images.index = index;
    out.images.count = n;
    return out;
  }

 private:
  template <array_like Numbers>
  void take(const Numbers& labels, long size, bool in_order) {
    using Element = std::remove_cvref_t<decltype(*labels.data())>;
    if constexpr (std::same_as<Element, std::int32_t>)
      if (in_order) {
        labels_ = detail::first_element(labels);
        return;
      }
    copied_.reserve(std::size_t(size));
    detail::for_each_element(labels, [this](Element label) {
      if constexpr (sizeof(Element) >= sizeof(std::int32_t)) {
        const long i = long(copied_.size());
        if (!std::in_range<std::int32_t>(label))
          throw Error(
              "label ", i % per_image_, " of image ", i / per_image_, " is ", std::to_string(label),
              ", which is not a class; give the number of a class, or a number from -2147483648 to -1 to ignore it");
      }
      copied_.push_back(std::int32_t(label));
    });
    labels_ = copied_.data();
  }

  ArrayImages images_;
  long per_image_;
  const std::int32_t* labels_ = nullptr;
  const float* targets_ = nullptr;
  std::vector<std::int32_t> copied_;
  std::vector<float> copied_targets_;
};

}  // namespace strata::core

namespace strata {
using core::ArrayImages;
using core::ArraySet;
}  // namespace strata
