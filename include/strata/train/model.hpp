// SPDX-License-Identifier: MIT
// A network with its parameters and buffers, which stay in PyTorch's order however a back end packs them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <strata/core/aligned.hpp>
#include <strata/core/class_names.hpp>
#include <strata/core/error.hpp>
#include <strata/core/float_span.hpp>
#include <strata/core/input_scaling.hpp>
#include <strata/core/named_tensor.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/core/samples/sources.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/core/threads/turn.hpp>
#include <strata/graph/hash.hpp>
#include <strata/metrics/metrics.hpp>
#include <strata/spec/layer.hpp>
#include <strata/train/heads.hpp>
#include <strata/train/initialize.hpp>
#include <strata/train/loss_fit.hpp>
#include <strata/train/measurement.hpp>
#include <strata/train/survey.hpp>

namespace strata {

struct Cpu;

}  // namespace strata

namespace strata::training {

using core::InputScaling;

/// What a Model is made from: Model<Net> model{{.seed = 1, .threads = 2}}.
struct ModelOptions {
  std::uint64_t seed = 1;  ///< of the initialization, the order of the samples and dropout
  int threads =
      0;  ///< how many threads, the caller's included; 0: one per core available to this process (available_cores)
  Initialize initialize = Initialize::glorot;  ///< the distribution of the initial weights
  core::Workers* workers =
      nullptr;  ///< runs on these threads, or this executor of the host program, which outlive the model
};

/// @deprecated The seed of a Model's deprecated constructors; write Model{{.seed = 1}}.
struct seed {
  std::uint64_t value = 1;  ///< of the initialization, the order of the samples and dropout
};
/// @deprecated The threads of a Model's deprecated constructors; write Model{{.threads = 2}}.
struct threads {
  int count = 0;  ///< how many threads; 0: one per core
};

namespace detail {

template <class Float>
void name_tensors(std::vector<core::BasicNamedTensor<Float>>& out, const graph::Tensor* table, int count,
                  const graph::Layer* layers, Float* floats) {
  for (int t = 0; t < count; t++) {
    core::BasicNamedTensor<Float> named;
    named.name = graph::tensor_name(layers, table[t]).text;
    named.rank = table[t].rank;
    named.data = floats + table[t].offset;
    for (int d = 0; d < table[t].rank; d++) named.dims[d] = table[t].dims[d];
    out.push_back(named);
  }
}

/// Throws Error unless there are images of every source, as many as of the first.
inline void check_sources(const Images& images, const graph::Port* sources, int count, const char* whose) {
  if (!images.more)
    throw Error(whose, ": images of one source were given, but the network has ", count,
                "; give those of the others, in order, as Images::more");
  for (int s = 1; s < count; s++)
    if (core::source_of(images, s).count != images.count)
      throw Error(whose, ": ", core::source_of(images, s).count, " images were given for the source '", sources[s].name,
                  "', but ", images.count, " for '", sources[0].name, "'; give as many of each");
}

}  // namespace detail

/// A network with its parameters and buffers, for prediction and training on a back end.
///
/// Several threads may use one const Model& at once, each with its own result and file: all const members, evaluate(),
/// save(), and what else takes a const Model&. Predictions take turns. Everything else needs exclusive access:
/// training, loading, initialize(), changed(), evaluation_batch(n), setting input_scaling() or classes(), a move, and
/// parameters(), buffers() and tensors() of a non-const model. Models on the same Workers may be used and trained
/// concurrently, each by its own threads; separate Workers are faster.
///
/// A child of fork() has a copy of the model and may use it as the parent does. It starts its own threads at its first
/// call; if that fails, it computes on one thread, with the same results.
template <class Net, class Backend = Cpu>
class Model {
 public:
  using Inference = typename Backend::template Inference<Net>;
  using Training = typename Backend::template Training<Net>;

