// SPDX-License-Identifier: MIT
// What a change that claims to change nothing must leave as it is, as lines of text: for a network and a back end the
// hash of each number that it computes, the bytes of its plans, and what the GPU would run. `fingerprints` prints them
// all; two builds of one compiler on one machine are compared with diff.
#pragma once

#include <strata/core/digest.hpp>
#include <strata/cuda/planning/lower.hpp>
#include <strata/strata.hpp>

#include <string>

#include "../check_backend.hpp"
#include "../cpu_lanes.hpp"
#include "../cpu_nhwc.hpp"
#include "../cuda/plan_of.hpp"
#include "../cuda_backend.hpp"

namespace strata::testing {

/// Prints the lines of one network. The object that each file has registers it before main.
struct Fingerprinted {
  explicit Fingerprinted(void (*print)());
};

/// Hashes of the outputs, of a step's sums, gradients and statistics, of the same accumulated, and of the parameters
/// after two updates.
void print_numbers(const std::string& network, const char* backend, const Subject& subject, MakeInference inference,
                   MakeTraining training, int batch);

/// A hash of each node, place and form of the GPU's plan, for every precision.
void print_device_plan(const std::string& network, const char* mode, const cuda::PlanView& plan, int batch);

void print_line(const std::string& network, const char* backend, const char* what, const std::string& value);

template <class Backend, class Net>
void print_numbers(const std::string& network, const char* backend, int batch) {
  print_numbers(network, backend, subject<Net>(), make_inference<typename Backend::template Inference<Net>>,
                make_training<typename Backend::template Training<Net>>, batch);
}

/// The CPU's two programs, its memory, and the GPU's plans.
template <class Net>
void print_plans_and_cpu(const std::string& network, int batch) {
  print_line(network, "network", "hash",
             graph::network_hash<Net>.text() + " " + core::hexadecimal(graph::training_hash<Net>));
  print_line(network, "cpu", "bytes",
             core::sentence(arena_bytes<Net>(batch, 1), " ", arena_bytes<Net, Use::training>(batch, 1)));
  print_numbers<Nhwc, Net>(network, "nhwc", batch);
  if constexpr (cpu::lanes::supports<Net>()) print_numbers<Lanes, Net>(network, "lanes", batch);
  print_device_plan(network, "inference", plan_of<Net, graph::Mode::inference>(), batch);
  print_device_plan(network, "training", plan_of<Net, graph::Mode::training>(), batch);
}

/// The same, and what the GPU's stand-in computes.
template <class Net>
void print_all(const std::string& network, int batch) {
  print_plans_and_cpu<Net>(network, batch);
  print_numbers<Gpu, Net>(network, "cuda", batch);
}

}  // namespace strata::testing
