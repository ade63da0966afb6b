// SPDX-License-Identifier: MIT
// Grad-CAM of every layer of the small networks against the oracle in double; what it refuses; the enlarged map.
#include <strata/cpu/cpu.hpp>
#include <strata/reference/random_data.hpp>
#include <strata/train/grad_cam.hpp>

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>

#include "../support/layer_cases.hpp"
#include "../support/refusal.hpp"
#include "../support/tolerance.hpp"

namespace train_grad_cam {

using namespace strata;
using namespace strata::training;
using namespace strata::testing;

namespace {

struct Case {
  ExplainedNetwork network;
  reference::Declaration net;
  reference::TensorTable tensors;
};

template <class Net>
Case case_of() {
  return {explained_network<Net>, reference::declaration<Net>, reference::tensors_of(graph::lowered<Net>)};
}

/// The same by the oracle: inference, then the adjoints of the scores, all in double.
ClassActivation by_oracle(reference::Declaration net, const reference::RandomData& data, int value, int label) {
  std::vector<graph::Node> nodes(net.nodes, net.nodes + net.count);
  int layers = 0;
  for (graph::Node& node : nodes) node.probability = 0, layers = std::max(layers, node.layer + 1);  // no dropout
  net.nodes = nodes.data();
  const std::vector<unsigned char> kept(std::size_t(layers), 1);
  const reference::Doubles parameters(data.parameters.begin(), data.parameters.end());
  reference::Doubles buffers(data.buffers.begin(), data.buffers.end()), unused(parameters.size());
  reference::Tape tape(net, 1);
  read(tape, {.floats = data.images.data(), .count = 1}, buffers.data());
  tape.forward(parameters.data(), buffers.data(), {.mode = graph::Mode::inference, .kept = kept.data()});

  const graph::Node& last = nodes[std::size_t(net.result)];
  const int scores = last.op == graph::Op::softmax ? last.inputs.first() : net.result;
  const reference::Map score = tape.value(scores, 0), seed = tape.adjoint(scores, 0);
  const int pixels = score.shape.pixels();
  ClassActivation out{.label = label, .shape = nodes[std::size_t(value)].out};
  for (int p = 0; p < pixels; p++) {
    int best = 0;
    for (int c = 1; c < score.shape.channels; c++)
      if (score[long(c) * pixels + p] > score[long(best) * pixels + p]) best = c;
    for (int c = 0; c < score.shape.channels; c++) seed[long(c) * pixels + p] = 0;
    if (best != label && pixels > 1) continue;
    seed[long(label) * pixels + p] = 1, out.pixels++, out.score += score[long(label) * pixels + p];
  }
  tape.backward(parameters.data(), unused.data());
  const reference::Map features = tape.value(value, 0), gradient = tape.adjoint(value, 0);
  const int places = out.shape.pixels();
  reference::Doubles map(std::size_t(places), 0);
  for (int c = 0; c < out.shape.channels; c++) {
    double sum = 0;
    for (int p = 0; p < places; p++) sum += gradient[long(c) * places + p];
    out.weights.push_back(float(sum / places));
    for (int p = 0; p < places; p++) map[std::size_t(p)] += sum / places * features[long(c) * places + p];
  }
  for (double x : map) out.map.push_back(float(std::max(0., x)));
  return out;
}

/// Checks every layer that serves for the class that is seen most, and one for class 0. Returns how many served.
int check(const Case& of, const char* spelling) {
  INFO(std::string(spelling));
  const graph::DeclaredNetwork& net = of.network.declared;
  const std::vector<unsigned char> kept(std::size_t(net.layer_count), 1);
  const reference::RandomData data = reference::smooth_data(of.net, of.tensors, 1, 1e-5, 12, kept.data());
  core::Workers workers(2);
  std::set<std::string> paths;
  for (int l = 0; l < net.layer_count; l++) paths.insert(net.layers[l].path);
  int served = 0;
  for (const std::string& path : paths) {
    INFO(path);
    const int value = graph::value_at(net, path);
    if (value < 0 || net.nodes[value].out.pixels() == 1) continue;
    std::unique_ptr<GradCam> cam;
    if (const std::string why = refusal([&] {
          cam = std::make_unique<GradCam>(of.network, data.parameters.data(), data.buffers.data(), workers, path);
        });
        !why.empty()) {
      CHECK(why.find("do not depend on the layer") != std::string::npos);
      continue;
    }
    cam->see({.floats = data.images.data(), .count = 1});
    for (const int label : {cam->most(), 0}) {
      const ClassActivation got = cam->activation(label), expected = by_oracle(of.net, data, value, label);
      CHECK(got.shape == expected.shape);
      CHECK(got.pixels == expected.pixels);
      CHECK(relative_error(got.score, expected.score) <= 10 * forward_bound);
      REQUIRE(got.weights.size() == expected.weights.size());
      CHECK(relative_distance(got.weights.data(), expected.weights.data(), long(got.weights.size())) <= gradient_bound);
      double scale = largest(expected.map.data(), long(expected.map.size()));
      if (scale == 0) scale = 1;
      CHECK(distance(got.map.data(), expected.map.data(), long(got.map.size())) <= 10 * gradient_bound * scale);
    }
    served++;
  }
  return served;
}

int served = 0;
constexpr auto all_layers = []<class Net>() { served += check(case_of<Net>(), spelling_of<Net>()); };

using Small = Network<Image<6, 5, 2>, Conv<3, 4>, BatchNorm, ReLU, Named<"block", Sequential<Conv<3, 3>, ReLU>>,
                      GlobalAvgPool, Dense<3>, Softmax>;

}  // namespace

TEST_CASE("convolutions") { for_each_case(ConvolutionCases{}, all_layers); }
TEST_CASE("transposed, depthwise, grouped, dense") { for_each_case(OtherLinearCases{}, all_layers); }
TEST_CASE("batch norms") { for_each_case(NormCases{}, all_layers); }
TEST_CASE("activations, dropout, softmax within") { for_each_case(ActivationCases{}, all_layers); }
TEST_CASE("pools") { for_each_case(PoolCases{}, all_layers); }
TEST_CASE("joins and taps") { for_each_case(JoinCases{}, all_layers); }
TEST_CASE("frozen layers") { for_each_case(FrozenCases{}, all_layers); }
TEST_CASE("broadcasts, resizes, decoders") {
  for_each_case(BroadcastCases{}, all_layers);
  for_each_case(ResizeCases{}, all_layers);
  for_each_case(ResampleCases{}, all_layers);
  for_each_case(DecoderCases{}, all_layers);
  CHECK(served > 50);
}

TEST_CASE("a model, its layers, and what is refused") {
  const Model<Small> model{{.seed = 3, .threads = 1}};
  std::vector<float> image(60);
  core::Random random{9, 0};
  for (float& x : image) x = float(random.uniform());
  const Images one{.floats = image.data(), .count = 1};

  const ClassActivation cam = grad_cam(model, one);
  CHECK(GradCam(model).layer() == "block.1");  // the global pool is passed over
  CHECK(cam.shape == Shape{6, 5, 3});
  CHECK(cam.label == metrics::most_probable(model.predict(one).data(), 3));
  CHECK(cam.pixels == 1);
  CHECK(grad_cam(model, one, {.layer = "block"}).map == cam.map);  // a group's value is that of its last layer
  CHECK(grad_cam(model, one, {.layer = "0"}).shape == Shape{6, 5, 4});
  const std::vector<std::uint8_t> bytes(60, 7);
  CHECK(grad_cam(model, {.bytes = bytes.data(), .count = 1}, {.label = 2}).label == 2);

  CHECK(refuses([&] { grad_cam(model, one, {.layer = "blo"}); }, "has no layer blo"));
  CHECK(refuses([&] { grad_cam(model, one, {.layer = "4"}); }, "the layer 4 has one pixel"));
  CHECK(refuses([&] { grad_cam(model, one, {.label = 3}); }, "class 3", "0 to 2"));
  CHECK(refuses([&] { grad_cam(model, one, {.label = -1}); }, "class -1"));
  CHECK(refuses([&] { grad_cam(model, {.floats = image.data(), .count = 2}); }, "2 images were given"));
  CHECK(refuses([&] { GradCam(model).activation(0); }, "no image was seen"));
  using Linear = Network<Image<4, 4, 1>, Dense<2>, Softmax>;
  CHECK(refuses([&] { GradCam(Model<Linear>{{.threads = 1}}); }, "reads no map"));
  using Pixels = Network<Image<4, 4, 1>, Conv<3, 2>, ReLU, Conv<1, 2>, PixelSoftmax>;
  const Model<Pixels> pixels{{.threads = 1}};
  CHECK(GradCam(pixels).layer() == "1");
  CHECK(refuses([&] { GradCam(pixels, "3"); }, "do not depend on the layer 3"));  // it comes after the scores
  CHECK(GradCam(pixels, "2").layer() == "2");                                     // the scores themselves
}

TEST_CASE("several images and classes, the same for any number of threads") {
  using Net = Network<Image<9, 12, 3>, Conv<3, 16>, BatchNorm, ReLU, Conv<3, 16, Stride<2>>, BatchNorm, ReLU,
                      Conv<1, 4>, Upsample<2>, CropToInput, PixelSoftmax>;
  const reference::RandomData data = reference::draw_data(graph::lowered<Net>, 2, 5);
  std::array<std::vector<float>, 2> maps;
  for (const int threads : {1, 3}) {
    core::Workers workers(threads);
    GradCam cam(explained_network<Net>, data.parameters.data(), data.buffers.data(), workers);
    std::vector<float>& map = maps[threads > 1];
    const std::int32_t second = 1;
    for (const Images& image : {Images{.floats = data.images.data(), .count = 1},
                                {.floats = data.images.data(), .index = &second, .count = 1}}) {
      cam.see(image);
      long pixels = 0;
      for (int label = 3; label >= 0; label--) {
        const ClassActivation got = cam.activation(label);
        CHECK(got.pixels == cam.counts()[std::size_t(label)]);
        pixels += got.pixels;
        map.insert(map.end(), got.map.begin(), got.map.end());
      }
      CHECK(pixels == 9 * 12);
      const ClassActivation again = cam.activation(3);
      CHECK(std::equal(again.map.begin(), again.map.end(), map.end() - 4 * long(again.map.size())));
    }
  }
  CHECK(maps[0] == maps[1]);
}

TEST_CASE("an enlarged map") {
  const std::vector<float> map{0, 1, 2, 3};  // 2 x 2
  CHECK(enlarged(map, {2, 2, 1}, {2, 2, 1}) == map);
  const std::vector<float> row{0, 0.25f, 0.75f, 1};
  const std::vector<float> large = enlarged(map, {2, 2, 1}, {4, 4, 1});
  for (int y = 0; y < 4; y++)
    for (int x = 0; x < 4; x++) CHECK(large[std::size_t(4 * y + x)] == row[std::size_t(x)] + 2 * row[std::size_t(y)]);
  CHECK(enlarged({5}, {1, 1, 1}, {2, 3, 1}) == std::vector<float>(6, 5));
}

}  // namespace train_grad_cam