  static constexpr Shape input = graph::lowered<Net>.graph.nodes[0].out;  ///< of one image, of the first source
  /// Of one image's scores, of the first head.
  static constexpr Shape output = graph::lowered<Net>.graph.nodes[graph::lowered<Net>.graph.result].out;
  static constexpr int sources = graph::lowered<Net>.source_count;   ///< number of sources, >= 1
  static constexpr int heads = graph::lowered<Net>.inference_heads;  ///< number of heads, >= 1
  /// Of one image, by head.
  static constexpr auto head_shapes = [] {
    std::array<Shape, std::size_t(heads)> shapes{};
    constexpr auto& graph = graph::lowered<Net>.graph;
    for (int h = 0; h < heads; h++) shapes[std::size_t(h)] = graph.nodes[graph::result_of(graph, h)].out;
    return shapes;
  }();
  /// Numbers of one image, by source.
  static constexpr auto image_sizes = [] {
    std::array<long, std::size_t(sources)> sizes{};
    for (int s = 0; s < sources; s++)
      sizes[std::size_t(s)] = graph::lowered<Net>.graph.nodes[graph::lowered<Net>.sources[s].value].out.size();
    return sizes;
  }();
  /// Numbers that all heads give for one image.
  static constexpr long result_floats = [] {
    long floats = 0;
    for (const Shape& shape : head_shapes) floats += shape.size();
    return floats;
  }();
  static constexpr int parameter_floats = graph::lowered<Net>.parameter_floats,  ///< floats of all parameters
      buffer_floats = graph::lowered<Net>.buffer_floats;                         ///< floats of all buffers

  /// Throws Error if both threads and workers are given, or the threads cannot be started.
  explicit Model(const ModelOptions& options = {})
      : own_(options.workers ? nullptr : std::make_unique<core::Workers>(options.threads)),
        workers_(options.workers ? options.workers : own_.get()) {
    if (options.workers && options.threads != 0)
      throw Error("Model: ", options.threads, " threads were asked for, and workers were given, which have ",
                  options.workers->count(), "; give one of the two");
    initialize(options.seed, options.initialize);
  }
  // Templates, so that Model({...}) means the options.
  /// @deprecated Write Model{{.seed = 1, .threads = 2}}.
  template <std::same_as<training::seed> Seed>
  [[deprecated("strata: Model(seed{1}, threads{2}) is now Model{{.seed = 1, .threads = 2}}")]] explicit Model(
      Seed s, training::threads t = {}, Initialize how = Initialize::glorot)
      : Model(ModelOptions{.seed = s.value, .threads = t.count, .initialize = how}) {}
  /// @deprecated Write Model{{.seed = 1, .workers = &workers}}.
  template <std::same_as<core::Workers> Given>
  [[deprecated("strata: Model(workers, seed{1}) is now Model{{.seed = 1, .workers = &workers}}")]] explicit Model(
      Given& workers, training::seed s = {}, Initialize how = Initialize::glorot)
      : Model(ModelOptions{.seed = s.value, .initialize = how, .workers = &workers}) {}

  /// Sets all parameters and buffers to initial values; the same seed gives the same values everywhere.
  void initialize(std::uint64_t seed, Initialize how = Initialize::glorot) {
    seed_ = seed;
    parameters_.resize(parameter_floats);
    buffers_.resize(buffer_floats);
    detail::initialize(graph::lowered<Net>.parameters, graph::lowered<Net>.parameter_count, parameters_.data(), seed_,
                       how);
    detail::initialize(graph::lowered<Net>.buffers, graph::lowered<Net>.buffer_count, buffers_.data(), seed_, how);
    changed();
  }
  /// @deprecated Write initialize(1).
  [[deprecated("strata: initialize(seed{1}) is now initialize(1)")]] void initialize(
      training::seed s, Initialize how = Initialize::glorot) {
    initialize(s.value, how);
  }
  /// @deprecated Write initialize(1).
  [[deprecated("strata: initialise is now initialize")]] void initialise(training::seed s,
                                                                         Initialize how = Initialize::glorot) {
    initialize(s.value, how);
  }

  /// parameter_floats floats: all parameters, in PyTorch's shapes and order, one tensor after another, as tensors()
  /// lists them. Writing to them is allowed; call changed() after writing to a span obtained earlier.
  core::FloatSpan<float> parameters() { return changed(), core::FloatSpan<float>(parameters_); }
  core::FloatSpan<const float> parameters() const { return core::FloatSpan<const float>(parameters_); }
  /// The buffer_floats floats of all buffers, likewise: running statistics, and the normalization of the input.
  core::FloatSpan<float> buffers() { return changed(), core::FloatSpan<float>(buffers_); }
  core::FloatSpan<const float> buffers() const { return core::FloatSpan<const float>(buffers_); }
  /// Makes the next prediction load the parameters and buffers again.
  void changed() { loaded_ = false; }

