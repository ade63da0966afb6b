// SPDX-License-Identifier: MIT
// The pass that chooses each node's algorithm, and that programs, their memory and the summary follow it.
#include <strata/cpu/cost.hpp>
#include <strata/models/digits.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/graphs.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::testing;
using cpu::nhwc::Algorithm;
using graph::Node;
using graph::Op;
namespace nhwc = cpu::nhwc;

namespace {

/// Wide enough for Winograd; its 1x1 convolution to few channels is swapped in the gradient of its weights.
using Wide =
    Classifier<Image<12, 16, 3>, Conv<3, 32>, ReLU, Conv<3, 40>, BatchNorm, ReLU, Conv<3, 40, Exact>, Conv<1, 3>>;
constexpr bool swaps = nhwc::block > 1;  // else vectors have no lanes to fill
constexpr PlanOptions direct{.products = Products::direct}, winograd{.products = Products::winograd};

constexpr Node node_of(Op op, int channels, Products products) {
  const Shape shape{12, 16, channels};
  return {.op = op, .in = shape, .out = shape, .window = window_3x3, .mid = shape, .products = products};
}

template <class Choices>
int count(const Choices& chosen, Algorithm algorithm) {
  int nodes = 0;
  for (const Algorithm a : chosen.of) nodes += a == algorithm;
  return nodes;
}

/// The general kernel that computes a convolution or one of its gradients by that algorithm.
nhwc::Run function_of(Op op, Algorithm algorithm) {
  if (op != Op::convolution_weight_gradient)
    return algorithm == Algorithm::winograd ? &nhwc::winograd_convolution : &nhwc::convolution;
  return algorithm == Algorithm::winograd  ? &nhwc::winograd_weight_gradient
         : algorithm == Algorithm::swapped ? &nhwc::swapped_weight_gradient
                                           : &nhwc::convolution_weight_gradient;
}

/// The floats of a convolution's packed weights.
long packed_floats(const Node& node, Algorithm algorithm) {
  return cpu::whole_lines(algorithm == Algorithm::winograd ? nhwc::winograd_of(node).packed_floats()
                                                           : nhwc::sliding_of(node).packed_floats());
}

/// Each convolution, and each of its gradients, runs the kernel of its algorithm. winograd, swapped: how many nodes
/// have that algorithm.
template <class Of>
void check_program(int winograd, int swapped) {
  const nhwc::Program& program = Of::program;
  CHECK(count(Of::algorithms, Algorithm::winograd) == winograd);
  CHECK(count(Of::algorithms, Algorithm::swapped) == swapped);
  for (int i = 0; i < program.count; i++) {
    const Node& node = program.nodes[i];
    CAPTURE(i);
    CHECK(program.algorithms[i] == Of::algorithms.of[i]);
    if (graph::forward_of(node.op) != Op::convolution) CHECK(program.algorithms[i] == Algorithm::direct);
    else CHECK((program.run[i] == function_of(node.op, program.algorithms[i])));
  }
}

template <PlanOptions Options>
std::vector<float> output(const reference::RandomData& data) {
  Workers one(1);
  nhwc::Inference<Wide, Options, false> inference(2, one);
  inference.load(data.parameters.data(), data.buffers.data());
  std::vector<float> y(std::size_t(2 * output_shape<Wide>.size()));
  inference.run(data.image_view(), y.data());
  return y;
}

}  // namespace

TEST_CASE("a node's products decide wherever there is a choice") {
  for (const Op op : {Op::convolution, Op::convolution_input_gradient, Op::convolution_weight_gradient}) {
    CHECK(nhwc::choose(node_of(op, 64, Products::fewest)) == Algorithm::winograd);
    CHECK(nhwc::choose(node_of(op, 64, Products::direct)) == Algorithm::direct);
    CHECK(nhwc::choose(node_of(op, 8, Products::fewest)) == Algorithm::direct);
    CHECK(nhwc::choose(node_of(op, 8, Products::winograd)) == Algorithm::winograd);
    Node strided = node_of(op, 64, Products::winograd);
    strided.window.columns.stride = 2;
    CHECK(nhwc::choose(strided) == Algorithm::direct);
  }
  for (const Op op : {Op::depthwise_convolution, Op::grouped_convolution, Op::transposed_convolution, Op::max_pool})
    CHECK(nhwc::choose(node_of(op, 64, Products::winograd)) == Algorithm::direct);
}

