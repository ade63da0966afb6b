// SPDX-License-Identifier: MIT
// The program of a network as a constant, as text and as JSON, and how two networks differ.
#include <strata/experiment/difference.hpp>
#include <strata/models/digits.hpp>

#include <doctest/doctest.h>

#include <string>

namespace experiment_program {

using namespace strata;
using namespace strata::experiment;

namespace {

using Net = Digits<>;
static_assert(program<Net>.kernel_count == 6 && program<Net>.layer_count == 14);
static_assert(program<Net>.together("0", "1") && program<Net>.together("0", "2") && program<Net>.together("0", "3"));
static_assert(!program<Net>.together("0", "4"));
static_assert(program<Net>.fused("1") && !program<Net>.fused("0"));
static_assert(program<Net>.kernel("4").op == graph::Op::convolution);
static_assert(program<Net>.kernel("4").macs == 14 * 14 * 9 * 8 * 16);
static_assert(program<Net>.kernel("4").out == Shape{7, 7, 16});
static_assert(program<Net>.kernel("4").weight_bytes == 4 * (9 * 8 * 16 + 16 + 2 * 16));
static_assert(program<Net>.kernel("11").value_bytes == 4 * 10);
static_assert(program<Net>.arena_bytes == arena_bytes<Net>(1));
constexpr bool adds_up() {
  long macs = 0, weights = 0;
  for (const ProgramKernel& k : program<Net>.kernels) macs += k.macs, weights += k.weight_bytes;
  return macs == strata::macs<Net> && weights == 4 * parameters<Net>;
}
static_assert(adds_up());

using Dropped = Network<Image<8, 8, 1>, Conv<3, 2>, Tap<"a">, Dropout<0.5>, CropTo<"a">, Flatten, Dense<3>, Softmax>;
static_assert(program<Dropped>.layer("2").kernel == -1);

// A wider second convolution, a third one more, no dense layer before the softmax.
using Other = Network<Image<28, 28, 1>, Conv<3, 8>, BatchNorm, ReLU, MaxPool<2>, Conv<3, 24>, BatchNorm, ReLU,
                      MaxPool<2>, Conv<3, 32>, BatchNorm, ReLU, GlobalAvgPool, Dense<10>, Softmax>;
static_assert(diff<Net, Net>.same_layers() && diff<Net, Net>.macs.change() == 0);
static_assert(diff<Net, Other>.removed() == 1 && diff<Net, Other>.added() == 2);
static_assert(diff<Net, Other>.parameters.change() == parameters<Other> - parameters<Net>);
static_assert(diff<Net, Other>.macs.a == 523'712 && diff<Net, Other>.macs.b == macs<Other>);
static_assert(diff<Net, Other>.arena_bytes.b == arena_bytes<Other>(1));
static_assert(diff<Net, Other>.kernels.b == program<Other>.kernel_count);
static_assert(diff<Other, Net>.added() == 1 && diff<Other, Net>.removed() == 2);

bool has(const std::string& text, const std::string& part) {
  if (text.find(part) == text.npos) MESSAGE("'", part, "' is not in:\n", text);
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("a program's text has a line per kernel with its layers, and what inference does not need") {
  const std::string text = to_text(program<Net>);
  CHECK(has(text, "\nconv, images in lanes"));
  CHECK(has(text, "0 Conv, 1 BatchNorm, 2 ReLU, 3 MaxPool  14x14x8 "));
  CHECK(has(text, "21,690 parameters, 523,712 MACs per image, "));
  CHECK(has(to_text(program<Dropped>), "not needed in inference: 2 Dropout, 3 CropTo, 4 Flatten\n"));
}

TEST_CASE("a program's JSON names the kernel, what is fused into it, bytes and multiply-adds") {
  const std::string json = to_json(program<Net>);
  CHECK(has(json, "\"schema\": \"strata.program/1\""));
  CHECK(has(json, "{\"path\": \"1\", \"layer\": \"BatchNorm\", \"fused\": true}"));
  CHECK(has(json, "\"output\": [14, 14, 8], \"macs\": 56448, \"value_bytes\": 6272, \"weight_bytes\": 384}"));
}

TEST_CASE("an unknown layer is an error that names it") {
  CHECK_THROWS_WITH(program<Net>.layer("99"), "program: no layer has the path '99'");
  CHECK_THROWS_WITH(program<Dropped>.kernel("2"), "program: inference does not need the layer '2'");
}

TEST_CASE("a comparison marks the layers of one network, and has both numbers of each cost") {
  const std::string text = to_text(diff<Net, Other>);
  CHECK(has(text, "\n-  Conv<3, 16>"));
  CHECK(has(text, "\n+  Conv<3, 24>"));
  CHECK(has(text, "\n+  GlobalAvgPool"));
  CHECK(has(text, "523,712"));
  CHECK(has(to_text(diff<Net, Net>), "parameters            21,690   21,690       0  0.0\n"));
}

}  // namespace experiment_program