  /// How the network scales raw input: one mean and one deviation per channel. Initially the input stays as it is. A
  /// training sets it from its images, unless TrainOptions::input is Normalization::keep. Files hold it as the tensors
  /// input.scale and input.shift; after load() from one that does not, it is what it was, and may have to be set.
  /// Name: of several sources the one with that name; empty: the first.
  template <core::FixedString Name = "">
  InputScaling input_scaling() const {
    constexpr graph::Node node = input_node<Name>();
    const float* const scale = buffers_.data() + node.buffers;
    return core::scaling_of(scale, scale + node.out.channels, node.out.channels);
  }
  /// Sets it: input_scaling({.mean = {0}, .deviation = {255}}) makes numbers from 0 to 1 of bytes. It is stored as
  /// float(1 / deviation) and float(-mean / deviation), so it reads back rounded. Throws Error unless there are one
  /// number or input.channels numbers of both, all finite, and every deviation is above 0.
  template <core::FixedString Name = "">
  void input_scaling(const InputScaling& scaling) {
    constexpr graph::Node node = input_node<Name>();
    float* const scale = buffers_.data() + node.buffers;
    core::fill_scaling(scaling, node.out.channels, scale, scale + node.out.channels);
    changed();
  }

  /// The names of the classes, one for each channel of the output of the first head, as set or loaded from a file;
  /// empty: unnamed.
  const std::vector<std::string>& classes() const { return classes_; }
  /// Sets them; files keep them, and neither training nor initialize() changes them. Throws Error unless there are
  /// output.channels names or none, each of 1 to 1000 bytes of UTF-8 without control characters.
  void classes(std::vector<std::string> names) {
    core::check_class_names(names, output.channels, "Model::classes");
    classes_ = std::move(names);
  }

  /// All parameters and buffers with the names that weight files use, in PyTorch's shapes. Their data points into the
  /// model.
  std::vector<core::NamedTensor> tensors() { return named_tensors(parameters().data(), buffers().data()); }
  std::vector<core::ConstNamedTensor> tensors() const { return named_tensors(parameters().data(), buffers().data()); }

  /// Writes the scores of images [count][H][W][C] to result[count][H'][W'][classes], in batches of at most
  /// evaluation_batch(). Images are not checked: for one that
  /// holds NaN the result is NaN or arbitrary. Of several heads, the result is that of one head after another. Throws
  /// Error if the size of the result is not count x output.size(), images.count is negative, there are not as many
  /// images of each source (Images::more) or there is not enough memory.
  void predict(const Images& images, std::span<float> result) const {
    check_result(images, result);
    const auto turn = take_turn();
    run(images, split(images, result).of, parameters_.data(), buffers_.data());
  }
  /// The same, returned as an array [count][H'][W'][classes]. Throws Error likewise.
  core::Floats predict(const Images& images) const {
    core::Floats result(std::size_t(floats_for(images)));
    predict(images, result);
    return result;
  }
  /// Predicts from the images of each source, in the order of Inputs, and writes what each head gives to its result
  /// [count][H'][W'][C], in the order of Outputs: predict({pictures, tones}, {classes, boxes}). Throws Error likewise.
  void predict(std::initializer_list<Images> images, std::initializer_list<std::span<float>> results) const
      requires(sources > 1 || heads > 1) {
    const Images all = joined(images);
    if (int(results.size()) != heads)
      throw Error("predict: ", results.size(), " results were given, but the network has ", heads,
                  " heads; give one for each");
    Results to;
    for (int h = 0; h < heads; h++) {
      const long needed = all.count * head_shapes[std::size_t(h)].size();
      if (long(results.begin()[h].size()) != needed)
        throw Error("predict: the result of the head '", graph::lowered<Net>.heads[h].name, "' has ",
                    results.begin()[h].size(), " floats, but ", all.count, " images need ", needed, "; give a span of ",
                    needed);
      to.of[h] = results.begin()[h].data();
    }
    const auto turn = take_turn();
    run(all, to.of, parameters_.data(), buffers_.data());
  }
  /// The same, returned as an array [count][H][W][C] for each head. Throws Error likewise.
  std::vector<core::Floats> predict(std::initializer_list<Images> images) const requires(sources > 1 || heads > 1) {
    const Images all = joined(images);
    std::vector<core::Floats> results;
    Results to;
    for (int h = 0; h < heads; h++) {
      results.emplace_back(std::size_t(all.count * head_shapes[std::size_t(h)].size()));
      to.of[h] = results.back().data();
    }
    const auto turn = take_turn();
    run(all, to.of, parameters_.data(), buffers_.data());
    return results;
  }
  /// Predicts with other numbers than the model's, in the order of parameters() and buffers(), as if they were its own.
  /// Throws Error as predict() does, and unless there are as many numbers as the model has.
  void predict_with(std::span<const float> parameters, std::span<const float> buffers, const Images& images,
                    std::span<float> result) const {
    if (parameters.size() != parameters_.size() || buffers.size() != buffers_.size())
      throw Error("predict_with: ", parameters.size(), " parameters and ", buffers.size(),
                  " numbers of buffers were given, but the network has ", parameter_floats, " and ", buffer_floats,
                  "; give those of this network");
    check_result(images, result);
    const auto turn = take_turn();
    const Unloaded around(loaded_);
    run(images, split(images, result).of, parameters.data(), buffers.data());
  }
  /// @deprecated Write predict(images, span), which checks the size. Throws Error as that does.
  template <class Pointer>
  requires std::same_as < std::remove_cvref_t<Pointer>,
  float* >  // not an array, whose size is known
      [[deprecated("strata: predict(images, pointer) is now predict(images, span), which checks the size")]] void
      predict(const Images& images, Pointer&& result) const {
    predict(images, std::span<float>(result, std::size_t(floats_for(images))));
  }

