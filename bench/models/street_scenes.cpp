// SPDX-License-Identifier: MIT
#include "street_scenes.hpp"

Workload street_workload(const std::string& name, int thread_count, const std::string& exchange) {
  using Street = strata::bench::Street<720, 960>;
  return name == "street_train" ? Street::training(thread_count) : Street::inference(name, thread_count, exchange);
}
