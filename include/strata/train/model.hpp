// SPDX-License-Identifier: MIT
// A network with its parameters and buffers, which stay in PyTorch's order however a back end packs them.
#pragma once

#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include <strata/core/aligned.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/core/error.hpp>
#include <strata/core/named_tensor.hpp>
#include <strata/core/threads/turn.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/graph/hash.hpp>
#include <strata/spec/layer.hpp>
#include <strata/train/initialize.hpp>
#include <strata/metrics/metrics.hpp>
#include <strata/train/survey.hpp>

namespace strata {

struct Cpu;

}  // namespace strata

namespace strata::training {

/// The seed of the initialization, the order of the samples and dropout.
struct seed {
  std::uint64_t value = 1;
};
/// The number of threads; 0: one per core available to this process (available_cores).
struct threads {
  int count = 0;
};

namespace detail {

inline void name_tensors(std::vector<core::NamedTensor>& out, const graph::Tensor* table, int count,
                         const graph::Layer* layers, float* floats) {
  for (int t = 0; t < count; t++) {
    core::NamedTensor named;
    named.name = graph::tensor_name(layers, table[t]).text;
    named.rank = table[t].rank;
    named.data = floats + table[t].offset;
    for (int d = 0; d < table[t].rank; d++) named.dims[d] = table[t].dims[d];
    out.push_back(named);
  }
}

}  // namespace detail

/// A network with its parameters and buffers, for prediction and training on a back end.
///
/// Several threads may call predict() and evaluate() on one model, each with its own result: they take turns. At the
/// same time they may call seed(), hash(), evaluation_batch() and workers().count() and, on a const Model&,
/// parameters() and buffers(). Everything else needs exclusive access: training, loading, saving, initialize(),
/// changed(), evaluation_batch(n), a move, and parameters(), buffers() and tensors() of a non-const model. Models on
/// the same Workers may be used and trained concurrently, each by its own threads; separate Workers are faster.
///
/// A child of fork() has a copy of the model and may use it as the parent does. It starts its own threads at its first
/// call; if that fails, it computes on one thread, with the same results.
template <class Net, class Backend = Cpu>
class Model {
  static_assert(strata::detail::is_network<Net>,
                "strata: Model<Net> holds a network, but Net is not one; write Model<Network<Image<H, W, C>, layers...>>");

 public:
  using Inference = typename Backend::template Inference<Net>;
  using Training = typename Backend::template Training<Net>;

  static constexpr Shape input = graph::lowered<Net>.graph.nodes[0].out;
  static constexpr Shape output = graph::lowered<Net>.graph.nodes[graph::lowered<Net>.graph.result].out;
  static constexpr int parameter_floats = graph::lowered<Net>.parameter_floats, buffer_floats = graph::lowered<Net>.buffer_floats;

  explicit Model(training::seed s = {}, threads t = {}, Initialize how = Initialize::glorot)
      : own_(std::make_unique<core::Workers>(t.count)), workers_(own_.get()) {
    initialize(s, how);
  }
  /// Runs on `workers`: threads, or an executor of the host program. They must outlive the model.
  explicit Model(core::Workers& workers, training::seed s = {}, Initialize how = Initialize::glorot) : workers_(&workers) {
    initialize(s, how);
  }

  /// Sets all parameters and buffers to initial values; the same seed gives the same values everywhere.
  void initialize(training::seed s, Initialize how = Initialize::glorot) {
    seed_ = s.value;
    parameters_.resize(parameter_floats);
    buffers_.resize(buffer_floats);
    detail::initialize(graph::lowered<Net>.parameters, graph::lowered<Net>.parameter_count, parameters_.data(), seed_, how);
    detail::initialize(graph::lowered<Net>.buffers, graph::lowered<Net>.buffer_count, buffers_.data(), seed_, how);
    changed();
  }
  [[deprecated("strata: initialise is now initialize")]] void initialise(training::seed s, Initialize how = Initialize::glorot) {
    initialize(s, how);
  }

  // Writing through these pointers is allowed; call changed() after writing through a pointer obtained earlier.
  float* parameters() { return changed(), parameters_.data(); }
  const float* parameters() const { return parameters_.data(); }
  float* buffers() { return changed(), buffers_.data(); }
  const float* buffers() const { return buffers_.data(); }
  /// Makes the next prediction load the parameters and buffers again.
  void changed() { loaded_ = false; }

  /// All parameters and buffers with the names that weight files use. Their data points into the model.
  std::vector<core::NamedTensor> tensors() {
    changed();
    std::vector<core::NamedTensor> out;
    constexpr auto& net = graph::lowered<Net>;
    detail::name_tensors(out, net.parameters, net.parameter_count, net.layers, parameters_.data());
    detail::name_tensors(out, net.buffers, net.buffer_count, net.layers, buffers_.data());
    return out;
  }

