// SPDX-License-Identifier: MIT
// Every segment of whole networks has a real cuDNN plan on five generations of GPUs, built from a description of each.
// The table of segments, forms, engines and workspaces is written to network_plans.csv in the folder where the test
// runs. By default it covers what the examples need to train and to predict, in TF32 and fp16, for the three
// data-center GPUs, and digits for the others; STRATA_PLANS=all: both sizes, both variants, inference and training,
// batch 1 and larger, every precision that the GPU has.
#include <doctest/doctest.h>

#include <strata/core/error.hpp>
#include <strata/cuda/cudnn/cudnn_library.hpp>
#include <strata/cuda/sessions/program.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include <cstdlib>
#include <fstream>
#include <string>

#include "../support/cuda/described_library.hpp"
#include "../support/cuda/plan_of.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::models;
using namespace strata::cuda;
using strata::testing::DescribedLibrary;
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

struct Tally {
  int products = 0, fused = 0;
};

/// Writes one line of the table per product, and counts the products and those in their most fused form.
Tally write(const DeviceProgram& program, const std::vector<Segment>& segments, const PlanView& plan,
            const std::string& where, std::ofstream& table) {
  Tally tally;
  REQUIRE(program.choices().size() == segments.size());
  for (std::size_t s = 0; s < segments.size(); s++) {
    const Choice& choice = program.choices()[s];
    const Op op = plan.nodes[choice.node].op;
    if (!multiplies_weights(op)) continue;
    tally.products++, tally.fused += choice.form == 0;
    std::string why = choice.why_not;
    for (char& c : why)
      if (c == '"' || c == '\n') c = '\'';
    table << where << ',' << choice.node << ',' << graph::name(op) << ",\""
          << to_text(segments[s].forms[std::size_t(choice.form)]) << "\"," << choice.form + 1 << " of " << choice.forms
          << ',' << (choice.form ? "fall-back" : "") << ',' << choice.engine << ',' << choice.workspace << ",\"" << why
          << "\"\n";
  }
  return tally;
}

/// Whether the default run covers the subject on the device in this precision.
bool in_short(const Subject& s, const Precision& precision, bool whole) {
  return s.in_short && (whole || s.name == std::string("digits")) &&
         (precision == Tf32::precision || precision == Fp16::precision);
}

/// Plans the networks for the devices. whole: the default run has all of its networks, not digits alone. Where `fuses`,
/// each product of theirs has its most fused form in TF32.
void check(std::initializer_list<DeviceDescription> devices, bool whole, bool fuses, std::ofstream& table) {
  const char* const asked = std::getenv("STRATA_PLANS");
  const bool all = asked && std::string(asked) == "all";
  for (const DeviceDescription& device : devices) {
    DescribedLibrary library(device);
    for (const Subject& s : subjects())
      for (const Precision& precision : {Tf32::precision, Fp16::precision, Bf16::precision, Fp32::precision}) {
        if (!all && !in_short(s, precision, whole)) continue;
        if (precision == Bf16::precision && device.sm < 80) continue;  // which has no bf16
        const std::string where = sentence(device.name, ',', s.name, ',', s.mode, ',', s.batch, ',', name(precision));
        INFO(where);
        const DeviceProgram program(library, s.plan, s.batch, precision);  // throws where a node has no plan
        const Tally tally = write(program, lower(s.plan, s.batch, precision), s.plan, where, table);
        MESSAGE(where, ": ", tally.products, " products, ", tally.fused, " in their most fused form; workspace ",
                program.workspace_bytes(), " bytes");
        CHECK(tally.products > 0);
        if (fuses && precision == Tf32::precision && s.in_short) CHECK(tally.fused == tally.products);
      }
    MESSAGE(std::string(device.name), ": ", library.count(), " different graphs");
  }
}

std::ofstream table_named(const char* name) {
  std::ofstream table(name);
  table
      << "device,network,mode,batch,precision,node,operation,form,choice,mark,engine,workspace,why not the forms before\n";
  return table;
}

}  // namespace

TEST_CASE("every segment of whole networks has a plan on Ampere, Hopper and Blackwell") {
  std::ofstream table = table_named("network_plans.csv");
  check({a100(), h100(), b200()}, true, true, table);
}

TEST_CASE("and on Turing, Ada and a workstation's Blackwell") {
  std::ofstream table = table_named("network_plans_of_others.csv");
  check({t4(), rtx_4090(), rtx_5090()}, false, false, table);
}
