// SPDX-License-Identifier: MIT
// Which forms of a convolution cuDNN has a plan for, on the devices of three generations; written to cudnn_plans.txt in
// the folder where the test runs. STRATA_PLANS=all goes through every window and precision, which takes half an hour.
#include <doctest/doctest.h>

#include <strata/cuda/cudnn/cudnn_library.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "../../support/cuda/graph_forms.hpp"

using namespace strata::cuda;
using namespace strata::testing;

namespace {

bool is(const Form& form, const char* name) { return !std::strcmp(form.name, name); }
bool named(const Form& form, const char* part) { return std::strstr(form.name, part); }

/// Forms that do not depend on the window are tried with the first window only. Unless `all`, the other windows are
/// tried only with the forms that every network needs.
bool wanted(const Form& form, const Window& window, const Precision& precision, bool all) {
  if (&window == windows) return true;
  if (!named(form, "convolution") && !named(form, "gradient")) return false;
  if (is(form, "ReLU gradient")) return false;
  return all || ((is(form, "convolution") || is(form, "convolution, bias, ReLU") || is(form, "input gradient") ||
                  is(form, "weight gradient")) &&
                 (precision.element == Element::fp16 || precision == Precision{}));
}

/// The forms that networks can rely on with cuDNN 9.19; later versions may have more. The first window has channel
/// counts that suit tensor cores.
bool expected(const Form& form, const Window& window, const Precision& precision, int sm) {
  const bool exact = precision == Precision{Element::fp32, Compute::fp32}, half = precision.element == Element::fp16;
  if (is(form, "convolution") || is(form, "input gradient") || is(form, "weight gradient")) return true;
  if (is(form, "convolution, bias, ReLU")) return !(window.groups > 1 && precision.element == Element::bf16);
  if (&window != windows) return false;
  if (is(form, "convolution, statistics") || is(form, "scale, bias (fp16), ReLU, convolution, statistics") ||
      is(form, "scale, bias (fp16), ReLU, weight gradient"))
    return half && sm < 100;
  if (is(form, "scale, bias, ReLU, convolution")) return !exact;
  if (is(form, "input gradient, after a batch norm and ReLU, with its reductions")) return half;
  return !is(form, "scale, bias, ReLU, convolution, statistics") &&
         !is(form, "scale, bias, ReLU, weight gradient in fp32") && !is(form, "statistics");
}

}  // namespace

TEST_CASE("what a network cannot do without has a plan everywhere; fusions where the table says so") {
  const bool all = std::getenv("STRATA_PLANS") && std::string(std::getenv("STRATA_PLANS")) == "all";
  std::ofstream table("cudnn_plans.txt");
  table << "cuDNN " << cudnn_version() << "\nsm | window | form | precision | engine | workspace, bytes\n";
  for (const DeviceDescription& device : {a100(), h100(), b200()}) {
    const auto library = cudnn_library(device);
    for (const Window& window : windows)
      for (const Form& form : forms)
        for (const Precision& precision : precisions) {
          if (!wanted(form, window, precision, all)) continue;
          std::string why;
          const auto plan = library->build(describe(form, window, precision), why);
          table << device.sm << " | " << window.name << " | " << form.name << " | " << name(precision) << " | "
                << (plan ? plan->engine() + " | " + std::to_string(plan->workspace_bytes()) : "none: " + why + " |")
                << '\n'
                << std::flush;
          CHECK(bool(plan) == why.empty());
          if (!plan && expected(form, window, precision, device.sm))
            FAIL_CHECK(device.sm, ", ", window.name, ", ", form.name, ", ", name(precision), ": ", why);
        }
  }
}
