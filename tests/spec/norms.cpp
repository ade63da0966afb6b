// SPDX-License-Identifier: MIT
// Norms and learned slopes as they are declared: shapes, names, tensors in PyTorch's shapes, values, hashes.
// ImageNormCases has their networks for every back end.
#include <strata/cpu/cpu.hpp>
#include <strata/graph/hash.hpp>
#include <strata/reference/check_gradients.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/model.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace strata;
using namespace strata::core;
using namespace strata::graph;

namespace {

template <class... Layer>
using On = Network<Image<4, 6, 8>, Layer...>;

template <class Layer>
std::string spelling() {
  Text out;
  Layer::spell(out);
  return out.text;
}

/// "weight 8, bias 8" of the first layer.
template <class Layer>
std::string tensors() {
  std::string all;
  for (int t = 0; t < lowered<On<Layer>>.parameter_count; t++) {
    const Tensor& tensor = lowered<On<Layer>>.parameters[t];
    all += (t > 0 ? ", " : "") + std::string(leaf_name(tensor.role));
    for (int k = 0; k < tensor.rank; k++) all += ' ' + std::to_string(tensor.dims[k]);
  }
  return all;
}

/// The value of one image, pixel by pixel, by a model of the network with its initial numbers.
template <class Net>
std::vector<float> values_of(const std::vector<float>& image) {
  Model<Net> model{{.threads = 1}};
  const core::Floats scores = model.predict(Images{.floats = image.data(), .count = 1});
  return {scores.begin(), scores.end()};
}

}  // namespace

TEST_CASE("norms spell themselves as they are declared") {
  CHECK(spelling<GroupNorm<2>>() == "GroupNorm<2>");
  CHECK(spelling<GroupNorm<2, Epsilon<0.5>, NoAffine>>() == "GroupNorm<2, Epsilon<0.5>, NoAffine>");
  CHECK(spelling<LayerNorm>() == "LayerNorm");
  CHECK(spelling<LayerNormWith<EachPixel>>() == "LayerNormWith<EachPixel>");
  CHECK(spelling<InstanceNormWith<Affine, Epsilon<0.25>>>() == "InstanceNormWith<Affine, Epsilon<0.25>>");
  CHECK(spelling<BatchNorm>() == "BatchNorm");
  CHECK(spelling<BatchNormWith<1e-5, 0.1, NoAffine>>() == "BatchNormWith<0.00001, 0.1, NoAffine>");
  CHECK(spelling<LocalResponseNorm<5>>() == "LocalResponseNorm<5>");
  CHECK(spelling<LocalResponseNorm<5, 0.5>>() == "LocalResponseNorm<5, 0.5, 0.75, 1>");
  CHECK(spelling<ChannelPReLU>() == "ChannelPReLU");
}

TEST_CASE("tensors have PyTorch's names and shapes") {
  CHECK(tensors<GroupNorm<2>>() == "weight 8, bias 8");
  CHECK(tensors<LayerNorm>() == "weight 8 4 6, bias 8 4 6");
  CHECK(tensors<LayerNormWith<EachPixel>>() == "weight 8, bias 8");
  CHECK(tensors<InstanceNorm>() == "");
  CHECK(tensors<InstanceNormWith<Affine>>() == "weight 8, bias 8");
  CHECK(tensors<LayerNormWith<NoAffine>>() == "");
  CHECK(tensors<BatchNormWith<1e-5, 0.1, NoAffine>>() == "");
  CHECK(tensors<LocalResponseNorm<3>>() == "");
  CHECK(tensors<PReLU>() == "weight 1");
  CHECK(tensors<ChannelPReLU>() == "weight 8");
  CHECK(lowered<On<BatchNormWith<1e-5, 0.1, NoAffine>>>.buffer_floats == 2 * 8 + 2 * 8);
  using Vector = Network<Image<1, 1, 5>, LayerNorm>;
  CHECK(lowered<Vector>.parameters[0].rank == 1);
}

TEST_CASE("norms keep shapes, and files tell them apart") {
  static_assert(output_shape<On<GroupNorm<4>>> == Shape{4, 6, 8});
  static_assert(output_shape<On<LocalResponseNorm<5>>> == Shape{4, 6, 8});
  const std::uint64_t hashes[] = {structural_hash<On<GroupNorm<1>>>,
                                  structural_hash<On<GroupNorm<2>>>,
                                  structural_hash<On<GroupNorm<1, NoAffine>>>,
                                  structural_hash<On<GroupNorm<1, EachPixel>>>,
                                  structural_hash<On<GroupNorm<1, Epsilon<1e-3>>>>,
                                  structural_hash<On<LayerNorm>>,
                                  structural_hash<On<LocalResponseNorm<4>>>,
                                  structural_hash<On<LocalResponseNorm<5>>>,
                                  structural_hash<On<LocalResponseNorm<5, 0.5>>>,
                                  structural_hash<On<PReLU>>,
                                  structural_hash<On<ChannelPReLU>>,
                                  structural_hash<On<BatchNorm>>,
                                  structural_hash<On<BatchNormWith<1e-5, 0.1, NoAffine>>>};
  for (const std::uint64_t& a : hashes)
    for (const std::uint64_t& b : hashes) CHECK((a == b) == (&a == &b));
}

TEST_CASE("what each of them takes the mean of") {
  const std::vector<float> image = {1, 2, 5, 4, 7, 12};  // 3 x 1 x 2: the channels are 1 5 7 and 2 4 12
  const auto roots = [](const std::vector<double>& squares) {
    std::vector<float> signed_roots;
    for (const double x : squares) signed_roots.push_back(float(std::copysign(std::sqrt(std::fabs(x)), x)));
    return signed_roots;
  };
  const auto near = [](const std::vector<float>& given, const std::vector<float>& wanted) {
    for (std::size_t i = 0; i < given.size(); i++) CHECK(given[i] == doctest::Approx(double(wanted[i])).epsilon(1e-4));
  };
  using Map = Image<3, 1, 2>;
  // means 13/3 and 6, variances 56/9 and 56/3
  near(values_of<Network<Map, InstanceNorm>>(image),
       roots({-100 / 56., -48 / 56., 4 / 56., -12 / 56., 64 / 56., 108 / 56.}));
  // of each pixel: half of the difference has variance 1
  near(values_of<Network<Map, LayerNormWith<EachPixel>>>(image), {-1, 1, 1, -1, -1, 1});
  // mean 31/6, variance 473/36
  near(values_of<Network<Map, LayerNorm>>(image),
       roots({-625 / 473., -361 / 473., -1 / 473., -49 / 473., 121 / 473., 1681 / 473.}));
  near(values_of<Network<Map, LocalResponseNorm<2, 2, 0.5>>>(image),
       {float(1 / std::sqrt(2.)), float(2 / std::sqrt(6.)), float(5 / std::sqrt(26.)), float(4 / std::sqrt(42.)),
        float(7 / std::sqrt(50.)), float(12 / std::sqrt(194.))});
  near(values_of<Network<Image<1, 1, 2>, PReLU>>({-2, 3}), {-0.5f, 3});
}

TEST_CASE("the reference against differences") {
  CHECK(reference::check_gradients<GroupNorm<1>>());
  CHECK(reference::check_gradients<LayerNormWith<EachPixel>>());
  CHECK(reference::check_gradients<PReLU>());
}