TEST_CASE("the gradient of 1x1 weights is swapped where that fills more of its vectors") {
  Node node{.op = Op::convolution_weight_gradient, .in = {6, 6, 64}, .out = {6, 6, 3}};
  CHECK((nhwc::choose(node) == Algorithm::swapped) == swaps);
  node.out.channels = 64;
  CHECK(nhwc::choose(node) == Algorithm::direct);
  node.out = {6, 6, 3}, node.window = window_3x3;
  CHECK(nhwc::choose(node) == Algorithm::direct);
  node.window = Window::square({.stride = 2}), node.out = {3, 3, 3};
  CHECK(nhwc::choose(node) == Algorithm::direct);
}

TEST_CASE("each node runs the kernel that was chosen") {
  check_program<nhwc::InferenceOf<Wide, PlanOptions{}, false>>(1, 0);
  check_program<nhwc::TrainingOf<Wide>>(3, swaps);
  check_program<nhwc::TrainingOf<Wide, direct>>(0, swaps);
  check_program<nhwc::TrainingOf<Wide, winograd>>(5, swaps);
}

TEST_CASE("the memory is that of the kernel that was chosen") {
  using Of = nhwc::InferenceOf<Wide, PlanOptions{}, false>;
  for (int i = 0; i + 1 < Of::plan.count; i++) {
    const Node& node = Of::plan.nodes[i];
    if (node.op != Op::convolution) continue;
    CAPTURE(i);
    CHECK(Of::program.packed[i + 1] - Of::program.packed[i] == packed_floats(node, Of::algorithms.of[i]));
  }
}

TEST_CASE("another choice gives other bits, and the same numbers") {
  const reference::RandomData data = reference::smooth_data<Wide>(2);
  const std::vector<float> usual = output<PlanOptions{}>(data), sums = output<direct>(data),
                           tiles = output<winograd>(data);
  CHECK(usual != sums);
  CHECK(usual != tiles);
  CHECK(relative_distance(usual.data(), sums.data(), long(sums.size())) <= forward_bound);
  CHECK(relative_distance(tiles.data(), sums.data(), long(sums.size())) <= forward_bound);
}

TEST_CASE("a small inference runs kernels of fixed shape, which read the image themselves") {
  using Of = nhwc::InferenceOf<Digits<8, 16, 32>>;
  CHECK(Of::algorithms.of[0] == Algorithm::skipped);
  constexpr auto first = nhwc::fixed_shape::convolution_key(Of::plan.nodes[1], Of::algorithms.of[1], true);
  constexpr auto second = nhwc::fixed_shape::convolution_key(Of::plan.nodes[2], Of::algorithms.of[2]);
  static_assert(first.pairs == (Of::algorithms.of[1] == Algorithm::fixed_shape_pairs));
  static_assert(second.winograd == (Of::algorithms.of[2] == Algorithm::fixed_shape_winograd));
  CHECK((Of::program.run[1] == &nhwc::fixed_shape::convolution<first, spec::relu>));
  CHECK((Of::program.run[2] == &nhwc::fixed_shape::convolution<second, spec::relu>));

  using Exactly = nhwc::InferenceOf<Digits<8, 16, 32>, direct>;
  CHECK(count(Exactly::algorithms, Algorithm::fixed_shape_winograd) == 0);
  using General = nhwc::InferenceOf<Digits<8, 16, 32>, PlanOptions{}, false>;
  for (const Algorithm algorithm : General::algorithms.of) CHECK(!nhwc::traits(algorithm).fixed_shape);
}

TEST_CASE("the summary names what runs") {
  using Net = Network<Image<24, 24, 16>, Conv<3, 128>, ReLU, Conv<3, 128, Exact>, Conv<1, 4>, PixelSoftmax>;
  constexpr auto& chosen = nhwc::InferenceOf<Net>::algorithms;
  const SummaryTable table = summary<Net>();
  for (int i = 1; i <= 3; i++) {
    const std::string kernel = table.lines[std::size_t(nhwc::InferenceOf<Net>::plan.nodes[i].layer)].kernel;
    CAPTURE(kernel);
    CHECK(kernel.find(nhwc::traits(chosen.of[i]).name) != std::string::npos);
  }
}

TEST_CASE("compilers choose for 800 nodes in one evaluation") {
  constexpr auto wide = [] {
    auto graph = chain_graph<270>();
    for (Node& node : graph.nodes)
      node.in = {360, 480, 64}, node.out = node.mid = {360, 480, node.op == Op::convolution ? 64 : 96};
    return graph;
  }();
  static_assert(wide.count > 800);
  constexpr auto chosen = nhwc::choose(wide, true);
  CHECK(count(chosen, Algorithm::winograd) == 270);
}
