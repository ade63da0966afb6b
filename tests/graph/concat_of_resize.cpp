// SPDX-License-Identifier: MIT
#include <strata/graph/differentiate.hpp>
#include <strata/graph/fuse.hpp>
#include <strata/graph/plans.hpp>
#include <strata/graph/weight_view.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

#include <doctest/doctest.h>

#include "../support/graphs.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::graph;

namespace {
constexpr bool relu_reads_input[] = {false};

/// A 3-channel map next to `channels` upsampled channels, cropped from 8 x 8 to 7 x 6; convolution, batch norm,
/// softmax.
constexpr auto decoder(int channels, int stride = 1) {
  Graph<16> g;
  const int image = append(g, {.op = Op::input, .out = {7, 6, 3}, .buffers = 0}, -1);
  int x = append(
      g, {.op = Op::convolution, .out = {4, 4, channels}, .window = {{.kernel = 4}, {.kernel = 3}}, .weights = 0},
      image);
  x = append(g, {.op = Op::resize, .out = {8, 8, channels}, .factor = 2}, x);
  x = append(g, {.op = Op::crop, .out = {7, 6, channels}, .offset_y = 0, .offset_x = 1}, x);
  const int joined = append(g, {.op = Op::concat, .out = {7, 6, 3 + channels}}, image);
  g.nodes[joined].inputs.add(Input::x, x);
  const Shape out{7 / stride, 6 / stride, 5};
  Window window = window_3x3;
  window.rows.stride = window.columns.stride = stride;
  x = append(g, {.op = Op::convolution, .out = out, .window = window, .weights = 2000, .bias = 1900}, joined);
  x = append(g, {.op = Op::batch_norm, .out = out, .weights = 1910, .bias = 1920, .buffers = 6}, x);
  append(g, {.op = Op::softmax, .out = out}, x);
  return g;
}

template <int Capacity>
constexpr long total_macs(const Graph<Capacity>& of) {
  long total = 0;
  for (int i = 0; i < of.count; i++) total += graph::node_macs(of.nodes[i]);
  return total;
}

constexpr auto split_graph = rewrite<40>(decoder(16), Mode::inference);
constexpr int taps_at = find(split_graph, Op::resize_taps);
}  // namespace

TEST_CASE("neither the enlarged map nor the concat is computed") {
  static_assert(well_formed(split_graph));
  CHECK(count_of(split_graph, Op::concat) == 0);
  CHECK(count_of(split_graph, Op::resize) == 0);
  CHECK(count_of(split_graph, Op::crop) == 0);
  REQUIRE(count_of(split_graph, Op::resize_taps) == 1);
  const Node& taps = split_graph.nodes[taps_at];
  CHECK(taps.in == Shape{4, 4, 9 * 5});
  CHECK(taps.out == Shape{7, 6, 5});
  CHECK(enlarged_map(taps, taps.out) == Shape{7, 6, 5});
  CHECK(taps.factor == 2);
  CHECK(taps.offset_x == 1);
  CHECK(taps.inputs.has(Input::residual));
}

TEST_CASE("both parts read the layer's weights in place") {
  const Node &taps = split_graph.nodes[taps_at], &mix = split_graph.nodes[taps.inputs[Input::x]],
             &plain = split_graph.nodes[taps.inputs[Input::residual]];
  CHECK(plain.in.channels == 3);
  CHECK(plain.bias == 1900);
  CHECK(mix.bias == -1);
  CHECK(mix.window == Window{});
  for (const Node* node : {&mix, &plain}) {
    CHECK(node->weights == 2000);
    CHECK(node->weight_part.inputs == 19);
  }
  const auto layer = [](int o, int i, int tap) { return (long(o) * 19 + i) * 9 + tap; };
  for (int o = 0; o < 5; o++)
    for (int tap = 0; tap < 9; tap++) {
      for (int i = 0; i < 3; i++) CHECK(weight_view(plain).at(o, i, tap) == layer(o, i, tap));
      for (int i = 0; i < 16; i++) CHECK(weight_view(mix).at(tap * 5 + o, i, 0) == layer(o, 3 + i, tap));
    }
}

TEST_CASE("the batch norm after it folds into both parts") {
  CHECK(count_of(split_graph, Op::batch_norm) == 0);
  const Node& taps = split_graph.nodes[taps_at];
  for (int k = 0; k < 2; k++) {
    CHECK(split_graph.nodes[taps.inputs[k]].folded.present);
    CHECK(split_graph.nodes[taps.inputs[k]].folded.scale == 1910);
  }
  CHECK_FALSE(taps.folded.present);
}

TEST_CASE("the gradients are split too, and nothing is written twice") {
  constexpr auto graph = differentiate<80>(rewrite<40>(decoder(16), Mode::training), relu_reads_input);
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::resize_taps_gradient) == 1);
  CHECK(count_of(graph, Op::slice) == 0);
  bool written[19 * 9 * 5]{};
  for (int i = 0; i < graph.count; i++) {
    const Node& node = graph.nodes[i];
    if (node.op != Op::convolution_weight_gradient || node.weights != 2000) continue;
    CHECK(node.weight_part.inputs == 19);
    for (int o = 0; o < outer_channels(node); o++)
      for (int c = 0; c < inner_channels(node); c++)
        for (int tap = 0; tap < node.window.taps(); tap++) {
          bool& at = written[weight_view(node).at(o, c, tap)];
          CHECK_FALSE(at);
          at = true;
        }
  }
  for (bool at : written) CHECK(at);
}

TEST_CASE("what stays as it is: few channels, a stride, a concat with another reader, everything on request") {
  CHECK(count_of(rewrite<40>(decoder(15), Mode::inference), Op::resize_taps) == 0);
  CHECK(count_of(rewrite<40>(decoder(15), Mode::inference, {.least_channels = 15}), Op::resize_taps) == 1);
  CHECK(count_of(rewrite<40>(decoder(16, 2), Mode::inference), Op::resize_taps) == 0);
  CHECK(count_of(rewrite<40>(decoder(16), Mode::inference, {.concat_of_resize = false}), Op::resize_taps) == 0);
  auto shared = decoder(16);
  shared.nodes[shared.count - 1].inputs.add(Input::x, find(shared, Op::concat));
  CHECK(count_of(rewrite<40>(shared, Mode::inference), Op::resize_taps) == 0);
}

TEST_CASE("multiply-accumulates of DeepLabv3+ at 720 x 960") {
  using Street = DeepLabv3Plus<Image<720, 960, 3>, 11>;
  constexpr PlanOptions none{.rewrite = {.concat_of_resize = false}};
  constexpr long declared = total_macs(inference_graph<Street, none>), split = total_macs(inference_graph<Street>);
  CHECK(declared == strata::macs<Street>);
  // 3x3 over 304 channels of 180 x 240 becomes 3x3 over 48 of them and nine 1x1 over 256 channels of 45 x 60
  CHECK(declared - split == 9L * 256 * (180 * 240 * 304 - 180 * 240 * 48 - 45 * 60 * 256));
  CHECK(double(split) / double(declared) < 0.79);
  CHECK(3 * split > total_macs(training_graph<Street>));
  CHECK(count_of(training_graph<Street>, Op::concat) == 1);  // the pyramid's
  CHECK(count_of(training_graph<DeepLabv3Plus<Image<360, 480, 3>, 11>>, Op::crop) == 0);
}
