// SPDX-License-Identifier: MIT
// The memory of a predictor: what is alive at the same time never overlaps, images and results at the caller have no
// place, and neither a residual nor an input that is overwritten changes a bit.
#include <strata/cpu/nhwc/inference.hpp>
#include <strata/infer/predictor.hpp>
#include <strata/models/digits.hpp>
#include <strata/reference/random_data.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace strata;
using cpu::nhwc::AtCaller;
using graph::Op;
namespace nhwc = cpu::nhwc;

namespace {

/// Convolutions that read a residual; the second one's dies there, the first one's is read again.
using Residuals = Network<Image<20, 24, 3>, Conv<3, 36>, ReLU, Residual<Sequential<Conv<3, 36>, ReLU, Conv<3, 36>>>,
                          ReLU, Residual<Sequential<Conv<1, 36>, ReLU, Conv<1, 36>>>, DepthwiseConv<3>, ReLU,
                          Conv<1, 5>, GlobalAvgPool, Dense<7>, Softmax>;
using Chain = Network<Image<1, 1, 640>, Dense<128>, ReLU, Dense<128>, ReLU, Dense<8>, ReLU, Dense<128>, ReLU,
                      Dense<128>, ReLU, Dense<640>>;
/// Two values at a time, or one if convolutions overwrite their inputs.
using Separable = Network<Image<19, 6, 2>, Conv<Size{5, 4}, 64>, ReLU, DepthwiseConv<3>, ReLU, Conv<1, 64>, ReLU,
                          DepthwiseConv<Size{5, 3}>, Conv<1, 64>, ReLU, DepthwiseConv<3, Dilation<2>>, Conv<1, 64>,
                          GlobalAvgPool, Dense<7>, Softmax>;
constexpr graph::PlanOptions exact = graph::plan_options<Exact>();

struct Interval {
  long first, end;
  std::string what;
};

/// Intervals that are alive while node i runs.
template <class Of>
std::vector<Interval> alive(int i) {
  const auto& plan = Of::Of::plan;
  const auto table = [](int k) { return Of::Sizes::SizesTable::of(Of::Of::plan, Of::Of::algorithms, k); };
  std::vector<Interval> all;
  for (int k = 0; k <= i; k++) {
    bool is_read = k == i || k == plan.result;
    for (int reader = i; reader < plan.count; reader++)
      for (const int input : plan.nodes[reader].inputs) is_read = is_read || input == k;
    const graph::Place& place = Of::memory.places[k];
    if (is_read && place.storage == graph::Storage::frame)
      all.push_back({place.offset, place.offset + plan.nodes[k].out.size(), "value " + std::to_string(k)});
  }
  if (const long floats = table(i).workspace(plan.nodes[i]); floats > 0)
    all.push_back({Of::memory.workspaces[i], Of::memory.workspaces[i] + floats, "workspace"});
  return all;
}

/// Returns how many convolutions overwrite a residual or their input.
template <class Net, AtCaller Caller = AtCaller{}>
int check_places() {
  using Of = nhwc::SoloOf<Net, exact, Caller>;
  const auto& plan = Of::Of::plan;
  int overwritten = 0;
  for (int i = 0; i < plan.count; i++) {
    const auto intervals = alive<Of>(i);
    for (std::size_t a = 0; a < intervals.size(); a++) {
      CHECK(intervals[a].first >= 0);
      CHECK(intervals[a].end <= Of::memory.floats);
      for (std::size_t b = 0; b < a; b++) {
        if (intervals[a].end <= intervals[b].first || intervals[b].end <= intervals[a].first) continue;
        const graph::Node& node = plan.nodes[i];
        const int other = nhwc::overwriting_of(node, Of::Of::algorithms.of[i], true).input;
        CAPTURE(i);
        CAPTURE(intervals[a].what);
        CAPTURE(intervals[b].what);
        CHECK(intervals[a].what == "value " + std::to_string(i));
        CHECK(intervals[a].first == intervals[b].first);
        if (other >= 0 && intervals[b].what == "value " + std::to_string(other)) overwritten++;
        else CHECK(graph::may_overwrite(node, 0));
      }
    }
  }
  CHECK(Of::program.floats(1, 1) <= Of::Of::program.floats(1, 1));
  return overwritten;
}

template <class Net>
void check_bits() {
  using P = Predictor<Net, Exact>;
  const reference::RandomData data = reference::smooth_data<Net>(1);
  core::Workers one(1);
  nhwc::Inference<Net, exact> inference(1, one);
  inference.load(data.parameters.data(), data.buffers.data());
  std::vector<float> expected(P::output_floats), given(P::output_floats, -1.f);
  inference.run({.floats = data.images.data(), .count = 1}, expected.data());
  const auto storage = std::make_unique<typename P::Storage>();
  P predictor(*storage, std::span<const float, P::parameter_floats>(data.parameters),
              std::span<const float, P::buffer_floats>(data.buffers));
  for (int again = 0; again < 2; again++) {
    predictor.run(typename P::Floats(data.images.data(), P::input_floats), typename P::Result(given));
    CHECK(given == expected);
  }
}

}  // namespace

TEST_CASE("what is alive at the same time does not overlap") {
  CHECK(check_places<Digits<>>() == 0);
  CHECK(check_places<Residuals>() == 2);
  CHECK(check_places<Chain>() == 0);
  CHECK(check_places<Separable>() == 6);
  check_places<Residuals, AtCaller{.image = true, .result = true}>();
  check_places<Chain, AtCaller{.image = true, .result = true}>();
}

TEST_CASE("images and results at the caller have no place") {
  using Own = nhwc::SoloOf<Chain, exact, AtCaller{}>;
  using Called = nhwc::SoloOf<Chain, exact, AtCaller{.image = true, .result = true}>;
  CHECK(Called::memory.places[0].storage == graph::Storage::none);
  CHECK(Called::memory.places[Called::program.result].storage == graph::Storage::none);
  CHECK(Own::memory.places[Own::program.result].storage == graph::Storage::frame);
  CHECK(Called::memory.floats == 2 * 128);  // a chain needs what two neighbors do
  CHECK(Own::memory.floats == 640 + 128);
}

TEST_CASE("the program that packs weights is apart from the one that does not") {
  using Of = nhwc::SoloOf<Digits<>, exact, AtCaller{}>;
  CHECK(Of::program.pack == nullptr);
  CHECK(Of::packing_program.pack != nullptr);
}

TEST_CASE("the same bits as other programs of inference") {
  check_bits<Digits<>>();
  check_bits<Residuals>();
  check_bits<Chain>();
  check_bits<Separable>();
}
