// SPDX-License-Identifier: MIT
#include <strata/graph/diagram.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>

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

TEST_CASE("one box per layer, one arrow per input") {
  const std::string svg = diagram<Digits<>>();
  CHECK(count(svg, "<rect ") == 14);
  CHECK(count(svg, "marker-end") == 13);
  CHECK(count(svg, "Conv&lt;3, 16&gt;") == 2);  // its title and its text
  CHECK(svg.rfind("<svg ", 0) == 0);
  CHECK(svg.find("</svg>") != std::string::npos);
}

TEST_CASE("a layer of several nodes has one box, which reads what they read") {
  using Net =
      Network<Image<6, 5, 8>, GroupNorm<2>, LocalResponseNorm<3>, Subtract<Identity, Conv<1, 8>>, GlobalAvgPool>;
  const std::string svg = diagram<Net>();
  CHECK(count(svg, "<rect ") == 6);
  CHECK(count(svg, "marker-end") == 6);
  using Many = Network<Image<4, 4, 1>, Sum<Conv<1, 1>, Conv<1, 1>, Conv<1, 1>, Conv<1, 1>, Conv<1, 1>, Conv<1, 1>,
                                           Conv<1, 1>, Conv<1, 1>, Conv<1, 1>>>;  // more than a node reads
  CHECK(count(diagram<Many>(), "<rect ") == 1 + 9 + 2);
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
