// SPDX-License-Identifier: MIT
// Benchmarks of your own networks: STRATA_BENCHMARK(Net); in a file of a program that strata_add_benchmark() of CMake
// builds. The program measures every kernel of the network alone, and the network as a whole, in inference and, if the
// network ends in a softmax, in training; benchmark/README.md says how.
#pragma once

#include <strata/benchmark/declare.hpp>
#include <strata/spec/layers.hpp>

/// At namespace scope: adds a network to the benchmarks of this program, under the name of its type as it is written
/// here; with further back ends, if they are named: STRATA_BENCHMARK(Net, Cuda);
#define STRATA_BENCHMARK(...)                                                 \
  [[maybe_unused]] static const bool STRATA_BENCHMARK_VARIABLE(__COUNTER__) = \
      strata::benchmarks::declare<__VA_ARGS__>(strata::benchmarks::spelled_arguments(#__VA_ARGS__))

/// The same under a name of your own: STRATA_BENCHMARK_NAMED("digits", Digits<8, 16, 32>);
#define STRATA_BENCHMARK_NAMED(name, ...)                                     \
  [[maybe_unused]] static const bool STRATA_BENCHMARK_VARIABLE(__COUNTER__) = \
      strata::benchmarks::declare<__VA_ARGS__>(strata::benchmarks::spelled_arguments(#__VA_ARGS__), name)

#define STRATA_BENCHMARK_VARIABLE(number) STRATA_BENCHMARK_JOINED(strata_benchmark_, number)
#define STRATA_BENCHMARK_JOINED(a, b) a##b
