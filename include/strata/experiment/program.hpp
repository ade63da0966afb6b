// SPDX-License-Identifier: MIT
// What inference of a network runs, as a constant: its kernels, the layers that each of them computes, and what they
// cost. To be printed, written as JSON, or asserted on.
#pragma once

#include <strata/core/at_least_one.hpp>
#include <strata/cpu/cost.hpp>
#include <strata/experiment/json_text.hpp>
#include <strata/graph/summary.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace strata::experiment {

/// A kernel of the program.
struct ProgramKernel {
  graph::Op op = graph::Op::input;  ///< what it computes before what is fused into it
  int layer = -1;                   ///< whose node it is; others are fused into it
  core::Text name{};                ///< "conv, images in lanes, bn folded, relu, max pool"
  Shape out{};                      ///< of one image's value
  long macs = 0;                    ///< of one image, as declared
  long value_bytes = 0;             ///< that one image's value takes
  long weight_bytes = 0;            ///< of the parameters of its layers
};

/// A layer of the program.
struct ProgramLayer {
  const graph::Layer* declared = nullptr;  ///< its path and how it spells itself
  int kernel = -1;                         ///< index of the kernel that computes it; -1: inference does not need it
  bool fused = false;                      ///< into another layer's kernel
};

/// The program of a network: kernels in the order in which they run, layers as declared.
template <int Kernels, int Layers>
struct Program {
  static constexpr int kernel_count = Kernels;           ///< the number of kernels
  static constexpr int layer_count = Layers;             ///< the number of layers
  ProgramKernel kernels[core::at_least_one(Kernels)]{};  ///< in the order in which they run
  ProgramLayer layers[core::at_least_one(Layers)]{};     ///< in the order of the declaration
  Shape in{};                                            ///< of an image
  Shape out{};                                           ///< of its result
  long parameters = 0;                                   ///< numbers that training may change
  long macs = 0;                                         ///< multiply-adds per image
  long arena_bytes = 0;                                  ///< of inference of one image

  /// The layer with this path, "0" or "encoder.conv1". Throws Error if no layer has the path; in a
  /// constant expression that does not compile.
  constexpr const ProgramLayer& layer(std::string_view path) const {
    for (const ProgramLayer& l : layers)
      if (path == l.declared->path) return l;
    throw Error("program: no layer has the path '", std::string(path), "'");
  }
  /// Whether another layer's kernel computes the layer with this path.
  constexpr bool fused(std::string_view path) const { return layer(path).fused; }
  /// The kernel that computes the layer with this path. Throws Error if inference does not need the layer.
  constexpr const ProgramKernel& kernel(std::string_view path) const {
    if (layer(path).kernel < 0) throw Error("program: inference does not need the layer '", std::string(path), "'");
    return kernels[layer(path).kernel];
  }
  /// Whether one kernel computes both layers.
  constexpr bool together(std::string_view path, std::string_view other) const {
    return layer(path).kernel >= 0 && layer(path).kernel == layer(other).kernel;
  }
};

/// What inference of `Net` runs on the CPU that the file is compiled for: static_assert(program<Net>.together("0",
/// "1")).
template <class Net, class Backend = Cpu>
inline constexpr auto program = [] {
  constexpr auto& net = graph::lowered<Net>;
  constexpr auto& plan = graph::inference_plan<Net, cpu::layout_of<Net>, Backend::options>;
  Program<plan.count, net.layer_count> out;
  out.in = input_shape<Net>, out.out = output_shape<Net>;
  out.parameters = parameters<Net>, out.macs = macs<Net>;
  out.arena_bytes = arena_bytes<Net, cpu::Use::inference, Backend>(1);
  for (int k = 0; k < plan.count; k++) {
    const graph::Node& node = plan.nodes[k];
    out.kernels[k] = {
        .op = node.op,
        .layer = node.layer,
        .name = cpu::kernel_text<Net, Backend::options>(k),
        .out = node.out,
        .macs = 0,
        .value_bytes = plan.places[k].storage == graph::Storage::none ? 0 : node.out.size() * long(sizeof(float)),
        .weight_bytes = 0};
  }
  for (int l = 0; l < net.layer_count; l++) out.layers[l].declared = &net.layers[l];
  for (int i = 0; i < net.graph.count; i++) {
    const int layer = net.graph.nodes[i].layer, owner = graph::detail::owner(net, plan, i);
    int kernel = -1;
    for (int k = 0; k < plan.count; k++)
      if (owner >= 0 && plan.nodes[k].layer == owner) kernel = k;
    out.layers[layer].kernel = kernel;
    out.layers[layer].fused = owner >= 0 && owner != layer;
    if (kernel >= 0) out.kernels[kernel].macs += graph::node_macs(net.graph.nodes[i]);
  }
  for (int p = 0; p < net.parameter_count; p++) {
    const int kernel = out.layers[net.parameters[p].layer].kernel;
    if (kernel >= 0) out.kernels[kernel].weight_bytes += net.parameters[p].size * long(sizeof(float));
  }
  return out;
}();

