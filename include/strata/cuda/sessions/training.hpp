// SPDX-License-Identifier: MIT
// Training steps on the device. Parameters, their gradients, running statistics and everything that a step computes
// stay there. A step copies a batch to the device, possibly while the previous step runs, and the sums of its loss to
// the host.
#pragma once

#include <strata/core/samples/class_counts.hpp>
#include <strata/cuda/kernels/parameter_kernels.hpp>
#include <strata/cuda/planning/parameter_layout.hpp>
#include <strata/cuda/sessions/inference.hpp>

#include <algorithm>

namespace strata::cuda {

/// What a session is sized for.
struct TrainingNeeds {
  int images = 1;            ///< the largest batch size of a step
  bool accumulates = false;  ///< whether steps may add to the gradients of the previous one
  long extra_bytes = 0;      ///< bytes of device memory that the caller allocates after the session
};

/// The part of training that does not depend on the network. Throws Error if the device has no room for it.
class TrainingSession {
 public:
  TrainingSession(const Subject& subject, Precision precision, const TrainingNeeds& needs,
                  Device& device = Device::current())
      : subject_(subject),
        precision_(precision),
        device_(device.selected()),
        loss_(loss_of(subject.plan)),
        scored_(subject.plan.nodes[loss_].mid),
        layers_(layers_with_statistics(subject.plan)),
        layout_(subject.plan, subject.tensors, subject.tensor_count),
        nodes_(layout_.placed(subject.plan)),
        programs_(device_, placed_plan(), precision, needs.images,
                  [&](int n) { return needs.extra_bytes + own_bytes(n, needs.accumulates); }),
        inputs_(device_, needs.images, subject.plan.nodes[0].out, scored_),
        counts_(scored_),
        parameters_(4 * layout_.floats()),
        gradients_(4 * layout_.floats()),
        earlier_(needs.accumulates ? gradients_.bytes() : 0),
        buffers_(4 * subject.buffer_floats),
        copies_(copies_bytes(layout_.floats(), precision.element)),
        class_weights_(4L * scored_.channels),
        numbers_(sizeof(StepNumbers)),
        sums_(sizeof(LossSums)),
        pinned_(4 * std::max(layout_.floats(), subject.buffer_floats)),
        pinned_numbers_(sizeof(StepNumbers)),
        pinned_sums_(sizeof(LossSums)),
        pinned_class_weights_(4L * scored_.channels),
        drain_(device_) {
    bindings_.parameters = parameters_.floats();
    bindings_.buffers = buffers_.floats();
    bindings_.gradients = gradients_.floats();
    bindings_.numbers = reinterpret_cast<const StepNumbers*>(numbers_.data());
    bindings_.class_weights = class_weights_.floats();
    bindings_.sums = reinterpret_cast<LossSums*>(sums_.data());
    bindings_.functors = subject.functors;
    bindings_.images = inputs_.images(), bindings_.labels = inputs_.labels();
    for (int i = 0; i < subject.plan.count; i++) {
      const Node& node = nodes_[std::size_t(i)];
      const bool linear = multiplies_weights(node.op);
      bindings_.weights.push_back(linear ? weights() + node.weights * bytes_of(precision.element) : nullptr);
      bindings_.biases.push_back(linear && node.bias >= 0 ? parameters_.floats() + node.bias : nullptr);
    }
    check(cudaMemsetAsync(gradients_.data(), 0, std::size_t(gradients_.bytes()), device_.stream()), "cudaMemsetAsync");
  }

  TrainingSession(const TrainingSession&) = delete;
  TrainingSession& operator=(const TrainingSession&) = delete;

  /// Sums the gradients and loss of every step over all devices that share its batch. Call it before the first launch.
  void share(Reducer& reducer) { bindings_.reducer = &reducer; }

  /// Copies the model's parameters and buffers from the host, in PyTorch's order, to the device.
  void put(const float* parameters, const float* buffers) {
    device_.select();
    put_ordered(parameters, parameters_.floats());
    std::memcpy(pinned_.data(), buffers, std::size_t(buffers_.bytes()));
    copy_to_device(buffers_.data(), pinned_.data(), buffers_.bytes(), device_.stream());
    synchronize(device_.stream());
  }
  /// Copy one number per parameter to or from the device: PyTorch's order on the host, layout()'s on the device.
  void put_ordered(const float* from, float* on_device) {
    layout_.to_device(from, reinterpret_cast<float*>(pinned_.data()));
    copy_to_device(on_device, pinned_.data(), 4 * layout_.floats(), device_.stream());
    synchronize(device_.stream());
  }
  void fetch_ordered(const float* on_device, float* to) {
    copy_to_host(pinned_.data(), on_device, 4 * layout_.floats(), device_.stream());
    synchronize(device_.stream());
    layout_.from_device(reinterpret_cast<const float*>(pinned_.data()), to);
  }
  void fetch_parameters(float* to) { fetch_ordered(parameters_.floats(), to); }
  void fetch_gradients(float* to) { fetch_ordered(gradients_.floats(), to); }
  void fetch_buffers(float* to) {
    copy_to_host(pinned_.data(), buffers_.data(), buffers_.bytes(), device_.stream());
    synchronize(device_.stream());
    std::copy_n(reinterpret_cast<const float*>(pinned_.data()), subject_.buffer_floats, to);
  }

