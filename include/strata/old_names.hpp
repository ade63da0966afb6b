// SPDX-License-Identifier: MIT
// The names of <strata/strata.hpp> that were in the namespace strata and now have the namespace of their folder, for
// programs that still use them. It is not part of strata.hpp, since these names are what `using namespace strata` no
// longer brings in.
#pragma once

#include <strata/reference/check_gradients.hpp>
#include <strata/strata.hpp>

#include <concepts>
#include <utility>

namespace strata {

using Floats [[deprecated("strata: Floats is now core::Floats")]] = core::Floats;
using Random [[deprecated("strata: Random is now core::Random")]] = core::Random;
using Workers [[deprecated("strata: Workers is now core::Workers")]] = core::Workers;
using NamedTensor [[deprecated("strata: NamedTensor is now core::NamedTensor")]] = core::NamedTensor;
using StepOptions [[deprecated("strata: StepOptions is now core::StepOptions")]] = core::StepOptions;
using StepResult [[deprecated("strata: StepResult is now core::StepResult")]] = core::StepResult;
using Window [[deprecated("strata: Window is now core::Window")]] = core::Window;
using Confusion [[deprecated("strata: Confusion is now metrics::Confusion")]] = metrics::Confusion;
using Evaluation [[deprecated("strata: Evaluation is now metrics::Evaluation")]] = metrics::Evaluation;
using NetworkHash [[deprecated("strata: NetworkHash is now graph::NetworkHash")]] = graph::NetworkHash;
using SummaryTable [[deprecated("strata: SummaryTable is now graph::SummaryTable")]] = graph::SummaryTable;
using Schedule [[deprecated("strata: Schedule is now training::Schedule")]] = training::Schedule;
using Loss [[deprecated("strata: Loss is now training::Loss")]] = training::Loss;
using Validation [[deprecated("strata: Validation is now training::Validation")]] = training::Validation;
using Checkpoints [[deprecated("strata: Checkpoints is now training::Checkpoints")]] = training::Checkpoints;
using Record [[deprecated("strata: Record is now training::Record")]] = training::Record;
using Run [[deprecated("strata: Run is now training::Run")]] = training::Run;
using Status [[deprecated("strata: Status is now training::Status")]] = training::Status;
using Event [[deprecated("strata: Event is now training::Event")]] = training::Event;
using Progress [[deprecated("strata: Progress is now training::Progress")]] = training::Progress;
using Observer [[deprecated("strata: Observer is now training::Observer")]] = training::Observer;
using Statistics [[deprecated("strata: Statistics is now training::Statistics")]] = training::Statistics;
using Normalization [[deprecated("strata: Normalization is now training::Normalization")]] = training::Normalization;
using Shuffle [[deprecated("strata: Shuffle is now training::Shuffle")]] = training::Shuffle;
using Partial [[deprecated("strata: Partial is now training::Partial")]] = training::Partial;
using Resume [[deprecated("strata: Resume is now training::Resume")]] = training::Resume;
using Optimizer [[deprecated("strata: Optimizer is now training::Optimizer")]] = training::Optimizer;
using Update [[deprecated("strata: Update is now training::Update")]] = training::Update;
using TrainingCost [[deprecated("strata: TrainingCost is now cpu::TrainingCost")]] = cpu::TrainingCost;
using GradientCheck [[deprecated("strata: GradientCheck is now reference::GradientCheck")]] = reference::GradientCheck;
using Change [[deprecated("strata: Change is now core::ImageTransform")]] = core::ImageTransform;

template <class Net>
[[deprecated("strata: structural_hash is now graph::structural_hash")]] inline constexpr auto structural_hash =
    graph::structural_hash<Net>;

template <class Net>
[[deprecated("strata: training_hash is now graph::training_hash")]] inline constexpr auto training_hash =
    graph::training_hash<Net>;

template <class Net>
[[deprecated("strata: network_hash is now graph::network_hash")]] inline constexpr auto network_hash =
    graph::network_hash<Net>;

template <class... Given>
[[deprecated("strata: constant is now training::constant")]] auto constant(Given&&... given)
    -> decltype(training::constant(std::forward<Given>(given)...)) {
  return training::constant(std::forward<Given>(given)...);
}

template <class... Given>
[[deprecated("strata: piecewise is now training::piecewise")]] auto piecewise(Given&&... given)
    -> decltype(training::piecewise(std::forward<Given>(given)...)) {
  return training::piecewise(std::forward<Given>(given)...);
}

template <class... Given>
[[deprecated("strata: cosine is now training::cosine")]] auto cosine(Given&&... given)
    -> decltype(training::cosine(std::forward<Given>(given)...)) {
  return training::cosine(std::forward<Given>(given)...);
}

template <class... Given>
[[deprecated("strata: linear is now training::linear")]] auto linear(Given&&... given)
    -> decltype(training::linear(std::forward<Given>(given)...)) {
  return training::linear(std::forward<Given>(given)...);
}

template <class... Given>
[[deprecated("strata: polynomial is now training::polynomial")]] auto polynomial(Given&&... given)
    -> decltype(training::polynomial(std::forward<Given>(given)...)) {
  return training::polynomial(std::forward<Given>(given)...);
}

template <class... Given>
[[deprecated("strata: matlab_sgdm is now training::matlab_sgdm")]] auto matlab_sgdm(Given&&... given)
    -> decltype(training::matlab_sgdm(std::forward<Given>(given)...)) {
  return training::matlab_sgdm(std::forward<Given>(given)...);
}

template <class... Given>
[[deprecated("strata: matlab_adam is now training::matlab_adam")]] auto matlab_adam(Given&&... given)
    -> decltype(training::matlab_adam(std::forward<Given>(given)...)) {
  return training::matlab_adam(std::forward<Given>(given)...);
}

template <class... Given>
[[deprecated("strata: matlab_defaults is now training::matlab_defaults")]] auto matlab_defaults(Given&&... given)
    -> decltype(training::matlab_defaults(std::forward<Given>(given)...)) {
  return training::matlab_defaults(std::forward<Given>(given)...);
}

template <class... Given>
[[deprecated("strata: most_probable is now metrics::most_probable")]] auto most_probable(Given&&... given)
    -> decltype(metrics::most_probable(std::forward<Given>(given)...)) {
  return metrics::most_probable(std::forward<Given>(given)...);
}

template <std::floating_point T>
[[deprecated("strata: maximum is now functions::maximum")]] T maximum(T x, T y) {
  return functions::maximum(x, y);
}

template <std::floating_point T>
[[deprecated("strata: exponential is now functions::exponential")]] T exponential(T x) {
  return functions::exponential(x);
}

template <std::floating_point T>
[[deprecated("strata: hyperbolic_tangent is now functions::hyperbolic_tangent")]] T hyperbolic_tangent(T x) {
  return functions::hyperbolic_tangent(x);
}

template <std::floating_point T>
[[deprecated("strata: error_function is now functions::error_function")]] T error_function(T x) {
  return functions::error_function(x);
}

template <std::floating_point T>
[[deprecated("strata: square_root is now functions::square_root")]] T square_root(T x) {
  return functions::square_root(x);
}

template <std::floating_point T>
[[deprecated("strata: where_positive is now functions::where_positive")]] T where_positive(T x, T y, T z) {
  return functions::where_positive(x, y, z);
}

}  // namespace strata
