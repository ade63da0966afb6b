// SPDX-License-Identifier: MIT
// Tutorial, 6: a sweep over networks at compile time, within budgets; what a network runs, and how two differ.
#include <strata/experiment.hpp>
#include <strata/strata.hpp>

#include <cstdio>

using namespace strata;

// Two kinds of blocks to choose from.
struct Plain {
  template <int Channels>
  using layers = Sequential<Conv<3, Channels>, BatchNorm, ReLU>;
};
struct Bottleneck {
  template <int Channels>
  using layers = Sequential<Conv<1, Channels / 2>, BatchNorm, ReLU, Conv<3, Channels>, BatchNorm, ReLU>;
};

template <class P>
using Block = typename experiment::type<P, "block">::template layers<2 * P::number("width")>;

template <class P>
using Shapes = Network<Image<24, 24, 1>,                                          // P is a point of the sweep
                       Conv<3, P::number("width")>, BatchNorm, ReLU, MaxPool<2>,  // 12 x 12
                       Repeat<P::number("depth"), Block<P>>,                      // 12 x 12
                       MaxPool<2>, Dense<4>, Softmax>;                            // 1 x 1 x 4

using Search = Sweep<Shapes, Axis<"width", 4, 8, 12>, Axis<"depth", 1, 2, 3>, TypeAxis<"block", Plain, Bottleneck>,
                     AtMost<experiment::Macs, 400'000>>;

static_assert(Search::total == 18 && Search::survivors().size() == 8);
static_assert(Search::contains("width=8 depth=1 block=Bottleneck"));

using Best = best<Search>;  // the most multiply-adds within the budgets
using Narrow = experiment::candidate_of<Search, "width=4 depth=1 block=Plain">;

// Remove the slashes to see what the compiler says about a candidate over budget:
// using Rejected = experiment::candidate_of<Search, "width=12 depth=3 block=Plain">;
// static_assert(parameters<Rejected> > 0);

static_assert(program<Best>.together("0", "1"));  // the batch norm is part of the convolution's kernel
static_assert(diff<Narrow, Best>.macs.change() > 0);

int main() {
  print(rejected<Search>());
  std::printf("\nthe best is %s\n\n", Search::name(experiment::best_index<Search>).text);
  print(program<Best>);
  std::printf("\n");
  print(diff<Narrow, Best>);
}
