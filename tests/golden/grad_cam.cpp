// SPDX-License-Identifier: MIT
// Grad-CAM against PyTorch: weights, map and enlarged map within 1e-4 of the largest, for layers by default and by path.
#include "grad_cam.hpp"

#include <strata/cpu/cpu.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>
#include <strata/reference/random_data.hpp>
#include <strata/train/grad_cam.hpp>

#include "check_golden.hpp"

namespace golden_grad_cam {

using namespace strata;
using namespace strata::training;
using namespace strata::testing;

namespace {

struct Expected {
  const std::vector<golden::Tensor>& tensors;
  int label, pixels;
  double score;
};

template <class Net>
void check(int count, std::uint64_t seed, const Expected& expected, const char* path, const GradCamOptions& options) {
  INFO(std::string(path));
  const reference::RandomData data = reference::draw_data(graph::lowered<Net>, count, seed);
  core::Workers workers(2);
  GradCam cam(explained_network<Net>, data.parameters.data(), data.buffers.data(), workers, options.layer);
  CHECK(cam.layer() == path);
  cam.see({.floats = data.images.data(), .count = 1});
  const ClassActivation got = cam.activation(options.label.value_or(cam.most()));
  CHECK(got.label == expected.label);
  CHECK(got.pixels == expected.pixels);
  CHECK(std::fabs(got.score - expected.score) <= 1e-4 * std::fabs(expected.score));
  REQUIRE(long(got.weights.size()) == expected.tensors[0].size);
  REQUIRE(long(got.map.size()) == expected.tensors[1].size);
  check_tensor(expected.tensors[0], got.weights.data(), 1e-4, 0);
  check_tensor(expected.tensors[1], got.map.data(), 1e-4, 0);
  const std::vector<float> large = enlarged(got.map, got.shape, input_shape<Net>);
  REQUIRE(long(large.size()) == expected.tensors[2].size);
  check_tensor(expected.tensors[2], large.data(), 1e-4, 0);
}

#define STRATA_CAM(name) \
  { golden::cam_##name, golden::cam_##name##_label, golden::cam_##name##_pixels, golden::cam_##name##_score }

}  // namespace

TEST_CASE("an image classifier with a dense layer") {
  check<Digits<>>(17, 36, STRATA_CAM(digits), "10", {});
  check<Digits<>>(17, 36, STRATA_CAM(digits_other_class), "10", {.label = 3});
  check<Digits<>>(17, 36, STRATA_CAM(digits_first_pool), "3", {.layer = "3"});
}

TEST_CASE("an image classifier with a global pool") {
  using Net = ResNet18<Image<40, 42, 3>, 7>;
  check<Net>(2, 4, STRATA_CAM(resnet18), "layer4.1.relu2", {});
  check<Net>(2, 4, STRATA_CAM(resnet18_layer2), "layer2.1.relu2", {.label = 5, .layer = "layer2"});
}

TEST_CASE("classifiers of pixels") {
  using Matlab = DeepLabv3Plus<Image<40, 42, 3>, 5, models::MatlabLike>;
  using Torchvision = DeepLabv3Plus<Image<40, 42, 3>, 5, models::TorchvisionLike>;
  check<Matlab>(2, 13, STRATA_CAM(matlab), "refine.1.2", {});
  check<Matlab>(2, 13, STRATA_CAM(matlab_layer4), "backbone.layer4.1.relu2",
                {.label = golden::cam_matlab_layer4_label, .layer = "backbone.layer4"});
  check<Matlab>(2, 13, STRATA_CAM(matlab_unseen), "refine.1.2", {.label = 1});
  check<Torchvision>(2, 6, STRATA_CAM(torchvision), "refine.1.2", {});
  check<Torchvision>(2, 6, STRATA_CAM(torchvision_aspp), "aspp", {.layer = "aspp"});
}

}  // namespace golden_grad_cam
