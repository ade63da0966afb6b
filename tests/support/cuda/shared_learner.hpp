// SPDX-License-Identifier: MIT
// A learner of one stand-in device as the GPU back end's is to those around it, with the network's mathematics taken from the CPU: the
// host computes the gradients, and on the device a captured graph of a kernel a node, in the order of the device's plan, puts them
// where a backward pass would, and tells the reducer.
#pragma once

#include "device_plan.hpp"

#include <strata/cpu/cpu.hpp>
#include <strata/cuda/device.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/reducer.hpp>
#include <strata/train/learner.hpp>

#include <cstring>
#include <mutex>
#include <set>

namespace strata::testing {

struct Put {
  const float* from;
  float* to;
  void operator()(long i) const { to[i] = from[i]; }
};

template <class Net>
class SharedLearner final : public Learner {
 public:
  static constexpr Shape scores() { return lowered<Net>.graph.nodes[lowered<Net>.graph.result].out; }

  SharedLearner(const Lesson& lesson, cuda::Device& device, cuda::Reducer* reducer)
      : lesson_(lesson),
        device_(device),
        reducer_(reducer),
        training_(lesson.images, workers_),
        updater_(lesson.table, lesson.tensors, lesson.parameter_floats, lesson.optimizer, lesson.clip),
        parameters_(std::size_t(lesson.parameter_floats)),
        buffers_(std::size_t(lesson.buffer_floats)),
        made_(4 * lesson.parameter_floats + 64),
        pinned_(made_.bytes()),
        gradients_(4 * lesson.parameter_floats),
        sums_(sizeof(cuda::LossSums)) {
    cuda::check(cudaMemsetAsync(gradients_.data(), 0, std::size_t(gradients_.bytes()), device.stream()), "cudaMemsetAsync");
  }

  bool stages_ahead() const override { return true; }
  void stage(const Images& images, const Labels& labels) override { images_ = images, labels_ = labels; }

  void launch(const StepOptions& options) override {
    largest_ = std::max(largest_, images_.count);
    last_ = options;
    const Images images = images_;
    const StepResult r = training_.step(parameters_.data(), buffers_.data(), images, labels_, reinterpret_cast<float*>(pinned_.data()), options);
    const cuda::LossSums sums{r.loss, r.weight, r.correct, r.counted};
    std::memcpy(pinned_.data() + pinned_.bytes() - 64, &sums, sizeof sums);
    cuda::OwnedGraph& graph = graphs_[options.backward];
    if (!graph) graph = capture(options.backward);
    if (reducer_) reducer_->meet();
    cuda::check(cudaGraphLaunch(graph.get(), device_.stream()), "cudaGraphLaunch");
  }
  StepResult finish() override {
    cuda::synchronize(device_.stream());
    cuda::LossSums sums;
    fetch(&sums, sums_.data(), sizeof sums);
    return {sums.loss, sums.weight, long(sums.correct), long(sums.counted)};
  }

  void scale_gradients(double factor) override { factor_ = float(factor); }
  Updated update(double rate) override {
    Floats gradients = this->gradients();
    for (float& g : gradients) g *= factor_;
    factor_ = 1;
    return updater_.update(workers_, parameters_.data(), gradients.data(), rate) ? Updated::yes : Updated::no;
  }
  Floats gradients() {
    Floats out(std::size_t(lesson_.parameter_floats));
    fetch(out.data(), gradients_.data(), gradients_.bytes());
    return out;
  }
  const Floats& parameters() const { return parameters_; }
  const Floats& buffers() const { return buffers_; }
  int largest() const { return largest_; }
  const StepOptions& last() const { return last_; }

  void fetch() override {
    std::copy(parameters_.begin(), parameters_.end(), lesson_.parameters);
    std::copy(buffers_.begin(), buffers_.end(), lesson_.buffers);
  }
  void put() override {
    std::copy_n(lesson_.parameters, lesson_.parameter_floats, parameters_.begin());
    std::copy_n(lesson_.buffers, lesson_.buffer_floats, buffers_.begin());
  }
  Floats& state() override { return updater_.state(); }
  long steps() const override { return updater_.step(); }
  double rate() const override { return updater_.rate(); }
  void restore(long steps, double rate) override { updater_.restore(steps, rate); }

 private:
  cuda::OwnedGraph capture(bool backward) {
    const cuda::Stream stream = device_.stream();
    cuda::check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    cudaGraph_t graph = nullptr;
    try {
      put_into(stream, backward);
    } catch (...) {
      if (cudaStreamEndCapture(stream, &graph) == cudaSuccess) (void)cudaGraphDestroy(graph);
      throw;
    }
    cuda::check(cudaStreamEndCapture(stream, &graph), "cudaStreamEndCapture");
    const cuda::Owned<cudaGraph_t, &cudaGraphDestroy> owned(graph);
    cudaGraphExec_t ready;
    cuda::check(cudaGraphInstantiate(&ready, graph, 0), "cudaGraphInstantiate");
    return cuda::OwnedGraph(ready);
  }
  void put_into(cuda::Stream stream, bool backward) {
    const cuda::PlanView plan = device_plan<Net>();
    auto* const sums = reinterpret_cast<cuda::LossSums*>(sums_.data());
    if (reducer_) reducer_->begin(stream, gradients_.floats());
    cuda::copy_to_device(made_.data(), pinned_.data(), made_.bytes(), stream);
    cuda::copy_on_device(sums, made_.data() + made_.bytes() - 64, sizeof *sums, stream);
    for (int i = 0; i < plan.count && backward; i++) {
      const cuda::Learned learned = cuda::learned_by(plan.nodes[i]);
      for (int s = 0; s < learned.count; s++) {
        const cuda::Span span = learned.spans[s];
        cuda::for_each(stream, "gradient", span.count, Put{made_.floats() + span.offset, gradients_.floats() + span.offset});
      }
      if (reducer_) reducer_->finished(learned);
    }
    if (reducer_) reducer_->end(sums);
  }
  void fetch(void* to, const void* from, long bytes) {
    const cuda::PinnedMemory host(bytes);
    cuda::copy_to_host(host.data(), from, bytes, device_.stream());
    cuda::synchronize(device_.stream());
    std::memcpy(to, host.data(), std::size_t(bytes));
  }

  Lesson lesson_;
  cuda::Device& device_;
  cuda::Reducer* reducer_;
  Workers workers_{1};
  typename Cpu::Training<Net> training_;
  Updater updater_;
  Floats parameters_, buffers_;
  cuda::DeviceMemory made_;  ///< gradients in the order of the parameters; the sums of the loss in the last 64 bytes
  cuda::PinnedMemory pinned_;
  cuda::DeviceMemory gradients_, sums_;
  cuda::OwnedGraph graphs_[2];
  Images images_{};
  Labels labels_{};
  StepOptions last_{};
  int largest_ = 0;
  float factor_ = 1;
};

}  // namespace strata::testing
