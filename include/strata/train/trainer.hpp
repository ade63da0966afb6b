// SPDX-License-Identifier: MIT
// train(model, data, options): data has a member train and, optionally, validation; or it is a set itself.
#pragma once

#include <type_traits>
#include <utility>

#include <strata/core/build_class.hpp>
#include <strata/core/digest.hpp>
#include <strata/graph/hash.hpp>
#include <strata/train/loop.hpp>
#include <strata/train/model.hpp>
#include <strata/train/normalization.hpp>
#include <strata/train/survey.hpp>

namespace strata::training {

namespace detail {

/// Pointers to the training set and to the validation set, which may be null, of the user's data.
template <class Data>
auto sets_of(Data& data) {
  if constexpr (requires { data.train, data.validation; }) return std::pair(&data.train, &data.validation);
  else if constexpr (requires { data.train; }) return std::pair(&data.train, decltype (&data.train)(nullptr));
  else return std::pair(&data, static_cast<Data*>(nullptr));
}

/// The name of a type as the compiler spells it.
template <class T>
std::string spelled() {
  const std::string all = __PRETTY_FUNCTION__;
  const std::size_t first = all.find("T = ") + 4;
  return all.substr(first, all.find_first_of(";]", first) - first);
}

/// A set's own conditions(), or digests of its samples, which need one pass over the set before the first epoch.
template <class Net, core::Samples Set>
core::Conditions conditions_of_set(Set& set) {
  constexpr auto& net = graph::lowered<Net>;
  const int count = int(set.count());
  core::Conditions out;
  out.add("samples", count);
  if constexpr (requires { core::Conditions(set.conditions()); }) {
    out.add("", set.conditions());
  } else {
    core::Digest numbers, labels;
    for_all_batches(set, Net::input, [&](const Batch& batch, const std::int32_t*, int n) {
      for (int s = 0; s < net.source_count; s++) {
        const Images& images = core::source_of(batch.images, s);
        const long size = net.graph.nodes[net.sources[s].value].out.size();
        for (int i = 0; i < n; i++)
          if (images.bytes) numbers.add(images.bytes + images.row(i) * size, std::size_t(size));
          else numbers.add(images.floats + images.row(i) * size, std::size_t(size) * sizeof(float));
      }
      for (int h = 0; h < net.head_count; h++) {
        const Labels& own = core::head_of(batch.labels, h);
        const Shape output = net.graph.nodes[net.heads[h].value].out;
        for (int i = 0; i < n; i++)
          if (own.floats)
            labels.add(own.floats + own.row(i) * output.size(), std::size_t(output.size()) * sizeof(float));
          else
            labels.add(own.values + own.row(i) * output.pixels(), std::size_t(output.pixels()) * sizeof(std::int32_t));
      }
    });
    out.add("pixels of digest", numbers.text());
    out.add("labels of digest", labels.text());
  }
  return out;
}

template <class Net>
GroupedTables grouped_tables() {
  constexpr auto& net = graph::lowered<Net>;
  return {net.layers, net.layer_count, net.parameters, net.buffers, net.parameter_count, net.buffer_count};
}

/// Adapts a model and its data to the training loop.
template <class Net, class Backend, class Train, class Validate>
class Binding final : public Trainee {
 public:
  using Bound = Model<Net, Backend>;
  Binding(Bound& model, Train& train, Validate* validate, const TrainOptions& options)
      : model_(model), train_(train), validate_(validate), options_(options) {
    constexpr auto& net = graph::lowered<Net>;
    table = net.parameters;
    tensors = net.parameter_count;
    named = grouped_tables<Net>();
    parameter_floats = Bound::parameter_floats;
    buffer_floats = Bound::buffer_floats;
    parameters = model.parameters().data();
    buffers = model.buffers().data();
    hashes = {graph::training_hash<Net>, graph::structural_hash<Net>, graph::structural_hash_1<Net>};
    for (int b = 0; b < net.buffer_count; b++)
      if (net.buffers[b].role == graph::Role::running_var)
        variances.emplace_back(net.buffers[b].offset, net.buffers[b].offset + net.buffers[b].size);
    seed = model.seed();
    samples = int(train.count());
    classes = Bound::output.channels;
    head = head_kind<Net>;
    heads = heads_of<Net>();
    for (int s = 0; s < Bound::sources; s++) source_sizes.push_back(source_shape(s).size());
    validates = validate && validate->count() > 0;
  }
  std::unique_ptr<Learner> learner(const Lesson& lesson) override {
    return make_learner<Net, Backend>(lesson, model_.workers());
  }
  void survey(bool resumes) override {
    check_metrics();
    if (several) losses_ = HeadLosses(options_.losses, heads, "train");
    else term_ = fitting_term(options_.loss, head, classes, "train");
    float_targets = several ? losses_.takes_only_floats() : unsigned(core::takes_only_floats(term_));
    if constexpr (requires { bool(train_.has_float_targets()); })
      if (!several && train_.has_float_targets()) float_targets = 1;
    if (!resumes) check_model();
    const bool fits = !resumes && reads_samples(options_.input);
    if (fits || core::is_in_memory<Train>) {
      core::LabelSums sums;
      for_all_batches(train_, Bound::input, [&](const Batch& batch, const std::int32_t* index, int n) {
        check(batch, index, n, "train");
        float_targets = core::heads_with_floats(batch.labels, std::max(1, int(heads.size())));
        sums += sum(batch, n, options_.loss.weights());
        for (int s = 0; s < Bound::sources && fits; s++)
          moments_[std::size_t(s)].add(core::source_of(batch.images, s), n, source_shape(s));
      });
      if (sums.counted == 0 || sums.weight == 0)
        throw Error("train: ", nothing_counts(sums.counted, "the training set"));
    }
    if constexpr (core::is_in_memory<Validate>) {
      if (!validates) return;
      core::LabelSums sums;
      for_all_batches(*validate_, Bound::input, [&](const Batch& batch, const std::int32_t* index, int n) {
        check(batch, index, n, "train: the validation set");
        sums += sum(batch, n, nullptr);
      });
      if (sums.counted == 0) throw Error("train: ", nothing_counts(0, "the validation set"));
    }
  }
  void fit_input() override {
    for (int s = 0; s < Bound::sources; s++)
      fill_input(options_.input, moments_[std::size_t(s)], buffers + source_node(s).buffers);
  }
  void fill_outside() override {
    [[maybe_unused]] const float* const scaling = buffers + graph::lowered<Net>.graph.nodes[0].buffers;
    if constexpr (requires(const core::Outside& outside) { train_.fill_outside(outside); })
      train_.fill_outside(zero_of_input(Bound::input.channels, scaling));
    if constexpr (requires(const core::OutsideFloats& outside) { train_.fill_outside(outside); })
      train_.fill_outside(zero_of_input_in_floats(Bound::input.channels, scaling));
  }
  void begin_epoch(const std::int32_t* order, int count, std::uint64_t seed_of_epoch,
                   bool learner_transforms) override {
    if constexpr (requires { train_.begin_epoch(order, count, seed_of_epoch, learner_transforms); })
      train_.begin_epoch(order, count, seed_of_epoch, learner_transforms);
    else if constexpr (requires { train_.begin_epoch(order, count, seed_of_epoch); })
      train_.begin_epoch(order, count, seed_of_epoch);
  }
  Batch batch(const std::int32_t* index, int count, bool byte_labels) override {
    const Batch batch = batch_of(index, count, byte_labels);
    if constexpr (core::is_in_memory<Train>) return batch;
    check_all_images<Net>(batch.images, index, count, "train");
    if (byte_labels && labels_fit(train_, Bound::output.channels)) return batch;
    check_labels_of(batch, index, count, "train");
    return batch;
  }
  core::Conditions conditions() override {
    core::Conditions out = core::build_class();
    out.add("back end", spelled<Backend>());
    out.add("training ", conditions_of_set<Net>(train_));
    if (validates) out.add("validation ", conditions_of_set<Net>(*validate_));
    return out;
  }
  metrics::Evaluation validate() override {
    model_.changed();
    return evaluate(model_, *validate_,
                    {.loss = options_.loss, .losses = options_.losses, .metrics = options_.metrics});
  }

