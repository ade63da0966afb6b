// SPDX-License-Identifier: MIT
// A batch on its way to the device: gathered into pinned memory, copied by a stream of its own while the step before runs, and
// handed over on the device. Two places take turns, so that gathering never waits for a copy that is read.
#pragma once

#include <strata/core/views.hpp>
#include <strata/cuda/device.hpp>

#include <algorithm>
#include <cstring>

namespace strata::cuda {

class Inputs {
 public:
  /// Of an image `size` numbers, and `labels` labels (0: none).
  Inputs(Device& device, int max_batch, long size, long labels) : device_(device), size_(size), labels_(labels), max_batch_(max_batch) {
    for (Place& place : places_) {
      place.host = PinnedMemory(place_bytes());
      place.device = DeviceMemory(place_bytes());
      place.copied = make_event(), place.taken = make_event();
    }
    taken_ = DeviceMemory(place_bytes());
  }

  /// Bytes of the device for each image.
  static constexpr long image_bytes(long size, long labels) { return 3 * 4 * (size + labels); }

  /// Starts the copy of a batch: at most one more than was taken.
  void stage(const Images& images, const Labels* labels) {
    Place& place = places_[staged_++ % 2];
    check(cudaEventSynchronize(place.copied.get()), "cudaEventSynchronize");  // its host memory was read
    place.bytes = images.bytes != nullptr;
    const long number = place.bytes ? 1 : 4;
    const unsigned char* const from = place.bytes ? images.bytes : reinterpret_cast<const unsigned char*>(images.floats);
    for (int i = 0; i < images.count; i++)
      std::memcpy(place.host.data() + i * size_ * number, from + images.row(i) * size_ * number, std::size_t(size_ * number));
    if (labels)
      for (int i = 0; i < images.count; i++)
        std::memcpy(place.host.data() + labels_at() + i * labels_ * 4, labels->values + labels->row(i) * labels_, std::size_t(labels_ * 4));
    const Stream stream = device_.copy_stream();
    check(cudaStreamWaitEvent(stream, place.taken.get(), 0), "cudaStreamWaitEvent");
    copy_to_device(place.device.data(), place.host.data(), images.count * size_ * number, stream);
    if (labels) copy_to_device(place.device.data() + labels_at(), place.host.data() + labels_at(), images.count * labels_ * 4, stream);
    check(cudaEventRecord(place.copied.get(), stream), "cudaEventRecord");
  }

  /// Puts the batch that was staged first where the program reads it, in the stream of the steps. True: its images are bytes.
  bool take(int count) {
    Place& place = places_[handed_++ % 2];
    const Stream stream = device_.stream();
    check(cudaStreamWaitEvent(stream, place.copied.get(), 0), "cudaStreamWaitEvent");
    copy_on_device(taken_.data(), place.device.data(), count * size_ * (place.bytes ? 1 : 4), stream);
    copy_on_device(taken_.data() + labels_at(), place.device.data() + labels_at(), count * labels_ * 4, stream);
    check(cudaEventRecord(place.taken.get(), stream), "cudaEventRecord");
    return place.bytes;
  }

  const void* images() const { return taken_.data(); }
  const std::int32_t* labels() const { return reinterpret_cast<const std::int32_t*>(taken_.data() + labels_at()); }

 private:
  struct Place {
    PinnedMemory host;
    DeviceMemory device;
    OwnedEvent copied, taken;
    bool bytes = false;
  };
  long labels_at() const { return (max_batch_ * size_ * 4 + 255) / 256 * 256; }
  long place_bytes() const { return labels_at() + max_batch_ * labels_ * 4; }

  Device& device_;
  long size_, labels_;
  int max_batch_;
  Place places_[2];
  DeviceMemory taken_;
  long staged_ = 0, handed_ = 0;
};

}  // namespace strata::cuda
