// SPDX-License-Identifier: MIT
// What a sweep accepts, rejects and chooses, as constants, and how it says so.
#include <strata/experiment/best.hpp>
#include <strata/experiment/compound_scaling.hpp>
#include <strata/experiment/rejected.hpp>
#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

namespace experiment_sweep {

using namespace strata;
using namespace strata::experiment;

namespace {

struct Plain {
  template <int C>
  using layers = Sequential<Conv<3, C>, ReLU>;
};
struct Bottleneck {
  static constexpr const char* name = "bottleneck";
  template <int C>
  using layers = Sequential<Conv<1, C / 2>, ReLU, Conv<3, C>, ReLU>;
};

template <class P>
using Small = Network<Image<12, 12, 1>,
                      Repeat<P::number("depth"), typename type<P, "block">::template layers<P::number("width")>>,
                      MaxPool<P::number("pool")>, Conv<3, 4, Pad<0>>, Dropout<P::real("dropout")>, Dense<3>, Softmax>;

using Axes = Sweep<Small, Axis<"width", 4, 8>, Axis<"depth", 1, 2>, TypeAxis<"block", Plain, Bottleneck>,
                   Axis<"pool", 2, 6>, Axis<"dropout", Real{0}, Real{0.25}>>;

template <int Width, int Depth, class Block>
using Same = Network<Image<12, 12, 1>, Repeat<Depth, typename Block::template layers<Width>>, MaxPool<2>,
                     Conv<3, 4, Pad<0>>, Dropout<0.25>, Dense<3>, Softmax>;

// Points and names.
static_assert(Axes::total == 32);
static_assert(Axes::find("width=4 depth=1 block=Plain pool=2 dropout=0") == 0);
static_assert(Axes::find("width=8 depth=2 block=bottleneck pool=6 dropout=0.25") == 31);
static_assert(Axes::find("width=8 depth=2 block=bottleneck pool=6") == -1);
static_assert(Axes::find("width=8 depth=2 block=bottleneck pool=6 dropout=0.25 ") == -1);
static_assert(Axes::find("width=80 depth=2 block=bottleneck pool=6 dropout=0.25") == -1);
static_assert(Axes::find("") == -1);
static_assert(
    std::is_same_v<Axes::network<Axes::find("width=8 depth=2 block=Plain pool=2 dropout=0.25")>, Same<8, 2, Plain>>);
static_assert(
    std::is_same_v<candidate_of<Axes, "width=4 depth=1 block=bottleneck pool=2 dropout=0.25">, Same<4, 1, Bottleneck>>);
constexpr bool every_name_is_found() {
  for (int i = 0; i < Axes::total; i++)
    if (Axes::find(Axes::name(i).text) != i) return false;
  return true;
}
static_assert(every_name_is_found());

// Without budgets only invalid networks are rejected: the window of 3 does not fit into 2 x 2.
static_assert(Axes::survivors().size() == 16);
static_assert(Axes::contains("width=4 depth=1 block=Plain pool=2 dropout=0"));
static_assert(!Axes::contains("width=4 depth=1 block=Plain pool=6 dropout=0"));
static_assert(!Axes::contains("width=5 depth=1 block=Plain pool=2 dropout=0"));
constexpr bool costs_are_those_of_the_network() {
  for (const Candidate& c : Axes::survivors())
    if (c.index == Axes::find("width=8 depth=2 block=Plain pool=2 dropout=0.25"))
      return c.parameters == parameters<Same<8, 2, Plain>> && c.macs == macs<Same<8, 2, Plain>>;
  return false;
}
static_assert(costs_are_those_of_the_network());

// Budgets.
struct few_parameters {
  static constexpr const char* name = "has fewer parameters than 1,000";
  template <class Net>
  static constexpr bool of() {
    return parameters<Net> < 1000;
  }
};
template <int W>
using Wide = Network<Image<12, 12, 1>, Conv<3, W>, ReLU, MaxPool<2>, Dense<3>, Softmax>;
template <class P>
using WideAt = Wide<P::number("width")>;
using Widths = Axis<"width", 1, 2, 3, 4, 5, 6, 7, 8>;
using ByMacs = Sweep<WideAt, Widths, AtMost<Macs, macs<Wide<5>>>>;
static_assert(ByMacs::survivors().size() == 5 && ByMacs::survivors()[4].macs == macs<Wide<5>>);
using AboveMacs = Sweep<WideAt, AtLeast<Macs, macs<Wide<5>>>, Widths>;  // budgets and axes in any order
static_assert(AboveMacs::survivors().size() == 4 && AboveMacs::survivors()[0].index == 4);
using ByParameters = Sweep<WideAt, Widths, AtMost<Parameters, parameters<Wide<3>>>>;
static_assert(ByParameters::survivors().size() == 3);
using ByArena = Sweep<WideAt, Widths, AtMost<ArenaBytes<>, arena_bytes<Wide<6>>(1)>>;
static_assert(ByArena::contains("width=6") && ByArena::survivors().size() < 8);
using ByPacked = Sweep<WideAt, Widths, AtMost<PackedBytes, 2000>>;
static_assert(ByPacked::contains("width=1") && !ByPacked::contains("width=8"));
static_assert(PackedBytes::of<Wide<8>>() >= 4 * parameters<Wide<8>>);
using ByPredicate = Sweep<WideAt, Widths, Satisfies<few_parameters>>;
static_assert(ByPredicate::contains("width=8") == (parameters<Wide<8>> < 1000));
static_assert(ByPredicate::contains("width=9") == false);

// The size that is planned in one evaluation is that of the plan, whatever its passes do.
template <class Net>
constexpr bool is_sized_right() {
  return ArenaBytes<>::of<Net>() == arena_bytes<Net>(1) && experiment::detail::planned_size_of<Net>().arena_bytes > 0;
}
static_assert(is_sized_right<Digits<>>());
static_assert(is_sized_right<
              Network<Image<9, 7, 3>, Conv<3, 8, Stride<2>>, BatchNorm, ReLU,
                      Residual<Sequential<Conv<3, 8>, BatchNorm>>, ReLU, Upsample<2>, Conv<1, 2>, PixelSoftmax>>());
static_assert(is_sized_right<Network<Image<8, 8, 4>, Concat<Conv<1, 4>, Sequential<DepthwiseConv<3>, Conv<1, 8>>>, GELU,
                                     AvgPool<2>, GlobalAvgPool, Dense<70>, Softmax>>());
using Deep = Network<Image<8, 8, 4>, Repeat<30, Conv<3, 4>, ReLU>, GlobalAvgPool, Dense<3>, Softmax>;
static_assert(experiment::detail::planned_size_of<Deep>().arena_bytes == 0);  // it is planned in passes
static_assert(ArenaBytes<>::of<Deep>() == arena_bytes<Deep>(1));
static_assert(ArenaBytes<64>::of<Digits<>>() == arena_bytes<Digits<>>(64));
static_assert(ArenaBytes<8, Use::training>::of<Digits<>>() == arena_bytes<Digits<>, Use::training>(8));

// A candidate over the first budget is not measured by the second.
struct must_not_be_asked {
  static constexpr const char* name = "never";
  template <class Net>
  static constexpr long of() {
    static_assert(macs<Net> <= macs<Wide<2>>);
    return 0;
  }
};
static_assert(Sweep<WideAt, Widths, AtMost<Macs, macs<Wide<2>>>, AtMost<must_not_be_asked, 0>>::survivors().size() ==
              2);

// The best.
struct minus_parameters {
  static constexpr const char* name = "parameters saved";
  template <class Net>
  static constexpr long of() {
    return -parameters<Net>;
  }
};
static_assert(std::is_same_v<best<ByMacs>, Wide<5>>);
static_assert(std::is_same_v<best<ByMacs, minus_parameters>, Wide<1>>);

// Compound scaling as an axis: the numbers of EfficientNet's rule, rounded.
constexpr CompoundScaling growth;
template <class P>
using Compound =
    Network<Image<growth.pixels(16, P::number("scale")), growth.pixels(16, P::number("scale")), 1>,
            Repeat<growth.repetitions(1, P::number("scale")), Conv<3, growth.channels(8, P::number("scale"))>, ReLU>,
            Dense<3>, Softmax>;
using Scales = Sweep<Compound, Axis<"scale", 0, 1, 2, 3>>;
static_assert(Scales::network<0>::input == Shape{16, 16, 1});
static_assert(Scales::network<3>::input == Shape{24, 24, 1});  // 16 * 1.15^3 = 24.3
static_assert(growth.channels(32, 3) == 40);                   // 42.6; rounding takes at most a tenth
static_assert(growth.channels(32, -1) == 32 && growth.repetitions(2, 3) == 4);
static_assert(scaled(8, 0.1) == 8 && scaled(20, 1., 4) == 20);
static_assert(Scales::survivors()[3].macs > Scales::survivors()[0].macs);

std::string line_with(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  if (at == std::string::npos) return "";
  const std::size_t begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

}  // namespace

TEST_CASE("a rejected candidate's row has the budget, the value and the margin") {
  const Rejections rejections = rejected<ByMacs>();
  REQUIRE(rejections.rows.size() == 3);
  const Rejection& row = rejections.rows[0];
  CHECK(row.name == "width=6");
  CHECK(row.value == macs<Wide<6>>);
  CHECK(row.margin == macs<Wide<6>> - macs<Wide<5>>);
  CHECK(row.budget == "at most 7,020 MACs");
  CHECK(row.sentence ==
        "strata: the candidate width=6 is rejected: it has 8,424 MACs, 1,404 above the budget of 7,020; choose another "
        "candidate, or change the budget");
  const std::string text = to_text(rejections);
  CHECK(line_with(text, "width=6") == "width=6    at most 7,020 MACs   8,424  +1,404");
  CHECK(line_with(text, "candidates are") == "5 of 8 candidates are within the budgets");
}

TEST_CASE("below a lower budget, the margin is what is missing") {
  const Rejections rejections = rejected<AboveMacs>();
  REQUIRE(rejections.rows.size() == 4);
  CHECK(rejections.rows[3].margin == macs<Wide<5>> - macs<Wide<4>>);
  CHECK(rejections.rows[3].sentence.find("1,404 below the budget of 7,020") != std::string::npos);
}

TEST_CASE("an invalid network and a failed condition are rejected with their reason") {
  const Rejections rejections = rejected<Axes>();
  REQUIRE(rejections.rows.size() == 16);
  CHECK(rejections.rows[0].sentence.find(
            "strata: the candidate width=4 depth=1 block=Plain pool=6 dropout=0 is rejected: layer 2, "
            "Conv<3, 4, Pad<0>>, is given 2x2x4: the window is larger than its input") == 0);
  CHECK(line_with(to_text(rejections), "width=8 depth=2 block=bottleneck pool=6 dropout=0.25")
            .find("invalid: layer 2, Conv<3") != std::string::npos);
  using Failing = Sweep<WideAt, Widths, Satisfies<few_parameters>>;
  const Rejections failing = rejected<Failing>();
  CHECK(failing.rows.size() == std::size_t(8 - Failing::survivors().size()));
}

TEST_CASE("a sweep that rejects nothing says so") {
  CHECK(rejected<Scales>().rows.empty());
  CHECK(line_with(to_text(rejected<Scales>()), "candidates are") == "4 of 4 candidates are within the budgets");
}

}  // namespace experiment_sweep