  /// Writes result[count][H][W][C], in batches of at most evaluation_batch(). Images are not checked: for one that
  /// holds NaN the result is NaN or arbitrary. Throws Error if there is not enough memory.
  void predict(const Images& images, float* result) {
    if (turn_.lock()) {  // a thread lost in a fork may have been constructing it
      (void)inference_.release();
      loaded_ = false;
    }
    const std::lock_guard turn(turn_, std::adopt_lock);
    Images part = images;
    for (int first = 0; first < images.count; first += part.count) {
      part = images;
      part.count = images.count - first < evaluation_batch_ ? images.count - first : evaluation_batch_;
      if (part.index) part.index += first;
      else if (part.floats) part.floats += first * input.size();
      else part.bytes += first * input.size();
      inference(part.count).run(part, result + first * output.size());
    }
  }
  /// The same, returned as an array. Throws Error if images.count is negative.
  core::Floats predict(const Images& images) {
    if (images.count < 0) throw Error("predict: ", images.count, " images were given; give 0 or more");
    core::Floats result(std::size_t(images.count * output.size()));
    predict(images, result.data());
    return result;
  }

  /// As many images as keep the largest value of the network within 64 MiB, from 1 to 1024.
  static constexpr int default_evaluation_batch = [] {
    long largest = 1;
    for (int i = 0; i < graph::lowered<Net>.graph.count; i++)
      if (graph::lowered<Net>.graph.nodes[i].out.size() > largest) largest = graph::lowered<Net>.graph.nodes[i].out.size();
    const long images = (1 << 24) / largest;
    return int(images < 1 ? 1 : images > 1024 ? 1024 : images);
  }();
  /// Sets the batch size of evaluation and prediction; their memory grows with it.
  void evaluation_batch(int images) { evaluation_batch_ = images > 0 ? images : 1; }
  int evaluation_batch() const { return evaluation_batch_; }

  core::Workers& workers() { return *workers_; }
  std::uint64_t seed() const { return seed_; }
  static constexpr graph::NetworkHash hash() { return graph::network_hash<Net>; }

 private:
  Inference& inference(int images) {
    if (!inference_ || images > inference_batch_) {
      inference_.reset();
      try {
        inference_ = std::make_unique<Inference>(images, *workers_);
      } catch (const std::bad_alloc&) {
        throw Error("predict: there is not enough memory for ", images, " images at once; set a smaller evaluation_batch");
      }
      inference_batch_ = images;
      loaded_ = false;
    }
    if (!loaded_) inference_->load(parameters_.data(), buffers_.data());
    loaded_ = true;
    return *inference_;
  }

  std::unique_ptr<core::Workers> own_;
  core::Workers* workers_;
  core::detail::Turn turn_;  ///< held by predict()
  std::uint64_t seed_ = 0;
  core::Floats parameters_, buffers_;
  std::unique_ptr<Inference> inference_;
  int inference_batch_ = 0, evaluation_batch_ = default_evaluation_batch;
  bool loaded_ = false;
};

/// Loss, accuracy and confusion matrix on a set, in inference mode. The loss is weighted by class_weights (one per
/// class; null: all 1) and divided by the number of labels, or by the sum of their weights. Throws Error, which names
/// the sample, for images that hold NaN or infinity and for labels without a class of the network.
template <class Net, class Backend, core::Samples Set>
metrics::Evaluation evaluate(Model<Net, Backend>& model, Set&& set, const float* class_weights = nullptr, bool divide_by_weights = false) {
  constexpr Shape output = Model<Net, Backend>::output;
  metrics::Evaluation out;
  out.confusion = metrics::Confusion(output.channels);
  const int step = model.evaluation_batch(), count = int(set.count());
  std::vector<std::int32_t> index;
  core::Floats result;
  for (int first = 0, n = 0; first < count; first += n) {
    n = count - first < step ? count - first : step;
    index.resize(std::size_t(n));
    for (int i = 0; i < n; i++) index[i] = first + i;
    const Batch batch = set.batch(index.data(), n);
    detail::check_images(batch.images, index.data(), n, Model<Net, Backend>::input, "evaluate");
    detail::check_labels(batch.labels, index.data(), n, output.pixels(), output.channels, "evaluate");
    result.resize(std::size_t(n * output.size()));
    model.predict(batch.images, result.data());
    for (int i = 0; i < n; i++)
      metrics::detail::tally(out, result.data() + i * output.size(), batch.labels.values + batch.labels.row(i) * output.pixels(),
                    output.pixels(), class_weights);
  }
  metrics::detail::finish(out, divide_by_weights);
  return out;
}

}  // namespace strata::training

namespace strata {
using training::Model;
using training::evaluate;
using training::seed;
using training::threads;
}  // namespace strata
