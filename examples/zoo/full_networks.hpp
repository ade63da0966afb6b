// SPDX-License-Identifier: MIT
// The networks that have no input of their own.
#pragma once

#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/resnet18.hpp>

namespace zoo {

using FullResNet18 = strata::ResNet18<strata::Image<224, 224, 3>, 1000>;
/// CamVid's size and classes.
using FullDeepLabv3Plus = strata::DeepLabv3Plus<strata::Image<360, 480, 3>, 11, strata::models::TorchvisionLike>;

}  // namespace zoo
