// SPDX-License-Identifier: MIT
#include <strata/graph/plans.hpp>
#include <strata/graph/summary.hpp>
#include <strata/models/digits.hpp>

#include <doctest/doctest.h>

using namespace strata;
using namespace strata::graph;

namespace {
constexpr graph::Layout by_group{8, true};
std::string upper_name(int i) {
  return graph::inference_plan<Digits<>, by_group>.nodes[i].op == graph::Op::convolution ? "CONV" : "other";
}
}  // namespace

TEST_CASE("every layer has a line that says what became of it") {
  const SummaryTable table = describe<Digits<>>(graph::inference_plan<Digits<>, by_group>, upper_name);
  REQUIRE(table.lines.size() == 14);
  CHECK(table.parameters == 21'690);
  CHECK(table.macs == 523'712);
  CHECK(table.kernels == 5);
  CHECK(table.lines[1].path == "0");
  CHECK(table.lines[1].kind == "Conv");
  CHECK(table.lines[1].kernel == "CONV");
  CHECK(table.lines[1].parameters == 80);
  CHECK(table.lines[1].macs == 56'448);
  CHECK(table.lines[1].offset == 784);
  for (int i : {2, 3, 4}) CHECK(table.lines[std::size_t(i)].fused_into == 1);
  CHECK(table.lines[4].out == Shape{14, 14, 8});
  CHECK(table.lines[12].fused_into == -1);
}

TEST_CASE("what inference does not need is marked") {
  using Net = Network<Image<8, 8, 1>, Conv<3, 2>, Tap<"a">, Dropout<0.5>, CropTo<"a">, AdaptiveMaxPool<8>, Flatten,
                      Dense<3>, Softmax>;
  const SummaryTable table = describe<Net>(graph::inference_plan<Net, by_group>);
  for (int i : {2, 3, 4, 5}) CHECK(table.lines[std::size_t(i)].kernel == "none needed");
}

TEST_CASE("the text aligns and adds up") {
  const std::string text = to_text(describe<Digits<>>(graph::inference_plan<Digits<>, by_group>));
  CHECK(text.find("11     Dense      1x1x10        15,690   15,680       0  dense\n") != std::string::npos);
  CHECK(text.find("fused into 8") != std::string::npos);
  CHECK(text.find("21,690 parameters, 523,712 MACs per image, 5 kernels in inference") != std::string::npos);
}
