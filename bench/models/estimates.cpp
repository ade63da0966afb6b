// SPDX-License-Identifier: MIT
// bench_models --estimate: how long the trainings of the 2021 workshop would take on other GPUs, next to what the
// workshop measured with MATLAB on its own (virtual machines with a V100). Estimates from arithmetic, traffic and
// launches, not measurements.
#include <strata/cuda/planning/estimate.hpp>
#include <strata/cuda/planning/options.hpp>
#include <strata/graph/plans.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include "../../examples/shared/workshop.hpp"
#include "workload.hpp"

using namespace strata;
using namespace strata::models;
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

void titles(const char* what, bool markdown) {
  std::printf(markdown ? "\n%s\n\n| batch |" : "\n%s\n%6s", what, "batch");
  for (const Column& c : columns) std::printf(markdown ? " %s |" : " %11s", c.title);
  std::puts(markdown ? " the workshop's V100 |" : "  the workshop's V100");
  if (!markdown) return;
  std::printf("|---:|");
  for (std::size_t i = 0; i < std::size(columns); i++) std::printf("---:|");
  std::puts("---:|");
}

/// Prints the row of one batch size; `measured`: the seconds that the updates took at the workshop.
void row(const PlanView& plan, int batch, double updates, double measured, bool markdown) {
  std::printf(markdown ? "| %d |" : "%6d", batch);
  for (const Column& c : columns)
    std::printf(markdown ? " %.3g s |" : " %9.3g s", estimate(plan, batch, c.precision, c.device).seconds * updates);
  std::printf(markdown ? " %.3g s |\n" : " %18.3g s\n", measured);
}

}  // namespace

void print_estimates(bool markdown) {
  std::puts(
      "Estimates, not measurements: for each node, the longer of its products at 40 % of the peak (tensor cores, less where channels "
      "are few)\nand its traffic at 80 % of the bandwidth, plus 2 us per launch. Input, host and validation are not included.");
  titles("digits, 50 epochs of 52,500 images", markdown);
  for (const shared::WorkshopDigits& w : shared::workshop_digits)
    row(training<Digits<8, 16, 32>>(), w.batch, 50.0 * (52'500 / w.batch), w.seconds, markdown);
  titles("DeepLabv3+ on ResNet-18, 720 x 960, per update", markdown);
  using Street = DeepLabv3Plus<Image<720, 960, 3>, 11, MatlabLike>;
  for (const shared::WorkshopPace& w : shared::workshop_paces) row(training<Street>(), w.batch, 1, w.seconds, markdown);
}
