// SPDX-License-Identifier: MIT
// What bench_models measures: one workload per process, alone or as a contestant of bench/peers.
#pragma once

#include <strata/core/error.hpp>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

/// once() does the work; a measurement calls it `calls` times. device_bytes(): the GPU memory in use; null: it runs on
/// the CPU.
struct Workload {
  int calls = 1;
  std::function<void()> once;
  std::function<long()> device_bytes{};
};

// `exchange`: the folder with the weights and images of bench/peers, into which the probabilities are written; empty:
// noise.
Workload digits_workload(const std::string& name, int threads,
                         const std::string& exchange);  ///< train, infer1, infer1024
Workload street_workload(const std::string& name, int threads,
                         const std::string& exchange);  ///< street_train, street_infer
Workload street_workload_360(const std::string& name, int threads,
                             const std::string& exchange);  ///< the same at 360 x 480

#if defined(STRATA_BENCH_CUDA)
Workload digits_workload_cuda(const std::string& name, int threads, const std::string& exchange);
Workload street_workload_cuda(const std::string& name, int threads, const std::string& exchange);
Workload street_workload_360_cuda(const std::string& name, int threads, const std::string& exchange);
#endif

/// Prints how long the workshop's trainings would take on GPUs, next to its own figures (estimates.cpp).
void print_estimates(bool markdown);

inline std::vector<float> read_floats(const std::string& path, std::size_t count) {
  std::vector<float> floats(count);
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file || std::fread(floats.data(), sizeof(float), count, file) != count)
    throw strata::Error(path, ": cannot be read, or holds fewer than ", long(count), " floats; bench/peers writes it");
  std::fclose(file);
  return floats;
}

inline void write_floats(const std::string& path, const std::vector<float>& floats) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file || std::fwrite(floats.data(), sizeof(float), floats.size(), file) != floats.size())
    throw strata::Error(path, ": cannot be written");
  std::fclose(file);
}
