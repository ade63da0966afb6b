// SPDX-License-Identifier: MIT
#include "street_scenes.hpp"

Workload street_workload(const std::string& name, int thread_count, const std::string& exchange) {
  return strata::bench::Street<720, 960, strata::Cpu>::workload(name, thread_count, exchange);
}
Workload street_workload_360(const std::string& name, int thread_count, const std::string& exchange) {
  return strata::bench::Street<360, 480, strata::Cpu>::workload(name, thread_count, exchange);
}
