// SPDX-License-Identifier: MIT
// What an experiment trains its candidates for: a struct of your own, which CMake's strata_experiment() names.
//
//   struct DigitsTask {
//     using Candidates = DigitsSweep;  // the sweep
//     using Reference = Digits<>;      // optional: what the winner is compared with
//     static Splits data();            // train, validation, perhaps test; defined in a file of its own
//     static TrainOptions options();   // the runner sets the epochs
//   };
//
// `data` may take the shape of the images, where that is an axis. A candidate is scored by its accuracy on the
// validation set; `score` replaces it, and more is better:
//
//     static constexpr const char* score_name = "mean IoU";
//     static double score(const metrics::Evaluation& e) { return e.confusion.mean_iou(); }
//
// or, for what an Evaluation does not tell,
//
//     template <class Model, class Set>
//     static double score(const Model&, Set&);
#pragma once

#include <strata/core/shape.hpp>
#include <strata/metrics/metrics.hpp>

namespace strata::experiment {

namespace detail {

template <class Task>
concept has_reference = requires {
  typename Task::Reference;
};
template <class Task>
concept scores_evaluations = requires(const metrics::Evaluation& e) {
  double(Task::score(e));
};
template <class Task>
concept names_its_score = requires {
  Task::score_name;
};

}  // namespace detail

/// "accuracy", or the task's own name of what it maximizes.
template <class Task>
constexpr const char* score_name() {
  if constexpr (detail::names_its_score<Task>) return Task::score_name;
  else return "accuracy";
}

/// The task's data, for networks whose images have this shape.
template <class Task>
auto data_of(Shape shape) {
  if constexpr (requires { Task::data(shape); }) return Task::data(shape);
  else return Task::data();
}

}  // namespace strata::experiment
