// SPDX-License-Identifier: MIT
// A summary of the network: one line per layer with its shape, parameters, work, place in memory and kernel.
#pragma once

#include <strata/graph/lower.hpp>
#include <strata/graph/op_traits.hpp>
#include <strata/graph/plan.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace strata::graph {

/// One line of the table: a layer.
struct SummaryLine {
  std::string path, kind, spelled;  ///< "7.body.0", "Conv", "Conv<3, 8>"
  Shape out{};                      ///< of one image
  long parameters = 0, macs = 0;    ///< their number; multiply-adds per image
  long offset = -1;      ///< in floats, into an image's frame or scratch; -1: the layer has no value of its own
  int fused_into = -1;   ///< index of the line whose kernel does this layer's work; -1: its own kernel, or none
  std::string kernel{};  ///< the kernel's name in the back end
};

/// A source or a head.
struct SummaryPort {
  std::string name;               ///< empty: it has none
  Shape shape{};                  ///< of one image
  bool only_in_training = false;  ///< a head that inference leaves out
};

/// The lines of the table and the totals.
struct SummaryTable {
  std::vector<SummaryLine> lines;              ///< one per layer, the input first
  long parameters = 0, macs = 0, kernels = 0;  ///< numbers of parameters, of multiply-adds per image, of kernels
  Shape in{}, out{};                           ///< of one image, of the first source and head
  std::vector<SummaryPort> sources, heads;     ///< all of them
};

namespace detail {

/// The text in a field of a table. (gcc 12 warns about strlen on constants that were written element by element.)
template <std::size_t Capacity>
std::string field(const char (&text)[Capacity]) {
  std::size_t size = 0;
  while (size < Capacity && text[size]) size++;
  return std::string(text, size);
}

/// The layer whose kernel computes forward node i: its own, or that of the node it was fused into. -1: none needed.
template <class Lowered, class Plan>
constexpr int owner(const Lowered& net, const Plan& plan, int i) {
  for (;;) {
    for (int k = 0; k < plan.count; k++)
      if (plan.nodes[k].layer == net.graph.nodes[i].layer) return plan.nodes[k].layer;
    const graph::Node& node = net.graph.nodes[i];
    if (graph::traits(node.op).vanishes || graph::is_idle(node) || node.inputs.count == 0) return -1;
    int last = node.inputs.first();
    for (const int input : node.inputs) last = input > last ? input : last;
    i = last;
  }
}

}  // namespace detail

/// Whether inference needs the layer.
template <class Net>
bool inference_has_layer(int layer) {
  const auto& declared = declared_inference<Net>();
  for (int i = 0; i < declared.count; i++)
    if (declared.nodes[i].layer == layer) return true;
  return false;
}

/// Describes `Net` as the inference plan `plan` executes it. kernel_name returns the name of the kernel of node i of
/// the plan; null: the name of its op.
template <class Net, class Plan>
SummaryTable describe(const Plan& plan, std::string (*kernel_name)(int i) = nullptr) {
  const auto& net = lowered<Net>;
  SummaryTable table;
  table.in = input_shape<Net>;
  table.out = output_shape<Net>;
  table.kernels = plan.count - net.source_count;  // inputs are not counted
  for (int i = 0; i < net.source_count; i++)
    table.sources.push_back({detail::field(net.sources[i].name), net.graph.nodes[net.sources[i].value].out});
  for (int i = 0; i < net.head_count; i++)
    table.heads.push_back(
        {detail::field(net.heads[i].name), net.graph.nodes[net.heads[i].value].out, net.heads[i].only_in_training});
  table.lines.resize(std::size_t(net.layer_count));
  for (int i = 0; i < net.layer_count; i++) {
    SummaryLine& line = table.lines[std::size_t(i)];
    line.path = detail::field(net.layers[i].path);
    line.kind = detail::field(net.layers[i].kind);
    line.spelled = detail::field(net.layers[i].spelled);
    line.out = net.layers[i].out;
  }
  for (int i = 0; i < net.parameter_count; i++) {
    table.lines[std::size_t(net.parameters[i].layer)].parameters += net.parameters[i].size;
    table.parameters += net.parameters[i].size;
  }
  table.macs = macs<Net>;
  for (int i = 0; i < net.graph.count; i++) {
    SummaryLine& line = table.lines[std::size_t(net.graph.nodes[i].layer)];
    line.macs += graph::node_macs(net.graph.nodes[i]);
    if (!inference_has_layer<Net>(net.graph.nodes[i].layer)) {
      line.kernel = "only in training";
      continue;
    }
    const int owner = detail::owner(net, plan, i);
    line.fused_into = owner == net.graph.nodes[i].layer ? -1 : owner;
    if (owner < 0) line.kernel = "none needed";
  }
  for (int k = 0; k < plan.count; k++) {
    SummaryLine& line = table.lines[std::size_t(plan.nodes[k].layer)];
    line.offset = plan.places[k].offset;
    line.kernel = kernel_name ? kernel_name(k) : graph::name(plan.nodes[k].op);
  }
  return table;
}

