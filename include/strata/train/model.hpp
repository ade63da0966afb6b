// SPDX-License-Identifier: MIT
// A network with its numbers: parameters and buffers in PyTorch's order, whatever a back end packs for itself.
#pragma once

#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include <strata/core/aligned.hpp>
#include <strata/core/batch.hpp>
#include <strata/core/error.hpp>
#include <strata/core/named_tensor.hpp>
#include <strata/core/turn.hpp>
#include <strata/core/parallel.hpp>
#include <strata/graph/hash.hpp>
#include <strata/train/initialise.hpp>
#include <strata/train/metrics.hpp>
#include <strata/train/survey.hpp>

namespace strata {

struct Cpu;

/// Of the initialisation, the order of the samples and dropout.
struct seed {
  std::uint64_t value = 1;
};
/// 0: as many as there are cores for this process (available_cores).
struct threads {
  int count = 0;
};

namespace detail {

inline void name_tensors(std::vector<NamedTensor>& out, const graph::Tensor* table, int count,
                         const graph::Layer* layers, float* floats) {
  for (int t = 0; t < count; t++) {
    NamedTensor named;
    named.name = graph::tensor_name(layers, table[t]).text;
    named.rank = table[t].rank;
    named.data = floats + table[t].offset;
    for (int d = 0; d < table[t].rank; d++) named.dims[d] = table[t].dims[d];
    out.push_back(named);
  }
}

}  // namespace detail

/// Several threads may call predict() and evaluate() on one model, each with a result of its own: they take turns. Beside them
/// they may ask for seed(), hash(), evaluation_batch() and workers().count() and, of a const Model&, parameters() and buffers().
/// All else wants the model for itself: training, loading, saving, initialise(), changed(), evaluation_batch(n), a move, and
/// parameters(), buffers() and tensors() of a model that is not const. Models on the same Workers may be used at once, each by
/// threads of its own, and trained; more is gained where each has its own.
///
/// A child of fork() has a copy of the model and may do with it what the parent may. Its threads start at its first call; where
/// that fails it computes on one, with the same results.
template <class Net, class Backend = Cpu>
class Model {
 public:
  using Inference = typename Backend::template Inference<Net>;
  using Training = typename Backend::template Training<Net>;

  static constexpr Shape input = lowered<Net>.graph.nodes[0].out;
  static constexpr Shape output = lowered<Net>.graph.nodes[lowered<Net>.graph.result].out;
  static constexpr int parameter_floats = lowered<Net>.parameter_floats, buffer_floats = lowered<Net>.buffer_floats;

  explicit Model(strata::seed s = {}, threads t = {}, Initialise how = Initialise::glorot)
      : own_(std::make_unique<Workers>(t.count)), workers_(own_.get()) {
    initialise(s, how);
  }
  /// On threads or on an executor of the host program, which must outlive the model.
  explicit Model(Workers& workers, strata::seed s = {}, Initialise how = Initialise::glorot) : workers_(&workers) {
    initialise(s, how);
  }

  /// Starts anew: the same numbers for the same seed everywhere.
  void initialise(strata::seed s, Initialise how = Initialise::glorot) {
    seed_ = s.value;
    parameters_.resize(parameter_floats);
    buffers_.resize(buffer_floats);
    detail::initialise(lowered<Net>.parameters, lowered<Net>.parameter_count, parameters_.data(), seed_, how);
    detail::initialise(lowered<Net>.buffers, lowered<Net>.buffer_count, buffers_.data(), seed_, how);
    changed();
  }

  // Numbers may be written through these; say changed() after writing through a pointer that was kept.
  float* parameters() { return changed(), parameters_.data(); }
  const float* parameters() const { return parameters_.data(); }
  float* buffers() { return changed(), buffers_.data(); }
  const float* buffers() const { return buffers_.data(); }
  void changed() { loaded_ = false; }

  /// All tensors with their names, as files know them. The model keeps the floats.
  std::vector<NamedTensor> tensors() {
    changed();
    std::vector<NamedTensor> out;
    constexpr auto& net = lowered<Net>;
    detail::name_tensors(out, net.parameters, net.parameter_count, net.layers, parameters_.data());
    detail::name_tensors(out, net.buffers, net.buffer_count, net.layers, buffers_.data());
    return out;
  }

  /// result[count][H][W][C], in batches of at most evaluation_batch. The numbers of the images are the caller's affair:
  /// of an image that holds NaN the result is NaN or a class as good as any.
  void predict(const Images& images, float* result) {
    if (turn_.lock()) {  // a thread that is gone may have been making it
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
  Floats predict(const Images& images) {
    if (images.count < 0) throw Error("predict: ", images.count, " images are given; give 0 or more");
    Floats result(std::size_t(images.count * output.size()));
    predict(images, result.data());
    return result;
  }

  /// As many images as make the largest value of the network 64 MB, at most 1024.
  static constexpr int default_evaluation_batch = [] {
    long largest = 1;
    for (int i = 0; i < lowered<Net>.graph.count; i++)
      if (lowered<Net>.graph.nodes[i].out.size() > largest) largest = lowered<Net>.graph.nodes[i].out.size();
    const long images = (1 << 24) / largest;
    return int(images < 1 ? 1 : images > 1024 ? 1024 : images);
  }();
  /// How many images an evaluation or prediction takes at once: its memory grows with it.
  void evaluation_batch(int images) { evaluation_batch_ = images > 0 ? images : 1; }
  int evaluation_batch() const { return evaluation_batch_; }

  Workers& workers() { return *workers_; }
  std::uint64_t seed() const { return seed_; }
  static constexpr NetworkHash hash() { return network_hash<Net>; }

 private:
  Inference& inference(int images) {
    if (!inference_ || images > inference_batch_) {
      inference_.reset();
      try {
        inference_ = std::make_unique<Inference>(images, *workers_);
      } catch (const std::bad_alloc&) {
        throw Error("predict: there is no memory for ", images, " images at once; set a smaller evaluation_batch");
      }
      inference_batch_ = images;
      loaded_ = false;
    }
    if (!loaded_) inference_->load(parameters_.data(), buffers_.data());
    loaded_ = true;
    return *inference_;
  }

  std::unique_ptr<Workers> own_;
  Workers* workers_;
  detail::Turn turn_;  ///< to predict
  std::uint64_t seed_ = 0;
  Floats parameters_, buffers_;
  std::unique_ptr<Inference> inference_;
  int inference_batch_ = 0, evaluation_batch_ = default_evaluation_batch;
  bool loaded_ = false;
};

/// Loss, accuracy and confusion on a set, with the numbers that inference uses. The loss is weighed by class_weights
/// (of each class; null: all 1) and divided by the number of labels, or by the sum of their weights. Refuses images
/// that hold NaN or infinity and labels that the network has no class for, naming the sample.
template <class Net, class Backend, Samples Set>
Evaluation evaluate(Model<Net, Backend>& model, Set&& set, const float* class_weights = nullptr, bool divide_by_weights = false) {
  constexpr Shape output = Model<Net, Backend>::output;
  Evaluation out;
  out.confusion = Confusion(output.channels);
  const int step = model.evaluation_batch(), count = int(set.count());
  std::vector<std::int32_t> index;
  Floats result;
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
      detail::tally(out, result.data() + i * output.size(), batch.labels.values + batch.labels.row(i) * output.pixels(),
                    output.pixels(), class_weights);
  }
  detail::finish(out, divide_by_weights);
  return out;
}

}  // namespace strata
