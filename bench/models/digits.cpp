// SPDX-License-Identifier: MIT
#include "digits.hpp"

Workload digits_workload(const std::string& name, int thread_count, const std::string& exchange) {
  return strata::bench::DigitsWorkloads<strata::Cpu>::workload(name, thread_count, exchange);
}
