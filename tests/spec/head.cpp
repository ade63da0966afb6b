// SPDX-License-Identifier: MIT
// Several sources and heads in the language: shapes, names, hashes, what inference leaves out, how users see them.
#include <strata/graph/diagram.hpp>
#include <strata/graph/hash.hpp>
#include <strata/graph/plans.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace strata;
using graph::lowered, graph::Op, graph::structural_hash;

namespace {

using Net = Network<Inputs<Source<"picture", Image<8, 6, 3>>, Source<"tone", Image<1, 16, 1>>>, Conv<3, 4>, BatchNorm,
                    ReLU, Tap<"early">, GlobalAvgPool, Concat<Identity, Sequential<From<"tone">, Dense<5>>>,
                    Outputs<Head<"class", Dense<10>, Softmax>, Head<"box", Dense<4>>,
                            OnlyInTraining<Head<"aux", From<"early">, Conv<1, 2>, PixelSoftmax>>>>;

static_assert(input_shape<Net> == Shape{8, 6, 3} && input_shape<Net, "picture"> == input_shape<Net>);
static_assert(input_shape<Net, "tone"> == Shape{1, 16, 1});
static_assert(output_shape<Net> == Shape{1, 1, 10} && output_shape<Net, "class"> == output_shape<Net>);
static_assert(output_shape<Net, "box"> == Shape{1, 1, 4});
static_assert(output_shape<Net, "aux"> == Shape{8, 6, 2});
static_assert(macs<Net> == 8 * 6 * 4 * 9 * 3 + 16 * 5 + 9 * 10 + 9 * 4);  // those of inference
static_assert(parameters<Net> == (3 * 9 + 1) * 4 + 8 + 17 * 5 + 10 * 10 + 10 * 4 + 10);

template <class... Layer>
using Plain = Network<Image<6, 6, 2>, Conv<3, 4>, Layer...>;

// One source and one head are the plain network, whatever their names.
static_assert(
    structural_hash<Network<Inputs<Source<"a", Image<6, 6, 2>>>, Conv<3, 4>, Outputs<Head<"b", Dense<3>, Softmax>>>> ==
    structural_hash<Plain<Dense<3>, Softmax>>);
// Heads, their order and whether they are only in training are part of a network.
using One = Plain<Tap<"x">, Outputs<Head<"a", Dense<3>>, Head<"b", From<"x">, Dense<3>>>>;
using Other = Plain<Tap<"x">, Outputs<Head<"a", Dense<3>>, OnlyInTraining<Head<"b", From<"x">, Dense<3>>>>>;
static_assert(structural_hash<One> != structural_hash<Plain<Dense<3>>>);
static_assert(structural_hash<One> != structural_hash<Other>);

}  // namespace

TEST_CASE("names of tensors begin with the name of their source or head") {
  constexpr auto& net = lowered<Net>;
  std::string names;
  for (int t = 0; t < net.parameter_count; t++)
    names += std::string(graph::tensor_name<Net>(net.parameters[t]).text) + " ";
  for (int t = 0; t < net.buffer_count; t++) names += std::string(graph::tensor_name<Net>(net.buffers[t]).text) + " ";
  CHECK(names ==
        "0.weight 0.bias 1.weight 1.bias 5.1.1.weight 5.1.1.bias class.0.weight class.0.bias box.0.weight box.0.bias "
        "aux.1.weight aux.1.bias input.picture.scale input.picture.shift input.tone.scale input.tone.shift "
        "1.running_mean 1.running_var ");
}

TEST_CASE("inference leaves out what only training needs, and fuses as if it were not there") {
  constexpr auto& inference = graph::inference_plan<Net, graph::Layout{}>;
  CHECK(graph::result_count(inference) == 2);
  CHECK(inference.nodes[graph::result_of(inference, 1)].out == Shape{1, 1, 4});
  CHECK(graph::source_count(inference) == 2);
  int convolutions = 0;
  for (int i = 0; i < inference.count; i++) {
    const graph::Node& node = inference.nodes[i];
    if (node.op != Op::convolution) continue;
    convolutions++;
    CHECK(node.folded.present);
    CHECK(node.epilogue.functor == graph::relu_functor);
  }
  CHECK(convolutions == 1);
  constexpr auto& training = graph::training_plan<Net, graph::Layout{}>;
  CHECK(graph::result_count(training) == 3);
  for (int head = 0; head < 3; head++) {
    CHECK(training.nodes[graph::result_of(training, head)].op == Op::loss);
    CHECK(training.nodes[graph::result_of(training, head)].port == head);
  }
}

TEST_CASE("a head may continue from what another one ends in") {
  using Chained =
      Plain<Outputs<Head<"first", Dense<3>, Softmax, Tap<"p">>, Head<"second", From<"p">, Dense<2>, Softmax>>>;
  constexpr auto& training = graph::training_plan<Chained, graph::Layout{}>;
  int softmaxes = 0, losses = 0;
  for (int i = 0; i < training.count; i++) {
    softmaxes += training.nodes[i].op == Op::softmax;
    losses += training.nodes[i].op == Op::loss;
  }
  CHECK(softmaxes == 1);  // of the first head, whose probabilities the second one reads
  CHECK(losses == 2);
}

TEST_CASE("the summary and the diagram show all sources and heads") {
  const std::string text = to_text(graph::describe<Net>(graph::inference_plan<Net, graph::Layout{}>));
  CHECK(text.find("inputs picture 8x6x3 and tone 1x16x1, outputs class 1x1x10 and box 1x1x4 and aux 8x6x2 (only in "
                  "training), 355 parameters") != std::string::npos);
  CHECK(text.find("only in training\n") != std::string::npos);
  const std::string drawn = diagram<Net>();
  for (const char* path : {"input.picture: ", "input.tone: ", "class.1: ", "box.0: ", "aux.2: "})
    CHECK(drawn.find(path) != std::string::npos);
}
