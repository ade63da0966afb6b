// SPDX-License-Identifier: MIT
// The program with images in vector lanes: every node of a training step and of an inference of the digits network, on
// one thread, one group of images at a time. `of_peak` counts the multiply-adds of the direct sum, so Winograd may
// exceed 1.
#include <strata/cpu/lanes/inference.hpp>
#include <strata/cpu/lanes/training.hpp>
#include <strata/models/digits.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "peak.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::bench;
namespace lanes = strata::cpu::lanes;

namespace {

using Net = Digits<8, 16, 32>;
constexpr int images = 256;

/// A program with its own memory and random images and weights.
struct Setup {
  const lanes::Program& program;
  std::vector<float> parameters, buffers;
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> labels;
  Arena arena;
  lanes::Memory memory;
  lanes::Step step;

  explicit Setup(const lanes::Program& p)
      : program(p),
        parameters(std::size_t(lowered<Net>.parameter_floats)),
        buffers(std::size_t(lowered<Net>.buffer_floats), 1.f),
        bytes(images * 784),
        labels(images),
        arena(std::size_t(p.floats(images, 1)) * sizeof(float)),
        memory(p, arena.floats(), images) {
    Random random{1, 0};
    for (float& w : parameters) w = 0.2f * (random.uniform() - 0.5f);
    for (auto& byte : bytes) byte = std::uint8_t(random.below(256));
    for (auto& label : labels) label = std::int32_t(random.below(10));
    std::fill_n(arena.floats(), p.floats(images, 1), 0.f);
    step = {.parameters = parameters.data(),
            .images = {.bytes = bytes.data(), .count = images},
            .labels = {.values = labels.data()},
            .loss_scale = 1. / images,
            .seed = 1};
    for (int i = 0; i < p.count; i++) memory.pack(i, parameters.data(), buffers.data());
    for (int i = 0; i < p.count; i++) run(i);
  }
  void run(int node) const {
    for (int group = 0; group < lanes::groups_of(images); group++) memory.call(node, step, group, 0, 0);
  }
};

std::string name_of(const char* pass, int i, const lanes::Program& program) {
  const graph::Node& node = program.nodes[i];
  const auto spelled = [](Shape s) {
    return std::to_string(s.height) + "x" + std::to_string(s.width) + "x" + std::to_string(s.channels);
  };
  std::string name = std::string("lanes/") + pass + "/" + std::to_string(i) + "_" + graph::name(node.op) + "/";
  if (node.in.size() > 0) name += spelled(node.in) + "_to_";
  return name + spelled(node.out) + (program.algorithms[i] == lanes::Algorithm::winograd ? "/winograd" : "");
}

void run_node(benchmark::State& state, const Setup& setup, int node) {
  Workers one(1);
  double best = 1e9;
  for (auto _ : state) {
    const FlushDenormals flush;
    const double start = seconds();
    setup.run(node);
    best = std::min(best, seconds() - start);
  }
  state.counters["us_an_image"] = 1e6 * best / images;
  state.counters["of_peak"] =
      2e-9 * double(graph::node_macs(setup.program.nodes[node])) * images / best / peak_gflops(one, 4);
}

void add(const char* pass, const lanes::Program& program) {
  auto* const setup = new Setup(program);  // never deleted: the benchmarks use it until the process ends
  for (int i = 0; i < program.count; i++)
    benchmark::RegisterBenchmark(name_of(pass, i, program).c_str(),
                                 [setup, i](benchmark::State& state) { run_node(state, *setup, i); });
}

const bool added = [] {
  add("inference", lanes::inference_program<Net>);
  add("training", lanes::training_program<Net>);
  return true;
}();

}  // namespace
