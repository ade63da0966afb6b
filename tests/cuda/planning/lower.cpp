// SPDX-License-Identifier: MIT
// Plans as work for a device: which forms a node has, that each node is computed once, and that every tensor of a graph
// is bound.
#include <strata/core/error.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include <doctest/doctest.h>

#include <string>

#include "../../support/cuda/plan_of.hpp"

namespace cuda_planning_lower {

using namespace strata;
using namespace strata::core;
using namespace strata::models;
using namespace strata::cuda;
using strata::testing::plan_of;

namespace {

std::string written(const Segment& segment) {
  std::string out;
  for (const Form& form : segment.forms) out += (out.empty() ? "" : "\n") + to_text(form);
  return out;
}

const Segment& segment_of(const std::vector<Segment>& segments, int node) {
  for (const Segment& s : segments)
    if (s.node == node) return s;
  throw Error("no segment computes node ", node);
}

int first(const PlanView& plan, Op op, int from = 0) {
  while (plan.nodes[from].op != op) from++;
  return from;
}

/// Checks what must hold for every lowering.
void check_sound(const PlanView& plan, const std::vector<Segment>& segments) {
  std::vector<int> made(std::size_t(plan.count), 0);
  for (const Segment& s : segments) {
    made[std::size_t(s.node)]++;
    if (s.sums >= 0) made[std::size_t(s.sums)]++;
    REQUIRE(!s.forms.empty());
    for (const Form& form : s.forms) {
      INFO("node ", s.node, ": ", to_text(form));
      for (const Piece& piece : form.pieces) {
        const GraphDescription& g = piece.graph;
        REQUIRE(piece.operands.size() == g.tensors.size());
        std::vector<bool> ready(g.tensors.size());
        for (std::size_t t = 0; t < g.tensors.size(); t++) {
          ready[t] = g.tensors[t].flow == Flow::input;
          CHECK((g.tensors[t].flow == Flow::internal) == (piece.operands[t].where == Operand::Where::nothing));
          if (piece.operands[t].where == Operand::Where::scratch) CHECK(piece.operands[t].offset < form.scratch_bytes);
        }
        for (const GraphOperation& o : g.operations) {  // operands come before their users
          for (const int t : {o.x, o.w, o.mean, o.inverse_deviation, o.scale})
            if (t >= 0) CHECK(ready[std::size_t(t)]);
          for (const int t : outputs_of(o))
            if (t >= 0) ready[std::size_t(t)] = true;
        }
        for (const bool r : ready) CHECK(r);
      }
    }
    if (multiplies_weights(plan.nodes[s.node].op)) {  // the last form needs a plan for a single product only
      int products = 0, operations = 0;
      for (const Piece& piece : s.forms.back().pieces)
        for (const GraphOperation& o : piece.graph.operations) {
          operations++;
          products +=
              o.op == GraphOp::convolution || o.op == GraphOp::input_gradient || o.op == GraphOp::weight_gradient;
        }
      CHECK(products == 1);
      CHECK(operations == 1);
    }
  }
  for (const int times : made) CHECK(times == 1);
}

}  // namespace

TEST_CASE("inference of digits: everything after a convolution but the pool is in its graph") {
  const PlanView plan = plan_of<Digits<>, graph::Mode::inference>();
  const auto segments = lower(plan, 32, Tf32::precision);
  check_sound(plan, segments);
  const int pooled = first(plan, Op::convolution), last = first(plan, Op::dense) - 1;
  CHECK(plan.nodes[pooled].epilogue.pools);
  CHECK(written(segment_of(segments, pooled)) == "convolution | epilogue");
  CHECK(written(segment_of(segments, last)) == "convolution+add+relu\nconvolution | epilogue");
  CHECK(written(segment_of(segments, last + 1)) == "convolution+add\nconvolution | epilogue");
}

TEST_CASE("inference: whatever follows a convolution of any kind is in its graph, or a functor over its value") {
  using Net = Network<Image<6, 8, 4>, Conv<3, 4>, ReLU6, DepthwiseConv<3>, BatchNorm, SiLU, Residual<DepthwiseConv<3>>,
                      ReLU, Conv<3, 4, Groups<2>, NoBias>, ReLU6, TransposedConv<2, 4, Stride<2>>, ReLU,
                      Residual<TransposedConv<3, 4>>, ReLU6>;
  const PlanView plan = plan_of<Net, graph::Mode::inference>();
  const auto segments = lower(plan, 2, Tf32::precision);
  check_sound(plan, segments);
  REQUIRE(plan.count == 7);
  const std::string wanted[] = {"convolution+add | functor\nconvolution | epilogue",
                                "convolution+add | functor\nconvolution | epilogue",
                                "convolution+add+add+relu\nconvolution | epilogue",
                                "convolution | functor\nconvolution | epilogue",
                                "input_gradient+add+relu\ninput_gradient | epilogue",
                                "input_gradient+add+add | functor\ninput_gradient | epilogue"};
  for (int i = 1; i < plan.count; i++) CHECK(written(segment_of(segments, i)) == wanted[i - 1]);
}

TEST_CASE("training of digits") {
  const PlanView plan = plan_of<Digits<>, graph::Mode::training>();
  const auto segments = lower(plan, 32, Bf16::precision), halves = lower(plan, 32, Fp16::precision);
  check_sound(plan, segments);
  check_sound(plan, halves);
  const int node = first(plan, Op::convolution);
  CHECK(plan.nodes[segment_of(segments, node).sums].op == Op::batch_statistics);
  CHECK(written(segment_of(segments, node)) == "convolution+add | node\nconvolution | epilogue | node");
  CHECK(written(segment_of(halves, node)) ==
        "convolution+add+statistics | finish_statistics\nconvolution+add | node\nconvolution | epilogue | node");
  const int gradient = first(plan, Op::convolution_weight_gradient);
  CHECK(written(segment_of(segments, gradient)) == "weight_gradient | bias\nweight_gradient | widen | bias");
  const Piece& graph = segment_of(segments, gradient).forms[0].pieces[0];
  CHECK(graph.graph.tensors[0].element == Element::bf16);
  CHECK(graph.graph.tensors[2].element == Element::fp32);  // gradients of parameters
}

TEST_CASE("training of street scenes: batch norms go into the convolutions that read them") {
  using Street = DeepLabv3Plus<Image<90, 120, 3>, 11, TorchvisionLike>;
  const PlanView plan = plan_of<Street, graph::Mode::training>();
  const auto segments = lower(plan, 8, Fp16::precision);
  check_sound(plan, segments);
  int absorbed = 0;
  for (int i = 0; i < plan.count; i++) {
    if (plan.nodes[i].prologue.kind != graph::Prologue::affine_relu) continue;
    absorbed++;
    const std::string all = written(segment_of(segments, i));
    CHECK(all.starts_with("coefficients | multiply+add+relu+"));
    CHECK(all.find("\nprologue | ") != std::string::npos);
    const Piece& graph = segment_of(segments, i).forms[0].pieces[1];
    CHECK(graph.graph.tensors[1].element == Element::fp16);  // cuDNN requires this type ahead of an fp16 product
  }
  CHECK(absorbed > 10);
  for (const Precision& precision : {Tf32::precision, Bf16::precision})
    for (const Segment& s : lower(plan, 8, precision)) {
      const bool scaled = s.forms[0].pieces[0].work == Work::coefficients;
      CHECK(scaled == (precision == Tf32::precision && plan.nodes[s.node].op == Op::convolution &&
                       plan.nodes[s.node].prologue.kind != graph::Prologue::none));
    }
}

TEST_CASE("training of street scenes: what is combined with a gradient goes into its product") {
  using Street = DeepLabv3Plus<Image<90, 120, 3>, 11, TorchvisionLike>;
  const PlanView plan = plan_of<Street, graph::Mode::training>();
  int joins = 0, masks = 0, reductions = 0;
  for (const Precision& precision : {Tf32::precision, Fp16::precision}) {
    const auto segments = lower(plan, 8, precision);
    check_sound(plan, segments);
    for (const Segment& s : segments) {
      const Node& n = plan.nodes[s.node];
      if (!is_input_gradient(n.op)) continue;
      const std::string all = written(s), suffix = s.sums >= 0 ? " | node" : "";
      const bool adds = n.inputs.has(graph::Input::residual), mask = n.inputs.has(graph::Input::mask);
      joins += adds, masks += mask;
      std::string wanted =
          std::string("input_gradient") + (adds ? "+add" : "") + (mask ? "+relu_gradient" : "") + suffix;
      if (adds || mask) wanted += "\ninput_gradient | join" + suffix;
      if (s.sums >= 0 && precision == Fp16::precision) {
        wanted = "input_gradient+subtract+multiply+multiply+add+relu_gradient+reductions | keep_reductions\n" + wanted;
        reductions++;
      }
      CHECK(all == wanted);
    }
  }
  CHECK(joins == 24);
  CHECK(masks == 16);
  CHECK(reductions == 10);
}

TEST_CASE("a transposed convolution is the gradient of a convolution's input") {
  using Net = Network<Image<4, 5, 3>, TransposedConv<Size{3, 2}, 7, Stride<2>>, Dense<2>, Softmax>;
  const PlanView plan = plan_of<Net, graph::Mode::training>();
  const auto segments = lower(plan, 2, Fp32::precision);
  check_sound(plan, segments);
  const int node = first(plan, Op::transposed_convolution);
  const GraphDescription& g = segment_of(segments, node).forms.back().pieces[0].graph;
  CHECK(g.operations[0].op == GraphOp::input_gradient);
  CHECK(g.tensors[std::size_t(g.operations[0].w)].dims ==
        std::array<long, 4>{3, 7, 3, 2});  // (inputs, outputs, rows, columns)
  const int gradient = first(plan, Op::transposed_convolution_weight_gradient);
  const GraphDescription& w = segment_of(segments, gradient).forms[0].pieces[0].graph;
  CHECK(w.tensors[std::size_t(w.operations[0].x)].dims == g.tensors[std::size_t(g.operations[0].y)].dims);
}

TEST_CASE("a dense layer is 1x1 over all numbers of a map, as its weights are ordered") {
  const PlanView plan = plan_of<Digits<>, graph::Mode::inference>();
  const Node& dense = plan.nodes[first(plan, Op::dense)];
  CHECK(linear_shapes(dense).x == Shape{1, 1, 7 * 7 * 32});
  CHECK(weight_order(dense) == WeightOrder{dense.weights, 10, 32, 49});
}

}  // namespace cuda_planning_lower
