// SPDX-License-Identifier: MIT
// A batch on its way to the device: gathered into pinned memory, copied in a separate stream while the previous step
// runs, and handed over on the device, where its changes are applied. Two buffers alternate, so that gathering never
// waits for the copy in progress. Labels of up to 255 classes travel, and stay, as bytes.
#pragma once

#include <strata/core/samples/views.hpp>
#include <strata/core/shape.hpp>
#include <strata/cuda/kernels/own_kernels.hpp>
#include <strata/cuda/runtime/device.hpp>
#include <strata/cuda/runtime/rounded_bytes.hpp>
#include <strata/cuda/sessions/gather_labels.hpp>

#include <algorithm>
#include <cstring>

namespace strata::cuda {

class Inputs {
 public:
  /// labels: the shape of the labels of one image. 0 channels: no images, or no labels.
  Inputs(const Device& device, int max_batch, Shape image, Shape labels)
      : device_(device),
        shape_(image),
        size_(image.size()),
        labels_(labels_of(labels)),
        label_(label_bytes(labels)),
        recipe_(recipe_of(image, labels)),
        at_(offsets_of(max_batch, image, labels)) {
    for (Place& place : places_) {
      place.host = PinnedMemory(at_.end);
      place.device = DeviceMemory(at_.end);
      place.copied = make_event(), place.taken = make_event();
    }
    taken_ = DeviceMemory(at_.recipes);
  }

  /// Bytes of device memory that the constructor allocates.
  static constexpr long device_bytes(int max_batch, Shape image, Shape labels) {
    const Offsets at = offsets_of(max_batch, image, labels);
    return 2 * at.end + at.recipes;
  }
  /// Bytes of pinned host memory that it allocates.
  static constexpr long host_bytes(int max_batch, Shape image, Shape labels) {
    return 2 * offsets_of(max_batch, image, labels).end;
  }
  /// Whether there is a label per pixel of an image, so that Images::transforms can be applied.
  bool applies_transforms() const { return recipe_ > 0; }

  /// Starts the copy of a batch; at most one staged batch may wait for take(), which applies the changes of byte images
  /// with labels.
  void stage(const Images& images, const Labels* labels) {
    Place& place = places_[staged_++ % 2];
    check(cudaEventSynchronize(place.copied.get()), "cudaEventSynchronize");  // its host memory has been read
    place.bytes = images.bytes != nullptr,
    place.transforms = place.bytes && labels && images.transforms && applies_transforms();
    const long number = place.bytes ? 1 : 4;
    const unsigned char* const from =
        place.bytes ? images.bytes : reinterpret_cast<const unsigned char*>(images.floats);
    for (int i = 0; size_ > 0 && i < images.count; i++)
      std::memcpy(place.host.data() + i * size_ * number, from + images.row(i) * size_ * number,
                  std::size_t(size_ * number));
    for (int i = 0; labels && i < images.count; i++)
      gather_labels(*labels, labels->row(i) * labels_, labels_, label_,
                    place.host.data() + at_.labels + i * labels_ * label_);
    for (int i = 0; place.transforms && i < images.count; i++)
      write_transform_recipe(images.transforms[i], shape_, place.host.data() + at_.recipes + i * recipe_);
    const Stream stream = device_.copy_stream();
    check(cudaStreamWaitEvent(stream, place.taken.get(), 0), "cudaStreamWaitEvent");
    copy_to_device(place.device.data(), place.host.data(), images.count * size_ * number, stream);
    if (labels)
      copy_to_device(place.device.data() + at_.labels, place.host.data() + at_.labels, images.count * labels_ * label_,
                     stream);
    if (place.transforms)
      copy_to_device(place.device.data() + at_.recipes, place.host.data() + at_.recipes, images.count * recipe_,
                     stream);
    check(cudaEventRecord(place.copied.get(), stream), "cudaEventRecord");
  }

  /// Moves the oldest staged batch, of `count` images, to where the program reads it, in the stream of the steps.
  /// Returns whether its images are bytes.
  bool take(int count) {
    Place& place = places_[handed_++ % 2];
    const Stream stream = device_.stream();
    check(cudaStreamWaitEvent(stream, place.copied.get(), 0), "cudaStreamWaitEvent");
    if (place.transforms) {
      run_augment_batch({.stream = stream,
                         .batch = count,
                         .shape = shape_,
                         .recipes = place.device.data() + at_.recipes,
                         .images = place.device.data(),
                         .labels = place.device.data() + at_.labels,
                         .changed_images = taken_.data(),
                         .changed_labels = taken_.data() + at_.labels,
                         .labels_are_bytes = label_ == 1});
    } else {
      copy_on_device(taken_.data(), place.device.data(), count * size_ * (place.bytes ? 1 : 4), stream);
      copy_on_device(taken_.data() + at_.labels, place.device.data() + at_.labels, count * labels_ * label_, stream);
    }
    check(cudaEventRecord(place.taken.get(), stream), "cudaEventRecord");
    return place.bytes;
  }

  const void* images() const { return taken_.data(); }
  DeviceLabels labels() const { return labels_on_device(taken_.data() + at_.labels, label_); }

 private:
  struct Place {
    PinnedMemory host;
    DeviceMemory device;
    OwnedEvent copied, taken;
    bool bytes = false, transforms = false;
  };
  /// Byte offsets of the parts of a `Place` after its images, and its end.
  struct Offsets {
    long labels = 0, recipes = 0, end = 0;
  };
  static constexpr Offsets offsets_of(int max_batch, Shape image, Shape labels) {
    const long labels_at = rounded_bytes(max_batch * image.size() * 4);
    const long recipes_at = labels_at + rounded_bytes(max_batch * labels_of(labels) * label_bytes(labels));
    return {labels_at, recipes_at, recipes_at + max_batch * recipe_of(image, labels)};
  }
  static constexpr long labels_of(Shape labels) { return labels.channels > 0 ? labels.pixels() : 0; }
  static constexpr long recipe_of(Shape image, Shape labels) {
    return labels.channels > 0 && labels.height == image.height && labels.width == image.width
               ? transform_recipe_bytes(image)
               : 0;
  }

  Device device_;
  Shape shape_;
  long size_, labels_, label_, recipe_;  ///< per image: numbers, labels, bytes of a label, bytes of a recipe
  Offsets at_;
  Place places_[2];
  DeviceMemory taken_;
  long staged_ = 0, handed_ = 0;
};

}  // namespace strata::cuda