  /// Whether the back end evaluates a batch where it computes it; evaluate() then calls add_to().
  static constexpr bool evaluates_batches = requires(Inference & inference, const Batch& batch) {
    inference.tally(batch.images, batch.labels, nullptr);
  };
  /// Adds the loss, as a sum, and the confusion of a batch of at most evaluation_batch() images. class_weights: per
  /// class; null: all 1. Throws Error as predict() does.
  void add_to(metrics::Evaluation& evaluation, const Batch& batch,
              const float* class_weights) const requires evaluates_batches {
    const auto turn = take_turn();
    make_ready(batch.images.count, parameters_.data(), buffers_.data());
    const auto tallied = inference_->tally(batch.images, batch.labels, class_weights);
    evaluation.loss += tallied.sums.loss, evaluation.weight += tallied.sums.weight;
    evaluation.counted += long(tallied.sums.counted);
    for (std::size_t i = 0; i < evaluation.confusion.counts.size(); i++)
      evaluation.confusion.counts[i] += long(tallied.confusion[i]);
  }

  /// As many images as keep the largest value of the network within 64 MiB, from 1 to 1024.
  static constexpr int default_evaluation_batch = [] {
    long largest = 1;
    for (int i = 0; i < graph::lowered<Net>.graph.count; i++)
      if (graph::lowered<Net>.graph.nodes[i].out.size() > largest)
        largest = graph::lowered<Net>.graph.nodes[i].out.size();
    const long images = (1 << 24) / largest;
    return int(images < 1 ? 1 : images > 1024 ? 1024 : images);
  }();
  /// Sets the batch size of evaluation and prediction, in images; their memory grows with it.
  void evaluation_batch(int images) { evaluation_batch_ = images > 0 ? images : 1; }
  int evaluation_batch() const { return evaluation_batch_; }

  /// The threads on which it runs.
  core::Workers& workers() const { return *workers_; }
  /// The seed of the last initialization.
  std::uint64_t seed() const { return seed_; }
  /// What identifies its network in files.
  static constexpr graph::NetworkHash hash() { return graph::network_hash<Net>; }

 private:
  template <class Float>
  static std::vector<core::BasicNamedTensor<Float>> named_tensors(Float* parameters, Float* buffers) {
    std::vector<core::BasicNamedTensor<Float>> out;
    constexpr auto& net = graph::lowered<Net>;
    detail::name_tensors(out, net.parameters, net.parameter_count, net.layers, parameters);
    detail::name_tensors(out, net.buffers, net.buffer_count, net.layers, buffers);
    return out;
  }

