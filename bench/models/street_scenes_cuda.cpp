// SPDX-License-Identifier: MIT
#include "cuda.hpp"
#include "street_scenes.hpp"

Workload street_workload_cuda(const std::string& name, int thread_count, const std::string& exchange) {
  return strata::bench::on_device(
      [&] { return strata::bench::Street<720, 960, strata::Cuda>::workload(name, thread_count, exchange); });
}
Workload street_workload_360_cuda(const std::string& name, int thread_count, const std::string& exchange) {
  return strata::bench::on_device(
      [&] { return strata::bench::Street<360, 480, strata::Cuda>::workload(name, thread_count, exchange); });
}
