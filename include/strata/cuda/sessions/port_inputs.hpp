// SPDX-License-Identifier: MIT
// The batches of all sources of a network on their way to the device, with the labels of its heads.
#pragma once

#include <strata/cuda/planning/lower.hpp>
#include <strata/cuda/sessions/inputs.hpp>

#include <algorithm>
#include <deque>

namespace strata::cuda {

/// The shapes of the images of a plan's sources and, in training, of its heads' labels. 0 channels: there are none.
struct PortShapes {
  Shape images[graph::max_ports]{}, labels[graph::max_ports]{};
  int count = 1;  ///< of sources or heads, whichever are more
};

/// Those of a plan.
constexpr PortShapes port_shapes(const PlanView& plan) {
  PortShapes shapes;
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    if (node.op != Op::input && node.op != Op::loss) continue;
    if (node.op == Op::input) shapes.images[node.port] = node.out;
    else shapes.labels[node.port] = node.mid;
    shapes.count = std::max(shapes.count, node.port + 1);
  }
  return shapes;
}

class PortInputs {
 public:
  PortInputs(const Device& device, int max_batch, const PortShapes& shapes) {
    for (int p = 0; p < shapes.count; p++) inputs_.emplace_back(device, max_batch, shapes.images[p], shapes.labels[p]);
    for (int p = 0; p < shapes.count; p++)
      sources_ += shapes.images[p].channels > 0, heads_ += shapes.labels[p].channels > 0;
  }

  /// Bytes of device memory that the constructor allocates.
  static constexpr long device_bytes(int max_batch, const PortShapes& shapes) {
    long bytes = 0;
    for (int p = 0; p < shapes.count; p++) bytes += Inputs::device_bytes(max_batch, shapes.images[p], shapes.labels[p]);
    return bytes;
  }
  /// Whether Images::transforms can be applied: to the images and labels of a network with one of each.
  bool applies_transforms() const { return inputs_.size() == 1 && inputs_[0].applies_transforms(); }

  /// Starts the copy of a batch; at most one staged batch may wait for take(). labels: null in inference.
  void stage(const Images& images, const Labels* labels) {
    for (int p = 0; p < int(inputs_.size()); p++) {
      Images own = p < sources_ ? core::source_of(images, p) : Images{.count = images.count};
      if (inputs_.size() > 1) own.transforms = nullptr;
      inputs_[std::size_t(p)].stage(own, labels && p < heads_ ? &core::head_of(*labels, p) : nullptr);
    }
  }
  /// Moves the oldest staged batch, of `count` images, to where the program reads it, in the stream of the steps.
  /// Returns whose images are bytes: bit s is source s.
  unsigned take(int count) {
    unsigned bytes = 0;
    for (std::size_t p = 0; p < inputs_.size(); p++) bytes |= unsigned(inputs_[p].take(count)) << p;
    return bytes;
  }

  int count() const { return int(inputs_.size()); }
  const void* images(int source) const { return inputs_[std::size_t(source)].images(); }
  DeviceLabels labels(int head) const { return inputs_[std::size_t(head)].labels(); }

 private:
  std::deque<Inputs> inputs_;
  int sources_ = 0, heads_ = 0;
};

}  // namespace strata::cuda
