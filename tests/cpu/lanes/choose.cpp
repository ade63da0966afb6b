// SPDX-License-Identifier: MIT
// The pass that chooses each node's algorithm, and that programs and their memory follow it.
#include <strata/cpu/cost.hpp>
#include <strata/models/digits.hpp>

#include "../../support/check_backend.hpp"

using namespace strata;
using namespace strata::graph;
using namespace strata::testing;
using cpu::lanes::Algorithm;
using graph::Node;
using graph::Op;
namespace lanes = cpu::lanes;

namespace {

using Net = Digits<8, 16, 32>;
constexpr PlanOptions direct{.products = Products::direct};

template <PlanOptions Options>
using Training = lanes::ProgramOf<training_plan<Net, lanes::layout, Options>, functors<Net>>;

/// The function that computes a convolution, or the gradient of its input, by that algorithm.
lanes::Run function_of(const Node& node, Algorithm algorithm) {
  const bool winograd = algorithm == Algorithm::winograd;
  if (node.op == Op::convolution && node.epilogue.functor == relu_functor)
    return winograd ? &lanes::winograd_convolution<spec::relu> : &lanes::convolution<spec::relu>;
  if (algorithm == Algorithm::measured) return &lanes::measured_convolution;
  return winograd ? &lanes::winograd_convolution<lanes::nothing> : &lanes::convolution<lanes::nothing>;
}

long packed_floats(const Node& node, Algorithm algorithm) {
  return cpu::whole_lines(algorithm == Algorithm::winograd ? lanes::winograd_of(node).packed_floats()
                                                           : lanes::convolution_of(node).packed_floats());
}

/// Each convolution, and each gradient of the input of one, runs the function and packs the weights of its algorithm.
void check_program(const lanes::Program& program) {
  for (int i = 0; i < program.count; i++) {
    const Node& node = program.nodes[i];
    const Algorithm algorithm = program.algorithms[i];
    CAPTURE(i);
    if (node.op != Op::convolution && node.op != Op::convolution_input_gradient) {
      CHECK(algorithm == (node.op == Op::batch_statistics ? algorithm : Algorithm::direct));
      continue;
    }
    CHECK((program.run[i] == function_of(node, algorithm)));
    CHECK(program.packed_sizes[i] == packed_floats(node, algorithm));
  }
}

template <class Of>
constexpr int count(Algorithm algorithm, Op op) {
  int nodes = 0;
  for (int i = 0; i < Of::program.count; i++)
    nodes += Of::algorithms.of[i] == algorithm && Of::program.nodes[i].op == op;
  return nodes;
}

}  // namespace

TEST_CASE("each node runs the function that was chosen") {
  check_program(lanes::inference_program<Net>);
  check_program(lanes::training_program<Net>);
  check_program(lanes::training_program<Net, direct>);
}

TEST_CASE("a policy leaves Winograd no node") {
  static_assert(count<Training<PlanOptions{}>>(Algorithm::winograd, Op::convolution) > 0);
  static_assert(count<Training<direct>>(Algorithm::winograd, Op::convolution) == 0);
  static_assert(count<Training<direct>>(Algorithm::winograd, Op::convolution_input_gradient) == 0);
}

TEST_CASE("the statistics after the first convolution are computed with it") {
  using Of = Training<PlanOptions{}>;
  static_assert(count<Of>(Algorithm::measured, Op::convolution) == 1);
  static_assert(count<Of>(Algorithm::measured, Op::batch_statistics) == 1);
  for (int i = 0; i + 1 < Of::program.count; i++) {
    if (Of::algorithms.of[i] != Algorithm::measured || Of::program.nodes[i].op != Op::convolution) continue;
    CHECK(Of::program.nodes[i + 1].inputs[0] == i);
    CHECK((Of::program.run[i + 1] == &lanes::already_measured));
    CHECK(Of::program.partial_sizes[i] == 0);
    CHECK(Of::program.partial[i] == Of::program.partial[i + 1]);
  }
}

TEST_CASE("the summary names Winograd where it runs") {
  constexpr auto& plan = inference_plan<Net, lanes::layout>;
  const SummaryTable table = summary<Net>();
  for (int i = 0; i < plan.count; i++) {
    if (plan.nodes[i].op != Op::convolution) continue;
    const std::string kernel = table.lines[std::size_t(plan.nodes[i].layer)].kernel;
    const bool named = kernel.find("images in lanes, Winograd") != std::string::npos;
    CHECK(named == (lanes::inference_program<Net>.algorithms[i] == Algorithm::winograd));
  }
}
