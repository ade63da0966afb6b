// SPDX-License-Identifier: MIT
#include "cuda.hpp"
#include "digits.hpp"

Workload digits_workload_cuda(const std::string& name, int thread_count, const std::string& exchange) {
  return strata::bench::on_device(
      [&] { return strata::bench::DigitsWorkloads<strata::Cuda>::workload(name, thread_count, exchange); });
}