  template <core::FixedString Name>
  static constexpr graph::Node input_node() {
    constexpr auto& net = graph::lowered<Net>;
    return net.graph.nodes[net.sources[graph::source_number<Net, Name>].value];
  }
  static long floats_for(const Images& images) {
    if (images.count < 0) throw Error("predict: ", images.count, " images were given; give 0 or more");
    if (sources > 1) detail::check_sources(images, graph::lowered<Net>.sources, sources, "predict");
    return images.count * result_floats;
  }

  static void check_result(const Images& images, std::span<float> result) {
    const long needed = floats_for(images);
    if (long(result.size()) == needed) return;
    if (heads > 1)
      throw Error("predict: the result has ", result.size(), " floats, but ", images.count, " images need ", needed,
                  " for ", heads, " heads; give a span of ", needed);
    throw Error("predict: the result has ", result.size(), " floats, but ", images.count, " images need ", needed, ", ",
                output.height, " x ", output.width, " x ", output.channels, " each; give a span of ", needed);
  }

  /// Where the results of the heads go.
  struct Results {
    float* of[std::size_t(heads)] = {};
  };
  static Results split(const Images& images, std::span<float> result) {
    Results to;
    float* next = result.data();
    for (std::size_t h = 0; h < std::size_t(heads); h++) {
      to.of[h] = next;
      next += images.count * head_shapes[h].size();
    }
    return to;
  }
  /// The images of all sources as one, valid as long as the list is.
  static Images joined(std::initializer_list<Images> images) {
    if (int(images.size()) != sources)
      throw Error("predict: images of ", images.size(), " sources were given, but the network has ", sources,
                  "; give those of each");
    Images all = images.begin()[0];
    if (sources > 1) all.more = images.begin() + 1;
    (void)floats_for(all);
    return all;
  }

  /// Makes a program that holds the model's own numbers load them again, before and after it holds others.
  struct Unloaded {
    bool& loaded;
    explicit Unloaded(bool& l) : loaded(l) { loaded = false; }
    ~Unloaded() { loaded = false; }
  };

  std::unique_lock<core::detail::Turn> take_turn() const {
    if (turn_.lock()) {  // a thread lost in a fork may have been constructing it
      (void)inference_.release();
      loaded_ = false;
    }
    return {turn_, std::adopt_lock};
  }

  /// Predicts with these numbers in batches; the caller has the turn.
  void run(const Images& images, float* const* results, const float* parameters, const float* buffers) const {
    for (int first = 0, count = 0; first < images.count; first += count) {
      count = images.count - first < evaluation_batch_ ? images.count - first : evaluation_batch_;
      const core::PartOfImages part(images, first, count, image_sizes);
      Results to;
      for (std::size_t h = 0; h < std::size_t(heads); h++) to.of[h] = results[h] + first * head_shapes[h].size();
      make_ready(count, parameters, buffers);
      if constexpr (heads == 1) inference_->run(part.images(), to.of[0]);
      else inference_->run(part.images(), to.of);
    }
  }

  void make_ready(int images, const float* parameters, const float* buffers) const {
    prepare(images);
    if (!loaded_) inference_->load(parameters, buffers);
    loaded_ = true;
  }

  void prepare(int images) const {
    if (inference_ && images <= inference_batch_) return;
    inference_.reset();
    try {
      inference_ = std::make_unique<Inference>(images, *workers_);
    } catch (const std::bad_alloc&) {
      throw Error("predict: there is not enough memory for ", images,
                  " images at once; set a smaller evaluation_batch");
    }
    inference_batch_ = images;
    loaded_ = false;
  }