  /// Stages a batch for the next launch; at most one may wait while a step runs. Also counts the labels that the loss
  /// is divided by.
  void stage(const Images& images, const Labels& labels) {
    device_.select();
    Images own = images;
    if (!applies_transforms()) own.transforms = nullptr;
    inputs_.stage(own, &labels);
    counts_.count(own, labels);
    staged_ = images.count;
  }
  /// Whether Images::transforms are applied; else stage() ignores them.
  bool applies_transforms() const { return inputs_.applies_transforms(); }

  /// Starts a step on the staged batch. loss_factor multiplies its gradients, which keeps them in range in fp16. Throws
  /// Error if the step accumulates and the session was not created for that.
  void launch(const core::StepOptions& options, double loss_factor = 1) {
    device_.select();
    const Stream stream = device_.stream();
    const double scale = core::loss_scale(options, counts_.sums(options.class_weights));
    synchronize(stream);  // the previous step's numbers have been read
    *reinterpret_cast<StepNumbers*>(pinned_numbers_.data()) = {options.seed, float(scale * loss_factor),
                                                               float(options.momentum)};
    copy_to_device(numbers_.data(), pinned_numbers_.data(), numbers_.bytes(), stream);
    float* const own = reinterpret_cast<float*>(pinned_class_weights_.data());
    for (int c = 0; c < scored_.channels; c++) own[c] = options.class_weights ? options.class_weights[c] : 1.f;
    copy_to_device(class_weights_.data(), own, class_weights_.bytes(), stream);
    if (copies_.bytes() > 0)
      run_copy_weights(stream, precision_.element, layout_.floats(), parameters_.floats(), copies_.data());
    const bool adds = options.accumulate && options.backward;
    if (adds && earlier_.bytes() < gradients_.bytes())
      throw Error(
          "CUDA: a step accumulates gradients, but its session was created without room for them; set TrainingNeeds::accumulates");
    if (adds) copy_on_device(earlier_.data(), gradients_.data(), gradients_.bytes(), stream);
    if (options.kept) bindings_.kept.assign(options.kept, options.kept + layers_);
    else bindings_.kept.clear();
    bindings_.images_are_bytes = inputs_.take(staged_);
    programs_.run(staged_, options.shared_images, bindings_, !options.backward);
    if (adds) run_add(stream, layout_.floats(), earlier_.floats(), gradients_.floats());
    copy_to_host(pinned_sums_.data(), sums_.data(), sums_.bytes(), stream);
  }

  /// Waits for the step and returns its loss sums and counts.
  core::StepResult finish() {
    device_.select();
    synchronize(device_.stream());
    const LossSums& sums = *reinterpret_cast<const LossSums*>(pinned_sums_.data());
    return {sums.loss, sums.weight, long(sums.correct), long(sums.counted)};
  }

  /// How long the nodes of the last step took; empty unless it was eager (runtime/eager.hpp).
  std::span<const StepTime> times() const { return programs_.times(); }

  /// Gives up what was captured, since another device failed and steps may never end.
  void abandon() { programs_.forget_graphs(); }

  Device& device() const { return device_; }
  const ParameterLayout& layout() const { return layout_; }
  float* parameters() const { return parameters_.floats(); }
  float* gradients() const { return gradients_.floats(); }

 private:
  static int loss_of(const PlanView& plan) {
    int loss = -1;
    for (int i = 0; i < plan.count; i++)
      if (plan.nodes[i].op == Op::loss) loss = i;
    return loss;
  }
  static int layers_with_statistics(const PlanView& plan) {
    int layers = 0;
    for (int i = 0; i < plan.count; i++)
      if (plan.nodes[i].op == Op::batch_statistics) layers = std::max(layers, plan.nodes[i].layer + 1);
    return layers;
  }
  /// Bytes of device memory for batch sizes up to n, in addition to the programs' arena.
  long own_bytes(int n, bool accumulates) const {
    return Inputs::device_bytes(n, subject_.plan.nodes[0].out, scored_) +
           training_number_bytes(layout_.floats(), subject_.buffer_floats, precision_.element, accumulates) +
           4L * scored_.channels + long(sizeof(StepNumbers) + sizeof(LossSums));
  }
  PlanView placed_plan() const {
    PlanView plan = subject_.plan;
    plan.nodes = nodes_.data();
    return plan;
  }
  /// The numbers that are multiplied: the parameters, or their copies in the precision.
  const unsigned char* weights() const { return copies_.bytes() > 0 ? copies_.data() : parameters_.data(); }

  Subject subject_;
  Precision precision_;
  Device& device_;
  int loss_;
  Shape scored_;
  int layers_;  ///< up to and including the last batch norm
  ParameterLayout layout_;
  std::vector<Node> nodes_;
  Programs programs_;
  Inputs inputs_;
  core::ClassCounts counts_;  ///< of the staged batch
  DeviceMemory parameters_, gradients_;
  DeviceMemory earlier_;  ///< gradients of the previous micro-batches
  DeviceMemory buffers_, copies_, class_weights_, numbers_, sums_;
  PinnedMemory pinned_, pinned_numbers_, pinned_sums_, pinned_class_weights_;
  Bindings bindings_;
  int staged_ = 0;
  Drain drain_;
};

}  // namespace strata::cuda
