// SPDX-License-Identifier: MIT
// The evaluation of a batch on the device: labels go there, and the loss and the confusion come back instead of the
// probabilities, which are many times larger.
#pragma once

#include <strata/core/samples/batch.hpp>
#include <strata/cuda/kernels/own_kernels.hpp>
#include <strata/cuda/runtime/device.hpp>
#include <strata/cuda/sessions/gather_labels.hpp>

#include <cstring>

namespace strata::cuda {

/// The evaluation of a batch, in host memory that stays valid until the next.
struct Tallied {
  TallySums sums{};
  const long long* confusion = nullptr;  ///< [truth][predicted]
};

class Tally {
 public:
  /// scores: the shape of one image's probabilities. Throws Error if the device has no room.
  Tally(Device& device, int max_batch, Shape scores)
      : device_(device),
        scores_(scores),
        label_(label_bytes(scores)),
        labels_(max_batch * scores.pixels() * label_),
        class_weights_(4L * scores.channels),
        result_(result_bytes(scores)),
        workspace_(tally_workspace_bytes(scores)),
        pinned_labels_(labels_.bytes()),
        pinned_weights_(class_weights_.bytes()),
        pinned_result_(result_.bytes()) {}

  /// Evaluates probabilities on the device, which are computed in its stream, and waits. class_weights: null: all 1.
  Tallied run(Element element, const void* probabilities, int count, const Labels& labels, const float* class_weights) {
    const Stream stream = device_.stream();
    const long each = scores_.pixels();
    for (int i = 0; i < count; i++)
      gather_labels(labels, labels.row(i) * each, each, label_, pinned_labels_.data() + i * each * label_);
    for (int c = 0; c < scores_.channels; c++)
      reinterpret_cast<float*>(pinned_weights_.data())[c] = class_weights ? class_weights[c] : 1.f;
    copy_to_device(labels_.data(), pinned_labels_.data(), count * each * label_, stream);
    copy_to_device(class_weights_.data(), pinned_weights_.data(), class_weights_.bytes(), stream);
    run_tally({.stream = stream,
               .element = element,
               .batch = count,
               .scores = scores_,
               .probabilities = probabilities,
               .labels = labels_on_device(labels_.data(), label_),
               .class_weights = class_weights_.floats(),
               .sums = reinterpret_cast<TallySums*>(result_.data()),
               .confusion = reinterpret_cast<long long*>(result_.data() + sizeof(TallySums)),
               .workspace = workspace_.data()});
    copy_to_host(pinned_result_.data(), result_.data(), result_.bytes(), stream);
    synchronize(stream);
    Tallied out{{}, reinterpret_cast<const long long*>(pinned_result_.data() + sizeof(TallySums))};
    std::memcpy(&out.sums, pinned_result_.data(), sizeof out.sums);
    return out;
  }

 private:
  static long result_bytes(Shape scores) { return long(sizeof(TallySums)) + 8L * scores.channels * scores.channels; }

  Device& device_;
  Shape scores_;
  long label_;  ///< bytes
  DeviceMemory labels_, class_weights_, result_, workspace_;
  PinnedMemory pinned_labels_, pinned_weights_, pinned_result_;
};

}  // namespace strata::cuda
