// SPDX-License-Identifier: MIT
#include "street_scenes.hpp"

Workload street_workload_360(const std::string& name, int thread_count, const std::string& exchange) {
  using Street = strata::bench::Street<360, 480>;
  return name == "street_train_360" ? Street::training(thread_count) : Street::inference(name, thread_count, exchange);
}
