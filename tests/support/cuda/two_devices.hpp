// SPDX-License-Identifier: MIT
// A machine of stand-in devices and a training on some of them, with what its devices hold in sight.
#pragma once

#include "fake_nccl.hpp"
#include "shared_learner.hpp"

#include <strata/dist/parallel_learner.hpp>
#include <strata/train/adam.hpp>

namespace strata::cuda {
/// No cuDNN graph is asked for.
std::unique_ptr<Library> make_library() { return nullptr; }
}  // namespace strata::cuda

namespace strata::testing {

/// Once a program: devices keep their streams.
inline void start_machine(int devices) {
  static const bool started = [&] {
    device::begin({.count = devices, .order = device::Order::shuffled, .seed = 7});
    return true;
  }();
  (void)started;
  nccl::begin();
}

/// A model's numbers on the host, and a learner of it.
template <class Net>
struct Pupil {
  static constexpr auto& net = lowered<Net>;
  static constexpr Shape scores = SharedLearner<Net>::scores();

  explicit Pupil(int images, Optimizer optimizer = Adam{.rate = 0.01}, Clip clip = {})
      : parameters(std::size_t(net.parameter_floats)),
        buffers(std::size_t(net.buffer_floats)),
        lesson{net.parameters, net.parameter_count, net.parameter_floats, net.buffer_floats, parameters.data(), buffers.data(), images,
               std::move(optimizer), clip} {
    Random random{11, 0};
    for (float& p : parameters) p = 0.2f * random.uniform() - 0.1f;
    for (int t = 0; t < net.buffer_count; t++)  // means and shifts 0, variances and scales 1
      for (int k = 0; k < net.buffers[t].size; k++)
        buffers[std::size_t(net.buffers[t].offset + k)] =
            net.buffers[t].role == graph::Role::running_var || net.buffers[t].role == graph::Role::input_scale ? 1.f : 0.f;
  }

  /// A learner on these devices; each has its SharedLearner in `members`.
  std::unique_ptr<dist::ParallelLearner> on(const std::vector<int>& devices, const dist::World& world = {}) {
    return std::make_unique<dist::ParallelLearner>(
        lesson, scores, world, devices, [this, devices](const Lesson& own, cuda::Device& device, cuda::Reducer* reducer) {
          auto made = std::make_unique<SharedLearner<Net>>(own, device, reducer);
          const std::lock_guard held(lock);
          members[device.number()] = made.get();
          return made;
        });
  }

  Floats parameters, buffers;
  Lesson lesson;
  std::mutex lock;
  std::map<int, SharedLearner<Net>*> members;  ///< by the number of their device
};

}  // namespace strata::testing
