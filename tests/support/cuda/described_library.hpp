// SPDX-License-Identifier: MIT
// cuDNN for a device that is described and need not be present; equal graphs are planned once, and their plans are
// freed.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/cudnn/cudnn_library.hpp>

#include <memory>
#include <string>
#include <vector>

namespace strata::testing {

class DescribedLibrary final : public cuda::Library {
 public:
  /// plan_folder: as of cudnn_library().
  explicit DescribedLibrary(const cuda::DeviceDescription& device, const std::string& plan_folder = "")
      : cudnn_(cuda::cudnn_library(device, plan_folder)) {}

  std::unique_ptr<cuda::GraphPlan> build(const cuda::GraphDescription& graph, std::string& why) override {
    const Known& known = find(graph);
    why = known.why;
    return known.has_plan ? std::make_unique<KnownPlan>(known.engine, known.workspace) : nullptr;
  }
  /// The number of different graphs.
  std::size_t count() const { return known_.size(); }
  /// Of these, how many have a plan.
  long plans() const { return plans_; }

 private:
  /// What a table needs of a plan: its engine and workspace.
  class KnownPlan final : public cuda::GraphPlan {
   public:
    KnownPlan(std::string engine, long workspace) : engine_(std::move(engine)), workspace_(workspace) {}
    long workspace_bytes() const override { return workspace_; }
    std::string engine() const override { return engine_; }
    void execute(void* const*, void*, cuda::Stream) override { throw Error("a described device runs nothing"); }

   private:
    std::string engine_;
    long workspace_;
  };
  struct Known {
    cuda::GraphDescription graph;
    bool has_plan = false;
    std::string engine{}, why{};
    long workspace = 0;
  };

  const Known& find(const cuda::GraphDescription& graph) {
    for (const Known& k : known_)
      if (k.graph == graph) return k;
    Known k{graph};
    if (const auto plan = cudnn_->build(graph, k.why))
      k.has_plan = true, k.engine = plan->engine(), k.workspace = plan->workspace_bytes();
    plans_ += k.has_plan;
    return known_.emplace_back(std::move(k));
  }

  std::unique_ptr<cuda::Library> cudnn_;
  std::vector<Known> known_;
  long plans_ = 0;
};

}  // namespace strata::testing
