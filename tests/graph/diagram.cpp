// SPDX-License-Identifier: MIT
#include <strata/graph/diagram.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace strata;
using namespace strata::graph;

namespace {
int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) found++;
  return found;
}
}  // namespace

TEST_CASE("one box per node, one arrow per input") {
  const std::string svg = diagram<Digits<>>();
  CHECK(count(svg, "<rect ") == 14);
  CHECK(count(svg, "marker-end") == 13);
  CHECK(count(svg, "Conv&lt;3, 16&gt;") == 2);  // its title and its text
  CHECK(svg.rfind("<svg ", 0) == 0);
  CHECK(svg.find("</svg>") != std::string::npos);
}

TEST_CASE("no two boxes share a place, and arrows lead down") {
  using Net = DeepLabv3Plus<Image<360, 480, 3>, 11>;
  const auto& graph = lowered<Net>.graph;
  const auto boxes = graph::detail::arrange(graph);
  std::set<std::pair<int, int>> places;
  for (int i = 0; i < graph.count; i++) {
    CHECK(places.insert({boxes[std::size_t(i)].row, boxes[std::size_t(i)].column}).second);
    for (const int input : graph.nodes[i].inputs) CHECK(boxes[std::size_t(input)].row < boxes[std::size_t(i)].row);
  }
}
