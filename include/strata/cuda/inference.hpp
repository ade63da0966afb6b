// SPDX-License-Identifier: MIT
// Inference on the device: weights are folded and ordered on the host once, images go up by a stream of their own, the whole
// program is one CUDA graph.
#pragma once

#include <strata/cuda/inputs.hpp>
#include <strata/cuda/programs.hpp>
#include <strata/cuda/weights.hpp>

namespace strata::cuda {

/// What a network brings to a session: its plan, how many numbers it has, its functors.
struct Subject {
  PlanView plan{};
  long parameter_floats = 0, buffer_floats = 0;
  const DeviceFunctor* functors = nullptr;
};

/// The part that does not depend on the network.
class InferenceSession {
 public:
  InferenceSession(const Subject& subject, Precision precision, int max_batch)
      : subject_(subject),
        precision_(precision),
        device_(Device::current()),
        folded_(subject.plan, precision.element),
        programs_(device_, subject_.plan, precision, max_batch),
        inputs_(device_, max_batch, subject.plan.nodes[0].out.size(), 0),
        weights_(folded_.bytes),
        numbers_(4 * (subject.parameter_floats + subject.buffer_floats)),
        pinned_(std::max({folded_.bytes, numbers_.bytes(), max_batch * result_bytes()})) {
    bindings_.parameters = numbers_.floats();
    bindings_.buffers = numbers_.floats() + subject.parameter_floats;
    bindings_.functors = subject.functors;
    for (int i = 0; i < subject.plan.count; i++) {
      const auto at = [&](const std::vector<long>& offset) { return offset[std::size_t(i)] < 0 ? nullptr : weights_.data() + offset[std::size_t(i)]; };
      bindings_.weights.push_back(at(folded_.weights));
      bindings_.biases.push_back(reinterpret_cast<const float*>(at(folded_.biases)));
    }
  }

  void load(const float* parameters, const float* buffers) {
    const Stream stream = device_.stream();
    folded_.write(subject_.plan, precision_.element, parameters, buffers, pinned_.data());
    copy_to_device(weights_.data(), pinned_.data(), folded_.bytes, stream);
    synchronize(stream);
    float* const numbers = reinterpret_cast<float*>(pinned_.data());
    std::copy_n(parameters, subject_.parameter_floats, numbers);
    std::copy_n(buffers, subject_.buffer_floats, numbers + subject_.parameter_floats);
    copy_to_device(numbers_.data(), numbers, numbers_.bytes(), stream);
    synchronize(stream);
  }

  /// result: [images.count][H][W][C]; images.count <= max_batch.
  void run(const Images& images, float* result) {
    if (images.count <= 0) return;
    const Stream stream = device_.stream();
    inputs_.stage(images, nullptr);
    bindings_.images_are_bytes = inputs_.take(images.count);
    bindings_.images = inputs_.images();
    programs_.run(images.count, bindings_, false);
    const int last = subject_.plan.result;
    copy_to_host(pinned_.data(), programs_.program(images.count).value(last), images.count * result_bytes(), stream);
    synchronize(stream);
    const long count = images.count * subject_.plan.nodes[last].out.size();
    with_element(precision_.element, [&](auto e) {
      const auto* const from = reinterpret_cast<const decltype(e)*>(pinned_.data());
      for (long i = 0; i < count; i++) result[i] = to_float(from[i]);
    });
  }

  /// What was chosen for each node at the largest batch.
  const std::vector<Choice>& choices(int batch) { return programs_.program(batch).choices(); }

 private:
  long result_bytes() const { return subject_.plan.nodes[subject_.plan.result].out.size() * bytes_of(precision_.element); }

  Subject subject_;
  Precision precision_;
  Device& device_;
  FoldedWeights folded_;
  Programs programs_;
  Inputs inputs_;
  DeviceMemory weights_, numbers_;
  PinnedMemory pinned_;
  Bindings bindings_;
};

}  // namespace strata::cuda
