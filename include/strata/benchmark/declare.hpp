// SPDX-License-Identifier: MIT
// What STRATA_BENCHMARK runs before main: adds a network's subjects to the program.
#pragma once

#include <strata/benchmark/given_backend.hpp>
#include <strata/benchmark/registry.hpp>
#include <strata/benchmark/spelled_arguments.hpp>
#include <strata/benchmark/subject_of.hpp>

#include <string>
#include <utility>
#include <vector>

namespace strata::benchmarks {

/// Adds `Net` in its uses, on `Backend...` too. spelled: the types; name: the network's, empty: its type's.
template <class Net, class... Backend>
bool declare(const std::vector<std::string>& spelled, const std::string& name = {}) {
  static_assert(
      strata::detail::is_network<Net>,
      "strata: STRATA_BENCHMARK(Net) takes a network, and then back ends; write STRATA_BENCHMARK(Net, Cuda);");
  const auto with_backends = [&](Subject subject) {
    std::size_t at = 1;
    (subject.given.push_back({spelled[at++], &call_on<Net, Backend>}), ...);
    add(std::move(subject));
  };
  const std::string& network = name.empty() ? spelled.front() : name;
  with_backends(inference_subject<Net>(network));
  if constexpr (is_trainable<Net>) with_backends(training_subject<Net>(network));
  return true;
}

}  // namespace strata::benchmarks
