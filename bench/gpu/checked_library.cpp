// SPDX-License-Identifier: MIT
#include "checked_library.hpp"

#include <strata/cuda/runtime/device.hpp>
#include <strata/cuda/runtime/element.hpp>

#include <algorithm>
#include <cmath>

#include "../../tests/support/cuda/graph_executor.hpp"
#include "reports.hpp"

using namespace strata;
using namespace strata::cuda;

namespace gpu_check {

namespace {

Comparison* active = nullptr;
long made = 0;

/// Roundings of the factors (to 10 bits, by whatever rule the device has), of tensors inside a graph, which need not be
/// stored in their own type, and of the result; sums in another order.
double bound_of(const GraphDescription& graph) {
  double bound = graph.compute == Compute::tf32 ? 0x1p-8 : 1e-4;
  for (const GraphTensor& t : graph.tensors) {
    if (t.element == Element::fp16) bound = std::max(bound, 0x1p-8);
    if (t.element == Element::bf16) bound = std::max(bound, 0x1p-5);
  }
  return bound;
}

std::vector<float> numbers(const GraphTensor& t, const std::vector<char>& bytes) {
  std::vector<float> out;
  with_element(t.element, [&](auto zero) {
    const auto* from = reinterpret_cast<const decltype(zero)*>(bytes.data());
    for (long n = 0; n < t.dims[0]; n++)
      for (long c = 0; c < t.dims[1]; c++)
        for (long h = 0; h < t.dims[2]; h++)
          for (long w = 0; w < t.dims[3]; w++)
            out.push_back(to_float(from[n * t.strides[0] + c * t.strides[1] + h * t.strides[2] + w * t.strides[3]]));
  });
  return out;
}

double error_of(const std::vector<float>& given, const std::vector<float>& expected) {
  double most = 0, largest = 0;
  for (std::size_t i = 0; i < given.size(); i++) {
    const double off = std::fabs(double(given[i]) - double(expected[i]));
    if (!(off <= HUGE_VAL)) return HUGE_VAL;
    most = std::max(most, off);
    largest = std::max(largest, std::fabs(double(expected[i])));
  }
  return most / (largest > 0 ? largest : 1);
}

class CheckedPlan final : public GraphPlan {
 public:
  CheckedPlan(std::shared_ptr<GraphPlan> plan, const GraphDescription& graph) : plan_(std::move(plan)), graph_(graph) {}
  long workspace_bytes() const override { return plan_->workspace_bytes(); }
  std::string engine() const override { return plan_->engine(); }
  void execute(void* const* tensors, void* workspace, Stream stream) override {
    if (!active) return plan_->execute(tensors, workspace, stream);
    synchronize(stream);
    std::vector<std::vector<char>> host;
    for (std::size_t i = 0; i < graph_.tensors.size(); i++) host.push_back(copied(i, tensors[i]));
    send_doing(core::sentence("graph ", operations_of(graph_), ", engine ", engine()));
    plan_->execute(tensors, workspace, stream);
    synchronize(stream);
    std::vector<void*> at;
    for (auto& bytes : host) at.push_back(bytes.empty() ? nullptr : bytes.data());
    testing::execute(graph_, at.data());
    GraphError e{0, bound_of(graph_)};
    for (std::size_t i = 0; i < graph_.tensors.size(); i++) {
      const GraphTensor& t = graph_.tensors[i];
      if (t.flow != Flow::output) continue;
      e.error = std::max(e.error, error_of(numbers(t, copied(i, tensors[i])), numbers(t, host[i])));
    }
    active->add(e);
  }

 private:
  /// The bytes of a tensor; none of an internal one.
  std::vector<char> copied(std::size_t i, const void* from) const {
    const GraphTensor& t = graph_.tensors[i];
    if (t.flow == Flow::internal) return {};
    std::vector<char> bytes(std::size_t(cuda::extent_bytes(t)));
    check(cudaMemcpy(bytes.data(), from, bytes.size(), cudaMemcpyDeviceToHost), "cudaMemcpy");
    return bytes;
  }

  std::shared_ptr<GraphPlan> plan_;
  GraphDescription graph_;
};

/// Plans each graph once, since an eager and a captured session have the same.
class CheckedLibrary final : public Library {
 public:
  explicit CheckedLibrary(std::unique_ptr<Library> library) : library_(std::move(library)) {}

  std::unique_ptr<GraphPlan> build(const GraphDescription& graph, std::string& why) override {
    const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& k) { return k.graph == graph; });
    if (found == known_.end()) {
      if (known_.size() > 200) known_.erase(known_.begin(), known_.begin() + 100);
      Known k{graph, nullptr, {}};
      send_doing("the plan of " + operations_of(graph));
      k.plan = library_->build(graph, k.why);
      made += k.plan != nullptr;
      known_.push_back(std::move(k));
      return taken(known_.back(), why);
    }
    return taken(*found, why);
  }

 private:
  struct Known {
    GraphDescription graph;
    std::shared_ptr<GraphPlan> plan;
    std::string why;
  };
  static std::unique_ptr<GraphPlan> taken(const Known& known, std::string& why) {
    why = known.why;
    if (!known.plan) return nullptr;
    return std::make_unique<CheckedPlan>(known.plan, known.graph);
  }

  std::unique_ptr<Library> library_;
  std::vector<Known> known_;
};

}  // namespace

Comparison::Comparison() { active = this; }
Comparison::~Comparison() { active = nullptr; }

long plans_made() { return made; }

std::string operations_of(const GraphDescription& graph) {
  std::string out;
  for (const GraphOperation& o : graph.operations) out += (out.empty() ? "" : "+") + std::string(name(o.op));
  return out;
}

}  // namespace gpu_check

std::unique_ptr<strata::cuda::Library> strata::cuda::make_library() {
  return std::make_unique<gpu_check::CheckedLibrary>(gpu_check::base_library());
}