namespace detail {

inline std::string grouped(long number) {
  std::string digits = std::to_string(number);
  for (int i = int(digits.size()) - 3; i > 0; i -= 3) digits.insert(std::size_t(i), ",");
  return digits;
}
inline std::string spelled(Shape s) {
  return std::to_string(s.height) + "x" + std::to_string(s.width) + "x" + std::to_string(s.channels);
}
/// "input 28x28x1", or of several "outputs class 1x1x10 and aux 1x1x10 (only in training)"
inline std::string spelled(const std::string& what, Shape first, const std::vector<SummaryPort>& ports) {
  if (ports.size() < 2) return what + " " + spelled(first);
  std::string out = what + "s";
  for (std::size_t i = 0; i < ports.size(); i++)
    out += (i == 0 ? " " : " and ") + ports[i].name + " " + spelled(ports[i].shape) +
           (ports[i].only_in_training ? " (only in training)" : "");
  return out;
}

}  // namespace detail

/// The table as text, with a line for each layer and one for the totals.
inline std::string to_text(const SummaryTable& table) {
  const char* titles[] = {"name", "kind", "output", "parameters", "MACs", "offset", "kernel"};
  constexpr int columns = 7;
  std::vector<std::string> cells(titles, titles + columns);
  for (const SummaryLine& line : table.lines) {
    cells.push_back(line.path);
    cells.push_back(line.kind);
    cells.push_back(detail::spelled(line.out));
    cells.push_back(line.parameters ? detail::grouped(line.parameters) : "");
    cells.push_back(line.macs ? detail::grouped(line.macs) : "");
    cells.push_back(line.offset >= 0 ? detail::grouped(line.offset) : "");
    cells.push_back(line.fused_into >= 0 ? "fused into " + table.lines[std::size_t(line.fused_into)].path
                                         : line.kernel);
  }
  std::size_t width[columns] = {};
  for (std::size_t i = 0; i < cells.size(); i++)
    width[i % columns] = cells[i].size() > width[i % columns] ? cells[i].size() : width[i % columns];
  std::string out;
  for (std::size_t i = 0; i < cells.size(); i++) {
    const std::size_t column = i % columns;
    const bool number = column >= 3 && column <= 5;
    const std::string pad(width[column] - cells[i].size(), ' ');
    out += number ? pad + cells[i] : column + 1 < columns ? cells[i] + pad : cells[i];
    out += column + 1 < columns ? "  " : "\n";
    if (i + 1 == columns) {
      for (int k = 0; k < columns; k++) out += std::string(width[k], '-') + (k + 1 < columns ? "  " : "\n");
    }
  }
  return out + "\n" + detail::spelled("input", table.in, table.sources) + ", " +
         detail::spelled("output", table.out, table.heads) + ", " + detail::grouped(table.parameters) +
         " parameters, " + detail::grouped(table.macs) + " MACs per image, " + std::to_string(table.kernels) +
         " kernels in inference\n";
}

/// Prints the table: print(summary<Net>()).
inline void print(const SummaryTable& table, std::FILE* out = stdout) { std::fputs(to_text(table).c_str(), out); }

}  // namespace strata::graph

namespace strata {
using graph::print;
using graph::to_text;
}  // namespace strata
