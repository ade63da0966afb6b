// SPDX-License-Identifier: MIT
// Predictors against the reference: floats and bytes, every kind of head, several at once in several threads.
#include <strata/infer/predictor.hpp>
#include <strata/models/digits.hpp>

#include "../support/check_backend.hpp"

#include <memory>
#include <thread>

namespace infer_predictor {

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::testing;

namespace {

template <class Net>
struct Fixture {
  using P = Predictor<Net>;
  reference::RandomData data = reference::smooth_data<Net>(5);
  std::vector<float> expected = std::vector<float>(5 * P::output_floats);
  std::unique_ptr<typename P::Storage> storage = std::make_unique<typename P::Storage>();
  std::unique_ptr<P> predictor;

  Fixture() {
    Workers one(1);
    reference::Inference<Net> oracle(5, one);
    oracle.load(data.parameters.data(), data.buffers.data());
    oracle.run(data.image_view(), expected.data());
    auto parameters = data.parameters, buffers = data.buffers;  // destroyed before the predictor runs
    predictor = std::make_unique<P>(*storage, std::span<const float, P::parameter_floats>(parameters),
                                    std::span<const float, P::buffer_floats>(buffers));
  }
  typename P::Floats image(int i) const {
    return typename P::Floats(data.images.data() + i * P::input_floats, P::input_floats);
  }
  double error(int i) {
    std::vector<float> given(P::output_floats, -1.f);
    predictor->run(image(i), typename P::Result(given));
    return distance(given.data(), expected.data() + i * P::output_floats, long(P::output_floats));
  }
  double bound() const { return forward_bound * std::fmax(1, largest(expected.data(), long(expected.size()))); }
};

template <class Net>
void check() {
  INFO(std::string(spelling_of<Net>()));
  Fixture<Net> f;
  for (int i = 0; i < 5; i++) CHECK(f.error(i) <= f.bound());
}

}  // namespace

using Ports = Network<strata::Inputs<Source<"picture", Image<5, 6, 2>>, Source<"tone", Image<1, 7, 1>>>, Conv<3, 5>,
                      BatchNorm, ReLU, GlobalAvgPool, Concat<Identity, Sequential<From<"tone">, Dense<3>, Tanh>>,
                      Outputs<Head<"class", Dense<4>, Softmax>, Head<"side", Dense<5>, ReLU, Dense<3>>,
                              OnlyInTraining<Head<"aux", Dense<2>, Softmax>>>>;

static_assert(Predictor<Ports>::input_floats == 67 && Predictor<Ports>::output_floats == 7);
static_assert(Predictor<Ports>::source<>.first == 0 && Predictor<Ports>::source<"tone">.first == 60 &&
              Predictor<Ports>::source<"tone">.floats == 7);
static_assert(Predictor<Ports>::head<"side">.first == 4 && Predictor<Ports>::head<"side">.floats == 3);

static_assert(Predictor<Digits<>>::bytes < 256 * 1024);
static_assert(Predictor<Digits<>>::parameter_floats == 21'690);
static_assert(noexcept(std::declval<Predictor<Digits<>>&>().classify(std::declval<Predictor<Digits<>>::Floats>())));

TEST_CASE("several sources and heads, one after another") {
  Fixture<Ports> f;
  for (int i = 0; i < 5; i++) {
    float image[67], given[7];
    std::copy_n(f.data.images.data() + 60 * i, 60, image);
    std::copy_n(f.data.more_images[0].data() + 7 * i, 7, image + 60);
    f.predictor->run(image, given);
    CHECK(distance(given, f.expected.data() + 4 * i, 4) <= f.bound());  // of five images
    CHECK(distance(given + 4, f.expected.data() + 5 * 4 + 3 * i, 3) <= f.bound());
    const int label = f.predictor->classify(image);
    for (int c = 0; c < 4; c++) CHECK(given[label] >= given[c]);
  }
}

TEST_CASE("a classifier, a map, joins, functors") {
  check<Digits<>>();
  check<Network<Image<7, 9, 1>, Conv<3, 4>, Tap<"low">, MaxPool<2>, Conv<3, 3>, Upsample<3>, CropTo<"low">,
                Concat<Sequential<From<"low">, Conv<1, 2>>, Identity>, BatchNorm, ReLU, Conv<1, 3>, PixelSoftmax>>();
  check<Classifier<Image<5, 4, 3>, Residual<Conv<3, 3>>, GELU, DepthwiseConv<3>, BatchNorm, AvgPool<2>>>();
  check<Network<Image<3, 2, 2>, Flatten, Dense<5>, Tanh, Dense<2>>>();
  check<Network<Image<5, 4, 3>, Conv<3, 8>, GroupNorm<2>, ChannelPReLU, LayerNorm, Conv<3, 6>, LocalResponseNorm<3>,
                LayerNormWith<EachPixel>, Maximum<Identity, Conv<1, 6>>, PReLU, Dense<3>, Softmax>>();
}

TEST_CASE("bytes, and the most probable class") {
  Fixture<Digits<>> f;
  std::vector<std::uint8_t> bytes(Predictor<Digits<>>::input_floats);
  for (std::size_t i = 0; i < bytes.size(); i++) f.data.images[i] = bytes[i] = std::uint8_t(i * 37 % 251);
  float from_floats[10], from_bytes[10];
  const std::span<const std::uint8_t, 784> as_bytes(bytes);
  f.predictor->run(f.image(0), from_floats);
  f.predictor->run(as_bytes, from_bytes);
  int most = 0;
  for (int i = 0; i < 10; i++) {
    CHECK(from_floats[i] == from_bytes[i]);
    if (from_bytes[i] > from_bytes[most]) most = i;
  }
  CHECK(f.predictor->classify(f.image(0)) == most);
  CHECK(f.predictor->classify(as_bytes) == most);
}

TEST_CASE("storage inside") {
  Fixture<Digits<>> f;
  auto own = std::make_unique<StaticPredictor<Digits<>>>(
      std::span<const float, 21'690>(f.data.parameters),
      std::span<const float, Predictor<Digits<>>::buffer_floats>(f.data.buffers));
  for (int i = 0; i < 5; i++) CHECK(own->classify(f.image(i)) == f.predictor->classify(f.image(i)));
}

TEST_CASE("several predictors in several threads") {
  constexpr int count = 4;
  Fixture<Digits<>> f[count];
  double worst[count] = {};
  {
    std::vector<std::jthread> all;
    for (int t = 0; t < count; t++)
      all.emplace_back([&, t] {
        for (int again = 0; again < 50; again++)
          for (int i = 0; i < 5; i++) worst[t] = std::fmax(worst[t], f[t].error(i));
      });
  }
  for (int t = 0; t < count; t++) CHECK(worst[t] <= f[t].bound());
}

}  // namespace infer_predictor