namespace detail {

/// The layers of kernel k: "0 Conv<3, 8>, 1 BatchNorm".
template <int Kernels, int Layers>
std::string layers_text(const Program<Kernels, Layers>& program, int k) {
  std::string out;
  for (const ProgramLayer& l : program.layers)
    if (l.kernel == k) out += (out.empty() ? "" : ", ") + std::string(l.declared->path) + " " + l.declared->kind;
  return out;
}

}  // namespace detail

/// A line per kernel, with the layers that it computes, and the totals.
template <int Kernels, int Layers>
std::string to_text(const Program<Kernels, Layers>& program) {
  using graph::detail::grouped, graph::detail::spelled;
  constexpr std::size_t columns = 6;
  std::vector<std::string> cells{"kernel", "layers", "output", "MACs", "value bytes", "weight bytes"};
  for (int k = 0; k < Kernels; k++) {
    const ProgramKernel& kernel = program.kernels[k];
    const std::string row[] = {kernel.name.text,
                               detail::layers_text(program, k),
                               spelled(kernel.out),
                               kernel.macs ? grouped(kernel.macs) : "",
                               grouped(kernel.value_bytes),
                               kernel.weight_bytes ? grouped(kernel.weight_bytes) : ""};
    cells.insert(cells.end(), row, row + columns);
  }
  std::string out = detail::aligned(cells, columns, 2), unneeded;
  for (const ProgramLayer& l : program.layers)
    if (l.kernel < 0)
      unneeded += (unneeded.empty() ? "" : ", ") + std::string(l.declared->path) + " " + l.declared->kind;
  if (!unneeded.empty()) out += "not needed in inference: " + unneeded + "\n";
  return out + "\ninput " + spelled(program.in) + ", output " + spelled(program.out) + ", " +
         grouped(program.parameters) + " parameters, " + grouped(program.macs) + " MACs per image, " +
         grouped(program.arena_bytes) + " bytes for inference of one image\n";
}

/// The program as JSON, schema strata.program/1.
template <int Kernels, int Layers>
std::string to_json(const Program<Kernels, Layers>& program) {
  using detail::json_shape, detail::json_text;
  std::string out = "{\n \"schema\": \"strata.program/1\",\n \"input\": " + json_shape(program.in) +
                    ",\n \"output\": " + json_shape(program.out) +
                    ",\n \"parameters\": " + core::decimal(program.parameters) +
                    ",\n \"macs\": " + core::decimal(program.macs) +
                    ",\n \"arena_bytes\": " + core::decimal(program.arena_bytes) + ",\n \"kernels\": [\n";
  for (int k = 0; k < Kernels; k++) {
    const ProgramKernel& kernel = program.kernels[k];
    out += "  {\"kernel\": " + json_text(kernel.name.text) + ", \"op\": " + json_text(graph::name(kernel.op)) +
           ", \"layers\": [";
    bool first = true;
    for (const ProgramLayer& l : program.layers) {
      if (l.kernel != k) continue;
      out += (first ? "" : ", ") + std::string("{\"path\": ") + json_text(l.declared->path) +
             ", \"layer\": " + json_text(l.declared->spelled) + ", \"fused\": " + (l.fused ? "true" : "false") + "}";
      first = false;
    }
    out += "], \"output\": " + json_shape(kernel.out) + ", \"macs\": " + core::decimal(kernel.macs) +
           ", \"value_bytes\": " + core::decimal(kernel.value_bytes) +
           ", \"weight_bytes\": " + core::decimal(kernel.weight_bytes) + "}" + (k + 1 < Kernels ? ",\n" : "\n");
  }
  return out + " ]\n}\n";
}

/// Prints the table: print(program<Net>).
template <int Kernels, int Layers>
void print(const Program<Kernels, Layers>& program, std::FILE* out = stdout) {
  std::fputs(to_text(program).c_str(), out);
}

}  // namespace strata::experiment

namespace strata {
using experiment::print;
using experiment::program;
using experiment::to_text;
}  // namespace strata
