// SPDX-License-Identifier: MIT
// The trunk with weights that were trained on ImageNet, against PyTorch's results for an image with them: the numbers
// match only if every padding, stride, channel order and name is right. The files are in
// $STRATA_DATA/resnet18_imagenet.
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/resnet18_weights.hpp>
#include <strata/reference/reference.hpp>
#include <strata/strata.hpp>

#include <doctest/doctest.h>

#include <cstring>

#include "../support/real_data.hpp"

namespace models_imagenet_trunk {

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::io;
using namespace strata::models;
using namespace strata::testing;

namespace {

using Picture = Image<224, 224, 3>;
using Deep = Depths<2, 2, 2, 3>;

/// ResNet18<Picture, Classes, Deep> up to its last map.
using Last = Network<Picture, resnet::Stem<NoBias>,                                  //
                     Named<"layer1", resnet::FirstStage<2, NoBias>>,                 //
                     Named<"layer2", resnet::Stage<2, 128, 2, Pad<1>, 1, NoBias>>,   //
                     Named<"layer3", resnet::Stage<2, 256, 2, Pad<1>, 1, NoBias>>,   //
                     Named<"layer4", resnet::Stage<3, 512, 2, Pad<1>, 1, NoBias>>>;  // 7 x 7 x 512

template <FixedString Name>
using MeanOf = Sequential<From<Name>, GlobalAvgPool>;

/// The same up to its global average, next to the averages of the earlier maps.
using Means = Network<Picture, resnet::Stem<NoBias>, Tap<"maxpool">,                                //
                      Named<"layer1", resnet::FirstStage<2, NoBias>>, Tap<"layer1">,                //
                      Named<"layer2", resnet::Stage<2, 128, 2, Pad<1>, 1, NoBias>>, Tap<"layer2">,  //
                      Named<"layer3", resnet::Stage<2, 256, 2, Pad<1>, 1, NoBias>>, Tap<"layer3">,  //
                      Named<"layer4", resnet::Stage<3, 512, 2, Pad<1>, 1, NoBias>>,                 //
                      Concat<MeanOf<"maxpool">, MeanOf<"layer1">, MeanOf<"layer2">, MeanOf<"layer3">,
                             GlobalAvgPool>>;  // 64 + 64 + 128 + 256 + 512

static_assert(parameters<Last> == 15'897'152);
static_assert(parameters<ResNet18<Picture, 10, Deep>> == parameters<Last> + 10 * 512 + 10);

/// [C][H][W] to [H][W][C].
template <class Number>
std::vector<Number> channels_last(const std::vector<Number>& planes, long channels) {
  const long pixels = long(planes.size()) / channels;
  std::vector<Number> out(planes.size());
  for (long c = 0; c < channels; c++)
    for (long p = 0; p < pixels; p++) out[std::size_t(p * channels + c)] = planes[std::size_t(c * pixels + p)];
  return out;
}

/// |given - wanted| / |wanted|
template <class Given>
double distance(const Given& given, const std::vector<float>& wanted) {
  double apart = 0, length = 0;
  for (std::size_t i = 0; i < wanted.size(); i++) {
    const double w = double(wanted[i]), difference = double(given[i]) - w;
    apart += difference * difference, length += w * w;
  }
  return std::sqrt(apart / length);
}

struct StoredFiles {
  Safetensors weights, example;

