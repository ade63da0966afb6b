// SPDX-License-Identifier: MIT
// Every segment of whole networks has a real cuDNN plan on three generations of GPUs, made for a description of each. The table of
// segments, forms, engines and workspaces is written to network_plans.csv in the folder where the test runs. By default what a
// training of the examples needs, in TF32 and fp16; STRATA_PLANS=all: both sizes, both variants, inference and training, batches
// of 1 and many, every precision.
#include <doctest/doctest.h>

#include <strata/core/error.hpp>
#include <strata/cuda/cudnn_library.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include <cstdlib>
#include <fstream>
#include <string>

#include "../support/cuda/plan_of.hpp"

using namespace strata;
using namespace strata::cuda;
using strata::testing::plan_of;

namespace {

struct Subject {
  const char *name, *mode;
  PlanView plan;
  int batch;
  bool in_short;  ///< belongs to the default run
};

template <class Net>
void add(std::vector<Subject>& to, const char* name, int many, bool in_short) {
  for (const int batch : {many, 1}) {
    to.push_back({name, "training", plan_of<Net, graph::Mode::training>(), batch, in_short && batch == many});
    to.push_back({name, "inference", plan_of<Net, graph::Mode::inference>(), batch, in_short && batch == 1});
  }
}

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  add<Digits<>>(all, "digits", 1024, true);
  add<DeepLabv3Plus<Image<360, 480, 3>, 11, TorchvisionLike>>(all, "torchvision 360x480", 8, true);
  add<DeepLabv3Plus<Image<720, 960, 3>, 11, TorchvisionLike>>(all, "torchvision 720x960", 8, false);
  add<DeepLabv3Plus<Image<360, 480, 3>, 11, MatlabLike>>(all, "matlab 360x480", 8, false);
  add<DeepLabv3Plus<Image<720, 960, 3>, 11, MatlabLike>>(all, "matlab 720x960", 8, false);
  return all;
}

/// What a graph's plan came to; equal graphs are built once.
struct Built {
  GraphDescription graph;
  bool has_plan;
  std::string engine, why;
  long workspace;
};
class Builder {
 public:
  explicit Builder(const DeviceDescription& device) : library_(cudnn_library(device)) {}
  const Built& operator()(const GraphDescription& graph) {
    for (const Built& b : built_)
      if (b.graph == graph) return b;
    Built b{graph, false, "", "", 0};
    if (const auto plan = library_->build(graph, b.why)) b.has_plan = true, b.engine = plan->engine(), b.workspace = plan->workspace_bytes();
    return built_.emplace_back(std::move(b));
  }
  std::size_t count() const { return built_.size(); }

 private:
  std::unique_ptr<Library> library_;
  std::vector<Built> built_;
};

struct Tally {
  int segments = 0, fused = 0, without = 0;
  long workspace = 0;
};

/// The first form whose graphs all have a plan, as a line of the table.
void choose(Builder& build, const Segment& segment, const std::string& where, const PlanView& plan, Tally& tally, std::ofstream& table) {
  std::string why;
  for (std::size_t f = 0; f < segment.forms.size(); f++) {
    bool whole = true;
    std::string engines;
    long workspace = 0;
    for (const Piece& piece : segment.forms[f].pieces) {
      if (piece.work != Work::graph) continue;
      const Built& b = build(piece.graph);
      if (!b.has_plan) {
        why += (why.empty() ? "" : "; ") + b.why;
        whole = false;
        break;
      }
      engines += (engines.empty() ? "" : " + ") + b.engine;
      workspace = std::max(workspace, b.workspace);
    }
    if (!whole) continue;
    tally.segments++, tally.fused += f == 0;
    tally.workspace = std::max(tally.workspace, workspace);
    for (char& c : why)
      if (c == '"' || c == '\n') c = '\'';
    table << where << ',' << segment.node << ',' << graph::name(plan.nodes[segment.node].op) << ",\"" << in_words(segment.forms[f]) << "\","
          << f + 1 << " of " << segment.forms.size() << ',' << (f ? "fall-back" : "") << ',' << engines << ',' << workspace << ",\"" << why << "\"\n";
    return;
  }
  tally.segments++, tally.without++;
  FAIL_CHECK(where, ": node ", segment.node, ", ", graph::name(plan.nodes[segment.node].op), ", has no plan: ", why);
}

}  // namespace

TEST_CASE("every segment of whole networks has a plan on Ampere, Hopper and Blackwell") {
  const char* const asked = std::getenv("STRATA_PLANS");
  const bool all = asked && std::string(asked) == "all";
  std::ofstream table("network_plans.csv");
  table << "device,network,mode,batch,precision,node,operation,form,choice,mark,engine,workspace,why not the forms before\n";
  for (const DeviceDescription& device : {a100(), h100(), b200()}) {
    Builder build(device);
    for (const Subject& s : subjects())
      for (const Precision& precision : {Tf32::precision, Fp16::precision, Bf16::precision, Fp32::precision}) {
        if (!all && !(s.in_short && (precision == Tf32::precision || precision == Fp16::precision))) continue;
        const std::string where = sentence(device.name, ',', s.name, ',', s.mode, ',', s.batch, ',', name(precision));
        Tally tally;
        for (const Segment& segment : lower(s.plan, s.batch, precision))
          if (multiplies_weights(s.plan.nodes[segment.node].op)) choose(build, segment, where, s.plan, tally, table);
        MESSAGE(where, ": ", tally.segments, " segments with products, ", tally.fused, " in their most fused form, ", tally.without,
                " without a plan; workspace ", tally.workspace, " bytes");
        CHECK(tally.segments > 0);
        CHECK(tally.without == 0);
      }
    MESSAGE(std::string(device.name), ": ", build.count(), " different graphs");
  }
}