 private:
  /// Throws Error unless the metrics, and what decides, fit what validations measure; by one of their images.
  void check_metrics() {
    if (options_.metrics.empty() && !validates) return;
    if (!validates) throw Error("train: metrics need a validation set; give data.validation, or leave them out");
    const std::string keep_by = options_.keep == Keep::last ? "loss" : options_.keep.by,
                      plateau_by = options_.plateau ? options_.plateau->by : "loss";
    const std::string patience_by = options_.validation.measure();
    if (options_.metrics.empty() && keep_by == "loss" && patience_by == "loss" && plateau_by == "loss") return;
    const std::vector<TrainedHead> measured = inference_heads_of<Net>();
    Measurement measurement(options_.metrics, measured, "train");
    const std::int32_t first = 0;
    const Batch batch = validate_->batch(&first, 1);
    check_heads(batch.labels, int(heads.size()), "train: the validation set");
    for (std::size_t h = 0; h < measured.size(); h++) {
      const Labels& labels = core::head_of(batch.labels, int(h));
      const Loss loss = !several ? options_.loss : options_.losses.empty() ? Loss{} : options_.losses[h];
      const core::LossTerm term = fitting_term(loss, measured[h].kind, measured[h].output.channels, "train");
      measurement.fits(int(h), term, labels);
      if (h > 0) continue;
      const auto check = [&](const char* option, const std::string& by) {
        if (!is_measured(by, options_.metrics, measures_values(term), !labels.floats))
          throw Error("train: ", option, " is by '", by,
                      "', which validations do not measure; give a metric of that name, or another, such as loss");
      };
      if (several || options_.keep != Keep::best_mean_iou || !labels.floats) check("keep", keep_by);
      check("patience", patience_by), check("plateau", plateau_by);
    }
  }
  Batch batch_of(const std::int32_t* index, int count, [[maybe_unused]] bool byte_labels) {
    if constexpr (requires { Batch(train_.byte_batch(index, count)); })
      if (byte_labels) return train_.byte_batch(index, count);
    return train_.batch(index, count);
  }
  void check(const Batch& batch, const std::int32_t* index, int count, const char* whose) const {
    check_all_images<Net>(batch.images, index, count, whose);
    check_labels_of(batch, index, count, whose);
  }
  void check_labels_of(const Batch& batch, const std::int32_t* index, int count, const char* whose) const {
    if (several) return losses_.check(batch.labels, index, count, whose);
    check_targets(term_, options_.loss.name(), batch.labels, index, count, Bound::output, whose);
    if (batch.labels.floats && options_.keep == Keep::best_mean_iou)
      throw Error(whose, ": the targets are floats, which have no IoU; keep the model by Keep::best_loss, or the last");
  }
  /// What the losses count in a batch; weights: of the classes, of a network with one head.
  core::LabelSums sum(const Batch& batch, int count, const float* weights) const {
    if (several) return losses_.sum(batch.labels, count);
    core::LossTerm term = core::loss_term({.losses = {&term_, 1}}, batch.labels);
    term.weights = weights;
    return core::sum_targets(term, batch.labels, count, Bound::output.pixels(), classes);
  }
  static constexpr graph::Node source_node(int s) {
    return graph::lowered<Net>.graph.nodes[graph::lowered<Net>.sources[s].value];
  }
  static constexpr Shape source_shape(int s) { return source_node(s).out; }
  /// Throws Error if the model holds NaN or infinity, for example after a training that failed.
  void check_model() {
    for (const core::NamedTensor& tensor : model_.tensors()) {
      const bool replaced = tensor.name.starts_with("input.") && options_.input != Normalization::keep;
      const long at = replaced ? -1 : core::first_not_finite(tensor.data, tensor.size());
      if (at >= 0)
        throw Error("train: the tensor '", tensor.name, "' of the model holds ",
                    core::not_finite_name(double(tensor.data[at])), "; initialize the model or load its weights again");
    }
  }

