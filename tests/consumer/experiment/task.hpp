// SPDX-License-Identifier: MIT
// A user's experiment: one candidate learns, one crashes when it is scored, and a head that the score does not accept
// does not compile.
#pragma once

#include <strata/core/samples/arrays.hpp>
#include <strata/data/dataset.hpp>
#include <strata/experiment.hpp>
#include <strata/train/model.hpp>
#include <strata/train/options.hpp>

#include <cstdlib>

namespace consumer {

using namespace strata;

template <class P>
using Net = Network<Image<4, 4, 1>, Conv<3, P::number("width")>, ReLU, Dense<2>, experiment::type<P, "head">>;

struct Task {
  using Candidates =
      Sweep<Net, Axis<"width", 2, 3, 40>, TypeAxis<"head", Softmax, Identity>, AtMost<experiment::Macs, 5'000>>;
  static constexpr const char* score_name = "share of right halves";
  static Splits data();
  static TrainOptions options();
  template <class Net, class Backend, class Set>
  static double score(const Model<Net, Backend>& model, Set& set) {
    constexpr auto& network = graph::lowered<Net>.graph;
    static_assert(network.nodes[network.result].op == graph::Op::softmax, "the score is that of a softmax");
    if (parameters<Net> == parameters<Candidates::network<2>>) std::abort();  // width=3
    return evaluate(model, set).accuracy;
  }
};

}  // namespace consumer
