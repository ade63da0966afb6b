// SPDX-License-Identifier: MIT
// Draws the declared graph as a self-contained SVG: a column of boxes from input to output, side branches in the
// columns next to it, arrows for values, and arcs for values that skip rows.
#pragma once

#include <strata/graph/summary.hpp>

#include <algorithm>

namespace strata::graph {

namespace detail {

inline const char* box_color(graph::Op op) {
  using graph::Family;
  switch (graph::traits(op).family) {
    case Family::input: return "#e8eef7";
    case Family::linear: return "#cfe3ff";
    case Family::norm: return "#e6ddf7";
    case Family::activation: return "#fde2cf";
    case Family::pool: return "#d7f0dc";
    case Family::shape: return "#f3efc8";
    case Family::loss:
    case Family::gradient: break;  // never declared
  }
  return "#ffffff";
}

inline std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text)
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  return out;
}

/// The graph with one node for each layer, the last of it, which reads what all of them read from other layers. A layer
/// that would read more than a node can keeps its nodes.
template <class Graph>
Graph one_node_a_layer(const Graph& graph) {
  std::vector<std::vector<int>> sources(std::size_t(graph.count));
  std::vector<bool> shown(std::size_t(graph.count), true);
  for (int i = 0; i < graph.count; i++) {
    const graph::Inputs& inputs = graph.nodes[i].inputs;
    const auto own = [&](int value) { return graph.nodes[value].layer == graph.nodes[i].layer; };
    std::vector<int>& all = sources[std::size_t(i)];
    const auto add = [&](int value) {
      if (std::find(all.begin(), all.end(), value) == all.end()) all.push_back(value);
    };
    for (const int input : inputs)
      if (!own(input)) add(input);
      else
        for (const int source : sources[std::size_t(input)]) add(source);
    if (all.size() > std::size_t(graph::max_inputs)) all.assign(inputs.begin(), inputs.end());
    else
      for (const int input : inputs) shown[std::size_t(input)] = shown[std::size_t(input)] && !own(input);
  }
  Graph layers;
  std::vector<int> moved(std::size_t(graph.count));
  for (int i = 0; i < graph.count; i++) {
    if (!shown[std::size_t(i)]) continue;
    graph::Node node = graph.nodes[i];
    node.inputs = {};
    for (const int source : sources[std::size_t(i)]) node.inputs.add(Input::x, moved[std::size_t(source)]);
    moved[std::size_t(i)] = layers.add(node);
  }
  layers.result = moved[std::size_t(graph.result)];
  return layers;
}

struct Box {
  int row = 0, column = 0;
};

/// Row: length of the longest path from the input. Column: the first free one in that row, next to sibling branches.
template <class Graph>
std::vector<Box> arrange(const Graph& graph) {
  std::vector<Box> boxes(std::size_t(graph.count));
  std::vector<int> children(std::size_t(graph.count));
  std::vector<std::vector<bool>> taken;
  for (int i = 0; i < graph.count; i++) {
    Box& box = boxes[std::size_t(i)];
    const graph::Node& node = graph.nodes[i];
    int column = 0;
    for (int k = 0; k < node.inputs.count; k++) {
      const Box& source = boxes[std::size_t(node.inputs[k])];
      box.row = std::max(box.row, source.row + 1);
      column = k == 0 ? source.column : std::min(column, source.column);
    }
    if (node.inputs.count == 1) column += children[std::size_t(node.inputs.first())];
    for (const int input : node.inputs) children[std::size_t(input)]++;
    if (int(taken.size()) <= box.row) taken.resize(std::size_t(box.row) + 1);
    auto& row = taken[std::size_t(box.row)];
    while (int(row.size()) > column && row[std::size_t(column)]) column++;
    if (int(row.size()) <= column) row.resize(std::size_t(column) + 1);
    row[std::size_t(column)] = true;
    box.column = column;
  }
  return boxes;
}

}  // namespace detail

