// SPDX-License-Identifier: MIT
// The part of a candidate's program that depends on its network; strata_experiment() of CMake writes a file for each
// candidate that calls run_candidate(). What does not depend on it is compiled once, in candidate_main.hpp.
#pragma once

#include <strata/core/clock.hpp>
#include <strata/core/digest.hpp>
#include <strata/cpu/cost.hpp>
#include <strata/experiment/task.hpp>
#include <strata/train/trainer.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace strata::experiment {

/// The quality of a trained candidate on a set.
struct Scored {
  double score = 0, loss = 0;
};

/// A candidate's model and data, without their types.
class Trainable {
 public:
  virtual ~Trainable() = default;
  /// Trains from the initial weights of the seed.
  virtual training::Run train(const TrainOptions&) = 0;
  virtual Scored validate() = 0;
  virtual bool has_test() const = 0;
  virtual Scored test() = 0;
  /// Predicts one image.
  virtual void predict() = 0;
  /// Digest of the training and validation samples, as far as the sets tell it.
  virtual std::string data_digest() = 0;
};

/// A candidate as its program's main function uses it.
struct CompiledCandidate {
  std::unique_ptr<Trainable> (*make)(std::uint64_t seed, int threads) = nullptr;
  TrainOptions (*options)() = nullptr;
  long (*training_bytes)(int images, int threads) = nullptr;
  long arena_bytes = 0;  ///< of inference of one image
};

/// The main function of a candidate's program; defined in candidate_main.hpp.
int candidate_main(int argc, char** argv, const CompiledCandidate&);

namespace detail {

template <class Data>
concept has_validation = requires(Data& data) {
  data.train;
  data.validation;
};
template <class Data>
concept has_test_set = requires(Data& data) {
  data.test;
};

template <class Set>
void add_conditions(core::Digest& digest, Set& set) {
  digest.word(std::uint64_t(set.count()));
  if constexpr (requires { core::Conditions(set.conditions()); })
    for (const core::Condition& c : set.conditions()) digest.add(c.name), digest.add(c.value);
}

template <class Task, class Net>
class TrainableOf final : public Trainable {
  using Data = decltype(data_of<Task>(Net::input));
  static_assert(
      has_validation<Data>,
      "strata: the task's data needs the members train and validation: a candidate is chosen by samples that no candidate is trained on");

 public:
  TrainableOf(std::uint64_t seed, int threads)
      : data_(data_of<Task>(Net::input)), model_({.seed = seed, .threads = threads}) {}

  training::Run train(const TrainOptions& options) override {
    model_.initialize(model_.seed());
    return training::train(model_, data_, options);
  }
  Scored validate() override { return scored(data_.validation); }
  bool has_test() const override { return has_test_set<Data>; }
  Scored test() override {
    if constexpr (has_test_set<Data>) return scored(data_.test);
    else return {};
  }
  void predict() override {
    constexpr auto& net = graph::lowered<Net>;
    Images sources[net.source_count];
    for (int s = 0; s < net.source_count; s++) {
      images_[s].resize(std::size_t(net.graph.nodes[net.sources[s].value].out.size()));
      sources[s] = {.floats = images_[s].data(), .count = 1};
    }
    if (net.source_count > 1) sources[0].more = sources + 1;
    result_.resize(std::size_t(Model<Net>::result_floats));
    model_.predict(sources[0], result_);
  }
  std::string data_digest() override {
    core::Digest digest;
    add_conditions(digest, data_.train);
    add_conditions(digest, data_.validation);
    return digest.text();
  }

 private:
  template <class Set>
  Scored scored(Set& set) {
    training::EvaluateOptions options;
    if constexpr (Model<Net>::heads > 1) options.losses = TrainOptions(Task::options()).losses;
    const metrics::Evaluation e = training::evaluate(model_, set, options);
    if constexpr (scores_evaluations<Task>) return {double(Task::score(e)), e.loss};
    else if constexpr (requires { double(Task::score(model_, set)); })
      return {double(Task::score(model_, set)), e.loss};
    else return {e.accuracy, e.loss};
  }

  Data data_;
  Model<Net> model_;
  std::vector<float> images_[std::size_t(graph::lowered<Net>.source_count)], result_;
};

}  // namespace detail

/// Trains `Net` for the task as the command line says; returns the program's exit status.
template <class Task, class Net>
int run_candidate(int argc, char** argv) {
  static constexpr CompiledCandidate candidate{
      .make = [](std::uint64_t seed, int threads) -> std::unique_ptr<Trainable> {
        return std::make_unique<detail::TrainableOf<Task, Net>>(seed, threads);
      },
      .options = [] { return TrainOptions(Task::options()); },
      .training_bytes = [](int images, int threads) { return arena_bytes<Net, cpu::Use::training>(images, threads); },
      .arena_bytes = arena_bytes<Net>(1)};
  return candidate_main(argc, argv, candidate);
}

}  // namespace strata::experiment
