// SPDX-License-Identifier: MIT
// Inference on the device: weights are folded and ordered once on the host, images are copied in a separate stream, and
// the whole program is one CUDA graph, or one kernel if the network is small.
#pragma once

#include <strata/cuda/planning/weights.hpp>
#include <strata/cuda/runtime/device_code.hpp>
#include <strata/cuda/sessions/port_inputs.hpp>
#include <strata/cuda/sessions/programs.hpp>
#include <strata/cuda/sessions/tally.hpp>

#include <algorithm>
#include <memory>

namespace strata::cuda {

/// The network of a session: its plan, its parameters and buffers, its functors.
struct Subject {
  PlanView plan{};
  const graph::Tensor* tensors = nullptr;  ///< of the parameters
  int tensor_count = 0;
  long parameter_floats = 0, buffer_floats = 0;
  const DeviceFunctor* functors = nullptr;
  WholeLaunch whole = nullptr;  ///< inference as one kernel; null: node by node
};

/// The part of inference that does not depend on the network. Throws Error if the device has no room for it.
class InferenceSession {
 public:
  InferenceSession(const Subject& subject, Precision precision, int max_batch, const Device& device = Device::current())
      : subject_(subject),
        precision_(precision),
        device_(device.selected()),
        eager_(eager()),
        folded_(subject.plan, precision.element),
        programs_(make_programs(max_batch)),
        inputs_(device_, max_batch, port_shapes(subject.plan)),
        max_batch_(max_batch),
        weights_(folded_.bytes()),
        numbers_(numbers_bytes()),
        result_(programs_ ? 0 : max_batch * result_bytes()),
        pinned_(std::max({folded_.bytes(), numbers_.bytes(), max_batch * result_bytes()})),
        drain_(device_) {
    bindings_.parameters = numbers_.floats();
    bindings_.buffers = numbers_.floats() + subject.parameter_floats;
    bindings_.functors = subject.functors;
    for (int p = 0; p < inputs_.count(); p++) bindings_.images[p] = inputs_.images(p);
    for (int i = 0; i < subject.plan.count; i++) {
      const auto at = [&](long offset) { return offset < 0 ? nullptr : weights_.data() + offset; };
      bindings_.weights.push_back(at(folded_.place(i).weights));
      bindings_.biases.push_back(reinterpret_cast<const float*>(at(folded_.place(i).bias)));
    }
  }

  InferenceSession(const InferenceSession&) = delete;
  InferenceSession& operator=(const InferenceSession&) = delete;

  /// Takes parameters and buffers on the host, in PyTorch's order; folds the weights and copies all to the device.
  void load(const float* parameters, const float* buffers) {
    device_.select();
    const Stream stream = device_.stream();
    folded_.write(parameters, buffers, pinned_.data());
    copy_to_device(weights_.data(), pinned_.data(), folded_.bytes(), stream);
    synchronize(stream);
    float* const numbers = reinterpret_cast<float*>(pinned_.data());
    std::copy_n(parameters, subject_.parameter_floats, numbers);
    std::copy_n(buffers, subject_.buffer_floats, numbers + subject_.parameter_floats);
    copy_to_device(numbers_.data(), numbers, numbers_.bytes(), stream);
    synchronize(stream);
  }

  /// How long the steps of the last run took; empty unless it was eager (runtime/eager.hpp) and node by node.
  std::span<const StepTime> times() const { return programs_ ? programs_->times() : std::span<const StepTime>(); }

