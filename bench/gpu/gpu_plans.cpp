// SPDX-License-Identifier: MIT
// gpu_plans: builds the cuDNN plans of bench/gpu/run.sh for a device that is not present, from its description, into a
// folder that STRATA_CUDA_PLANS may name there. What the folder already has is kept. It needs cuDNN and a library named
// libcuda.so.1 (tests/support/cuda/fake_driver).
#include <strata/core/error.hpp>
#include <strata/cuda/cudnn/cudnn_library.hpp>
#include <strata/cuda/planning/options.hpp>
#include <strata/cuda/sessions/program.hpp>
#include <strata/graph/plans.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "../../tests/support/cuda/described_library.hpp"
#include "../../tests/support/cuda/graph_forms.hpp"
#include "../../tests/support/cuda/plan_of.hpp"
#include "checks.hpp"
#include "network_check.hpp"

using namespace strata;
using namespace strata::cuda;
using strata::testing::plan_of;

namespace {

/// As an H200 of 141 GB describes itself.
constexpr DeviceDescription h200() {
  return {"NVIDIA H200", 90, 132, 150'110'011'392, 232'448, 62'914'560, 1'980'000, 3'201'000};
}

class Planning {
 public:
  Planning(const std::string& folder, double budget) : library_(h200(), folder), budget_(budget) {}

  void program(const char* what, const PlanView& plan, int batch, const Precision& precision) {
    if (is_over()) return;
    try {
      const DeviceProgram planned(library_, plan, batch, precision);
    } catch (const Error& error) {
      std::printf("%s, %d images: %s\n", what, batch, error.what());
    }
  }
  void graph(const GraphDescription& graph) {
    std::string why;
    if (!is_over()) (void)library_.build(graph, why);
  }
  bool is_over() {
    const bool over = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count() > budget_;
    if (over && !said_) std::puts("the time is over; call it again to go on");
    said_ |= over;
    return over;
  }
  long count() const { return library_.plans(); }
  bool complete() const { return !said_; }

 private:
  strata::testing::DescribedLibrary library_;
  double budget_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  bool said_ = false;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2 || argc > 3)
    throw Error("usage: gpu_plans FOLDER [SECONDS]; after SECONDS it stops, to be called again");
  Planning planning(argv[1], argc > 2 ? std::atof(argv[2]) : 1e9);
  const Precision tf32;
  using Digits = models::Digits<8, 16, 32>;
  planning.program("digits", plan_of<Digits, graph::Mode::training>(), 1024, tf32);
  planning.program("digits", plan_of<Digits, graph::Mode::training>(), 60'000 % 1024,
                   tf32);  // what bench_models has left
  using Street360 = models::DeepLabv3Plus<Image<360, 480, 3>, 11, models::TorchvisionLike>;
  using Street720 = models::DeepLabv3Plus<Image<720, 960, 3>, 11, models::TorchvisionLike>;
  for (const PlanView& plan :
       {plan_of<Street720, graph::Mode::training>(), plan_of<Street360, graph::Mode::training>()})
    planning.program("street", plan, 8, tf32);
  for (const PlanView& plan :
       {plan_of<Street720, graph::Mode::inference>(), plan_of<Street360, graph::Mode::inference>()})
    planning.program("street", plan, 1, tf32);
  for (const Precision& precision :
       {tf32, Precision{Element::fp16, Compute::tf32, true}, Precision{Element::fp32, Compute::fp32},
        Precision{Element::bf16, Compute::tf32}}) {
    for (const gpu_check::Network& network : gpu_check::networks()) {
      planning.program(network.spelling, network.inference.plan, gpu_check::images, precision);
      planning.program(network.spelling, network.training.plan, gpu_check::images, precision);
    }
    for (const auto& [form, window] : gpu_check::chosen_forms())
      planning.graph(strata::testing::describe(*form, *window, precision));
  }
  long files = 0, bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files++, bytes += long(entry.file_size());
  std::printf("%ld plans for %s and cuDNN %s; the folder has %ld files, %.1f MB\n", planning.count(), h200().name,
              cudnn_version().c_str(), files, double(bytes) / 1e6);
  return planning.complete() ? 0 : 3;
} catch (const std::exception& error) {
  std::fprintf(stderr, "gpu_plans: %s\n", error.what());
  return 1;
}
