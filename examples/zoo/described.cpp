// SPDX-License-Identifier: MIT
// What the compiler knows of each network, without its kernels.
#include <strata/cpu/cost.hpp>
#include <strata/models/alexnet.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/densenet.hpp>
#include <strata/models/efficientnet.hpp>
#include <strata/models/fcn8s.hpp>
#include <strata/models/lenet5.hpp>
#include <strata/models/m5.hpp>
#include <strata/models/mobilenet_v2.hpp>
#include <strata/models/mobilenet_v3.hpp>
#include <strata/models/resnet50.hpp>
#include <strata/models/shufflenet_v2.hpp>
#include <strata/models/squeezenet.hpp>
#include <strata/models/unet.hpp>
#include <strata/models/vgg16.hpp>

#include "full_networks.hpp"
#include "network.hpp"

namespace zoo {

namespace {

template <class Net>
Description describe(const char* name, const char* task) {
  constexpr auto& net = strata::graph::lowered<Net>;
  return {.name = name,
          .task = task,
          .input = strata::input_shape<Net>,
          .output = strata::output_shape<Net>,
          .parameters = strata::parameters<Net>,
          .macs = strata::macs<Net>,
          .floats = long(net.parameter_floats) + net.buffer_floats,
          .bytes = &strata::arena_bytes<Net>,
          .summary = &strata::summary<Net>};
}

}  // namespace

const std::vector<Description>& descriptions() {
  using namespace strata::models;
  static const std::vector<Description> all{describe<LeNet5<>>("LeNet5", "images"),
                                            describe<AlexNet<>>("AlexNet", "images"),
                                            describe<VGG16<>>("VGG16", "images"),
                                            describe<FullResNet18>("ResNet18", "images"),
                                            describe<ResNet34<>>("ResNet34", "images"),
                                            describe<ResNet50<>>("ResNet50", "images"),
                                            describe<MobileNetV2<>>("MobileNetV2", "images"),
                                            describe<MobileNetV3Small<>>("MobileNetV3Small", "images"),
                                            describe<EfficientNetB0<>>("EfficientNetB0", "images"),
                                            describe<SqueezeNet<>>("SqueezeNet", "images"),
                                            describe<ShuffleNetV2<>>("ShuffleNetV2", "images"),
                                            describe<DenseNet121<>>("DenseNet121", "images"),
                                            describe<UNet<>>("UNet", "pixels"),
                                            describe<FCN8s<>>("FCN8s", "pixels"),
                                            describe<FullDeepLabv3Plus>("DeepLabv3Plus", "pixels"),
                                            describe<M5<>>("M5", "sound")};
  return all;
}

}  // namespace zoo
