// SPDX-License-Identifier: MIT
// Networks of others: parameters as their papers' or torchvision's, names and shapes of tensors, sizes of outputs.
#include <strata/graph/lower.hpp>
#include <strata/models/alexnet.hpp>
#include <strata/models/conv_autoencoder.hpp>
#include <strata/models/densenet.hpp>
#include <strata/models/efficientnet.hpp>
#include <strata/models/fcn8s.hpp>
#include <strata/models/lenet5.hpp>
#include <strata/models/m5.hpp>
#include <strata/models/mobilenet_v2.hpp>
#include <strata/models/mobilenet_v3.hpp>
#include <strata/models/policy.hpp>
#include <strata/models/resnet50.hpp>
#include <strata/models/shufflenet_v2.hpp>
#include <strata/models/squeezenet.hpp>
#include <strata/models/unet.hpp>
#include <strata/models/vgg16.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace strata;
using namespace strata::models;

static_assert(parameters<LeNet5<>> == 61'706);
static_assert(parameters<AlexNet<>> == 61'100'840);
static_assert(parameters<VGG16<>> == 138'357'544);
static_assert(parameters<ResNet34<>> == 21'797'672);
static_assert(parameters<ResNet50<>> == 25'557'032);
static_assert(parameters<MobileNetV2<>> == 3'504'872);
static_assert(parameters<MobileNetV3Small<>> == 2'542'856);
static_assert(parameters<EfficientNetB0<>> == 5'288'548);
static_assert(parameters<SqueezeNet<>> == 1'235'496);
static_assert(parameters<ShuffleNetV2<>> == 2'278'604);
static_assert(parameters<DenseNet121<>> == 7'978'856);
static_assert(parameters<FCN8s<>> == parameters<VGG16<>> -
                                         (4096 * 1000 + 1000)             // VGG-16's dense layers are convolutions,
                                         + 4096 * 21 + 21                 // and score,
                                         + 512 * 21 + 21 + 256 * 21 + 21  // score_pool4, score_pool3,
                                         + (4 * 4 + 4 * 4 + 16 * 16) * 21 * 21);  // and three that enlarge
static_assert(parameters<M5<>> == 559'114);
static_assert(parameters<ConvAutoencoder<>> == (9 * 16 + 16) + (9 * 16 * 16 + 16) + (16 * 2 + 2)  // encoder,
                                                   + (4 * 2 * 16 + 16) + (4 * 16 * 16 + 16) + (9 * 16 + 1));
static_assert(parameters<Policy<>> == (9 * 2 * 16 + 16) + 2 * 16 + (9 * 16 * 16 + 16) + 2 * 16 + (784 * 32 + 32) +
                                          (1 * 4 + 4) + (36 * 32 + 32) + (32 * 4 + 4) + (32 + 1));

static_assert(output_shape<UNet<Image<48, 64, 3>, 5>> == Shape{48, 64, 5});
static_assert(output_shape<FCN8s<Image<64, 96, 3>, 5>> == Shape{64, 96, 5});
static_assert(output_shape<ConvAutoencoder<Image<12, 16, 3>, 4>> == Shape{12, 16, 3});
static_assert(output_shape<EfficientNetB0<Image<32, 32, 3>, 7>> == Shape{1, 1, 7});
static_assert(macs<MobileNetV2<>> == 300'774'272);

namespace {

/// The dimensions of a tensor; four zeros if the network has none of that name.
template <class Net>
std::array<int, 4> dims_of(const std::string& name) {
  const auto& lowered = graph::lowered<Net>;
  for (int t = 0; t < lowered.parameter_count; t++) {
    const graph::Tensor& tensor = lowered.parameters[t];
    if (name == graph::tensor_name<Net>(tensor).text)
      return {tensor.dims[0], tensor.dims[1], tensor.dims[2], tensor.dims[3]};
  }
  return {};
}
using Dims = std::array<int, 4>;

}  // namespace

TEST_CASE("tensors have torchvision's names and shapes") {
  CHECK(dims_of<AlexNet<>>("features.10.weight") == Dims{256, 256, 3, 3});
  CHECK(dims_of<AlexNet<>>("classifier.6.bias") == Dims{1000, 1, 1, 1});
  CHECK(dims_of<VGG16<>>("features.28.weight") == Dims{512, 512, 3, 3});
  CHECK(dims_of<VGG16<>>("classifier.3.weight") == Dims{4096, 4096, 1, 1});
  CHECK(dims_of<ResNet50<>>("layer3.5.conv3.weight") == Dims{1024, 256, 1, 1});
  CHECK(dims_of<ResNet50<>>("layer1.0.downsample.0.weight") == Dims{256, 64, 1, 1});
  CHECK(dims_of<MobileNetV2<>>("features.1.conv.0.0.weight") == Dims{32, 1, 3, 3});
  CHECK(dims_of<MobileNetV2<>>("features.17.conv.3.bias") == Dims{320, 1, 1, 1});
  CHECK(dims_of<MobileNetV2<>>("classifier.1.weight") == Dims{1000, 1280, 1, 1});
  CHECK(dims_of<MobileNetV3Small<>>("features.1.block.1.fc1.weight") == Dims{8, 16, 1, 1});
  CHECK(dims_of<MobileNetV3Small<>>("features.11.block.2.fc2.weight") == Dims{576, 144, 1, 1});
  CHECK(dims_of<MobileNetV3Small<>>("classifier.3.weight") == Dims{1000, 1024, 1, 1});
  CHECK(dims_of<EfficientNetB0<>>("features.6.3.block.1.0.weight") == Dims{1152, 1, 5, 5});
  CHECK(dims_of<EfficientNetB0<>>("features.1.0.block.2.0.weight") == Dims{16, 32, 1, 1});
  CHECK(dims_of<SqueezeNet<>>("features.12.expand3x3.weight") == Dims{256, 64, 3, 3});
  CHECK(dims_of<SqueezeNet<>>("classifier.1.weight") == Dims{1000, 512, 1, 1});
  CHECK(dims_of<ShuffleNetV2<>>("stage3.7.branch2.5.weight") == Dims{116, 116, 1, 1});
  CHECK(dims_of<ShuffleNetV2<>>("stage4.0.branch1.0.weight") == Dims{232, 1, 3, 3});
  CHECK(dims_of<DenseNet121<>>("features.denseblock3.denselayer24.conv1.weight") == Dims{128, 992, 1, 1});
  CHECK(dims_of<ConvAutoencoder<>>("encoder.4.weight") == Dims{2, 16, 1, 1});
  CHECK(dims_of<ConvAutoencoder<Image<12, 16, 3>>>("decoder.4.bias") == Dims{3, 1, 1, 1});
  CHECK(dims_of<Policy<>>("fc2.weight") == Dims{32, 36, 1, 1});
  CHECK(dims_of<DenseNet121<>>("features.transition3.conv.weight") == Dims{512, 1024, 1, 1});
}