/// Returns an SVG of the network as declared, a box for each layer.
template <class Net>
std::string diagram() {
  constexpr int box_width = 210, box_height = 36, step_x = 236, step_y = 54, margin = 16;
  const auto& net = lowered<Net>;
  const auto graph = detail::one_node_a_layer(net.graph);
  const std::vector<detail::Box> boxes = detail::arrange(graph);
  int rows = 0, columns = 0;
  for (const detail::Box& box : boxes) rows = std::max(rows, box.row + 1), columns = std::max(columns, box.column + 1);
  const int width = columns * step_x + 2 * margin + 60, height = rows * step_y + 2 * margin;
  const auto left = [&](const detail::Box& b) { return margin + b.column * step_x; };
  const auto top = [&](const detail::Box& b) { return margin + b.row * step_y; };
  const auto number = [](int v) { return std::to_string(v); };

  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + " " + number(height) +
      "\" width=\"" + number(width) + "\" height=\"" + number(height) + "\" role=\"img\" aria-label=\"network\" " +
      "font-family=\"ui-sans-serif, system-ui, sans-serif\" font-size=\"12\">" +
      "<defs><marker id=\"tip\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\">" +
      "<path d=\"M0 0L8 4L0 8z\" fill=\"#67707c\"/></marker></defs>\n";
  for (int i = 0; i < graph.count; i++)
    for (const int input : graph.nodes[i].inputs) {
      const detail::Box from = boxes[std::size_t(input)], to = boxes[std::size_t(i)];
      const int x0 = left(from) + box_width / 2, y0 = top(from) + box_height, x1 = left(to) + box_width / 2,
                y1 = top(to) - 1;
      std::string path;
      if (to.row - from.row > 1 && from.column == to.column) {  // skips other boxes: an arc on their right
        const int x = left(from) + box_width, bend = x + 34, ya = top(from) + box_height / 2,
                  yb = top(to) + box_height / 2;
        path = "M" + number(x) + " " + number(ya) + "C" + number(bend) + " " + number(ya) + " " + number(bend) + " " +
               number(yb) + " " + number(x + 2) + " " + number(yb);
      } else {
        const int middle = (y0 + y1) / 2;
        path = "M" + number(x0) + " " + number(y0) + "C" + number(x0) + " " + number(middle) + " " + number(x1) + " " +
               number(middle) + " " + number(x1) + " " + number(y1);
      }
      svg +=
          "<path d=\"" + path + "\" fill=\"none\" stroke=\"#67707c\" stroke-width=\"1.3\" marker-end=\"url(#tip)\"/>\n";
    }
  for (int i = 0; i < graph.count; i++) {
    const detail::Box& box = boxes[std::size_t(i)];
    const graph::Layer& layer = net.layers[graph.nodes[i].layer];
    const std::string path = detail::field(layer.path), kind = detail::field(layer.kind),
                      full = detail::field(layer.spelled);
    std::string spelled = full;
    if (spelled.size() > 26 || graph.nodes[i].inputs.count > 1) spelled = kind;  // joins: not their branches
    svg += "<g><title>" + detail::escaped(path + ": " + full) + "</title><rect x=\"" + number(left(box)) + "\" y=\"" +
           number(top(box)) + "\" width=\"" + number(box_width) + "\" height=\"" + number(box_height) +
           "\" rx=\"6\" fill=\"" + detail::box_color(graph.nodes[i].op) + "\" stroke=\"#9aa4b2\"/><text x=\"" +
           number(left(box) + 10) + "\" y=\"" + number(top(box) + 15) + "\" fill=\"#1d2733\" font-weight=\"600\">" +
           detail::escaped(spelled) + "</text><text x=\"" + number(left(box) + 10) + "\" y=\"" + number(top(box) + 29) +
           "\" fill=\"#4c5967\" font-size=\"10\">" + detail::escaped(path) + "  \xC2\xB7  " +
           detail::spelled(graph.nodes[i].out) + "</text></g>\n";
  }
  return svg + "</svg>\n";
}

}  // namespace strata::graph

namespace strata {
using graph::diagram;
}  // namespace strata