  std::vector<float> floats(const std::string& name) const {
    const StoredTensor* tensor = example.find(name);
    REQUIRE_MESSAGE(tensor != nullptr, name);
    std::vector<float> out((tensor->end - tensor->begin) / sizeof(float));
    copy_floats(example, *tensor, out.data());
    return out;
  }
  std::vector<std::uint8_t> bytes(const std::string& name) const {
    const StoredTensor* tensor = example.find(name);
    REQUIRE_MESSAGE(tensor != nullptr, name);
    return {example.bytes.begin() + long(tensor->begin), example.bytes.begin() + long(tensor->end)};
  }
};

/// The files; null where they are missing.
const StoredFiles* stored() {
  const std::string folder = real_data("resnet18_imagenet");
  if (folder.empty()) return nullptr;
  static const StoredFiles files{read_safetensors(folder + "/weights.safetensors"),
                                 read_safetensors(folder + "/example.safetensors")};
  return &files;
}

/// A network's result for the example, from its bytes or from the scaled numbers.
template <class Net>
Floats result(const StoredFiles& files, bool from_bytes) {
  Model<Net> model{{.seed = 1, .threads = 1}};
  const TrunkReport report = load_trunk(model, files.weights);
  CHECK(report.text() == "110 tensors taken, none missing, none not used");
  const std::vector<std::uint8_t> image = channels_last(files.bytes("image"), 3);
  const std::vector<float> input = channels_last(files.floats("input"), 3);
  if (!from_bytes) return model.predict(Images{.floats = input.data(), .count = 1});
  imagenet_normalization(model);
  return model.predict(Images{.bytes = image.data(), .count = 1});
}

/// The output of block `block` for the first `size` rows and columns of the example, by the reference, which executes a
/// network node by node as declared.
template <class Net>
std::vector<double> up_to(const StoredFiles& files, const std::string& block) {
  constexpr int size = Net::input.height;
  Model<Net, Reference> model{{.seed = 1, .threads = 1}};
  load_trunk(model, files.weights);
  reference::Declaration net = reference::declaration<Net>;
  int last = 0;
  for (int i = 0; i < net.count; i++) {
    const auto& path = lowered<Net>.layers[net.nodes[i].layer].path;
    if (std::string(path, ::strnlen(path, sizeof path)) == block + ".relu2") last = i;
  }
  REQUIRE(last > 0);
  net.count = last + 1, net.result = last;
  reference::Tape tape(net, 1);
  const std::vector<float> input = files.floats("input");
  const reference::Map image = tape.value(0, 0);
  for (long c = 0; c < 3; c++)
    for (long y = 0; y < size; y++)
      for (long x = 0; x < size; x++)
        image[(c * size + y) * size + x] = double(input[std::size_t((c * 224 + y) * 224 + x)]);
  const std::vector<double> weights(model.parameters().begin(), model.parameters().end());
  std::vector<double> buffers(model.buffers().begin(), model.buffers().end());
  tape.forward(weights.data(), buffers.data(), {.mode = graph::Mode::inference});
  const reference::Map y = tape.value(last, 0);
  return {&y[0], &y[0] + y.size()};
}

std::vector<double> means(const std::vector<double>& map, long channels) {
  const std::size_t pixels = map.size() / std::size_t(channels);
  std::vector<double> out(std::size_t(channels), 0.);
  for (std::size_t i = 0; i < map.size(); i++) out[i / pixels] += map[i] / double(pixels);
  return out;
}

}  // namespace

TEST_CASE("the depths of the file") {
  if (const StoredFiles* files = stored()) CHECK(trunk_depths(files->weights) == std::array{2, 2, 2, 3});
}

TEST_CASE("the last map is PyTorch's") {
  const StoredFiles* files = stored();
  if (!files) return;
  const std::vector<float> wanted = channels_last(files->floats("layer4"), 512);
  for (const bool from_bytes : {true, false}) CHECK(distance(result<Last>(*files, from_bytes), wanted) < 1e-4);
}

TEST_CASE("the averages of the maps are PyTorch's") {
  const StoredFiles* files = stored();
  if (!files) return;
  for (const bool from_bytes : {true, false}) {
    const Floats given = result<Means>(*files, from_bytes);
    std::size_t at = 0;
    for (const std::string name : {"maxpool.mean", "layer1.mean", "layer2.mean", "layer3.mean", "features"}) {
      const std::vector<float> wanted = files->floats(name);
      CHECK_MESSAGE(distance(given.data() + at, wanted) < 1e-4, name);
      at += wanted.size();
    }
    CHECK(at == given.size());
  }
}

TEST_CASE("DeepLabv3+ as torchvision has it is the same network up to layer3") {
  const StoredFiles* files = stored();
  if (!files) return;
  using Net = DeepLabv3Plus<Picture, 3, TorchvisionLike, Deep>;
  CHECK(distance(means(up_to<Net>(*files, "backbone.layer3.1"), 256), files->floats("layer3.mean")) < 1e-4);
}

// MATLAB pads the stride of the third stage like Same: an input of even size gets one row below and one column to the
// right, none above and to the left, so the windows are one pixel further. An odd size is padded on all sides, as in
// torchvision. The biases of MATLAB's convolutions are 0 after loading, and stay 0: they do not learn.
TEST_CASE("MATLAB's trunk departs from torchvision's in layer3, where its input has an even size") {
  const StoredFiles* files = stored();
  if (!files) return;
  const auto apart = [&]<int Size>(std::integral_constant<int, Size>, const std::string& block) {
    const std::vector<double> a = up_to<DeepLabv3Plus<Image<Size, Size, 3>, 3, TorchvisionLike, Deep>>(*files, block);
    const std::vector<double> b = up_to<DeepLabv3Plus<Image<Size, Size, 3>, 3, MatlabLike, Deep>>(*files, block);
    return distance(b, std::vector<float>(a.begin(), a.end()));
  };
  constexpr std::integral_constant<int, 32> even;  // 4 x 4 before layer3
  constexpr std::integral_constant<int, 40> odd;   // 5 x 5
  CHECK(apart(even, "backbone.layer2.1") < 1e-6);
  CHECK(apart(even, "backbone.layer3.1") > 0.1);
  CHECK(apart(odd, "backbone.layer3.1") < 1e-6);
  CHECK(apart(odd, "backbone.layer4.2") < 1e-6);
}

}  // namespace models_imagenet_trunk
