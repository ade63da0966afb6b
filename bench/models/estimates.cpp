// SPDX-License-Identifier: MIT
// bench_models --estimate: what the trainings of the 2021 workshop would take on GPUs that are not at hand, beside what it measured
// with MATLAB on its own (virtual machines with a V100). Estimates by arithmetic, traffic and launches; nobody measured them.
#include <strata/cuda/estimate.hpp>
#include <strata/cuda/options.hpp>
#include <strata/graph/plans.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include "workload.hpp"

using namespace strata;
using namespace strata::cuda;

namespace {

struct Column {
  const char* title;
  DevicePeak device;
  Precision precision;
};
constexpr Column columns[] = {{"V100 fp32", v100_peak, Fp32::precision}, {"V100 fp16", v100_peak, Fp16::precision},
                              {"A100 TF32", a100_peak, Tf32::precision}, {"A100 fp16", a100_peak, Fp16::precision},
                              {"H100 TF32", h100_peak, Tf32::precision}, {"H100 fp16", h100_peak, Fp16::precision}};

template <class Net>
PlanView training() {
  return view(graph::training_plan<Net, layout, cuda::plan_options<>()>);
}

/// What the workshop measured for a batch: seconds of a training, or of an update.
struct Measured {
  int batch;
  double seconds;
};
constexpr Measured digits_trainings[] = {{1024, 159}, {2048, 99}, {4096, 72}, {8192, 60}, {16384, 58}, {32768, 50}};
constexpr Measured street_updates[] = {{2, 1.34}, {4, 1.80}, {6, 2.23}, {8, 2.86}, {10, 3.90}, {12, 4.69}, {14, 5.60}, {16, 6.46}};

void titles(const char* what, bool markdown) {
  std::printf(markdown ? "\n%s\n\n| batch |" : "\n%s\n%6s", what, "batch");
  for (const Column& c : columns) std::printf(markdown ? " %s |" : " %11s", c.title);
  std::puts(markdown ? " the workshop's V100 |" : "  the workshop's V100");
  if (!markdown) return;
  std::printf("|---:|");
  for (std::size_t i = 0; i < std::size(columns); i++) std::printf("---:|");
  std::puts("---:|");
}

/// updates: of what was measured.
void row(const PlanView& plan, Measured measured, double updates, bool markdown) {
  std::printf(markdown ? "| %d |" : "%6d", measured.batch);
  for (const Column& c : columns)
    std::printf(markdown ? " %.3g s |" : " %9.3g s", estimate(plan, measured.batch, c.precision, c.device).seconds * updates);
  std::printf(markdown ? " %.3g s |\n" : " %18.3g s\n", measured.seconds);
}

}  // namespace

void print_estimates(bool markdown) {
  std::puts("Estimates, not measurements: of each node the longer of its products at 40 % of the peak (tensor cores, fewer where channels "
            "are few)\nand its traffic at 80 % of the bandwidth, and 2 us a launch. Input, host and validation are not in them.");
  titles("digits, 50 epochs of 52,500 images", markdown);
  for (const Measured& m : digits_trainings) row(training<Digits<8, 16, 32>>(), m, 50.0 * (52'500 / m.batch), markdown);
  titles("DeepLabv3+ on ResNet-18, 720 x 960, an update", markdown);
  using Street = DeepLabv3Plus<Image<720, 960, 3>, 11, MatlabLike>;
  for (const Measured& m : street_updates) row(training<Street>(), m, 1, markdown);
}