  /// Computes `result`, host memory [images.count][H][W][C] in fp32, and waits for it; of several heads, one after
  /// another. images.count <= max_batch.
  void run(const Images& images, float* result) {
    float* results[graph::max_ports];
    graph::split_results(subject_.plan, images.count, result, results);
    run(images, results);
  }
  /// The same; each head has its own results[head].
  void run(const Images& images, float* const* results) {
    if (images.count <= 0) return;
    launch(images);
    const Stream stream = device_.stream();
    unsigned char* to = pinned_.data();
    for (int head = 0; head < graph::result_count(subject_.plan); head++) {
      const long bytes = images.count * result_bytes(head);
      copy_to_host(to, computed(images.count, head), bytes, stream);
      to += bytes;
    }
    synchronize(stream);
    with_element(precision_.element, [&](auto e) {
      const auto* from = reinterpret_cast<const decltype(e)*>(pinned_.data());
      for (int head = 0; head < graph::result_count(subject_.plan); head++) {
        const long count = images.count * subject_.plan.nodes[graph::result_of(subject_.plan, head)].out.size();
        for (long i = 0; i < count; i++) results[head][i] = to_float(*from++);
      }
    });
  }

  /// Computes the result, and evaluates that of the first head on the device. images.count: from 1 to max_batch;
  /// class_weights: per class; null: all 1.
  Tallied tally(const Images& images, const Labels& labels, const float* class_weights) {
    launch(images);
    if (!tally_) tally_ = std::make_unique<Tally>(device_, max_batch_, subject_.plan.nodes[subject_.plan.result].out);
    return tally_->run(precision_.element, computed(images.count, 0), images.count, labels, class_weights);
  }

 private:
  /// Copies the images to the device and launches the network.
  void launch(const Images& images) {
    device_.select();
    inputs_.stage(images, nullptr);
    bindings_.images_are_bytes = inputs_.take(images.count);
    if (subject_.whole) run_whole(images.count);
    else programs_->run(images.count, 0, bindings_, false);
  }
  /// The device address of a head's result.
  const void* computed(int count, int head) {
    if (subject_.whole) return result_.data();
    return programs_->program(count).value(graph::result_of(subject_.plan, head));
  }
  void run_whole(int count) {
    const Stream stream = device_.stream();
    const WholeArguments arguments{bindings_.images[0], bindings_.images_are_bytes != 0, bindings_.buffers,
                                   weights_.data(), result_.floats()};
    if (!eager_) return subject_.whole(stream, count, arguments);
    synchronize(stream);  // a failure of what ran before is not the network's
    try {
      const NamedRange range("the whole network");
      subject_.whole(stream, count, arguments);
      synchronize(stream);
    } catch (const Error& error) {
      throw Error("the whole network as one kernel: ", error.what());
    }
  }
  long numbers_bytes() const { return 4 * (subject_.parameter_floats + subject_.buffer_floats); }
  /// Null if the whole network is one kernel. Throws Error if the device has no room for the session.
  std::unique_ptr<Programs> make_programs(int max_batch) {
    const auto own_bytes = [this](int n) {
      return PortInputs::device_bytes(n, port_shapes(subject_.plan)) + folded_.bytes() + numbers_bytes() +
             (subject_.whole ? n * result_bytes() : 0);
    };
    if (!subject_.whole)
      return std::make_unique<Programs>(device_, subject_.plan, precision_, max_batch, std::vector<int>(), own_bytes);
    check_elements(subject_.plan, max_batch);
    check_memory(max_batch, own_bytes(0), own_bytes);
    return nullptr;
  }
  /// Per image: of all heads, of one.
  long result_bytes() const { return graph::result_floats(subject_.plan) * bytes_of(precision_.element); }
  long result_bytes(int head) const {
    return subject_.plan.nodes[graph::result_of(subject_.plan, head)].out.size() * bytes_of(precision_.element);
  }

  Subject subject_;
  Precision precision_;
  Device device_;
  bool eager_;
  FoldedWeights folded_;
  std::unique_ptr<Programs> programs_;
  PortInputs inputs_;
  int max_batch_;
  DeviceMemory weights_, numbers_, result_;
  PinnedMemory pinned_;
  Bindings bindings_;
  std::unique_ptr<Tally> tally_;  ///< made when it is first needed
  Drain drain_;
};

}  // namespace strata::cuda
