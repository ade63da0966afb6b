// SPDX-License-Identifier: MIT
// A machine of stand-in devices and a training on some of them, with access to what its devices do and hold.
#pragma once

#include "../cuda_backend.hpp"
#include "fake_nccl.hpp"
#include "library.hpp"

#include <strata/cuda/cuda_learner.hpp>
#include <strata/dist/parallel_learner.hpp>
#include <strata/train/adam.hpp>

#include <mutex>

namespace strata::testing {

/// Starts the machine once per program, since devices keep their streams.
inline void start_machine(int devices) {
  static const bool started = [&] {
    device::begin({.count = devices, .order = device::Order::shuffled, .seed = 7});
    return true;
  }();
  (void)started;
  nccl::begin();
}

/// The GPU back end's learner, which records the calls that it receives.
class RecordingLearner final : public training::Learner {
 public:
  RecordingLearner(const training::Lesson& lesson, const cuda::Subject& subject, const cuda::Device& device,
                   cuda::Reducer* reducer)
      : own_(lesson, subject, Fp32::precision, device, reducer),
        floats_(lesson.parameter_floats),
        buffer_floats_(lesson.buffer_floats) {}

  int images = 0;             ///< of the last staged step
  core::StepOptions options;  ///< of the last launched step

  core::Floats gradients() {
    core::Floats out(std::size_t(floats_), 0.f);
    own_.session().fetch_gradients(out.data());
    return out;
  }
  core::Floats parameters() {
    core::Floats out(std::size_t(floats_), 0.f);
    own_.session().fetch_parameters(out.data());
    return out;
  }
  core::Floats buffers() {
    core::Floats out(std::size_t(buffer_floats_), 0.f);
    own_.session().fetch_buffers(out.data());
    return out;
  }

  bool stages_ahead() const override { return own_.stages_ahead(); }
  bool transforms_images() const override { return own_.transforms_images(); }
  void stage(const Images& i, const Labels& l) override { images = i.count, own_.stage(i, l); }
  void launch(const core::StepOptions& o) override { options = o, own_.launch(o); }
  core::StepResult finish() override { return own_.finish(); }
  bool takes_byte_labels() const override { return own_.takes_byte_labels(); }
  bool runs_ahead() const override { return own_.runs_ahead(); }
  void launch_update(const core::StepOptions& o, double factor, double rate, bool stop) override {
    options = o, own_.launch_update(o, factor, rate, stop);
  }
  training::StepAndUpdate finish_update() override { return own_.finish_update(); }
  void scale_gradients(double factor) override { own_.scale_gradients(factor); }
  training::Updated update(double rate) override { return own_.update(rate); }
  void average(double weight) override { own_.average(weight); }
  void abandon() override { own_.abandon(); }
  void fetch() override { own_.fetch(); }
  void put() override { own_.put(); }
  core::Floats& state() override { return own_.state(); }
  training::Standing standing() const override { return own_.standing(); }
  void restore(const training::Standing& standing) override { own_.restore(standing); }

 private:
  cuda::CudaLearner own_;
  long floats_, buffer_floats_;
};

/// A model's numbers on the host, and learners that train it.
template <class Net>
struct LearnerFixture {
  static constexpr auto& net = graph::lowered<Net>;

  explicit LearnerFixture(int images, training::Optimizer optimizer = Adam{.rate = 0.01}, training::Clip clip = {})
      : parameters(std::size_t(net.parameter_floats)),
        buffers(std::size_t(net.buffer_floats)),
        lesson{net.parameters,
               net.parameter_count,
               net.parameter_floats,
               net.buffer_floats,
               parameters.data(),
               buffers.data(),
               images,
               optimizer,
               clip} {
    core::Random random{11, 0};
    for (float& p : parameters) p = 0.2f * random.uniform() - 0.1f;
    for (int t = 0; t < net.buffer_count; t++) {  // means and shifts 0, variances and scales 1
      const bool one =
          net.buffers[t].role == graph::Role::running_var || net.buffers[t].role == graph::Role::input_scale;
      std::fill_n(buffers.begin() + net.buffers[t].offset, net.buffers[t].size, one ? 1.f : 0.f);
    }
  }

  std::unique_ptr<RecordingLearner> on_one(int number, cuda::Reducer* reducer = nullptr) {
    return std::make_unique<RecordingLearner>(lesson, cuda::training_subject<Net, CudaWith<Fp32>::options>(),
                                              cuda::Device::numbered(number), reducer);
  }

  /// A learner on these devices; `members` holds that of each device.
  std::unique_ptr<dist::ParallelLearner> on(const std::vector<int>& devices, const dist::World& world = {},
                                            long bucket_floats = cuda::Reducer::usual_bucket) {
    return std::make_unique<dist::ParallelLearner>(
        lesson, net.source_count, outputs(), world, devices,
        [this](const training::Lesson& own, const cuda::Device& device,
               cuda::Reducer* reducer) -> std::unique_ptr<training::Learner> {
          auto made = std::make_unique<RecordingLearner>(own, cuda::training_subject<Net, CudaWith<Fp32>::options>(),
                                                         device, reducer);
          const std::lock_guard held(lock);
          members[device.number()] = made.get();
          return made;
        },
        bucket_floats);
  }

  /// Of each head, for one image.
  static std::vector<Shape> outputs() {
    std::vector<Shape> shapes;
    for (int h = 0; h < net.head_count; h++) shapes.push_back(net.graph.nodes[net.heads[h].value].out);
    return shapes;
  }

  core::Floats parameters, buffers;
  training::Lesson lesson;
  std::mutex lock;
  std::map<int, RecordingLearner*> members;  ///< by device number
};

}  // namespace strata::testing
