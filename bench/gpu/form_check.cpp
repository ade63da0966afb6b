// SPDX-License-Identifier: MIT
#include "form_check.hpp"

#include <strata/core/random.hpp>
#include <strata/cuda/runtime/device.hpp>
#include <strata/cuda/runtime/element.hpp>

#include "../../tests/support/cuda/graph_executor.hpp"
#include "checked_library.hpp"
#include "reports.hpp"

using namespace strata;
using namespace strata::cuda;

namespace gpu_check {

namespace {

/// Device memory of the tensor's size, filled with numbers from -1 to 1.
DeviceMemory random_memory(const GraphTensor& t, core::Random& random) {
  std::vector<char> host(std::size_t(cuda::extent_bytes(t)));
  with_element(t.element, [&](auto zero) {
    auto* to = reinterpret_cast<decltype(zero)*>(host.data());
    for (std::size_t i = 0; i < host.size() / sizeof zero; i++) assign(to[i], 2 * random.uniform() - 1);
  });
  DeviceMemory memory{long(host.size())};
  check(cudaMemcpy(memory.data(), host.data(), host.size(), cudaMemcpyHostToDevice), "cudaMemcpy");
  return memory;
}

}  // namespace

void check_form(const std::string& name, const testing::Form& form, const testing::Window& window,
                const Precision& precision) {
  const GraphDescription graph = testing::describe(form, window, precision);
  const Device device = Device::current();
  device.select();
  std::string why;
  const std::unique_ptr<GraphPlan> plan = device.library().build(graph, why);
  const std::string what = core::sentence(name, ", eager: node 0, ", operations_of(graph), ", form 1 of 1");
  if (!plan) return send_line({Verdict::not_run, -1, what, "there is no plan: " + why});
  core::Random random{1, 0};
  std::vector<DeviceMemory> memory;
  std::vector<void*> tensors;
  for (const GraphTensor& t : graph.tensors) {
    memory.push_back(t.flow == Flow::internal ? DeviceMemory() : random_memory(t, random));
    tensors.push_back(memory.back().data());
  }
  const DeviceMemory workspace(plan->workspace_bytes());
  Comparison comparison;
  plan->execute(tensors.data(), workspace.data(), device.stream());
  const GraphError& e = comparison.errors().front();
  const bool good = e.error <= e.bound;
  send_line({good ? Verdict::pass : Verdict::fail, e.error, what + ", " + plan->engine(),
             good ? "" : "bound " + core::general(e.bound, 2)});
}

}  // namespace gpu_check