  Bound& model_;
  Train& train_;
  Validate* validate_;
  const TrainOptions& options_;
  static constexpr bool several = graph::lowered<Net>.head_count > 1;  ///< heads
  core::LossTerm term_{};                                              ///< of one head
  HeadLosses losses_;                                                  ///< of several
  std::vector<Moments> moments_ = [] {
    std::vector<Moments> moments;
    for (int s = 0; s < Bound::sources; s++) moments.emplace_back(source_shape(s).channels);
    return moments;
  }();
};

}  // namespace detail

/// A learner for a model, to run the steps of a training yourself, on at most `images` each. With `accumulates` a step
/// may add to the gradients of the previous one; groups as in TrainOptions. loss: what StepOptions::losses will say;
/// without it, softmax cross-entropy of labels. Call put() first and fetch() last. Throws Error if `images` is below 1
/// or a group does not fit the network.
template <class Net, class Backend>
std::unique_ptr<Learner> learner_of(Model<Net, Backend>& model, int images, const Optimizer& optimizer,
                                    bool accumulates = false, const std::vector<Group>& groups = {},
                                    const core::LossTerm& loss = {}) {
  constexpr auto& net = graph::lowered<Net>;
  if (images < 1) throw Error("learner_of: a step of ", images, " images; give 1 or more");
  return make_learner<Net, Backend>(
      {.table = net.parameters,
       .tensors = net.parameter_count,
       .parameter_floats = net.parameter_floats,
       .buffer_floats = net.buffer_floats,
       .parameters = model.parameters().data(),
       .buffers = model.buffers().data(),
       .images = images,
       .optimizer = optimizer,
       .accumulates = accumulates,
       .grouping = detail::grouping_of(groups, detail::grouped_tables<Net>(), "learner_of"),
       .losses = {loss},
       .float_targets = unsigned(core::takes_only_floats(loss))},
      model.workers());
}

/// Trains the model in place, and returns how that went. `data` has a member `train`, a set of samples, and may have
/// `validation`; or it is a set itself. Throws Error if options, data or files are invalid. A
/// loss that becomes NaN or infinite, a request to stop and the end of patience are reported in Run::status.
template <class Net, class Backend, class Data>
Run train(Model<Net, Backend>& model, Data&& data, const TrainOptions& options = {}) {
  const auto [set, validation] = detail::sets_of(data);
  detail::Binding<Net, Backend, std::remove_pointer_t<decltype(set)>, std::remove_pointer_t<decltype(validation)>>
      binding(model, *set, validation, options);
  struct Restore {  // the model's inference holds older parameters
    Model<Net, Backend>& model;
    ~Restore() { model.changed(); }
  } restore{model};
  return detail::run_training(binding, options);
}

}  // namespace strata::training

namespace strata {
using training::train;
}  // namespace strata