  std::unique_ptr<core::Workers> own_;
  core::Workers* workers_;
  std::uint64_t seed_ = 0;
  core::Floats parameters_, buffers_;
  std::vector<std::string> classes_;
  int evaluation_batch_ = default_evaluation_batch;
  // The program that predicts, made and loaded at need by the predict() that holds turn_.
  mutable core::detail::Turn turn_;
  mutable std::unique_ptr<Inference> inference_;
  mutable int inference_batch_ = 0;
  mutable bool loaded_ = false;
};

/// A type that is not a network gets its sentence, and no other error.
template <class Net, class Backend>
requires(!strata::detail::is_network<Net>) class Model<Net, Backend> {
  static_assert(
      graph::detail::never<Net>,
      "strata: Model<Net> holds a network, but Net is not one; write Model<Network<Image<H, W, C>, layers...>>");

 public:
  explicit Model(const ModelOptions& = {}) {}
};

namespace detail {

/// A batch to evaluate, with its labels as bytes if both sides know them.
template <class Model, class Set>
Batch evaluation_batch(Set& set, const std::int32_t* index, int n) {
  if constexpr (Model::evaluates_batches && Model::output.channels <= 255 &&
                requires { Batch(set.byte_batch(index, n)); })
    return set.byte_batch(index, n);
  else return set.batch(index, n);
}

}  // namespace detail

/// How evaluate() computes the loss.
struct EvaluateOptions {
  std::span<const float> class_weights{};  ///< one per class; empty: those of `loss`
  bool divide_by_weights = false;          ///< divides by the sum of the labels' weights instead of their number
  Loss loss{};  ///< of the training; by default the cross-entropy after a softmax, else (y - target)^2 where targets
                ///< are floats
  std::vector<Loss> losses{};  ///< instead of `loss`, of a network with several heads: one for each; empty: their
                               ///< defaults, as of `loss`
  std::vector<metrics::Metric> metrics{};  ///< what else to measure: Evaluation::metrics
};

namespace detail {

/// The loss of a batch with these targets; without a function it is the cross-entropy of labels after a softmax.
/// has_family: whether the user named the loss.
inline core::LossTerm evaluated_term(core::LossTerm given, bool has_family, core::HeadKind head, const Labels& labels) {
  const bool by_default = !has_family && head != core::HeadKind::softmax;
  if (given.function) return given;
  if (labels.floats) given.function = by_default ? &core::squared_loss : &core::cross_entropy_loss;
  else if (has_family && head != core::HeadKind::softmax) given.function = &core::cross_entropy_loss;
  return given;
}

/// Evaluates a batch by a loss with a function; adds to `sums`, and to the confusion or the errors of `out`. scores:
/// [count][output]; a softmax at the end has turned them into probabilities.
STRATA_ONCE void tally_targets(metrics::Evaluation& out, core::StepResult& sums, const core::LossTerm& term,
                               core::HeadKind head, Shape output, const Labels& labels, int count, const float* scores);

#if STRATA_HAS_BODIES

STRATA_ONCE void tally_targets(metrics::Evaluation& out, core::StepResult& sums, const core::LossTerm& term,
                               core::HeadKind head, Shape output, const Labels& labels, int count,
                               const float* scores) {
  const core::LossFunction& function = *term.function;
  const bool measures = labels.floats && measures_values(term);
  if (measures && out.errors.channels.empty()) out.errors = metrics::ValueErrors(output.channels);
  if (labels.floats) out.confusion = {};
  core::Floats logits(std::size_t(output.size())), gradient(logits.size());
  std::vector<double> of_image(std::size_t(core::sums_of_image(output.channels)));
  for (int i = 0; i < count; i++, scores += output.size()) {
    for (std::size_t k = 0; k < logits.size(); k++)
      logits[k] = head == core::HeadKind::softmax ? std::log(scores[k] < 1e-37f ? 1e-37f : scores[k]) : scores[k];
    core::LossRun<float> run{.scores = logits.data(), .gradient = gradient.data()};
    if (labels.floats) run.targets = labels.floats + labels.row(i) * output.size();
    else run.labels = labels.values + labels.row(i) * output.pixels();
    run.count = output.pixels(), run.stride = output.channels, run.channels = output.channels;
    if (function.gather) {
      std::fill(of_image.begin(), of_image.end(), 0.0);
      function.gather(term, run, of_image.data());
      run.of_image = of_image.data();
    }
    function.floats(term, run, sums);
    if (measures) out.errors.add(scores, run.targets, run.count);
    for (long p = 0; run.labels && p < run.count; p++)
      if (run.labels[p] >= 0)
        out.confusion.at(run.labels[p], metrics::most_probable(scores + p * output.channels, output.channels))++;
  }
}

#endif  // STRATA_HAS_BODIES

/// Throws Error unless there are images of every source, all finite.
template <class Net>
void check_all_images(const Images& images, const std::int32_t* index, int count, const char* whose) {
  constexpr auto& net = graph::lowered<Net>;
  if (net.source_count > 1) check_sources(images, net.sources, net.source_count, whose);
  for (int s = 0; s < net.source_count; s++)
    check_images(core::source_of(images, s), index, count, net.graph.nodes[net.sources[s].value].out, whose);
}

/// Evaluates each head of a network with several.
template <class Net, class Backend, class Set>
metrics::Evaluation evaluate_heads(const Model<Net, Backend>& model, Set& set, const EvaluateOptions& options) {
  constexpr int heads = Model<Net, Backend>::heads;
  std::vector<TrainedHead> table = heads_of<Net>();
  std::vector<Loss> losses = options.losses;
  if (losses.size() == table.size()) losses.resize(std::size_t(heads));
  table.resize(std::size_t(heads));
  const bool given = !losses.empty();
  if (!given)  // the cross-entropy of logits or of probabilities, or squared errors, as the targets say
    for (const TrainedHead& head : table)
      losses.push_back(head.kind == core::HeadKind::sigmoid ? Loss(MeanSquaredError{}) : Loss(CrossEntropy{}));
  const HeadLosses all(losses, table, "evaluate");
  Measurement measurement(options.metrics, table, "evaluate");
  std::vector<metrics::Evaluation> each{std::size_t(heads)};
  std::vector<core::StepResult> sums{std::size_t(heads)};
  const int step = model.evaluation_batch(), count = int(set.count());
  std::vector<std::int32_t> index;
  for (int first = 0, n = 0; first < count; first += n) {
    n = std::min(count - first, step);
    index.resize(std::size_t(n));
    for (int i = 0; i < n; i++) index[std::size_t(i)] = first + i;
    const Batch batch = set.batch(index.data(), n);
    check_all_images<Net>(batch.images, index.data(), n, "evaluate");
    check_heads(batch.labels, heads, "evaluate");
    const core::Floats results = model.predict(batch.images);
    const float* scores = results.data();
    for (int h = 0; h < heads; h++) {
      const TrainedHead& head = table[std::size_t(h)];
      const Labels& labels = core::head_of(batch.labels, h);
      metrics::Evaluation& out = each[std::size_t(h)];
      core::LossTerm term = all.term(h);
      if (!given && labels.floats && head.kind != core::HeadKind::softmax) term.function = &core::squared_loss;
      if (!term.function) term.function = &core::cross_entropy_loss;
      if (!labels.floats && out.confusion.classes == 0) out.confusion = metrics::Confusion(head.output.channels);
      check_targets(term, all.loss(h).name(), labels, index.data(), n, head.output, "evaluate");
      tally_targets(out, sums[std::size_t(h)], term, head.kind, head.output, labels, n, scores);
      measurement.fits(h, term, labels);
      measurement.add(h, labels, n, scores);
      scores += n * head.output.size();
    }
  }
  double loss = 0;
  for (int h = 0; h < heads; h++) {
    metrics::Evaluation& out = each[std::size_t(h)];
    out.head = table[std::size_t(h)].name;
    const Loss& own = all.loss(h);
    metrics::detail::finish(out, sums[std::size_t(h)], own.divides_by_weights(),
                            own.reduction == Loss::Reduction::per_image ? count : 0);
    loss += all.loss(h).scale * out.loss;
  }
  metrics::Evaluation out = each[0];
  out.metrics = measurement.values([&](int h) -> const auto& { return each[std::size_t(h)].confusion; });
  out.loss = loss, out.head.clear(), out.heads = std::move(each);
  return out;
}

}  // namespace detail

/// Loss, and accuracy and confusion matrix of labels, or errors of values, on a set, in inference mode; of several
/// heads those of each (Evaluation::heads). Throws Error if a loss does not fit the network or the targets, if there
/// are class weights, but not one per class, and, with the number of the sample, for images that hold NaN or infinity
/// and for targets that the loss does not take.
template <class Net, class Backend, core::Samples Set>
metrics::Evaluation evaluate(const Model<Net, Backend>& model, Set&& set, const EvaluateOptions& options = {}) {
  if constexpr (Model<Net, Backend>::heads > 1) return detail::evaluate_heads(model, set, options);
  if (!options.losses.empty()) {  // those of the other heads are only in training
    const Loss& own = options.losses[0];
    return evaluate(model, set,
                    {.class_weights = own.class_weights,
                     .divide_by_weights = own.divides_by_weights(),
                     .loss = own,
                     .metrics = options.metrics});
  }
  constexpr Shape output = Model<Net, Backend>::output;
  constexpr core::HeadKind head = detail::head_kind<Net>;
  if (!options.class_weights.empty() && long(options.class_weights.size()) != output.channels)
    throw Error("evaluate: ", options.class_weights.size(), " class weights were given, but the network has ",
                output.channels, " classes; give one weight per class, or none");
  core::LossTerm given{.weights = options.loss.weights()};
  if (options.loss.family) given = detail::fitting_term(options.loss, head, output.channels, "evaluate");
  if (!options.class_weights.empty()) given.weights = options.class_weights.data();
  const bool divides_by_weights = options.divide_by_weights || options.loss.divides_by_weights();
  detail::Measurement measurement(options.metrics, detail::inference_heads_of<Net>(), "evaluate");
  metrics::Evaluation out;
  core::StepResult sums;
  out.confusion = metrics::Confusion(output.channels);
  const int step = model.evaluation_batch(), count = int(set.count());
  std::vector<std::int32_t> index;
  core::Floats result;
  for (int first = 0, n = 0; first < count; first += n) {
    n = count - first < step ? count - first : step;
    index.resize(std::size_t(n));
    for (int i = 0; i < n; i++) index[std::size_t(i)] = first + i;
    const bool by_function =
        measurement.reads_outputs() || (options.loss.family && (given.function || head != core::HeadKind::softmax));
    const Batch batch = by_function ? Batch(set.batch(index.data(), n))
                                    : detail::evaluation_batch<Model<Net, Backend>>(set, index.data(), n);
    detail::check_all_images<Net>(batch.images, index.data(), n, "evaluate");
    const core::LossTerm term = detail::evaluated_term(given, options.loss.family, head, batch.labels);
    if (term.function || !Model<Net, Backend>::evaluates_batches || !detail::labels_fit(set, output.channels))
      detail::check_targets(term, options.loss.name(), batch.labels, index.data(), n, output, "evaluate");
    measurement.fits(0, term, batch.labels);
    if constexpr (Model<Net, Backend>::evaluates_batches)
      if (!term.function && !measurement.reads_outputs()) {
        model.add_to(out, batch, term.weights);
        continue;
      }
    result.resize(std::size_t(n * output.size()));
    model.predict(batch.images, result);
    measurement.add(0, batch.labels, n, result.data());
    if (term.function) {
      detail::tally_targets(out, sums, term, head, output, batch.labels, n, result.data());
      continue;
    }
    for (int i = 0; i < n; i++)
      metrics::detail::tally(out, result.data() + i * output.size(),
                             batch.labels.values + batch.labels.row(i) * output.pixels(), output.pixels(),
                             term.weights);
  }
  const long images = options.loss.reduction == Loss::Reduction::per_image ? count : 0;
  out.metrics = measurement.values([&](int) -> const auto& { return out.confusion; });
  metrics::detail::finish(out, sums, divides_by_weights, images);
  return out;
}
/// Measures only these metrics in addition to what is measured anyway. Throws Error likewise, and if a metric does not
/// measure such outputs.
template <class Net, class Backend, core::Samples Set, std::same_as<std::vector<metrics::Metric>> Metrics>
metrics::Evaluation evaluate(const Model<Net, Backend>& model, Set&& set, const Metrics& metrics) {
  return evaluate(model, set, EvaluateOptions{.metrics = metrics});
}
/// @deprecated Write evaluate(model, set, {.class_weights = span, .divide_by_weights = true}).
template <class Net, class Backend, core::Samples Set, class Weights>
requires std::same_as<Weights, const float*> || std::same_as<Weights, float*> || std::same_as<Weights, std::nullptr_t>
[[deprecated(
    "strata: evaluate(model, set, weights, true) is now evaluate(model, set, {.class_weights = span, "
    ".divide_by_weights = true})")]] metrics::Evaluation
evaluate(const Model<Net, Backend>& model, Set&& set, Weights class_weights, bool divide_by_weights = false) {
  const float* first = class_weights;
  return evaluate(model, set,
                  {.class_weights = {first, first ? std::size_t(Model<Net, Backend>::output.channels) : 0},
                   .divide_by_weights = divide_by_weights});
}

}  // namespace strata::training

namespace strata {
using training::evaluate;
using training::Model;
using training::seed;
using training::threads;
}  // namespace strata
